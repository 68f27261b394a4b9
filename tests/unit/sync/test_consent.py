from collections.abc import Iterator
from typing import Any

import pytest

from tests.unit.sync.records import Records
from tests.unit.sync.test_resolve import on


@pytest.fixture
def records() -> Iterator[Records]:
    records = Records()
    yield records
    records.con.close()


def status(records: Records) -> str | None:
    records.build()
    rows = records.rows("select status from consents where channel = 'email'")
    assert len(rows) <= 1
    return rows[0]["status"] if rows else None


def say(records: Records, key: str, word: str, stream: str = "people", **row: Any) -> None:
    records.add(key, email="ann@acme.com", **row)
    records.add_to("consent_records", on(key) | {"channel": "email", "status": word})
    records.con.execute("update consent_records set stream = ? where stream is null", [stream])


@pytest.mark.parametrize(
    "strict", ["erased", "cleaned", "unsubscribed", "archived", "pending", "something new"]
)
def test_strictest_vendor_decides(records: Records, strict: str) -> None:
    say(records, "mc:members:1", "subscribed")
    say(records, "hs:contacts:2", strict)
    expected = "pending" if strict == "something new" else strict
    assert status(records) == expected


def test_silence_neither_permits_nor_forbids(records: Records) -> None:
    say(records, "sf:Contact:1", "none")
    assert status(records) == "none"
    say(records, "mc:members:2", "subscribed")
    assert status(records) == "subscribed"


def test_two_streams_of_a_vendor_may_both_speak(records: Records) -> None:
    say(records, "hs:contacts:1", "subscribed", "statuses")
    say(records, "hs:contacts:1", "unsubscribed", "contacts")
    assert status(records) == "unsubscribed"


def test_deleted_record_can_forbid_but_not_permit(records: Records) -> None:
    records.add("sf:Lead:9", email="ann@acme.com")
    say(records, "mc:members:1", "subscribed", state="deleted")
    assert status(records) is None
    say(records, "hs:contacts:2", "unsubscribed", state="deleted")
    assert status(records) == "unsubscribed"


def test_merged_record_leaves_the_word_to_its_survivor(records: Records) -> None:
    say(records, "hs:contacts:1", "unsubscribed", state="merged", successor="hs:contacts:2")
    say(records, "hs:contacts:2", "subscribed")
    assert status(records) == "subscribed"
