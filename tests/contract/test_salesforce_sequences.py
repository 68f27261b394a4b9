"""Whatever people do to records between readings, the readings add up to what the org holds."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.base import Window
from tests.contract.salesforce_harness import SalesforceHarness

_STREAMS = {
    "leads": ("Lead", "person_records", "record_id"),
    "contacts": ("Contact", "person_records", "record_id"),
    "accounts": ("Account", "company_records", "record_id"),
    "tasks": ("Task", "activity_records", "activity_id"),
}
_OPERATIONS = ("create", "edit", "call", "merge", "convert", "delete", "restore", "pull")

steps = st.lists(st.tuples(st.sampled_from(_OPERATIONS), st.integers(0, 20), st.integers(0, 20)), max_size=25)


class Mirror:
    """What a store holds that keeps the newest row of each key."""

    def __init__(self, harness: SalesforceHarness) -> None:
        self._harness = harness
        self._connector = harness.connector()
        self._read_until: datetime | None = None
        self.rows: dict[str, dict[str, Mapping[str, Any]]] = {name: {} for name in _STREAMS}

    def pull(self) -> None:
        since = self._read_until and self._read_until - timedelta(seconds=600)
        window = Window(since, self._harness.now())
        for stream in self._connector.capabilities.streams:
            if stream.name in _STREAMS:
                _, table, key = _STREAMS[stream.name]
                for page in self._connector.pull(stream, window, None):
                    if table in page.tables:
                        self.rows[stream.name].update(
                            {row[key]: row for row in page.tables[table].to_pylist()}
                        )
        self._read_until = window.until


class People:
    """Random people at work in the org; what cannot be done is not done."""

    def __init__(self, harness: SalesforceHarness) -> None:
        self._harness = harness

    def act(self, operation: str, one: int, other: int) -> None:
        self._harness.pass_time(1 + other * 40)
        getattr(self, operation)(one, other)

    def create(self, one: int, other: int) -> None:
        values = {"LastName": f"Person {one}", "Company": f"Acme {other}", "Email": f"p{one}@acme.test"}
        self._harness.do("create", object="Lead", values=values)

    def edit(self, one: int, other: int) -> None:
        for name in ("Lead", "Contact"):
            for row in self._some(name, one):
                self._harness.do("edit", object=name, id=row["Id"], values={"Title": f"Title {other}"})

    def call(self, one: int, _: int) -> None:
        call = {"Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"}
        for name in ("Lead", "Contact"):
            for row in self._some(name, one):
                self._harness.do("create", object="Task", values={**call, "WhoId": row["Id"]})

    def merge(self, one: int, other: int) -> None:
        for name in ("Lead", "Contact"):
            pair = [*self._some(name, one), *self._some(name, other)]
            if len({row["Id"] for row in pair}) == 2:
                self._harness.do("merge", master=pair[0]["Id"], losers=[pair[1]["Id"]])

    def convert(self, one: int, _: int) -> None:
        for row in self._some("Lead", one):
            self._harness.do("convert", id=row["Id"])

    def delete(self, one: int, _: int) -> None:
        for row in self._some("Lead" if one % 2 else "Contact", one):
            self._harness.do("delete", id=row["Id"])

    def restore(self, one: int, _: int) -> None:
        binned = [row for name in ("Lead", "Contact") for row in self._all(name) if row.get("IsDeleted")]
        binned = [row for row in binned if not row.get("MasterRecordId")]
        if binned:
            self._harness.do("restore", id=binned[one % len(binned)]["Id"])

    def _all(self, name: str) -> list[dict[str, Any]]:
        return self._harness.stored(name)

    def _some(self, name: str, number: int) -> list[dict[str, Any]]:
        """One live record, or none."""
        live = [row for row in self._all(name) if not row.get("IsDeleted") and not row.get("IsConverted")]
        return [live[number % len(live)]] if live else []


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
def test_readings_add_up_to_the_org(script: list[tuple[str, int, int]]) -> None:
    harness = SalesforceHarness()
    try:
        mirror, people = Mirror(harness), People(harness)
        for operation, one, other in script:
            if operation == "pull":
                mirror.pull()
            else:
                people.act(operation, one, other)
        mirror.pull()
        assert people_as_read(mirror) == people_as_held(harness)
        assert calls_as_read(mirror) == calls_as_held(harness)
    finally:
        harness.close()


def people_as_read(mirror: Mirror) -> dict[str, tuple[Any, ...]]:
    return {
        key: (row["email"], row["title"], row["state"], row["successor"])
        for name in ("leads", "contacts")
        for key, row in mirror.rows[name].items()
    }


def people_as_held(harness: SalesforceHarness) -> dict[str, tuple[Any, ...]]:
    return {
        row["Id"]: (row.get("Email"), row.get("Title"), *fate(name, row))
        for name in ("Lead", "Contact")
        for row in harness.stored(name)
    }


def fate(name: str, row: Mapping[str, Any]) -> tuple[str, str | None]:
    if row.get("IsDeleted"):
        winner = row.get("MasterRecordId")
        return ("merged", f"salesforce:{name}:{winner}") if winner else ("deleted", None)
    if row.get("IsConverted"):
        return "converted", f"salesforce:Contact:{row['ConvertedContactId']}"
    return "live", None


def calls_as_read(mirror: Mirror) -> dict[str, str]:
    return {key: row["record_id"] for key, row in mirror.rows["tasks"].items() if not row["deleted"]}


def calls_as_held(harness: SalesforceHarness) -> dict[str, str]:
    return {
        f"task:{row['Id']}": row["WhoId"]
        for row in harness.stored("Task")
        if not row.get("IsDeleted") and row.get("WhoId")
    }


def test_the_script_can_do_everything() -> None:
    """Each operation changes something, so that the sequences above are not empty gestures."""
    harness = SalesforceHarness()
    people = People(harness)
    for operation in ("create", "create", "create", "edit", "call", "merge", "convert", "delete", "restore"):
        before = harness.app.dump()
        people.act(operation, 1, 0)
        assert harness.app.dump() != before, operation
    harness.close()
