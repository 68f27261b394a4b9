"""``scoreline init`` on a machine that has the installed program and nothing of its source."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from sync.configuration import load_settings

ROOT = Path(__file__).parents[2]
PARTS = (
    "config",
    "connectors",
    "core",
    "sandbox",
    "scoring",
    "sync",
    "pyproject.toml",
    "README.md",
    "LICENSE",
)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what the wheel does."""
    source, wheels, unpacked = (tmp_path_factory.mktemp(name) for name in ("source", "wheels", "installed"))
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, source / part)
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run([*build, "--wheel-dir", wheels, source], check=True)
    with ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(unpacked)
    return unpacked


def scoreline(installed: Path, at: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(installed)}
    command = [sys.executable, "-c", "from sync.cli import main; main()", *words]
    return subprocess.run(command, cwd=at, env=environment, capture_output=True, text=True, check=False)


def test_what_is_written_is_where_every_command_looks_for_it(installed: Path, tmp_path: Path) -> None:
    done = scoreline(installed, tmp_path, "init")
    assert (done.returncode, done.stderr) == (0, "")
    assert "config/models/demand.yaml\n" in done.stdout
    assert done.stdout.endswith("scoreline check\n")
    settings = load_settings(tmp_path / "config" / "scoreline.yaml")
    assert [path.exists() for path in settings.models] == [True]
    assert settings.state_dir == tmp_path / "var"
    asked = scoreline(installed, tmp_path, "check")
    assert (asked.returncode, asked.stderr) == (1, "")
    for secret in ("SALESFORCE_CONSUMER_KEY", "HUBSPOT_ACCESS_TOKEN", "MAILCHIMP_API_KEY"):
        assert f"SCORELINE_{secret}" in asked.stdout
    assert "model demand\n" in asked.stdout


def test_whoever_has_none_is_told_of_it(installed: Path, tmp_path: Path) -> None:
    done = scoreline(installed, tmp_path, "status")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith(
        "No such file or directory\n    say where it is with --config, or write one to "
        "start from: scoreline init\n"
    )


def test_all_of_it_is_written(installed: Path, tmp_path: Path) -> None:
    done = scoreline(installed, tmp_path, "init", "deep/ours", "--json")
    told = json.loads(done.stdout)
    assert told["configuration"] == "deep/ours/scoreline.yaml"
    shipped = {path.relative_to(ROOT / "config") for path in (ROOT / "config").rglob("*.*")}
    assert {Path(path).relative_to("deep/ours") for path in told["files"]} == shipped
    for path in shipped:
        assert (tmp_path / "deep/ours" / path).read_bytes() == (ROOT / "config" / path).read_bytes()


def test_what_is_there_is_left_as_it_is(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "scoreline.yaml").write_text("mine")
    done = scoreline(installed, tmp_path, "init")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "scoreline: config is there already and is left as it is\n    name a folder that is not there yet\n"
    )
    assert [path.name for path in tmp_path.rglob("*")] == ["config", "scoreline.yaml"]


def test_where_nothing_can_be_written_nothing_is_left(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = scoreline(installed, tmp_path, "init", "file/ours")
    assert (done.returncode, done.stdout) == (2, "")
    assert (
        "file/ours cannot be written: Not a directory\n    name a folder where you may write" in done.stderr
    )
    assert [path.name for path in tmp_path.rglob("*")] == ["file"]
