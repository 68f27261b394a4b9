"""Activities that are made anew only for some come out as if all were made anew."""

import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st

from core.clock import naive_utc
from sync.people import activities, changed, engagement, identity, resolve
from sync.schema import pulled_schema
from sync.settings import Asset
from tests.unit.sync.records import NOW, Choices, Records

Row = dict[str, Any]
_OBJECTS = {"sf": "Contact", "hs": "contacts", "mc": "members"}
_ADDRESSES = (None, "ana@acme.test", "leo@acme.test", "info@acme.test", "eva@beta.test")
_NAMES = (None, "Ana", "Leo", "Eva")
_CHOICES = (
    Choices(masters={"page_view": "hs"}),
    Choices(precedence=("mc", "hs", "sf")),
    Choices(assets=(Asset(match="/pricing%", product="crm", category="software"),)),
)


class _Records(Records):
    """Records to which anything happens."""

    def __init__(self, dice: random.Random) -> None:
        super().__init__()
        self.dice = dice
        self.people: dict[str, Row] = {}
        self.done: dict[tuple[str, str], Row] = {}
        self.choices = Choices()

    def step(self) -> None:
        deeds: tuple[Callable[[], None], ...] = (
            self._person, self._person, self._no_person, self._deed, self._deed, self._other_deed,
            self._other_deed, self._no_deed,
        )  # fmt: skip
        for _ in range(self.dice.randint(1, 2) if self.done else 30):
            self.dice.choice(deeds)()
        for table in ("person_records", "activity_records"):
            self.con.execute(f"delete from {table}")
        for key, row in self.people.items():
            self.add(key, **row)
        if self.done:
            self.add_to("activity_records", *self.done.values())
        self.follow()

    def follow(self) -> None:
        """Bring up to date what follows from the records."""
        identity.resolve(self.con, self.at)
        resolve.build(self.con, self.choices)

    def tables(self) -> dict[str, set[tuple[Any, ...]]]:
        """What follows from what people did."""
        names = ("activities", "activity_prints", "holders", "prints")
        return {name: set(self.con.execute(f"from {name}").fetchall()) for name in names}

    def anew(self) -> dict[str, set[tuple[Any, ...]]]:
        """The same with everybody's activities made anew; nothing of it stays."""
        self.con.begin()
        self.con.execute("delete from activities_made")
        activities.find_holders(self.con)
        engagement.find_mail_owners(self.con)
        activities.build(self.con, self.choices)
        changed.note(self.con)
        found = self.tables()
        self.con.rollback()
        return found

    def _key(self) -> str:
        vendor = self.dice.choice(list(_OBJECTS))
        return f"{vendor}:{_OBJECTS[vendor]}:{self.dice.randint(1, 4)}"

    def _person(self) -> None:
        state = self.dice.choice(("live", "live", "live", "deleted", "merged"))
        key = self._key()
        successor = self._key() if state == "merged" else None
        self.people[key] = {
            "email": self.dice.choice(_ADDRESSES),
            "first_name": (name := self.dice.choice(_NAMES)),
            "last_name": name and "Ruiz",
            "state": state,
            "successor": successor if successor != key else None,
        }

    def _no_person(self) -> None:
        if self.people:
            del self.people[self.dice.choice(list(self.people))]

    def _deed(self) -> None:
        key = self._key().split(":")[0], str(self.dice.randint(1, 12))
        self.done[key] = dict(zip(("vendor", "activity_id"), key, strict=True))
        for column in self._told(key[0]):
            self._change(key, column)

    def _other_deed(self) -> None:
        if self.done:
            key = self.dice.choice(list(self.done))
            self._change(key, self.dice.choice(list(self._told(key[0]))))

    def _change(self, key: tuple[str, str], column: str) -> None:
        self.done[key] |= self.dice.choice(self._told(key[0])[column])

    def _told(self, vendor: str) -> dict[str, list[Row]]:
        """By what it says, how a record may say it."""
        kind = _OBJECTS[vendor]
        said: dict[str, tuple[Any, ...]] = {
            "email": (None, None, *_ADDRESSES),
            "type": ("page_view", "page_view", "email_open", None),
            "occurred_at": tuple(naive_utc(NOW) - timedelta(seconds=s) for s in (3, 5, 7, 90_000)),
            "asset": ("/pricing", "/Pricing ", "/jobs", None),
            "product": (None, None, "mail"),
            "value": (None, 1.0, 2.0),
            "deleted": (None, None, False, True),
        }
        found = {name: [{name: value} for value in values] for name, values in said.items()}
        found["who"] = [{"object": kind, "record_id": str(n)} for n in range(1, 5)]
        found["who"] += [{"object": None, "record_id": None}] * 2
        return found

    def _no_deed(self) -> None:
        if self.done:
            del self.done[self.dice.choice(list(self.done))]


