"""Which field differences become changes, and why the others do not."""

from datetime import timedelta
from pathlib import Path

import pytest

from core.changes import Gone, SetFields
from core.errors import ConfigError
from sync.planning.desired import ModelVersion
from sync.settings import FieldSetting, Worth
from tests.unit.sync.house import REASONS, SCORE, STAGE, House

LEAD, CONTACT, HUBSPOT = "salesforce:Lead:L1", "salesforce:Contact:C1", "hubspot:contacts:H1"
SCORE_FIELD = "Scoreline_Score__c"
FROM_FIVE = SCORE.model_copy(update={"worth": Worth(change=5)})


@pytest.fixture
def house(tmp_path: Path) -> House:
    built = House(tmp_path)
    built.person("ann", LEAD, HUBSPOT)
    built.score("ann", 64)
    return built


def test_first_sync_writes_every_record_of_a_person_and_the_second_nothing(house: House) -> None:
    house.sync()
    assert house.sent()["L1"] == {
        SCORE_FIELD: 64, "Scoreline_Stage__c": "lead", "Scoreline_Reasons__c": "+64",
    }  # fmt: skip
    assert house.sent("hubspot")["H1"]["scoreline_score"] == 64
    house.quiet()
    house.sync()
    assert house.vendors["salesforce"].received == house.vendors["hubspot"].received == []


def test_many_records_are_gathered_some_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(tmp_path)
    for number in range(7):
        house.person(f"p{number}", f"salesforce:Lead:L{number}", f"hubspot:contacts:H{number}")
        house.score(f"p{number}", number)
    at_once = house.plan().changes
    monkeypatch.setattr("sync.planning.plan._RECORDS_AT_ONCE", 3)
    assert house.plan().changes == at_once
    assert len(at_once) == 14


def test_planning_leaves_the_memory_there_was(house: House) -> None:
    with house.warehouse.read() as con:
        con.execute("set memory_limit = '3 GiB'")
    house.plan()
    with house.warehouse.read() as con:
        assert con.execute("select current_setting('memory_limit')").fetchone() == ("3.0 GiB",)


def test_values_equal_in_canonical_form_are_not_written(house: House) -> None:
    house.observe(LEAD, SCORE_FIELD, "64.00")
    plan = house.plan()
    written = [c.change.values for c in plan.of("salesforce") if isinstance(c.change, SetFields)]
    assert [sorted(values) for values in written] == [["Scoreline_Reasons__c", "Scoreline_Stage__c"]]


def test_a_difference_below_the_worth_waits_and_says_so(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(FROM_FIVE, REASONS))
    house.person("ann", LEAD)
    house.score("ann", 64)
    house.sync()
    house.score("ann", 67)
    plan = house.plan()
    assert plan.changes == ()
    assert plan.withheld == {"not worth a call yet": 1}
    assert house.verdicts() == {("L1", "score"): "small", ("L1", "reasons"): "rides"}


def test_a_large_difference_takes_along_what_goes_with_it(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(FROM_FIVE, REASONS))
    house.person("ann", LEAD)
    house.score("ann", 64)
    house.sync()
    house.quiet()
    house.score("ann", 69)
    house.sync()
    assert house.sent() == {"L1": {SCORE_FIELD: 69, "Scoreline_Reasons__c": "+69"}}


def test_another_stage_makes_a_small_difference_worth_its_call(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(FROM_FIVE, STAGE))
    house.person("ann", LEAD)
    house.score("ann", 49)
    house.sync()
    house.quiet()
    house.score("ann", 50, "MQL")
    house.sync()
    assert house.sent() == {"L1": {SCORE_FIELD: 50, "Scoreline_Stage__c": "MQL"}}


def test_what_is_worth_a_call_for_one_record_is_written_to_all_of_the_person(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(FROM_FIVE,))
    house.person("ann", LEAD, HUBSPOT)
    house.score("ann", 64)
    house.sync()
    house.observe(HUBSPOT, "scoreline_score", "61")
    house.quiet()
    house.score("ann", 67)
    house.sync()
    assert house.sent()["L1"] == {SCORE_FIELD: 67}
    assert house.sent("hubspot")["H1"] == {"scoreline_score": 67}


def test_text_that_only_rides_is_not_sent_alone(house: House) -> None:
    house.sync()
    house.score("ann", 64, reasons="+64, a day older")
    assert house.plan().changes == ()


@pytest.mark.parametrize("state", ["deleted", "merged", "converted", "archived"])
def test_only_live_records_are_written(house: House, state: str) -> None:
    house.say("update person_records set state = ? where record_id = 'L1'", state)
    assert house.plan().vendors == ("hubspot",)


