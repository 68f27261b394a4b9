"""A warehouse and a state with a few scored people in them, and a vendor that answers as it is told."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from connectors.base import Capabilities, Page, Stream, Token, Window
from core.changes import (
    AskConsent,
    Change,
    CheckReport,
    CreateTask,
    Done,
    FieldSpec,
    FieldState,
    ListSpec,
    Outcome,
    Ref,
    SetFields,
    SetMembership,
)
from core.clock import FixedClock, naive_utc
from core.errors import ConnectorError
from sync import crash
from sync.apply import ApplyReport, Means, apply
from sync.confirmed import fold
from sync.fields import vendor_fields
from sync.planning import summary
from sync.planning.desired import ModelVersion
from sync.planning.lists import ListPlace
from sync.planning.plan import Inputs, Plan, make_plan
from sync.settings import FieldSetting, ListSetting, Settings, TaskSetting, Worth
from sync.store import leases
from sync.store.state import State
from tests.unit.sync.open_warehouse import OpenWarehouse

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
MODEL = ModelVersion("demand", "h1")
OBJECTS = {"salesforce": ("Lead", "Contact"), "hubspot": ("contacts",), "mailchimp": ("members",)}

SCORE = FieldSetting(name="score", value="score", kind="integer", label="Score")
STAGE = FieldSetting(name="stage", value="stage", kind="text", label="Stage")
REASONS = FieldSetting(
    name="reasons", value="reasons", kind="text", label="Why", worth=Worth.model_validate({"with": "score"})
)

Answer = Callable[[Change], Outcome]


_TWO_A_CALL = Capabilities(streams=(), fields_per_call=2, members_per_call=2)


@dataclass
class ScriptedVendor:
    """Answers every change with ``answer``; ``before`` may raise instead. Remembers what arrived.

    refusing: record ids that refuse e-mail by now; silent: what asking for that raises.
    """

    name: str
    answer: Answer = Done
    before: Callable[[Sequence[Change]], None] = lambda _changes: None
    batches: list[list[Change]] = field(default_factory=list)
    refusing: set[str] = field(default_factory=set)
    silent: ConnectorError | None = None
    asked: list[list[Ref]] = field(default_factory=list)
    capabilities: Capabilities = _TWO_A_CALL

    @property
    def received(self) -> list[Change]:
        return [change for batch in self.batches for change in batch]

    def check(self) -> CheckReport:
        return CheckReport(self.name)

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        del stream, window, resume
        return iter(())

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return [FieldState(spec, "present") for spec in specs]

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return self.field_states(specs)

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        del create
        return [spec.name for spec in specs]

    def list_scope(self, spec: ListSpec) -> str:
        del spec
        return ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        return -(-len(changes) // 2)

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        self.asked.append(list(refs))
        if self.silent is not None:
            raise self.silent
        return {ref: "unsubscribed" for ref in refs if ref.record_id in self.refusing}

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        self.before(changes)
        self.batches.append(list(changes))
        return [self.answer(change) for change in changes]

    def close(self) -> None:
        """Nothing is open."""


class House:
    """Everything a run needs, in one folder; time stands still until moved."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.warehouse, self.state = OpenWarehouse(), State(folder / "state.sqlite")
        self.clock = FixedClock(START)
        self.models = [MODEL]
        self.within = ""
        self.settings = Settings(models=(Path("m.yaml"),)).model_copy(
            update={"fields": (SCORE, STAGE, REASONS), **settings}
        )
        self.vendors = {name: ScriptedVendor(name) for name in OBJECTS}
        with self.warehouse.write("preparing") as con:
            con.execute(
                """create or replace table contact_scores_demand (contact_id varchar, email varchar,
                account_id varchar, score bigint, grade varchar, stage varchar, reasons varchar,
                escalate boolean, headline varchar, rule_demo bigint, rule_visit bigint)"""
            )
            con.execute(
                "create table account_scores_demand (account_id varchar, score bigint, people bigint)"
            )
            con.execute(
                "create table if not exists consents (contact_id varchar, channel varchar, status varchar)"
            )

    def person(
        self, contact_id: str, *keys: str, account: str | None = None, consent: str | None = "subscribed"
    ) -> None:
        """A contact with these records, ``vendor:Object:id``; consent for e-mail."""
        with self.warehouse.write("adding a person") as con:
            con.execute(
                "insert into contacts (contact_id, account_id, email, first_name) values (?, ?, ?, ?)",
                [contact_id, account, f"{contact_id}@example.com", contact_id.title()],
            )
            for key in keys:
                self._record(con, key, contact_id)
            if consent:
                con.execute(
                    "insert into consents (contact_id, channel, status) values (?, 'email', ?)",
                    [contact_id, consent],
                )

    def score(self, contact_id: str, score: int, stage: str = "lead", **columns: Any) -> None:
        """The model scores the person so; replaces an earlier score."""
        row = {
            "contact_id": contact_id,
            "score": score,
            "stage": stage,
            "reasons": f"+{score}",
            "escalate": False,
        }
        row |= columns
        with self.warehouse.write("scoring") as con:
            con.execute("delete from contact_scores_demand where contact_id = ?", [contact_id])
            names, marks = ", ".join(row), ", ".join("?" for _ in row)
            con.execute(f"insert into contact_scores_demand ({names}) values ({marks})", list(row.values()))

    def unscore(self, contact_id: str) -> None:
        with self.warehouse.write("scoring") as con:
            con.execute("delete from contact_scores_demand where contact_id = ?", [contact_id])

    def say(self, statement: str, *values: Any) -> None:
        """Change the warehouse directly."""
        with self.warehouse.write("a test") as con:
            con.execute(statement, list(values))

    def observe(self, key: str, name: str, value: str | None) -> None:
        """The vendor is seen to hold this now."""
        vendor, kind, record_id = key.split(":")
        with self.warehouse.write("observing") as con:
            folded = con.execute("select coalesce(max(through), 0) from folded").fetchone() or (0,)
            where = "vendor = ? and object = ? and record_id = ?"
            con.execute(f"delete from observed where {where} and field = ?", [vendor, kind, record_id, name])
            con.execute(
                """insert into observed (vendor, object, record_id, field, value, seen_at, folded_through)
                values (?, ?, ?, ?, ?, ?, ?)""",
                [vendor, kind, record_id, name, value, naive_utc(self.clock.now()), folded[0]],
            )
            con.execute(
                f"update person_records set seen_at = ? where {where}",
                [naive_utc(self.clock.now()), vendor, kind, record_id],
            )

    def inputs(self, *, fire: bool = False, unread: Sequence[str] = ()) -> Inputs:
        names = [model.name for model in self.models]
        fields = [
            own
            for vendor in self.vendors
            for own in vendor_fields(self.settings, vendor, _capabilities(vendor), names)
        ]
        places: dict[str, list[ListPlace]] = {}
        for setting in self.settings.lists:
            for vendor in setting.targets.keys() & self.vendors.keys():
                target = setting.targets[vendor]
                place = ListPlace(vendor, target.name, f"id:{target.name}", OBJECTS[vendor], self.within)
                places.setdefault(setting.name, []).append(place)
        tasks = {vendor: kinds[::-1] for vendor, kinds in OBJECTS.items() if vendor in self.vendors}
        return Inputs(self.settings, self.models, fields, places, tasks, self.clock.now(), fire, unread)

    def plan(self, *, fire: bool = False, unread: Sequence[str] = ()) -> Plan:
        fold(self.warehouse, self.state)
        with self.warehouse.read() as con:
            return make_plan(
                con,
                self.state,
                self.inputs(fire=fire, unread=unread),
                lambda vendor, c: self.vendors[vendor].price(c),
            )

    def verdicts(self) -> dict[tuple[str, str], str]:
        """(record, field label) → verdict, of the plan made now."""
        with self.warehouse.read() as con:
            make_plan(con, self.state, self.inputs(), lambda _vendor, _changes: 0)
            rows = con.execute("select record_id, label, verdict from verdicts").fetchall()
        return {(row[0], row[1]): row[2] for row in rows}

    def apply(self, plan: Plan) -> ApplyReport:
        lease = leases.acquire(self.state, "work", "a test", self.clock)
        try:
            run_id = self.state.begin_run("sync", self.clock.now())
            report = apply(plan, run_id, Means(self.vendors, self.state, lease, self.clock, {}))
        finally:
            lease.release()
        fold(self.warehouse, self.state)
        with self.warehouse.write("remembering") as con:
            summary.remember(con, [model.name for model in self.models])
        return report

    def sync(self, *, fire: bool = False) -> ApplyReport:
        """Plan and apply, then let a minute pass."""
        report = self.apply(self.plan(fire=fire))
        self.clock.advance(timedelta(minutes=1))
        return report

    def quiet(self) -> None:
        """Forget what arrived so far."""
        for vendor in self.vendors.values():
            vendor.batches.clear()

    def sent(self, vendor: str = "salesforce") -> Mapping[str, Mapping[str, Any]]:
        """Record id → values that reached the vendor."""
        return {
            change.ref.record_id: change.values
            for change in self.vendors[vendor].received
            if isinstance(change, SetFields)
        }

    def listed(self, vendor: str = "mailchimp") -> list[tuple[str, bool]]:
        """(record id, joined) of membership changes that reached the vendor."""
        return [
            (c.ref.record_id, c.member) for c in self.vendors[vendor].received if isinstance(c, SetMembership)
        ]

    def tasks(self) -> list[str]:
        """Subjects of the tasks that reached Salesforce."""
        return [c.subject for c in self.vendors["salesforce"].received if isinstance(c, CreateTask)]

    def _record(self, con: duckdb.DuckDBPyConnection, key: str, contact_id: str) -> None:
        vendor, kind, record_id = key.split(":")
        con.execute(
            """insert into person_records (vendor, object, record_id, email, state, seen_at)
            values (?, ?, ?, ?, 'live', ?)""",
            [vendor, kind, record_id, f"{contact_id}@example.com", naive_utc(self.clock.now())],
        )
        con.execute("insert into people values (?, ?, ?, ?, null)", [vendor, kind, record_id, contact_id])


def _capabilities(vendor: str) -> Capabilities:
    companies = ("Account",) if vendor == "salesforce" else ()
    return Capabilities(streams=(), person_objects=OBJECTS[vendor], company_objects=companies)


class Died(BaseException):
    """The process ends here."""


@contextmanager
def dying_at(point: str) -> Iterator[None]:
    """Die when a run passes the crash point."""

    def die(name: str) -> None:
        if name == point:
            raise Died

    crash.intercept(die)
    try:
        yield
    finally:
        crash.intercept(None)


def nurture(**keys: Any) -> ListSetting:
    """A list for e-mail in Mailchimp, from a score of 50, kept from 30."""
    given: dict[str, Any] = {
        "name": "Nurture", "when": "score >= 50", "stay": "score >= 30", "channel": "email",
        "targets": {"mailchimp": {"tag": "nurture"}},
    }  # fmt: skip
    return ListSetting.model_validate(given | keys)


def call_task(**keys: Any) -> TaskSetting:
    return TaskSetting.model_validate(
        {"on": "SQL", "vendor": "salesforce", "subject": "Call {first_name}: {score}"} | keys
    )