_COLUMNS = {column.name: column for column in pulled_schema("activity_records")}


@pytest.fixture
def some(monkeypatch: pytest.MonkeyPatch) -> _Records:
    """One person in two vendors, who did something for every column, and one of it in both; made once."""
    monkeypatch.setattr(activities, "_MOST", 1_000)
    records = _Records(random.Random(1))  # noqa: S311  # dice, not secrets
    told = {"record_id": "1", "type": "page_view", "asset": "/pricing", "value": 1.0}
    for vendor, kind in (("sf", "Contact"), ("hs", "contacts")):
        records.add(f"{vendor}:{kind}:1", email="ana@acme.test", first_name="Ana", last_name="Ruiz")
        for minutes, name in enumerate(_COLUMNS if vendor == "sf" else ("vendor",)):
            at = naive_utc(NOW) - timedelta(minutes=minutes)
            keys = {"vendor": vendor, "object": kind, "activity_id": name, "occurred_at": at}
            records.add_to("activity_records", {**told, **keys})
    records.follow()
    return records


def _by_address(records: _Records) -> None:
    """Mailchimp's member, who is known by the address alone, opens a mail."""
    records.add("mc:members:1", email="ana@acme.test", first_name="Ana", last_name="Ruiz")
    told = {"vendor": "mc", "activity_id": "1", "email": "ana@acme.test", "type": "email_open"}
    records.add_to("activity_records", {**told, "occurred_at": naive_utc(NOW)})
    records.follow()


@pytest.mark.parametrize(
    ("key", "person"),
    [
        ("hs:contacts:1", {"email": "leo@beta.test", "first_name": "Leo", "last_name": "Sosa"}),
        ("mc:members:1", {"email": "leo@beta.test", "first_name": "Leo", "last_name": "Sosa"}),
        ("mc:members:2", {"email": "ana@acme.test", "first_name": "Eva", "last_name": "Sosa"}),
    ],
    ids=["another's record", "another's address", "an address of two"],
)
def test_activities_go_where_their_record_or_address_goes(some: _Records, key: str, person: Row) -> None:
    _by_address(some)
    before = some.tables()["activities"]
    some.add(key, **person)
    some.follow()
    assert some.tables() == some.anew()
    assert some.tables()["activities"] != before


def _others(column: pa.Field) -> str:
    """SQL for another value of a column."""
    name = f'"{column.name}"'
    if pa.types.is_boolean(column.type):
        return f"not coalesce({name}, false)"
    if pa.types.is_string(column.type):
        return "'other'"
    return f"coalesce({name} + interval 1 day, '2026-01-01')" if pa.types.is_timestamp(column.type) else "7"


def test_whatever_else_a_record_says_is_followed(some: _Records) -> None:
    for name, column in _COLUMNS.items():
        some.con.execute(
            f"""update activity_records set "{name}" = {_others(column)}
            where vendor = 'sf' and activity_id = ?""",
            [name],
        )
        some.follow()
        assert some.tables() == some.anew(), name


@pytest.mark.parametrize("count", [2, 4])
def test_like_changes_of_an_even_number_do_not_cancel_out(some: _Records, count: int) -> None:
    some.con.execute("update activity_records set deleted = false")
    some.follow()
    for column in _COLUMNS.values():
        chosen = f"vendor = 'sf' and activity_id in {tuple(list(_COLUMNS)[:count])}"
        if column.name in ("vendor", "activity_id", "object", "record_id", "email", "type"):
            continue  # whose they are, and what
        some.con.execute(f'update activity_records set "{column.name}" = {_others(column)} where {chosen}')
        some.follow()
        assert some.tables() == some.anew(), column.name


@pytest.mark.parametrize("choices", _CHOICES, ids=["masters", "precedence", "assets"])
def test_other_settings_are_followed(some: _Records, choices: Choices) -> None:
    before = some.tables()["activities"]
    some.choices = choices
    some.follow()
    assert some.tables() == some.anew()
    assert some.tables()["activities"] != before


@pytest.mark.parametrize(("most", "replaced"), [(1_000, len(_COLUMNS)), (0.25, 0)])
def test_only_some_are_made_anew_until_many_are_others(
    some: _Records, most: float, replaced: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activities, "_MOST", most)
    some.con.execute("update activity_records set value = 7 where activity_id = 'value'")
    some.follow()
    assert some.con.execute("select replaced from activities_made").fetchall() == [(replaced,)]


@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32 - 1))
def test_made_partly_they_are_what_they_are_made_whole(seed: int) -> None:
    records = _Records(random.Random(seed))  # noqa: S311  # dice, not secrets
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(activities, "_MOST", 1_000)
        for number in range(10):
            records.step()
            note(f"step {number}: {records.people} {records.done}")
            assert records.tables() == records.anew()
