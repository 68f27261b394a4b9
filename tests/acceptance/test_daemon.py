"""The daemon works on its schedules, is asked meanwhile, and ends when told."""

import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from tests.acceptance.processes import Ended, Sandbox, Scoreline, small_config
from tests.acceptance.truth import expected


class Daemon:
    """A running daemon whose log is read as it comes."""

    def __init__(self, scoreline: Scoreline) -> None:
        self.process = scoreline.start("daemon")
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.lines.extend(line.rstrip() for line in iter(self.process.stderr.readline, ""))

    def wait_for(self, pattern: str, times: int = 1, within_s: float = 150) -> None:
        """Until so many lines of the log match."""
        end = time.monotonic() + within_s
        while sum(bool(re.search(pattern, line)) for line in list(self.lines)) < times:
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < end, self.lines
            time.sleep(0.1)

    def stop(self) -> float:
        """SIGTERM; the seconds it took to end."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
        return time.monotonic() - began

    def close(self) -> None:
        """Whatever happened, leave no process and no pipe behind."""
        self.process.kill()
        self.process.wait(10)
        self._reader.join(5)
        for pipe in (self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(80) as found:
        yield found


@pytest.fixture(scope="module")
def scoreline(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Scoreline:
    folder = tmp_path_factory.mktemp("daemon")
    config = small_config(folder / "config", ("pull: 15m", "pull: 3s"), ("apply: 30m", "apply: 4s"))
    found = Scoreline.at(sandbox, folder / "state", config)
    found.run("fields", "--apply").succeeded()
    return found


class Watched:
    """A daemon's life: what was answered while it worked, and how it ended."""

    def __init__(self, sandbox: Sandbox, scoreline: Scoreline) -> None:
        daemon = Daemon(scoreline)
        try:
            daemon.wait_for(r"^\S+ apply: run \d+: .*[1-9]\d* written")
            self.values = expected.held(sandbox.states())
            self.someone = next(
                key for key, values in self.values.items() if key[1] == "contacts" and values["score"]
            )
            self.status = scoreline.run("status")
            self.explained = scoreline.run("explain", self.someone[2])
            began = time.monotonic()
            self.one_off = scoreline.run("sync")
            self.one_off_s = time.monotonic() - began
            sandbox.act(1)
            daemon.wait_for(r" pull: run \d+: [1-9]", 2)
            self.took_s = daemon.stop()
        finally:
            daemon.close()
        self.code, self.lines = daemon.process.returncode, daemon.lines
        self.after: Ended = scoreline.run("sync", "--json")
        number = sandbox.last_request()
        self.again = scoreline.run("sync", "--json")
        self.writes_again = sandbox.writes(number)


@pytest.fixture(scope="module")
def watched(sandbox: Sandbox, scoreline: Scoreline) -> Watched:
    return Watched(sandbox, scoreline)


def test_daemon_pulls_scores_and_applies_on_its_schedules(watched: Watched) -> None:
    text = "\n".join(watched.lines)
    assert re.search(r" pull: run \d+", text)
    assert re.search(r" apply: run \d+: .*[1-9]\d* written", text)
    assert sum(values["score"] is not None for values in watched.values.values()) > 50
    assert "defect" not in text
    assert "Traceback" not in text


def test_status_and_explain_answer_while_it_runs(watched: Watched) -> None:
    status = watched.status.succeeded().out
    assert "calls today" in status
    assert re.search(r"^ +\d+ +apply +done", status, re.MULTILINE), status
    found = watched.explained.succeeded().out
    score = watched.values[watched.someone]["score"]
    assert re.search(rf"^ +{score}  in all$", found, re.MULTILINE), found


def test_one_off_sync_works_or_says_whom_it_waits_for(watched: Watched) -> None:
    if watched.one_off.code == 75:
        assert re.search(r"\(PID \d+ on ", watched.one_off.err), watched.one_off.err
        assert watched.one_off_s < 30
    else:
        watched.one_off.succeeded()


def test_sigterm_ends_it_within_thirty_seconds(watched: Watched) -> None:
    assert watched.took_s < 30
    assert watched.code == 0


def test_nothing_is_left_half_done(watched: Watched) -> None:
    watched.after.succeeded()
    assert watched.again.succeeded().json["plan"]["changes"] == {}
    assert watched.writes_again == []


def test_one_off_sync_names_the_process_it_waits_for(sandbox: Sandbox, scoreline: Scoreline) -> None:
    """A second run while the first one hangs on a slow vendor."""
    slow = {"vendor": "mailchimp", "path": "/reports|/lists", "times": 1, "action": {"delay_s": 12}}
    sandbox.control("/faults", slow)
    with scoreline.start("sync") as first:
        time.sleep(4)
        began = time.monotonic()
        second = scoreline.run("sync")
        assert second.code == 75, second
        assert f"PID {first.pid}" in second.err
        assert time.monotonic() - began < 30
        assert first.poll() is None
        first.communicate(timeout=120)
        assert first.returncode == 0
    sandbox.control("/faults", method="DELETE")
