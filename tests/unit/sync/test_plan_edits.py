"""A person changes our field: it is noticed, counted, and dealt with as configured."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import OutcomeUnknown
from tests.unit.sync.house import SCORE, House, nurture

LEAD, FIELD = "salesforce:Lead:L1", "Scoreline_Score__c"


def _edited(folder: Path, policy: str, value: str | None = "99") -> House:
    house = House(folder, fields=(SCORE,), on_edit=policy)
    house.person("ann", LEAD)
    house.score("ann", 64)
    house.sync()
    house.quiet()
    house.observe(LEAD, FIELD, value)
    return house


def test_overwrite_writes_our_value_and_counts_the_edit(tmp_path: Path) -> None:
    house = _edited(tmp_path, "overwrite")
    (edit,) = house.plan().edits
    assert (edit.ref.record_id, edit.field, edit.told, edit.found, edit.overwritten) == (
        "L1",
        FIELD,
        "64",
        "99",
        True,
    )
    house.sync()
    assert house.sent() == {"L1": {FIELD: 64}}
    assert house.plan().edits == ()


def test_keep_leaves_it_until_our_value_changes(tmp_path: Path) -> None:
    house = _edited(tmp_path, "keep")
    plan = house.plan()
    assert (plan.changes, plan.withheld, len(plan.edits)) == ((), {"edited": 1}, 1)
    assert not plan.edits[0].overwritten
    house.score("ann", 65)
    house.sync()
    assert house.sent() == {"L1": {FIELD: 65}}


def test_freeze_leaves_it_whatever_our_value_is(tmp_path: Path) -> None:
    house = _edited(tmp_path, "freeze")
    house.score("ann", 70)
    assert house.plan().changes == ()


@pytest.mark.parametrize("policy", ["keep", "freeze"])
def test_emptied_field_is_filled_again(tmp_path: Path, policy: str) -> None:
    house = _edited(tmp_path, policy, None)
    assert [planned.value for planned in house.plan().changes] == [{FIELD: "64"}]


def test_restored_backup_is_no_edit(tmp_path: Path) -> None:
    house = _edited(tmp_path, "freeze", "64")
    house.score("ann", 70)
    house.sync()
    house.observe(LEAD, FIELD, "64")
    plan = house.plan()
    assert (plan.edits, [planned.value for planned in plan.changes]) == ((), [{FIELD: "70"}])


def test_late_arrival_of_an_unanswered_write_is_no_edit(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(SCORE,), on_edit="freeze")
    house.person("ann", LEAD)
    house.score("ann", 64)

    def unanswered(_changes: Any) -> None:
        raise OutcomeUnknown("no answer", vendor="salesforce")

    house.vendors["salesforce"].before = unanswered
    assert house.sync().vendors["salesforce"].unknown == 1
    house.vendors["salesforce"].before = lambda _changes: None
    house.score("ann", 70)
    house.sync()
    house.clock.advance(timedelta(minutes=5))
    house.observe(LEAD, FIELD, "64")
    plan = house.plan()
    assert (plan.edits, [planned.value for planned in plan.changes]) == ((), [{FIELD: "70"}])


def test_who_was_taken_off_a_list_by_hand_stays_off_under_keep(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(),), on_edit="keep")
    house.person("ann", "mailchimp:members:ann")
    house.score("ann", 60)
    house.sync(fire=True)
    house.observe("mailchimp:members:ann", "list:nurture", None)
    plan = house.plan()
    assert (plan.changes, plan.withheld) == ((), {"edited": 1})


@pytest.mark.parametrize("policy", ["overwrite", "keep", "freeze"])
def test_consent_overrules_who_was_put_on_a_list_by_hand(tmp_path: Path, policy: str) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(),), on_edit=policy)
    house.person("ann", "mailchimp:members:ann")
    house.score("ann", 60)
    house.sync(fire=True)
    house.score("ann", 10)
    house.sync()
    house.say("update consents set status = 'unsubscribed'")
    house.observe("mailchimp:members:ann", "list:nurture", "member")
    house.quiet()
    house.sync()
    assert house.listed() == [("ann", False)]
