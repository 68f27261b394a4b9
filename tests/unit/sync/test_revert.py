"""Undoing a run: one more plan, that spares what has changed since."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.changes import SetFields, SetMembership
from core.errors import ApprovalNeeded, ConfigError
from sync.apply import guard
from sync.planning.plan import Plan, make_plan
from sync.revert import make_revert
from sync.settings import Guard
from tests.unit.sync.house import SCORE, START, House, nurture

FIELD = "Scoreline_Score__c"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Two people at 10; run 2 moves both to 60 and lists them."""
    built = House(tmp_path, fields=(SCORE,), lists=(nurture(),))
    for number, name in enumerate(("ann", "bob")):
        built.person(name, f"salesforce:Lead:L{number}", f"mailchimp:members:{name}")
        built.score(name, 10)
    built.sync()
    for name in ("ann", "bob"):
        built.score(name, 60)
    built.sync()
    built.quiet()
    return built


def _revert(house: House, run_id: int) -> Plan:
    with house.warehouse.read() as con:
        current = make_plan(con, house.state, house.inputs(), lambda _vendor, _changes: 0)
        return make_revert(con, house.state, run_id, current, house.inputs())


def test_everything_stands_again_as_before_the_run(house: House) -> None:
    house.apply(_revert(house, 2))
    assert house.sent() == {"L0": {FIELD: 10}, "L1": {FIELD: 10}}
    assert sorted(house.listed()) == [("ann", False), ("bob", False)]


def test_first_run_is_undone_to_empty_fields(house: House) -> None:
    house.score("ann", 10)
    house.score("bob", 10)
    house.sync()
    house.quiet()
    house.apply(_revert(house, 1))
    assert house.sent() == {"L0": {FIELD: None}, "L1": {FIELD: None}}


def test_lists_of_a_vendor_that_was_not_reached_wait_and_are_counted(house: House) -> None:
    inputs = replace(house.inputs(), places={})
    with house.warehouse.read() as con:
        current = make_plan(con, house.state, inputs, lambda _vendor, _changes: 0)
        plan = make_revert(con, house.state, 2, current, inputs)
    assert {type(planned.change) for planned in plan.changes} == {SetFields}
    assert plan.withheld == {"not reached": 2}


def test_what_a_person_or_a_later_run_changed_stays(house: House) -> None:
    house.score("bob", 61)
    house.sync()
    house.observe("salesforce:Lead:L0", FIELD, "77")
    plan = _revert(house, 2)
    assert plan.of("salesforce") == []
    assert plan.withheld == {"changed since": 3}, "one score by hand, two by the next run"


def _joining(plan: Plan) -> list[str]:
    changes = [one.change for one in plan.changes]
    return [one.ref.record_id for one in changes if isinstance(one, SetMembership) and one.member]


@pytest.mark.parametrize("status", ["unsubscribed", "archived", "cleaned", "none", None])
def test_nobody_goes_back_onto_a_list_they_do_not_permit(house: House, status: str | None) -> None:
    house.say("delete from consents where contact_id = 'ann'")
    if status:
        house.say("insert into consents (contact_id, channel, status) values ('ann', 'email', ?)", status)
    house.score("bob", 10)
    house.sync()
    assert sorted(house.listed()) == [("ann", False), ("bob", False)]
    plan = _revert(house, 3)
    assert _joining(plan) == ["bob"]
    assert plan.withheld == {f"consent {status or 'unknown'}": 1}


def test_nobody_goes_back_while_a_vendors_consent_is_unread(house: House) -> None:
    house.score("bob", 10)
    house.sync()
    inputs = house.inputs(unread=("hubspot",))
    with house.warehouse.read() as con:
        current = make_plan(con, house.state, inputs, lambda _vendor, _changes: 0)
        plan = make_revert(con, house.state, 3, current, inputs)
    assert _joining(plan) == []
    assert plan.withheld == {"consent unread": 1}


def test_record_that_is_gone_is_counted(house: House) -> None:
    house.say("update person_records set state = 'deleted' where record_id = 'L0'")
    assert _revert(house, 2).withheld == {"gone": 1}


def test_run_that_wrote_nothing_cannot_be_undone(house: House) -> None:
    with pytest.raises(ConfigError, match="run 9"):
        _revert(house, 9)


def test_the_models_that_were_undone_need_approval_to_write_again(house: House) -> None:
    house.apply(_revert(house, 2))
    house.state.hold("reverted", {"run": 2, "models": {"demand": "h1"}}, START)
    with pytest.raises(ApprovalNeeded, match="run 2 was reverted"):
        guard(house.plan(), Guard(), house.state)
    house.state.lift_holds(START)
    guard(house.plan(), Guard(), house.state)
