"""Scoring a folder says where it stands on a terminal, and nothing off it."""

import os
import pty
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.acceptance.processes import ROOT, SCORELINE

_MODEL = "model: m\nversion: 1\nactivity: {rules: [{id: a, event: call, points: 10}]}\n"


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    (tmp_path / "contacts.csv").write_text("contact_id\nc1\n")
    (tmp_path / "activities.csv").write_text("contact_id,type,occurred_at\nc1,call,2026-11-20\n")
    (tmp_path / "model.yaml").write_text(_MODEL)
    return [*SCORELINE, "score", "--data", str(tmp_path), "--model", str(tmp_path / "model.yaml")]


def _written(terminal: int) -> Iterator[bytes]:
    """Until whoever writes there has ended, which Linux tells by an error."""
    with suppress(OSError):
        while some := os.read(terminal, 4096):
            yield some


def test_a_terminal_is_told_what_is_read_and_scored(command: list[str]) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True, cwd=ROOT) as process:
        os.close(theirs)
        told = b"".join(_written(ours)).decode()
        out, _ = process.communicate()
    os.close(ours)
    assert "contacts    1 rows" in told
    assert "m           1 people" in told
    assert "rows" not in out


@pytest.mark.parametrize("more", [[], ["--quiet"]])
def test_a_pipe_is_told_nothing(command: list[str], more: list[str]) -> None:
    ended = subprocess.run([*command, *more], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ended.stderr == ""