def test_leaving_the_model_blanks_what_we_wrote_and_nothing_else(house: House) -> None:
    house.person("bob", "salesforce:Lead:L2")
    house.sync()
    house.quiet()
    house.unscore("ann")
    house.sync()
    assert house.sent() == {
        "L1": {SCORE_FIELD: None, "Scoreline_Stage__c": None, "Scoreline_Reasons__c": None}
    }


def test_leaving_a_freezing_model_changes_nothing(house: House) -> None:
    house.sync()
    house.models = [ModelVersion("demand", "h1", on_leave="freeze")]
    house.unscore("ann")
    assert house.plan().changes == ()


def test_people_outside_the_scope_are_left_alone_and_counted(tmp_path: Path) -> None:
    house = House(tmp_path, scope="contact_id = 'ann'")
    for name, record in (("ann", "L1"), ("bob", "L2")):
        house.person(name, f"salesforce:Lead:{record}")
        house.score(name, 10)
    plan = house.plan()
    assert [planned.change.ref.record_id for planned in plan.changes] == ["L1"]
    assert plan.excluded == {"scope": 1}


def test_a_record_reported_gone_is_left_alone_until_it_is_read_again(house: House) -> None:
    house.vendors["salesforce"].answer = lambda change: Gone(change, "deleted")
    house.sync()
    house.quiet()
    house.sync()
    assert house.sent() == {}
    assert house.verdicts()["L1", "score"] == "gone"
    house.observe(LEAD, SCORE_FIELD, None)
    house.sync()
    assert "L1" in house.sent()


def test_a_second_model_has_fields_of_its_own(tmp_path: Path) -> None:
    loyal = FieldSetting(name="score", value="score", kind="integer", label="Loyalty", model="loyalty")
    house = House(tmp_path, fields=(loyal,))
    house.models = [ModelVersion("demand", "h1"), ModelVersion("loyalty", "h2")]
    house.say("create table contact_scores_loyalty as from contact_scores_demand")
    house.person("ann", LEAD)
    house.say("insert into contact_scores_loyalty (contact_id, score) values ('ann', 7)")
    house.sync()
    assert house.sent() == {"L1": {"Scoreline_Loyalty_Score__c": 7}}


def test_company_fields_go_to_company_records(tmp_path: Path) -> None:
    own = FieldSetting(name="score", value="score", kind="integer", label="Account score")
    house = House(tmp_path, fields=(), account_fields=(own,))
    record = "(vendor, object, record_id, {}) values ('salesforce', 'Account', 'A1', '{}')"
    house.say("insert into company_records " + record.format("state", "live"))
    house.say("insert into companies " + record.format("account_id", "acme"))
    house.say("insert into account_scores_demand values ('acme', 120, 2)")
    house.sync()
    assert house.sent() == {"A1": {SCORE_FIELD: 120}}


def test_merged_record_takes_nothing_over_from_what_the_loser_confirmed(house: House) -> None:
    house.sync()
    house.quiet()
    house.say("update person_records set state = 'merged' where record_id = 'L1'")
    record = "(vendor, object, record_id, {}) values ('salesforce', 'Contact', 'C1', '{}')"
    house.say("insert into person_records " + record.format("state", "live"))
    house.say("insert into people " + record.format("contact_id", "ann"))
    house.sync()
    assert house.sent()["C1"][SCORE_FIELD] == 64
    with house.warehouse.read() as con:
        assert con.execute("select count(*) from confirmed where record_id = 'L1'").fetchone() == (0,)


def test_value_that_returns_is_written_again(house: House) -> None:
    for score in (64, 70, 64):
        house.score("ann", score)
        house.quiet()
        house.sync()
        assert house.sent()["L1"][SCORE_FIELD] == score


def test_observation_of_the_second_of_our_write_does_not_hide_it(house: House) -> None:
    house.observe(LEAD, SCORE_FIELD, "12")
    house.apply(house.plan())
    assert house.plan().changes == ()


def test_observation_that_began_after_folding_counts_within_the_same_second(house: House) -> None:
    house.apply(house.plan())
    house.observe(LEAD, SCORE_FIELD, "12")
    assert [planned.value for planned in house.plan().changes] == [{SCORE_FIELD: "64"}]


def test_time_alone_changes_nothing(house: House) -> None:
    house.sync()
    house.clock.advance(timedelta(days=30))
    assert house.plan().changes == ()


def test_value_that_is_no_column_is_named_with_the_nearest(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(SCORE.model_copy(update={"value": "scor"}),))
    house.person("ann", LEAD)
    with pytest.raises(ConfigError, match=r"fields\.score\.value: 'scor' .* did you mean 'score'"):
        house.plan()
