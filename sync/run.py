"""One run: in the store, under the lease, and the parts that jobs are made of."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import ibis

from connectors.base import Connector
from connectors.registry import capabilities
from core.errors import QuotaExhausted, ScorelineError
from scoring.files import blank
from sync.apply import ApplyReport, Means, apply, guard
from sync.confirmed import fold
from sync.people import identity, resolve
from sync.people.resolve import Resolved
from sync.planning import summary
from sync.planning.inputs import gather, planned, price_of
from sync.planning.plan import Inputs, Plan, make_plan
from sync.printing import counted
from sync.pull import PullReport, pull
from sync.reporting import Stoppable, push_summary
from sync.rescoring import rescore as scoring_run
from sync.rescoring.rescore import ScoreReport
from sync.settings import Settings
from sync.snapshots import snapshot
from sync.snapshots.foretelling import Foretelling
from sync.store.failed import still_failed
from sync.store.leases import Lease, acquire
from sync.wiring import Runtime

_LEASE = "work"
_HEARTBEAT_S = 60


@dataclass(slots=True)
class RunReport:
    """What a run did, part by part; a part that was not asked for is None.

    waiting: refused changes, of this run and before. stopped: by what, where it did not come to its end.
    """

    kind: str
    run_id: int = 0
    started_at: datetime | None = None
    ended_at: datetime | None = None
    pulled: PullReport | None = None
    resolved: Resolved | None = None
    scored: ScoreReport | None = None
    plan: Plan | None = None
    applied: ApplyReport | None = None
    waiting: int = 0
    stopped: str = ""
    calls: Mapping[str, int] = field(default_factory=dict)

    @property
    def unread(self) -> list[ScorelineError]:
        """Why streams could not be read."""
        return [failure.error for failure in self.pulled.failures] if self.pulled else []

    @property
    def exit_code(self) -> int:
        """0 done, 3 done but for refused changes, 75 an allowance is spent, 1 a vendor or stream failed."""
        failures = self.unread
        parts = list(self.applied.vendors.values()) if self.applied else []
        failures += [one.error for one in self.plan.left_out] if self.plan else []
        failures += [part.failure for part in parts if part.failure]
        if any(not isinstance(error, QuotaExhausted) for error in failures) or any(p.unknown for p in parts):
            return 1
        if failures or any(part.parked for part in parts):
            return QuotaExhausted.exit_code
        return 3 if self.waiting or (self.applied and self.applied.rejected) else 0

    def plan_exit_code(self, *, changing: int) -> int:
        """Of a plan alone: 1 a stream was not read, ``changing`` something would change, 75 an allowance is
        spent, 0.
        """
        if any(not isinstance(error, QuotaExhausted) for error in self.unread):
            return 1
        if changing and self.plan and self.plan.changes:
            return changing
        lacking = [one.error for one in self.plan.left_out] if self.plan else []
        spent = any(isinstance(error, QuotaExhausted) for error in (*self.unread, *lacking))
        return QuotaExhausted.exit_code if spent else 0

    def __str__(self) -> str:
        parts = []
        if self.pulled:
            totals = self.pulled.totals()
            parts.append(f"{totals.changed:,} changed, {len(self.pulled.failures)} streams failed")
        if self.applied:
            parts.append(f"{self.applied.written:,} written, {len(self.applied.rejected)} rejected")
        elif self.plan:
            parts.append(f"{counted(len(self.plan.changes), 'changes')} planned")
        parts += [self.stopped] if self.stopped else []
        return f"run {self.run_id}: {'; '.join(parts) or 'nothing to do'}"


#: What to send of what was planned; the connection still has the plan's tables.
Choice = Callable[[duckdb.DuckDBPyConnection, Plan, Inputs], Plan]


def as_planned(_con: duckdb.DuckDBPyConnection, plan: Plan, _inputs: Inputs) -> Plan:
    return plan


@dataclass(frozen=True)
class Run:
    """A run under way. connectors: of the vendors it works with."""

    runtime: Runtime
    report: RunReport
    lease: Lease
    connectors: Mapping[str, Connector]

    def pull(self) -> None:
        """Read what is new in the vendors."""
        runtime = self.runtime
        progress = Stoppable(runtime.progress, runtime.stop)
        vendors = runtime.settings.connections.vendors()
        self.report.pulled = pull(
            self.connectors.values(), runtime.warehouse, runtime.stage_dir, runtime.clock, progress,
            {name: connection.reading() for name, connection in vendors.items()},
        )  # fmt: skip

    def resolve(self) -> None:
        """Records to people and companies."""
        with self.runtime.warehouse.write("resolving people") as con:
            self.resolve_on(con)

    def resolve_on(self, con: duckdb.DuckDBPyConnection) -> None:
        """The same inside the caller's transaction."""
        identity.resolve(con, self.runtime.clock.now())
        self.report.resolved = resolve.build(con, self.runtime.settings)
        settle_empty(self.runtime, con)

    def score(self) -> None:
        """Everybody by every model, as of now."""
        runtime = self.runtime
        scored = scoring_run.rescore(runtime.warehouse, runtime.models, runtime.settings, runtime.clock.now())
        self.report.scored = scored
        people = sum(model.contacts for model in scored.models)
        runtime.progress.finish("score", ", ".join(m.model for m in scored.models), counted(people, "people"))

    def score_on(self, con: duckdb.DuckDBPyConnection) -> None:
        """The same inside the caller's transaction, without a word."""
        runtime = self.runtime
        for model in runtime.models:
            scoring_run.score(
                con, model, runtime.clock.now(), runtime.settings.time_zone, runtime.settings.state_dir
            )

    def deliver(self, *, fire: bool = False, approve: bool = False, choose: Choice = as_planned) -> None:
        """Plan, send, remember and publish. Raises ApprovalNeeded where the guard says so."""
        runtime, report = self.runtime, self.report
        fold(runtime.warehouse, runtime.state)
        reachable = self._reachable()
        inputs, list_ids = gather(runtime, reachable, report.pulled, create_lists=True, fire=fire)
        with runtime.warehouse.read() as con:
            made, inputs = planned(con, runtime, reachable, inputs)
            plan = choose(con, made, inputs)
        for one in plan.left_out:
            runtime.progress.finish(one.what, one.vendor, one.error.message)
        report.plan = plan
        if not approve:
            guard(plan, runtime.settings.guard, runtime.state)
        self.send(plan, list_ids)
        report.waiting = len(still_failed(runtime.state))
        if report.kind != "revert":
            with runtime.warehouse.write("remembering what was applied") as con:
                summary.remember(con, [model.name for model in runtime.models])
        with runtime.warehouse.read() as con:
            make_plan(con, runtime.state, inputs, price_of(self.connectors))
            foretelling = Foretelling(runtime.models, runtime.settings, inputs.places)
            snapshot.publish(con, runtime.settings.state_dir, runtime.clock.now(), foretelling)

    def send(self, plan: Plan, list_ids: Mapping[tuple[str, str], str]) -> None:
        """Apply a plan, and fold what vendors acknowledged. list_ids: by (vendor, list name there)."""
        runtime = self.runtime
        means = Means(
            self.connectors,
            runtime.state,
            self.lease,
            runtime.clock,
            list_ids,
            progress=lambda vendor, done, total: runtime.progress.update("push", vendor, done, total),
            stopping=runtime.stop.is_set,
        )
        self.report.plan = plan
        self.report.applied = apply(plan, self.report.run_id, means)
        for vendor, applied in self.report.applied.vendors.items():
            runtime.progress.finish("push", vendor, push_summary(applied))
        fold(runtime.warehouse, runtime.state)

    def publish(self, *, anew: bool = False) -> None:
        """The snapshot, of what is scored; anew: as in ``snapshot.publish``."""
        runtime = self.runtime
        with runtime.warehouse.read() as con:
            foretelling = Foretelling(runtime.models, runtime.settings)
            snapshot.publish(con, runtime.settings.state_dir, runtime.clock.now(), foretelling, anew=anew)

    def _reachable(self) -> dict[str, Connector]:
        """Vendors that answered this run: one whose reading stopped is not written to either."""
        pulled = self.report.pulled
        stopped = {failure.vendor for failure in pulled.failures if failure.skipped} if pulled else set()
        return {name: connector for name, connector in self.connectors.items() if name not in stopped}


