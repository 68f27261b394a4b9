"""Sending a frozen plan: what comes of each change is kept at once, and vendors do not hold each other up."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from core.changes import Change, Done, Outcome, Rejected
from core.errors import ApprovalNeeded, AuthError, QuotaExhausted, StateError, TransientError
from sync.apply import Means, apply, guard
from sync.settings import Guard
from sync.store import leases, operational
from sync.store.failed import retry, still_failed
from tests.unit.sync.house import SCORE, START, Died, House, dying_at, nurture

FIELD = "Scoreline_Score__c"


@pytest.fixture
def house(tmp_path: Path) -> House:
    built = House(tmp_path, fields=(SCORE,))
    for number in range(5):
        built.person(f"p{number}", f"salesforce:Lead:L{number}", f"hubspot:contacts:H{number}")
        built.score(f"p{number}", 60 + number)
    return built


def _refusing(record_id: str, *, field: str | None = None) -> object:
    def answer(change: Change) -> Outcome:
        if change.ref.record_id == record_id:
            return Rejected(change, "RULE", "phone is required", "fill it in", field)
        return Done(change)

    return answer


def test_changes_go_out_in_the_vendors_batches(house: House) -> None:
    house.sync()
    assert [len(batch) for batch in house.vendors["salesforce"].batches] == [2, 2, 1]


def test_what_is_alike_goes_together_however_the_plan_mixes_it(tmp_path: Path) -> None:
    targets = {"salesforce": {"campaign": "Nurture"}}
    house = House(tmp_path, fields=(SCORE,), lists=(nurture(channel="none", targets=targets),))
    for number in range(4):
        kind = ("Lead", "Contact")[number % 2]
        house.person(f"p{number}", f"salesforce:{kind}:{number}")
        house.score(f"p{number}", 60)
    house.sync()
    assert [
        sorted((type(change).__name__, change.ref.object) for change in batch)
        for batch in house.vendors["salesforce"].batches
    ] == [
        [("SetFields", "Contact")] * 2,
        [("SetFields", "Lead")] * 2,
        [("SetMembership", "Lead")] * 2,
        [("SetMembership", "Contact")] * 2,
    ]


def test_vendor_cheaper_all_at_once_gets_all_at_once(house: House) -> None:
    house.vendors["salesforce"].price = lambda changes: 1 if len(changes) > 4 else len(changes)  # type: ignore[method-assign]
    house.sync()
    assert [len(batch) for batch in house.vendors["salesforce"].batches] == [5]


def test_one_rejected_change_leaves_the_others_written_and_is_kept(house: House) -> None:
    house.vendors["salesforce"].answer = _refusing("L1")  # type: ignore[assignment]
    report = house.sync()
    assert report.vendors["salesforce"].done == 4
    (letter,) = still_failed(house.state)
    assert (letter.vendor, letter.object, letter.record_id, letter.code, letter.reason, letter.remedy) == (
        "salesforce", "Lead", "L1", "RULE", "phone is required", "fill it in",
    )  # fmt: skip
    assert dict(letter.payload) == {FIELD: "61"}


def test_rejected_value_is_sent_again_only_when_it_changes_or_on_retry(house: House) -> None:
    house.vendors["salesforce"].answer = _refusing("L1")  # type: ignore[assignment]
    house.sync()
    assert house.plan().changes == ()
    assert house.plan().withheld == {"rejected": 1}
    (letter,) = still_failed(house.state)
    assert retry(house.state, [letter.id]) == 1
    assert [planned.change.ref.record_id for planned in house.plan().changes] == ["L1"]
    house.sync()
    house.score("p1", 70)
    assert [planned.value for planned in house.plan().of("salesforce")] == [{FIELD: "70"}]


def test_dead_letter_is_settled_once_nothing_asks_for_its_value(house: House) -> None:
    house.vendors["salesforce"].answer = _refusing("L1")  # type: ignore[assignment]
    house.sync()
    house.vendors["salesforce"].answer = Done
    house.score("p1", 70)
    house.sync()
    assert still_failed(house.state) == []


def test_field_the_vendor_blames_does_not_keep_the_others_back(tmp_path: Path) -> None:
    house = House(tmp_path)
    house.person("ann", "salesforce:Lead:L1")
    house.score("ann", 64)
    house.vendors["salesforce"].answer = _refusing("L1", field="Scoreline_Stage__c")  # type: ignore[assignment]
    house.sync()
    house.vendors["salesforce"].answer = Done
    house.quiet()
    house.sync()
    assert house.sent() == {"L1": {FIELD: 64, "Scoreline_Reasons__c": "+64"}}


@pytest.mark.parametrize(
    "error", [TransientError("503", vendor="salesforce"), AuthError("401", vendor="salesforce")]
)
def test_failing_vendor_leaves_the_other_done(house: House, error: Exception) -> None:
    def fail(_changes: Sequence[Change]) -> None:
        raise error

    house.vendors["salesforce"].before = fail
    report = house.sync()
    assert report.vendors["salesforce"].failure is error
    assert report.vendors["salesforce"].unsent == 5
    assert report.vendors["hubspot"].done == 5
    assert not report.complete


def test_spent_allowance_parks_the_vendor_and_keeps_what_was_acknowledged(house: House) -> None:
    tomorrow = START + timedelta(days=1)

    def spent(_changes: Sequence[Change]) -> None:
        if house.vendors["salesforce"].batches:
            raise QuotaExhausted("spent", vendor="salesforce", resets_at=tomorrow)

    house.vendors["salesforce"].before = spent
    part = house.sync().vendors["salesforce"]
    assert (part.done, part.unsent, part.parked, part.parked_until) == (2, 3, True, tomorrow)
    house.vendors["salesforce"].before = lambda _changes: None
    house.quiet()
    house.sync()
    assert sorted(house.sent()) == ["L2", "L3", "L4"]


def test_stopping_ends_between_batches(house: House) -> None:
    stop = threading.Event()
    house.vendors["salesforce"].before = lambda _changes: stop.set()
    house.vendors.pop("hubspot")
    plan = house.plan()
    lease = leases.acquire(house.state, "work", "a test", house.clock)
    means = Means(house.vendors, house.state, lease, house.clock, {}, stopping=stop.is_set)
    part = apply(plan, house.state.begin_run("sync", START), means).vendors["salesforce"]
    assert (part.done, part.unsent) == (2, 3)


def test_whoever_lost_the_lease_sends_nothing_more(house: House) -> None:
    house.vendors.pop("hubspot")
    plan = house.plan()
    lease = leases.acquire(house.state, "work", "the sleeper", house.clock)
    means = Means(house.vendors, house.state, lease, house.clock, {}, lambda *_: _take_over(house))
    with pytest.raises(StateError, match="the other"):
        apply(plan, house.state.begin_run("sync", START), means)
    assert len(house.vendors["salesforce"].batches) == 1


def _take_over(house: House) -> None:
    house.clock.advance(timedelta(hours=1))
    leases.acquire(house.state, "work", "the other", house.clock)


@pytest.mark.parametrize(
    ("point", "resent"),
    [
        ("apply.before_freeze", 0), ("apply.after_freeze", 0), ("apply.after_claim", 0),
        ("apply.after_answer", 2), ("apply.after_ack", 0),
        ("apply.before_finish", 0), ("apply.after_finish", 0),
    ],
)  # fmt: skip
def test_run_that_dies_is_finished_by_the_next(house: House, point: str, resent: int) -> None:
    house.vendors.pop("hubspot")
    with dying_at(point), pytest.raises(Died):
        house.sync()
    house.sync()
    sent = [change.ref.record_id for change in house.vendors["salesforce"].received]
    assert sorted(set(sent)) == ["L0", "L1", "L2", "L3", "L4"]
    assert len(sent) - 5 == resent, "at most the batch that was never acknowledged"
    house.quiet()
    house.sync()
    assert house.sent() == {}


def test_plan_and_claims_are_durable_before_anything_is_sent(house: House) -> None:
    seen: list[set[str]] = []

    def look(_changes: Sequence[Change]) -> None:
        with house.state.read() as con:
            seen.append(set(con.execute(select(operational.sends.c.status)).scalars()))
            assert con.exec_driver_sql("pragma synchronous").scalar() == 2

    house.vendors.pop("hubspot")
    house.vendors["salesforce"].before = look
    house.sync()
    assert seen[0] == {"sent", "planned"}


def test_guard_asks_before_many_people_change_stage(house: House) -> None:
    house.sync()
    for number in range(3):
        house.score(f"p{number}", 60 + number, "MQL")
    plan = house.plan()
    assert plan.moves.stages == {("lead", "MQL"): 3}
    guard(plan, Guard(stage_changes=0.6, at_least=1), house.state)
    guard(plan, Guard(stage_changes=0.1, at_least=4), house.state)
    with pytest.raises(ApprovalNeeded, match="3 of 5"):
        guard(plan, Guard(stage_changes=0.5, at_least=3), house.state)


def test_guard_counts_people_who_lose_their_score(house: House) -> None:
    house.sync()
    for number in range(3):
        house.unscore(f"p{number}")
    with pytest.raises(ApprovalNeeded):
        guard(house.plan(), Guard(stage_changes=0.5, at_least=3), house.state)


def test_first_run_needs_no_approval(house: House) -> None:
    guard(house.plan(), Guard(stage_changes=0, at_least=1), house.state)


def test_removals_go_first_and_additions_after_the_fields(tmp_path: Path) -> None:
    listed = nurture(channel="none", targets={"hubspot": {"list": "nurture"}})
    house = House(tmp_path, fields=(SCORE,), lists=(listed,))
    for name, score in (("ann", 60), ("bob", 10)):
        house.person(name, f"hubspot:contacts:{name}")
        house.score(name, score)
    house.sync()
    house.quiet()
    house.score("ann", 10)
    house.score("bob", 60)
    house.sync()
    kinds = [
        (type(change).__name__, getattr(change, "member", None))
        for change in house.vendors["hubspot"].received
    ]
    assert kinds == [
        ("SetMembership", False),
        ("SetFields", None),
        ("SetFields", None),
        ("SetMembership", True),
    ]


_EVERYWHERE = {"mailchimp": {"tag": "Nurture", "audience": "News"}}


@pytest.fixture
def listing(tmp_path: Path) -> House:
    """Three people due for an e-mail list in Mailchimp; the first two are in Salesforce too."""
    house = House(tmp_path, fields=(), lists=(nurture(channel="email", targets=_EVERYWHERE),))
    for number in range(3):
        beside = [f"salesforce:Lead:L{number}"] if number < 2 else []
        house.person(f"p{number}", f"mailchimp:members:M{number}", *beside)
        house.score(f"p{number}", 60)
    return house


def _joined(house: House) -> set[str]:
    return {change.ref.record_id for change in house.vendors["mailchimp"].received}


def test_who_refuses_in_another_vendor_by_now_joins_nowhere(listing: House) -> None:
    listing.vendors["salesforce"].refusing = {"L1"}
    plan = listing.plan(fire=True)
    assert plan.prices == {"mailchimp": 2, "salesforce": 1}
    applied = listing.apply(plan).vendors["mailchimp"]
    assert _joined(listing) == {"M0", "M2"}
    assert (applied.done, applied.withheld, applied.unsent, applied.failure) == (2, 1, 0, None)
    assert [ref.record_id for ref in listing.vendors["salesforce"].asked[0]] == ["L0", "L1"]


def test_who_refused_for_a_moment_joins_with_the_next_run(listing: House) -> None:
    listing.vendors["salesforce"].refusing = {"L1"}
    listing.sync(fire=True)
    listing.vendors["salesforce"].refusing = set()
    listing.sync(fire=True)
    assert _joined(listing) == {"M0", "M1", "M2"}


def test_nobody_joins_while_a_vendor_cannot_be_asked(listing: House) -> None:
    listing.vendors["salesforce"].silent = TransientError("503", vendor="salesforce")
    applied = listing.sync(fire=True).vendors["mailchimp"]
    assert _joined(listing) == set()
    assert (applied.unsent, applied.failure) == (3, listing.vendors["salesforce"].silent)


def test_nobody_is_asked_where_nobody_joins(listing: House) -> None:
    listing.sync(fire=True)
    listing.quiet()
    listing.vendors["salesforce"].asked.clear()
    listing.sync(fire=True)
    assert listing.vendors["salesforce"].asked == []
