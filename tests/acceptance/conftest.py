"""One sandbox and one first run, shared by most tests; what happens to them afterwards happens in order."""

from collections.abc import Iterator

import pytest

from tests.acceptance.processes import Sandbox, Scoreline
from tests.acceptance.runs import FirstRun, Loop, Run

_PEOPLE = 300


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(_PEOPLE) as found:
        yield found


@pytest.fixture(scope="session")
def loop(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Loop:
    state_dir = tmp_path_factory.mktemp("state")
    return Loop(sandbox, Scoreline.at(sandbox, state_dir), state_dir)


@pytest.fixture(scope="session")
def first(loop: Loop) -> FirstRun:
    """Fields created, then everything read, scored and written, lists and tasks included."""
    before = loop.sandbox.states()
    fields = loop.scoreline.run("fields", "--apply").succeeded()
    run = loop.run("--fire")
    best = sorted(run.truth.scores, key=lambda one: -run.truth.scores[one]["score"])[:2]
    record_of = {run.truth.person(key): key for key in run.truth.world.records}
    screen = {one: loop.scoreline.run("explain", record_of[one][2]).succeeded().out for one in best}
    lists = loop.scoreline.run("lists", "--json").succeeded().json
    return FirstRun(
        run.report, run.writes, run.requests, run.after, run.truth,
        before, loop.sandbox.control("/world")["people"], fields, loop.explained(run.truth), screen, lists,
    )  # fmt: skip


@pytest.fixture(scope="session")
def second(loop: Loop, first: FirstRun) -> Run:
    """Again at once."""
    return loop.run(history=first.truth.stage_history(), stamps=first.vendor_dumps_before)


@pytest.fixture(scope="session")
def next_day(loop: Loop, first: FirstRun, second: Run) -> Run:
    """The sandbox's people live a day, then one more run."""
    assert second.report
    loop.sandbox.act(1)
    return loop.run("--approve", history=first.truth.stage_history(), stamps=first.vendor_dumps_before)
