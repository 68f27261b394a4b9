from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import StateError
from sync.people import identity
from sync.people.resolve import build
from sync.snapshots import snapshot
from sync.snapshots.snapshot import Snapshot
from sync.warehouse import Warehouse
from tests.unit.sync.memory import table
from tests.unit.sync.records import Choices

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)

_PEOPLE = (
    {"record_id": "1", "email": "Ann@acme.com", "first_name": "Ánn", "last_name": "Lee"},
    {"record_id": "2", "email": "bob@acme.com", "first_name": "Bob", "last_name": "Lee-Ray"},
)
_SCORES = """
create table contact_scores_demand as
select contact_id, case when first_name = 'Bob' then 87 else 12 end as score, 'A4' as rating from contacts;
create table contributions_demand as
select contact_id, unnest(['demo', 'late']) as id, unnest([100, -13]) as points
from contacts where first_name = 'Bob';
create table excluded_demand as select 'c-none' as contact_id, 'where' as reason;
"""
_VERDICTS = """
create temp table verdicts as
select 'sf' as vendor, 'Lead' as object, '2' as record_id, contact_id as entity_id,
    'person' as entity, 'score' as label, 'Score__c' as field, '87' as value,
    '86' as held, 'small' as verdict, 2.0 as change, null as goes_with
from contacts where first_name = 'Bob'
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Warehouse:
    warehouse = Warehouse(tmp_path / "data.duckdb")
    with warehouse.write("test") as con:
        rows = table(
            "person_records", [{"vendor": "sf", "object": "Lead", "state": "live", **row} for row in _PEOPLE]
        )
        con.register("people_given", rows)
        con.execute("insert into person_records by name from people_given")
        con.execute("insert into observed by name select 'sf' as vendor, 'Lead' as object, '2' as record_id,"
                    " 'list:hot' as field, 'member' as value, timestamp '2026-03-01' as seen_at")  # fmt: skip
        identity.resolve(con, NOW)
        build(con, Choices())
        con.execute(_SCORES)
    return warehouse


def publish(warehouse: Warehouse, folder: Path, at: datetime = NOW) -> Path:
    with warehouse.read() as con:
        con.execute(_VERDICTS)
        return snapshot.publish(con, folder, at)


@pytest.fixture
def current(warehouse: Warehouse, tmp_path: Path) -> Iterator[Snapshot]:
    publish(warehouse, tmp_path)
    with Snapshot.open(tmp_path) as current:
        yield current


def found(current: Snapshot, text: str) -> list[Any]:
    return [row["first_name"] for row in current.find(text)]


def test_nothing_published_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(StateError, match="scoreline sync"), Snapshot.open(tmp_path):
        pass


@pytest.mark.parametrize("text", ["1", "ann@ACME.com", "Ann+news@acme.com", " ANN ", "ann lee", "nn-LE"])
def test_finds_by_record_address_and_name_without_accents(current: Snapshot, text: str) -> None:
    assert found(current, text) == ["Ánn"]


def test_address_to_the_letter_comes_before_others_that_reach_the_same_box(
    warehouse: Warehouse, tmp_path: Path
) -> None:
    with warehouse.write("test") as con:
        con.execute("update contacts set email = 'ann+b@acme.com' where first_name = 'Bob'")
    publish(warehouse, tmp_path)
    with Snapshot.open(tmp_path) as current:
        assert found(current, "Ann+B@acme.com") == ["Bob"]
        assert found(current, "ann@acme.com") == ["Ánn"]
        assert set(found(current, "ann+c@acme.com")) == {"Ánn", "Bob"}


def test_finds_a_salesforce_record_by_the_short_form_of_its_id(warehouse: Warehouse, tmp_path: Path) -> None:
    with warehouse.write("test") as con:
        con.execute("update people set record_id = '00Q000000000001EAA' where record_id = '2'")
    publish(warehouse, tmp_path)
    with Snapshot.open(tmp_path) as current:
        assert found(current, "00Q000000000001") == found(current, "00Q000000000001EAA") == ["Bob"]


def test_finds_everybody_a_name_is_part_of_shortest_first(current: Snapshot) -> None:
    assert found(current, "lee") == ["Ánn", "Bob"]
    assert found(current, "nobody") == []


def test_finds_by_contact_id_and_by_former_id(warehouse: Warehouse, tmp_path: Path) -> None:
    with warehouse.write("test") as con:
        con.execute("insert into aliases select 'person', 'c-old', contact_id, now()::timestamp from contacts"
                    " where first_name = 'Bob'")  # fmt: skip
    publish(warehouse, tmp_path)
    with Snapshot.open(tmp_path) as current:
        assert found(current, "c-old") == ["Bob"]
        assert found(current, current.find("c-old")[0]["contact_id"]) == ["Bob"]


def test_person_comes_with_scores_and_the_lines_that_make_them(current: Snapshot) -> None:
    (row,) = current.find("bob@acme.com")
    person = current.contact(row["contact_id"])
    assert person
    assert person["scores"]["demand"]["score"] == 87
    assert person["account"] == "acme.com"
    assert [(line["id"], line["points"]) for line in current.contributions(row["contact_id"])] == [
        ("demo", 100),
        ("late", -13),
    ]
    assert current.contact("c-unknown") is None
    assert current.excluded("c-none") == "where"
    assert [row["score"] for row in current.top(5)] == [87, 12]


def test_field_that_differs_says_why(current: Snapshot) -> None:
    (row,) = current.find("bob@acme.com")
    (field,) = current.fields(row["contact_id"])
    assert (field["desired"], field["held"], field["why"]) == (
        "87",
        "86",
        "not worth a call until it differs by 2",
    )


def test_lists_show_who_is_held_to_be_on_them(current: Snapshot) -> None:
    assert current.lists() == [{"vendor": "sf", "name": "hot", "members": 1}]
    assert [row["first_name"] for row in current.members("hot")] == ["Bob"]


def test_reader_keeps_its_snapshot_while_the_next_is_published(warehouse: Warehouse, tmp_path: Path) -> None:
    publish(warehouse, tmp_path)
    with Snapshot.open(tmp_path) as current:
        publish(warehouse, tmp_path, NOW + timedelta(hours=1))
        assert found(current, "1") == ["Ánn"]
        assert current.as_of == NOW.replace(tzinfo=None)
    with Snapshot.open(tmp_path) as following:
        assert following.as_of == (NOW + timedelta(hours=1)).replace(tzinfo=None)


def test_last_two_snapshots_are_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    published = [publish(warehouse, tmp_path) for _ in range(4)]
    assert [path.exists() for path in published] == [False, False, True, True]


def test_snapshot_is_read_while_another_process_would_write(warehouse: Warehouse, tmp_path: Path) -> None:
    publish(warehouse, tmp_path)
    with warehouse.write("test"), Snapshot.open(tmp_path) as current:
        assert found(current, "1") == ["Ánn"]


def test_failed_publication_leaves_the_current_one(warehouse: Warehouse, tmp_path: Path) -> None:
    publish(warehouse, tmp_path)
    with warehouse.read() as con:
        con.execute("create temp view observed as select 1 as x")
        with pytest.raises(duckdb.Error):
            snapshot.publish(con, tmp_path, NOW)
    with Snapshot.open(tmp_path) as current:
        assert found(current, "1") == ["Ánn"]
