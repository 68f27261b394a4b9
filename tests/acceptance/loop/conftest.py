"""One sandbox and one first run, shared by most tests; what happens to them afterwards happens in order."""

import os
from collections.abc import Iterator

import pytest

from tests.acceptance.loop.runs import FirstRun, Loop, Run, keys
from tests.acceptance.loop.upheaval import rearrange
from tests.acceptance.processes import Sandbox, Scoreline
from tests.acceptance.truth import expected

#: Enough for everything to happen; 2000, as in the demo, takes half a minute longer.
_PEOPLE = int(os.environ.get("SCORELINE_ACCEPTANCE_PEOPLE", "300"))


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(_PEOPLE) as found:
        yield found


@pytest.fixture(scope="session")
def loop(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Loop:
    state_dir = tmp_path_factory.mktemp("state")
    return Loop(sandbox, Scoreline.at(sandbox, state_dir), state_dir)


def _forbid(loop: Loop) -> None:
    """Some whom the e-mail list would take leave it, each by another door."""
    truth = expected.of(loop.sandbox.states(), loop.scoreline.config, loop.now())
    records = truth.world.records
    news = loop.audience("Brightloom News")
    due = {
        truth.person(key)
        for key in expected.wanted_members(truth, truth.list_named("Nurture"), loop.sandbox.states())
    }
    doors = {"salesforce": [], "hubspot": [], "mailchimp": []}  # type: dict[str, list[str]]
    for key, record in records.items():
        if truth.person(key) in due and record.is_live and (key[0] != "mailchimp" or key[2].startswith(news)):
            doors[key[0]].append(truth.person(key))
    taken: set[str] = set()
    for vendor, leave in (
        ("salesforce", lambda key, _: loop.sandbox.do("salesforce", "unsubscribe", object=key[1], id=key[2])),
        ("hubspot", lambda _, email: loop.sandbox.do("hubspot", "unsubscribe", email=email)),
        ("mailchimp", lambda _, email: loop.sandbox.do("mailchimp", "clean", email=email, list_id=news)),
        (
            "mailchimp",
            lambda _, email: loop.sandbox.do("mailchimp", "unsubscribe", email=email, list_id=news),
        ),
    ):
        person = next(one for one in doors[vendor] if one not in taken)
        taken.add(person)
        for key, record in records.items():
            in_news = key[0] != "mailchimp" or key[2].startswith(news)
            if truth.person(key) == person and key[0] == vendor and record.is_live and in_news:
                leave(key, record.values["email"])


@pytest.fixture(scope="session")
def first(loop: Loop) -> FirstRun:
    """Fields created, then everything read, scored and written, lists and tasks included."""
    _forbid(loop)
    fields = loop.scoreline.run("fields", "--apply").succeeded()
    run = loop.run("--fire")
    best = sorted(run.truth.scores, key=lambda one: -run.truth.scores[one]["score"])[:2]
    record_of = {run.truth.person(key): key for key in run.truth.world.records}
    screen = {one: loop.scoreline.run("explain", record_of[one][2]).succeeded().out for one in best}
    people = loop.sandbox.control("/world")["people"]
    asked = set(sorted({row["contact_id"] for row in run.truth.world.data["contacts"]})[::3])
    asked |= {
        run.truth.person(key)
        for one in people
        if one["kind"] == "shared_mailbox"
        for key in keys(one)
        if key in run.truth.world.persons
    }
    lists = loop.scoreline.run("lists", "--json").succeeded().json
    return FirstRun(
        run.report, run.writes, run.requests, run.after, run.truth, run.stamps,
        people, fields, loop.explained(run.truth, asked), screen, lists,
    )  # fmt: skip


@pytest.fixture(scope="session")
def second(loop: Loop, first: FirstRun) -> Run:
    """Again at once."""
    return loop.run(history=first.truth.stage_history(), stamps=first.stamps)


@pytest.fixture(scope="session")
def next_day(loop: Loop, second: Run) -> Run:
    """Records are merged, converted and deleted, the sandbox's people live a day; then one more run."""
    names = ("Scoreline nurture", "Scoreline sales ready")
    listed = {key for name in names for key in expected.members(second.after, name)}
    rearrange(loop.sandbox, second.truth, listed)
    loop.sandbox.act(1)
    return loop.run("--approve", history=second.truth.stage_history(), stamps=second.stamps)
