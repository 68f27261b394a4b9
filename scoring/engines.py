"""Where expressions run: DuckDB, PostgreSQL, Spark. Connecting, loading and keeping tables."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import duckdb
import ibis
import ibis.expr.types as ir
import pyarrow as pa

from core.errors import ConfigError
from core.rows import quoted_name
from core.yamlfile import nearest

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: An Ibis backend; Ibis ships no types.
Backend = Any
ENGINES = ("duckdb", "postgres", "spark")


def connect(engine: str, address: str | None = None) -> Backend:
    """An Ibis backend.

    address: a DuckDB file, a PostgreSQL URL (else SCORELINE_POSTGRES_URL), a Spark master (else local).
    Raises ConfigError for an unknown engine, and for one that is not installed or does not answer.
    """
    if engine not in ENGINES:
        raise ConfigError(f"{engine!r} is not an engine", key="engine", remedy=nearest(engine, list(ENGINES)))
    try:
        return {"duckdb": _duckdb, "postgres": _postgres, "spark": _spark}[engine](address)
    except ImportError as error:
        raise ConfigError(
            f"{engine} is not installed: {error}", key="engine", remedy=f"pip install 'scoreline[{engine}]'"
        ) from error


@contextmanager
def connected(engine: str) -> Iterator[Backend]:
    """``connect``, and the connection closed at the end; a Spark session is the process's own and stays."""
    backend = connect(engine)
    try:
        yield backend
    finally:
        if engine != "spark":
            backend.disconnect()


def _duckdb(address: str | None) -> Backend:
    backend = ibis.duckdb.connect(address or ":memory:")
    # it would be drawn on stdout wherever a program is not started from a file
    backend.raw_sql("set enable_progress_bar = false")
    return backend


#: Whatever a server, a database or a role has set, texts, numbers and times are read and told alike.
_SETTINGS = """set time zone 'UTC'; set datestyle = 'ISO, YMD';
    set standard_conforming_strings = on; set extra_float_digits = 1"""


def _postgres(address: str | None) -> Backend:
    url = address or os.environ.get("SCORELINE_POSTGRES_URL")
    if not url:
        raise ConfigError("needs the address of a server", key="engine", remedy="set SCORELINE_POSTGRES_URL")
    from psycopg import OperationalError  # noqa: PLC0415  # an optional dependency

    try:
        backend = ibis.connect(url)
    except OperationalError as error:
        reason = str(error).partition("\n")[0]
        raise ConfigError(reason, key="engine", remedy="look at SCORELINE_POSTGRES_URL") from error
    backend.raw_sql(_SETTINGS).close()
    return backend


#: By code point, and with every letter's capital: as PostgreSQL itself has it (from 17 on), or the system.
_COLLATIONS = ("pg_c_utf8", "C.utf8", "C.UTF-8")
_ITS_COLLATIONS = """select collname from pg_collation
    where collencoding in (-1, pg_char_to_encoding(getdatabaseencoding()))"""


def _collate(backend: Backend, table: str, columns: Sequence[str]) -> None:
    """Let texts compare as they do in the other engines, whatever the database's own locale."""
    if not columns:
        return
    with backend.raw_sql(_ITS_COLLATIONS) as found:
        known = {row[0] for row in found.fetchall()}
    collation = next((name for name in _COLLATIONS if name in known), None)
    if collation is None:
        raise ConfigError(
            f"the database has none of the collations {', '.join(_COLLATIONS)}",
            key="engine",
            remedy="use PostgreSQL 17 or later, or a system that has the locale C.UTF-8; and encoding UTF8",
        )
    changes = [f'alter column {quoted_name(name)} type text collate "{collation}"' for name in columns]
    backend.raw_sql(f"alter table {quoted_name(table)} {', '.join(changes)}").close()


def _spark(address: str | None) -> Backend:
    from pyspark.errors import PySparkRuntimeError  # noqa: PLC0415  # a large optional dependency
    from pyspark.sql import SparkSession  # noqa: PLC0415  # as above

    builder = SparkSession.builder.master(address or "local[2]").appName("scoreline")
    settings = {
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "4",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.ansi.enabled": "true",
        "spark.log.level": "ERROR",
        "spark.driver.memory": "3g",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    try:
        session = builder.getOrCreate()
    except PySparkRuntimeError as error:
        raise ConfigError(
            f"Spark does not start: {error}", key="engine", remedy="install Java 17, or set JAVA_HOME to it"
        ) from error
    return ibis.pyspark.connect(session)


def failures(engine: str) -> tuple[type[Exception], ...]:
    """What engines raise of their own where data are too much for them: this one, and DuckDB, which reads."""
    if engine == "postgres":
        import psycopg  # noqa: PLC0415  # an optional dependency

        return (duckdb.Error, psycopg.Error)
    if engine == "spark":
        from pyspark.errors import PySparkException  # noqa: PLC0415  # a large optional dependency

        return (duckdb.Error, PySparkException)
    return (duckdb.Error,)


def load(backend: Backend, tables: Mapping[str, pa.Table]) -> dict[str, ir.Table]:
    """The Arrow tables as tables of the backend (temporary where it knows such)."""
    found = {}
    for name, arrow in tables.items():
        if backend.name == "pyspark":
            session = backend._session  # noqa: SLF001  # Ibis has no public way to hand Arrow to Spark
            session.createDataFrame(arrow).createOrReplaceTempView(name)
            found[name] = backend.table(name)
        else:
            found[name] = _created(backend, name, arrow)
    return found


def fetched(table: ir.Table) -> pa.Table:
    """The table's rows; Spark's not by way of pandas, which knows few years and the machine's own zone."""
    if table.get_backend().name != "pyspark":
        return table.to_pyarrow()
    return _spark_frame(table).toArrow().cast(table.schema().to_pyarrow())


def _created(backend: Backend, name: str, rows: pa.Table | ir.Table) -> ir.Table:
    if backend.name == "postgres" and isinstance(rows, pa.Table):
        # Ibis pastes the columns' names into its insert as they are: a file's own could be SQL
        ours = {column: f"c{place}" for place, column in enumerate(rows.column_names)}
        rows = ibis.memtable(rows.rename_columns(ours)).rename(ours)
    found = backend.create_table(name, rows, temp=True)
    if backend.name == "postgres":
        _collate(backend, name, [column for column, kind in found.schema().items() if kind.is_string()])
    return found


def kept(table: ir.Table) -> ir.Table:
    """The table, run once into a temporary one of its own backend, which goes with the connection."""
    backend, name = table.get_backend(), ibis.util.gen_name("kept")
    if backend.name != "pyspark":
        return _created(backend, name, table)
    # what is cached would still carry its whole plan
    _spark_frame(table).localCheckpoint().createOrReplaceTempView(name)
    return backend.table(name)


def _spark_frame(table: ir.Table) -> "DataFrame":
    backend = table.get_backend()
    backend._run_pre_execute_hooks(table)  # noqa: SLF001  # Ibis has no public way to Spark's data frames
    frame: DataFrame = backend._session.sql(backend.compile(table))  # noqa: SLF001  # as above
    return frame
