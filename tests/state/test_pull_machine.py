"""Whatever happens while reading: what is stored is what the vendor has, read no further than proved."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connectors.base import Stream
from core.clock import FixedClock, naive_utc
from core.errors import TransientError
from sync.progress import Silent
from sync.pull import pull
from sync.warehouse import Warehouse
from tests.unit.sync.memory import MemoryConnector

START = datetime(2026, 3, 1, tzinfo=UTC)
PEOPLE = Stream("people", ("person_records",), overlap_s=60, lag_s=30)
ROSTER = Stream("roster", ("company_records",), sweep=True)

numbers = st.integers(0, 7).map(str)


class Killed(Exception):
    """The process dies here."""


class Dying(Silent):
    """Progress during which the process dies, after so many pages."""

    def __init__(self, pages: int | None) -> None:
        self.left = pages

    def update(self, verb: str, what: str, done: int, total: int | None = None, note: str = "") -> None:
        if self.left is not None:
            if self.left == 0:
                raise Killed(f"{verb} {what} {done} {total} {note}")
            self.left -= 1


class Pulling(RuleBasedStateMachine):
    """A vendor whose people change and whose companies come and go, read by a process that may die."""

    def __init__(self) -> None:
        super().__init__()
        folder = Path(mkdtemp(prefix="pulling-"))
        self.folder, self.clock = folder, FixedClock(START)
        self.warehouse = Warehouse(folder / "data.duckdb")
        self.acme = MemoryConnector("acme", (PEOPLE, ROSTER), page_size=1)
        self.people: dict[str, dict[str, Any]] = {}
        self.companies: dict[str, str] = {}

    @rule(number=numbers, title=st.sampled_from("abc"))
    def edit_person(self, number: str, title: str) -> None:
        self.clock.advance(timedelta(seconds=1))
        self.people[number] = {"title": title, "state": "live", "modified_at": naive_utc(self.clock.now())}

    @precondition(lambda self: self.people)
    @rule(data=st.data())
    def delete_person(self, data: st.DataObject) -> None:
        self.clock.advance(timedelta(seconds=1))
        number = data.draw(st.sampled_from(sorted(self.people)))
        self.people[number] |= {"state": "deleted", "modified_at": naive_utc(self.clock.now())}

    @rule(number=numbers, name=st.sampled_from("xy"))
    def put_company(self, number: str, name: str) -> None:
        self.companies[number] = name

    @precondition(lambda self: self.companies)
    @rule(data=st.data())
    def remove_company(self, data: st.DataObject) -> None:
        del self.companies[data.draw(st.sampled_from(sorted(self.companies)))]

    @rule(seconds=st.integers(0, 300))
    def wait(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @rule(pages=st.integers(0, 5))
    def vendor_fails(self, pages: int) -> None:
        self.acme.fail_after, self.acme.failure = pages, TransientError("line cut", vendor="acme")
        self._pull()
        self.acme.heal()

    @rule(pages=st.integers(0, 5))
    def process_dies(self, pages: int) -> None:
        try:
            self._pull(pages)
        except Killed:
            self.warehouse = Warehouse(self.folder / "data.duckdb")

    @rule()
    def pull_to_the_end(self) -> None:
        self._pull()
        assert self._stored("person_records", "title") == {
            number: (row["state"], row["title"]) for number, row in self.people.items()
        }
        companies = self._stored("company_records", "name")
        assert {key: name for key, (state, name) in companies.items() if state == "live"} == self.companies
        again = self._pull()
        assert (again.totals().changed, again.totals().removed) == (0, 0)

    @invariant()
    def watermark_proves_no_more_than_is_stored(self) -> None:
        with self.warehouse.read() as con:
            proved = con.execute("select until from watermarks where stream = 'people'").fetchone()
        if proved:
            stored = self._stored("person_records", "title")
            for number, row in self.people.items():
                assert row["modified_at"] > proved[0] or number in stored

    def _pull(self, dies_after: int | None = None) -> Any:
        key = {"vendor": "acme", "object": "x"}
        self.acme.rows["people"] = [
            ("person_records", {**key, "record_id": number, **row}) for number, row in self.people.items()
        ]
        self.acme.rows["roster"] = [
            ("company_records", {**key, "record_id": number, "name": name, "state": "live"})
            for number, name in self.companies.items()
        ]
        return pull([self.acme], self.warehouse, self.folder / "stage", self.clock, Dying(dies_after))

    def _stored(self, table: str, column: str) -> dict[str, tuple[str, str]]:
        with self.warehouse.read() as con:
            rows = con.table(table).project(f"record_id, state, {column}").fetchall()
        assert len({row[0] for row in rows}) == len(rows)
        return {number: (state, value) for number, state, value in rows}


TestPulling = Pulling.TestCase
TestPulling.settings = settings(max_examples=4, stateful_step_count=8, deadline=None, print_blob=True)