@contextmanager
def running(runtime: Runtime, kind: str, only: tuple[str, ...] | None = ()) -> Iterator[Run]:
    """A run in the store, under the lease, which is renewed while the work goes on.

    only: vendors to work with, all where empty, none where None. Raises LeaseHeld where another process is at
    work.
    """
    lease = acquire(runtime.state, _LEASE, kind, runtime.clock)
    report = RunReport(kind, started_at=runtime.clock.now())
    over = threading.Event()
    heart = threading.Thread(target=_beat, args=(runtime, lease, over), daemon=True)
    heart.start()
    before = {one.vendor: one.calls for one in runtime.meter.today()}
    report.run_id = runtime.state.begin_run(kind, runtime.clock.now())
    status = "failed"
    try:
        with ExitStack() as opened:
            connectors = {} if only is None else opened.enter_context(runtime.connectors(only))
            yield Run(runtime, report, lease, connectors)
        status = "done"
    except ScorelineError as error:
        report.stopped = error.message
        raise
    finally:
        over.set()
        heart.join()
        report.calls = {one.vendor: one.calls - before.get(one.vendor, 0) for one in runtime.meter.today()}
        report.ended_at = runtime.clock.now()
        runtime.state.end_run(
            report.run_id, report.ended_at, status, {"calls": dict(report.calls), "said": str(report)}
        )
        lease.release()


def _beat(runtime: Runtime, lease: Lease, over: threading.Event) -> None:
    while not over.wait(_HEARTBEAT_S):
        try:
            with runtime.state.write() as con:
                lease.renew(con)
        except ScorelineError:
            return  # the next claim finds out and stops the run


def settle_empty(runtime: Runtime, con: duckdb.DuckDBPyConnection) -> None:
    """A model may have been edited since the columns that nobody has a value in got their types."""
    blank.settle(ibis.duckdb.from_connection(con), runtime.models, _attributes(runtime.settings))


def _attributes(settings: Settings) -> dict[str, list[str]]:
    """Columns of contacts and accounts that the configuration asks for, though nobody may have a value."""
    found: dict[str, list[str]] = {"contacts": [], "accounts": []}
    for vendor, connection in settings.connections.vendors().items():
        able = capabilities(vendor)
        for table, objects in (("contacts", able.person_objects), ("accounts", able.company_objects)):
            for name in objects:
                found[table] += connection.attributes.get(name, ())
    return found
