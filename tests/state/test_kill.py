"""kill -9 at every named point: the next run finishes the work, and the one after it sends nothing."""

import multiprocessing
import signal
from pathlib import Path

import pytest

from sync import crash
from tests.state.killed import WorldFile, load, run
from tests.state.world import FIELD, LIST

# a server that has imported everything and opened nothing: its forks start in milliseconds
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.state.killed"])

#: Points that a run passes several times, killed at the second passing too.
_REPEATED = ("apply.after_claim", "apply.after_answer", "apply.after_ack", "fold.before_commit")


def _world(folder: Path) -> None:
    world = WorldFile(path=folder / "world")
    for person in ("ann", "ann", "bob"):
        world.create(person)
    world.now += 5
    world.save()


#: Those of ``erase`` are passed in tests/acceptance/test_erase.py.
_OF_RUNS = [point for point in crash.POINTS if not point.startswith("erase.")]


@pytest.mark.parametrize("point", [*_OF_RUNS, *(f"{name}#2" for name in _REPEATED)])
def test_run_killed_anywhere_is_finished_by_the_next(tmp_path: Path, point: str) -> None:
    _world(tmp_path)
    killed = _CONTEXT.Process(target=run, args=(tmp_path, point))
    killed.start()
    killed.join()
    assert killed.exitcode == -signal.SIGKILL, "the point was never reached"
    run(tmp_path)
    world = load(tmp_path)
    stands = {key: (record.value(FIELD), record.value(LIST)) for key, record in world.records.items()}
    assert stands == {"r1": ("60", "member"), "r2": ("60", "member"), "r3": ("20", None)}
    assert len(world.writes) <= 5 + 1, "at most one idempotent resend"
    sent = len(world.writes)
    run(tmp_path)
    assert len(load(tmp_path).writes) == sent
