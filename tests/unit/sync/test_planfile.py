"""A saved plan says all that it will do, and is refused once that is no longer what its reader saw."""

from pathlib import Path

import pytest

from core.errors import DataError, PlanRefused
from sync.planning.desired import ModelVersion
from sync.planning.planfile import check_against, load, save
from tests.unit.sync.house import House, call_task, nurture


@pytest.fixture
def house(tmp_path: Path) -> House:
    built = House(tmp_path, lists=(nurture(),), tasks=(call_task(),))
    for number, name in enumerate(("ann", "bob")):
        built.person(name, f"salesforce:Lead:L{number}", f"mailchimp:members:{name}", account="acme")
        built.score(name, 10)
    built.sync()
    built.quiet()
    built.score("ann", 120, "SQL")
    return built


@pytest.fixture
def file(house: House, tmp_path: Path) -> Path:
    path = tmp_path / "plan.jsonl"
    save(house.plan(), path)
    return path


def test_saved_plan_reads_back_as_it_was(house: House, file: Path) -> None:
    plan, again = house.plan(), load(file)
    assert again.changes == plan.changes
    assert (again.entries, again.ended, again.prices, again.withheld) == (
        plan.entries, plan.ended, plan.prices, plan.withheld,
    )  # fmt: skip
    assert again.moves.stages == plan.moves.stages == {("lead", "SQL"): 1}


def test_saved_plan_is_sent_exactly(house: House, file: Path) -> None:
    saved = load(file)
    check_against(saved, house.plan())
    house.apply(saved)
    assert list(house.sent()) == ["L0"]
    assert (house.listed(), house.tasks()) == ([("ann", True)], ["Call Ann: 120"])
    assert house.plan().changes == ()


def test_what_came_up_since_is_left_for_later(house: House, file: Path) -> None:
    house.score("bob", 11)
    check_against(load(file), house.plan())


def test_changed_model_is_refused(house: House, file: Path) -> None:
    house.models = [ModelVersion("demand", "h2")]
    with pytest.raises(PlanRefused, match="the model 'demand' has changed"):
        check_against(load(file), house.plan())


def test_value_that_would_now_be_another_is_refused(house: House, file: Path) -> None:
    house.score("ann", 121, "SQL")
    with pytest.raises(PlanRefused, match="would now be"):
        check_against(load(file), house.plan())


def test_record_that_holds_something_else_by_now_is_refused(house: House, file: Path) -> None:
    house.observe("salesforce:Lead:L0", "Scoreline_Score__c", "77")
    with pytest.raises(PlanRefused, match=r"salesforce Lead L0 now holds '77'.*no longer '10'"):
        check_against(load(file), house.plan())


def test_plan_that_was_sent_already_is_refused(house: House, file: Path) -> None:
    house.sync()
    with pytest.raises(PlanRefused, match="any more"):
        check_against(load(file), house.plan())


def test_withdrawn_consent_is_refused(house: House, file: Path) -> None:
    house.say("update consents set status = 'unsubscribed'")
    with pytest.raises(PlanRefused, match="mailchimp members ann"):
        check_against(load(file), house.plan())


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda text: text[: len(text) // 2], "line|cut off"),
        (lambda text: "\n".join(text.splitlines()[:-1]), "cut off"),
        (lambda _text: "", "cut off"),
        (lambda _text: "[1]\n", "line 1"),
        (lambda text: text.replace('"scoreline_plan": 1', '"scoreline_plan": 2'), "format 2"),
        (lambda text: text.replace("SetFields", "DropTable"), "line 2"),
    ],
)  # fmt: skip
def test_damaged_file_is_named_with_its_line(file: Path, damage: object, message: str) -> None:
    file.write_text(damage(file.read_text()))  # type: ignore[operator]  # one of the lambdas above
    with pytest.raises(DataError, match=message) as caught:
        load(file)
    assert str(file) in str(caught.value)
