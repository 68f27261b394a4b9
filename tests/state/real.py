"""The real plan, apply and fold over the same small world, with an in-memory connector and a short pull."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from connectors.base import Capabilities, Page, Stream, Token, Window
from core.changes import (
    AskConsent,
    Change,
    CheckReport,
    Done,
    FieldSpec,
    FieldState,
    Gone,
    ListSpec,
    Outcome,
    Ref,
    Rejected,
    SetFields,
    SetMembership,
    Withheld,
)
from core.clock import FixedClock, naive_utc
from core.errors import OutcomeUnknown, TransientError
from sync import apply as applying
from sync import crash
from sync.confirmed import fold
from sync.fields import VendorField
from sync.planning.desired import ModelVersion
from sync.planning.lists import ListPlace
from sync.planning.plan import Inputs, Plan, make_plan
from sync.settings import FieldSetting, ListSetting, Settings, Target
from sync.store import leases
from sync.store.failed import retry
from sync.store.state import State
from sync.warehouse import Warehouse
from tests.state.design import LAG, OVERLAP
from tests.state.world import FIELD, LIST, Down, Rules, Unanswered, World
from tests.unit.sync.open_warehouse import OpenWarehouse

BASE = datetime(2026, 3, 1, tzinfo=UTC)
VENDOR, OBJECT = "memory", "people"
SCORE = FieldSetting(name="score", value="score", kind="integer", label="Score")
MODEL = ModelVersion("demand", "h1")
NAMES = {"scoreline_score": FIELD, "list:nurture": LIST}


class Killed(BaseException):
    """The process dies here."""


class WorldConnector:
    """The world behind the connector protocol; one change a call, so that faults hit single changes."""

    name = VENDOR
    capabilities = Capabilities(streams=(), person_objects=(OBJECT,))

    def __init__(self, world: World) -> None:
        self.world = world

    def check(self) -> CheckReport:
        return CheckReport(VENDOR)

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        del stream, window, resume
        return iter(())

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return [FieldState(spec, "present") for spec in specs]

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return self.field_states(specs)

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        del create
        return [f"id-{spec.name}" for spec in specs]

    def list_scope(self, spec: ListSpec) -> str:
        del spec
        return ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        return len(changes)

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        del refs
        return {}

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        return [self._one(change) for change in changes]

    def close(self) -> None:
        """Nothing is open."""

    def _one(self, change: Change) -> Outcome:
        if isinstance(change, SetFields):
            value = change.values["scoreline_score"]
            key, text = (change.ref.record_id, FIELD), None if value is None else str(value)
        else:
            assert isinstance(change, SetMembership)
            key, text = (change.ref.record_id, LIST), "member" if change.member else None
        try:
            outcome = self.world.write(key, text)
        except Unanswered as error:
            raise OutcomeUnknown("no answer", vendor=VENDOR) from error
        except Down as error:
            raise TransientError("503", vendor=VENDOR) from error
        kinds: Mapping[str, Outcome] = {
            "done": Done(change),
            "gone": Gone(change, "deleted"),
            "withheld": Withheld(change, "unsubscribed"),
            "rejected": Rejected(change, "RULE", "a rule blocked the save", "fix the rule"),
        }
        return kinds[outcome]


class RealLoop:
    """Drives the product's own code; a crash raises at a named point and loses everything in memory."""

    def __init__(self, folder: Path, on_edit: Any, rules: Rules, warehouse: Warehouse | None = None) -> None:
        self.folder, self.on_edit = folder, on_edit
        self.warehouse, self.state = warehouse or OpenWarehouse(), State(folder / "state.sqlite")
        self.watermark: int | None = None
        self.settings = Settings.model_validate({"models": ["m.yaml"], "on_edit": on_edit}).model_copy(
            update={
                "fields": (SCORE,),
                "lists": (
                    ListSetting(
                        name="Nurture", when=f"score >= {rules.enter}", stay=f"score >= {rules.stay}",
                        channel="ads", targets={VENDOR: Target(list="nurture")},
                    ),
                ),
            }
        )  # fmt: skip
        with self.warehouse.write("preparing") as con:
            con.execute(
                "create table if not exists contact_scores_demand (contact_id text, score int, stage text)"
            )
            con.execute(
                "create table if not exists consents (contact_id varchar, channel varchar, status varchar)"
            )
            con.execute(
                "create table if not exists owners (record_id varchar, person varchar, consent varchar)"
            )

    def sync(self, world: World, rules: Rules, *, audit: bool = False, die_after: int | None = None) -> None:
        passed = 0

        def hook(_name: str) -> None:
            nonlocal passed
            if die_after is not None and passed == die_after:
                raise Killed
            passed += 1

        crash.intercept(hook)
        try:
            self.run(world, rules, audit=audit)
        except Killed:
            self.state.close()
            self.state = State(self.folder / "state.sqlite")
        finally:
            crash.intercept(None)

    def close(self) -> None:
        self.state.close()

    def retry(self) -> None:
        retry(self.state, None)

    def edited(self, record_id: str, name: str) -> bool:
        with self.warehouse.read() as con:
            plan = self.plan(con, 0)
        return any(
            edit.ref.record_id == record_id and NAMES[edit.field] == name and not edit.overwritten
            for edit in plan.edits
        )

    def plan(self, con: duckdb.DuckDBPyConnection, now: int) -> Plan:
        field = VendorField(VENDOR, OBJECT, "scoreline_score", "person", "demand", SCORE)
        place = ListPlace(VENDOR, "nurture", "id-nurture", (OBJECT,))
        inputs = Inputs(
            self.settings, (MODEL,), (field,), {"Nurture": (place,)}, {}, BASE + timedelta(seconds=now)
        )
        return make_plan(con, self.state, inputs, lambda _vendor, changes: len(changes))

    def run(self, world: World, rules: Rules, *, audit: bool) -> None:
        """Pull, fold, plan, apply, fold."""
        clock = FixedClock(BASE + timedelta(seconds=world.now))
        lease = leases.acquire(self.state, "write", "sync", clock, timedelta(0))
        self._pull(world, rules, audit=audit)
        fold(self.warehouse, self.state)
        with self.warehouse.read() as con:
            plan = self.plan(con, world.now)
        crash.point("plan.made")
        means = applying.Means({VENDOR: WorldConnector(world)}, self.state, lease, clock, {})
        applying.apply(plan, self.state.begin_run("sync", clock.now()), means)
        fold(self.warehouse, self.state)

    def _pull(self, world: World, rules: Rules, *, audit: bool) -> None:
        since = 0 if audit or self.watermark is None else self.watermark - OVERLAP
        until = world.now if audit else world.now - LAG
        seen_at = naive_utc(BASE + timedelta(seconds=world.now))
        with self.warehouse.write("pulling") as con:
            found = con.execute("select coalesce(max(through), 0) from folded").fetchone()
            for record_id, record in world.records.items():
                if since <= record.modified_at <= until:
                    for table in ("person_records", "observed", "people", "owners"):
                        con.execute(f"delete from {table} where record_id = ?", [record_id])
                    key = [VENDOR, OBJECT, record_id]
                    con.execute(
                        """insert into person_records (vendor, object, record_id, state, seen_at)
                        values (?, ?, ?, ?, ?)""",
                        [*key, record.state, seen_at],
                    )
                    con.execute("insert into people values (?, ?, ?, ?, null)", [*key, record.person])
                    con.execute(
                        "insert into owners values (?, ?, ?)", [record_id, record.person, record.consent]
                    )
                    for name, kind in NAMES.items():
                        con.execute(
                            """insert into observed
                            (vendor, object, record_id, field, value, seen_at, folded_through)
                            values (?, ?, ?, ?, ?, ?, ?)""",
                            [*key, name, record.value(kind), seen_at, found[0] if found else 0],
                        )
            self._score(con, rules)
        self.watermark = until

    def _score(self, con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
        for table in ("contacts", "consents", "contact_scores_demand"):
            con.execute(f"delete from {table}")
        con.execute("insert into contacts (contact_id) select distinct person from owners")
        con.execute(
            """insert into consents (contact_id, channel, status) select person, 'ads',
            case when bool_and(consent = 'subscribed') then 'subscribed' else 'unsubscribed' end
            from owners group by person"""
        )
        for person, score in rules.scores.items():
            con.execute("insert into contact_scores_demand values (?, ?, 'lead')", [person, score])
