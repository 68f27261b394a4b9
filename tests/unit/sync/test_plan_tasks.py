"""A task for the owner: once for each time somebody enters."""

from pathlib import Path

import pytest

from core.changes import Assign, Change, CreateTask, Outcome, Rejected
from core.errors import ConfigError
from sync.store.failed import retry, still_failed
from tests.unit.sync.house import House, call_task


@pytest.fixture
def house(tmp_path: Path) -> House:
    built = House(tmp_path, fields=(), tasks=(call_task(),))
    built.person("ann", "salesforce:Lead:L1", "salesforce:Contact:C1")
    built.score("ann", 10)
    built.sync()
    return built


def _rejecting(change: Change) -> Outcome:
    return Rejected(change, "NO", "no owner", "give it one")


def test_entering_the_stage_makes_one_task_on_the_preferred_record(house: House) -> None:
    house.score("ann", 120, "SQL")
    house.sync()
    house.sync()
    (task,) = house.vendors["salesforce"].received
    assert isinstance(task, CreateTask)
    assert (task.ref.record_id, task.subject) == ("C1", "Call Ann: 120")


def test_each_entry_makes_its_own(house: House) -> None:
    for stage in ("SQL", "lead", "SQL", "SQL"):
        house.score("ann", 120, stage)
        house.sync()
    keys = [change.key for change in house.vendors["salesforce"].received if isinstance(change, CreateTask)]
    assert keys == ["scoreline:task:salesforce:SQL:ann:1", "scoreline:task:salesforce:SQL:ann:2"]


def test_first_run_only_notes_who_is_there_already(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), tasks=(call_task(on="escalate", subject="Now: {first_name}"),))
    house.person("ann", "salesforce:Lead:L1")
    house.score("ann", 50, escalate=True)
    house.sync()
    house.sync()
    assert house.tasks() == []
    house.sync(fire=True)
    assert house.tasks() == ["Now: Ann"]


def test_task_of_a_run_that_died_is_sent_again_under_the_same_key(house: House) -> None:
    house.score("ann", 120, "SQL")
    sent: list[str] = []

    def die(changes: list[Change]) -> None:
        sent.extend(change.key for change in changes if isinstance(change, CreateTask))
        raise KeyboardInterrupt

    house.vendors["salesforce"].before = die  # type: ignore[assignment]  # a list is a sequence
    with pytest.raises(KeyboardInterrupt):
        house.sync()
    house.vendors["salesforce"].before = lambda _changes: None
    house.sync()
    house.sync()
    again = [change.key for change in house.vendors["salesforce"].received if isinstance(change, CreateTask)]
    assert again == sent == ["scoreline:task:salesforce:SQL:ann:1"]


def test_refused_task_waits_for_retry(house: House) -> None:
    house.vendors["salesforce"].answer = _rejecting
    house.score("ann", 120, "SQL")
    house.sync()
    house.sync()
    assert len(house.vendors["salesforce"].received) == 1
    assert [letter.kind for letter in still_failed(house.state)] == ["CreateTask"]
    retry(house.state, None)
    house.sync()
    assert len(house.vendors["salesforce"].received) == 2


def test_record_is_assigned_with_its_task_where_configured(house: House) -> None:
    house.settings = house.settings.model_copy(update={"tasks": (call_task(assign="hot leads"),)})
    house.score("ann", 120, "SQL")
    house.sync()
    assert [
        change.owner for change in house.vendors["salesforce"].received if isinstance(change, Assign)
    ] == ["hot leads"]


def test_person_known_by_a_new_id_gets_no_second_task(house: House) -> None:
    house.score("ann", 120, "SQL")
    house.sync()
    house.say("update contacts set contact_id = 'anna'")
    house.say("update people set contact_id = 'anna'")
    house.say("update contact_scores_demand set contact_id = 'anna'")
    house.say("insert into aliases (kind, alias, id) values ('person', 'ann', 'anna')")
    house.sync()
    assert len(house.tasks()) == 1


def test_unknown_name_in_a_subject_is_refused_with_the_nearest(house: House) -> None:
    house.settings = house.settings.model_copy(update={"tasks": (call_task(subject="Call {first_nam}"),)})
    with pytest.raises(ConfigError, match="first_name"):
        house.plan()
