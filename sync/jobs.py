"""What the command line and the daemon do: plain functions, Runtime → report."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

import duckdb
import ibis

from connectors.base import Connector
from connectors.registry import capabilities
from core.changes import FieldState
from core.errors import ApprovalNeeded, PlanRefused, QuotaExhausted, ScorelineError
from scoring import blank
from scoring.spec import Model
from sync import crash, erasing, identity, resolve, snapshot, summary
from sync import rescore as scoring_run
from sync.apply import ApplyReport, Means, apply, guard
from sync.confirmed import fold
from sync.erasing import Person
from sync.failed import still_failed
from sync.foretelling import Foretelling
from sync.inputs import gather, planned, price_of
from sync.leases import Lease, acquire
from sync.plan import Inputs, Plan, make_plan, prices
from sync.planfile import check_against
from sync.pull import PullReport, pull
from sync.reporting import Stoppable, push_summary
from sync.rescore import ScoreReport
from sync.resolve import Resolved
from sync.revert import make_revert
from sync.settings import Settings
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
    def exit_code(self) -> int:
        """0 done, 3 done but for refused changes, 75 an allowance is spent, 1 a vendor or stream failed."""
        failures = [failure.error for failure in self.pulled.failures] if self.pulled else []
        parts = list(self.applied.vendors.values()) if self.applied else []
        failures += [one.error for one in self.plan.left_out] if self.plan else []
        failures += [part.failure for part in parts if part.failure]
        if any(not isinstance(error, QuotaExhausted) for error in failures) or any(p.unknown for p in parts):
            return 1
        if failures or any(part.parked for part in parts):
            return QuotaExhausted.exit_code
        return 3 if self.waiting or (self.applied and self.applied.rejected) else 0

    def __str__(self) -> str:
        parts = []
        if self.pulled:
            totals = self.pulled.totals()
            parts.append(f"{totals.changed:,} changed, {len(self.pulled.failures)} streams failed")
        if self.applied:
            parts.append(f"{self.applied.written:,} written, {len(self.applied.rejected)} rejected")
        elif self.plan:
            parts.append(f"{len(self.plan.changes):,} changes planned")
        parts += [self.stopped] if self.stopped else []
        return f"run {self.run_id}: {'; '.join(parts) or 'nothing to do'}"


#: What to send of what was planned; the connection still has the plan's tables.
Choice = Callable[[duckdb.DuckDBPyConnection, Plan, Inputs], Plan]


def _as_planned(_con: duckdb.DuckDBPyConnection, plan: Plan, _inputs: Inputs) -> Plan:
    return plan


def _exactly(saved: Plan) -> Choice:
    """A plan that was kept, where it still fits what vendors hold and the models say."""

    def choose(_con: duckdb.DuckDBPyConnection, plan: Plan, _inputs: Inputs) -> Plan:
        check_against(saved, plan)
        return replace(saved, left_out=plan.left_out, beside=plan.beside)

    return choose


def sync(
    runtime: Runtime,
    *,
    only: tuple[str, ...] = (),
    pulls: bool = True,
    fire: bool = False,
    approve: bool = False,
    saved: Plan | None = None,
) -> RunReport:
    """Pull, resolve, score, plan, apply, fold, publish; a vendor that is down leaves the others done.

    saved: send exactly this plan, or raise PlanRefused. Raises ApprovalNeeded where the guard says so,
    LeaseHeld where another process is at work.
    """
    with _running(runtime, "sync") as (report, lease), runtime.connectors(only) as connectors:
        if pulls:
            _pull(runtime, connectors, report)
            _resolve(runtime, report)
        else:
            with runtime.warehouse.write("looking at empty columns") as con:
                _settle_empty(runtime, con)
        with _stages_if_agreed(runtime):
            _rescore(runtime, report)
            if not runtime.stop.is_set():
                choose = _as_planned if saved is None else _exactly(saved)
                _deliver(runtime, connectors, lease, report, fire=fire, approve=approve, choose=choose)
        if approve:
            runtime.state.lift_holds(runtime.clock.now())
    return report


@contextmanager
def _stages_if_agreed(runtime: Runtime) -> Iterator[None]:
    """A run that is refused leaves no stage in anybody's history: it would hold people there by ``stay``."""
    with runtime.warehouse.write("keeping stage history") as con:
        con.execute("create or replace table stages_before as from stage_history")
    try:
        yield
    except (ApprovalNeeded, PlanRefused):
        with runtime.warehouse.write("taking stages back") as con:
            con.execute("delete from stage_history")
            con.execute("insert into stage_history from stages_before")
        raise


def revert(runtime: Runtime, run_id: int) -> RunReport:
    """Undo a run, as one more plan; the models it used then wait for a change or ``--approve``."""
    with _running(runtime, "revert") as (report, lease), runtime.connectors() as connectors:

        def choose(con: duckdb.DuckDBPyConnection, plan: Plan, inputs: Inputs) -> Plan:
            undo = make_revert(con, runtime.state, run_id, plan, inputs)
            return replace(undo, prices=prices(undo.changes, undo.beside, price_of(connectors)))

        _deliver(runtime, connectors, lease, report, approve=True, choose=choose)
        models = {model.name: model.hash for model in runtime.models}
        runtime.state.hold("reverted", {"run": run_id, "models": models}, runtime.clock.now())
    return report


def erasable(runtime: Runtime, who: str) -> Person:
    """Whom ``erase`` would delete, and what. Raises ConfigError unless one person answers to ``who``."""
    with runtime.warehouse.read() as con:
        return erasing.find(con, who)


def erase(runtime: Runtime, who: str, *, here: bool = False) -> tuple[Person, RunReport]:
    """Empty a person's fields and lists in the vendors, then delete them here, and never read them again.

    here: leave the vendors as they are. Where a vendor does not take something nothing is deleted: the report
    says what, and erasing again goes on. Raises as ``erasable``.
    """
    person = erasable(runtime, who)
    with _running(runtime, "erase") as (report, lease), runtime.connectors() as connectors:
        fold(runtime.warehouse, runtime.state)
        if not here:
            inputs, list_ids = gather(runtime, connectors, None, create_lists=False, fire=False)
            with runtime.warehouse.read() as con:
                report.plan = erasing.withdrawal(con, person, inputs, price_of(connectors))
            _send(runtime, connectors, lease, report, report.plan, list_ids)
            fold(runtime.warehouse, runtime.state)
        if report.exit_code:
            return person, report
        crash.point("erase.after_vendors")
        erasing.forget_operational(runtime.state, person)
        crash.point("erase.after_operational")
        with runtime.warehouse.write("erasing somebody") as con:
            erasing.seal(con, person, runtime.clock.now())
            _resolve_on(con, runtime, report)
            for model in runtime.models:
                _score_on(con, runtime, model)
            erasing.forget(con, person)
        crash.point("erase.before_publish")
        _publish(runtime, anew=True)
    return person, report


def refresh(runtime: Runtime) -> RunReport:
    """Pull, and rescore when something changed."""
    with _running(runtime, "pull") as (report, _), runtime.connectors() as connectors:
        _pull(runtime, connectors, report)
        assert report.pulled is not None
        counts = report.pulled.totals()
        if counts.changed or counts.removed:
            _resolve(runtime, report)
            _rescore(runtime, report)
            _publish(runtime)
    return report


def rescore(runtime: Runtime) -> RunReport:
    """Score what is stored, as of now: ages move at midnight."""
    with _running(runtime, "rescore") as (report, _):
        _resolve(runtime, report)
        _rescore(runtime, report)
        _publish(runtime)
    return report


def _publish(runtime: Runtime, *, anew: bool = False) -> None:
    with runtime.warehouse.read() as con:
        foretelling = Foretelling(runtime.models, runtime.settings)
        snapshot.publish(con, runtime.settings.state_dir, runtime.clock.now(), foretelling, anew=anew)


def deliver(runtime: Runtime) -> RunReport:
    """Plan and apply what is scored."""
    with _running(runtime, "apply") as (report, lease), runtime.connectors() as connectors:
        _deliver(runtime, connectors, lease, report)
    return report


def preview(runtime: Runtime, *, only: tuple[str, ...] = (), pulls: bool = False, fire: bool = False) -> Plan:
    """What a sync would send, by the models as they are on disk now. Writes to no vendor, keeps no score.

    pulls: read the vendors first; done anyway when nothing was ever read.
    """
    with _running(runtime, "plan") as (report, _), runtime.connectors(only) as connectors:
        if pulls or not _has_people(runtime):
            _pull(runtime, connectors, report)
            _resolve(runtime, report)
        fold(runtime.warehouse, runtime.state)
        inputs, _ = gather(runtime, connectors, report.pulled, create_lists=False, fire=fire)
        with runtime.warehouse.trial("previewing a plan") as con:
            _settle_empty(runtime, con)
            for model in runtime.models:
                _score_on(con, runtime, model)
            plan, _ = planned(con, runtime, connectors, inputs)
        try:
            guard(plan, runtime.settings.guard, runtime.state)
        except ApprovalNeeded as needed:
            plan = replace(plan, waits=needed.message)
        report.plan = plan
        return plan


def fields(runtime: Runtime, *, only: tuple[str, ...] = (), create: bool) -> dict[str, Sequence[FieldState]]:
    """Our fields in every vendor as they are, or after creating what is missing."""
    with runtime.connectors(only) as connectors:
        states = {}
        for name, connector in connectors.items():
            specs = [own.spec for own in runtime.fields(name)]
            if specs:
                states[name] = connector.create_fields(specs) if create else connector.field_states(specs)
        return states


def audit(runtime: Runtime) -> RunReport:
    """Read everything again from the beginning, so that what incremental reads missed is found."""
    with _running(runtime, "audit") as (report, lease), runtime.connectors() as connectors:
        with runtime.warehouse.write("forgetting how far streams were read") as con:
            con.execute("delete from watermarks")
        _pull(runtime, connectors, report)
        _resolve(runtime, report)
        _rescore(runtime, report)
        _deliver(runtime, connectors, lease, report)
    return report


@contextmanager
def _running(runtime: Runtime, kind: str) -> Iterator[tuple[RunReport, Lease]]:
    """A run in the store, under the lease, which is renewed while the work goes on."""
    lease = acquire(runtime.state, _LEASE, kind, runtime.clock)
    report = RunReport(kind, started_at=runtime.clock.now())
    over = threading.Event()
    heart = threading.Thread(target=_beat, args=(runtime, lease, over), daemon=True)
    heart.start()
    before = {one.vendor: one.calls for one in runtime.meter.today()}
    report.run_id = runtime.state.begin_run(kind, runtime.clock.now())
    status = "failed"
    try:
        yield report, lease
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


def _has_people(runtime: Runtime) -> bool:
    with runtime.warehouse.read() as con:
        found = con.execute("select count(*) from person_records").fetchone()
    return bool(found and found[0])


def _pull(runtime: Runtime, connectors: Mapping[str, Connector], report: RunReport) -> None:
    progress = Stoppable(runtime.progress, runtime.stop)
    report.pulled = pull(connectors.values(), runtime.warehouse, runtime.stage_dir, runtime.clock, progress)


def _resolve(runtime: Runtime, report: RunReport) -> None:
    with runtime.warehouse.write("resolving people") as con:
        _resolve_on(con, runtime, report)


def _resolve_on(con: duckdb.DuckDBPyConnection, runtime: Runtime, report: RunReport) -> None:
    identity.resolve(con, runtime.clock.now())
    report.resolved = resolve.build(con, runtime.settings)
    _settle_empty(runtime, con)


def _settle_empty(runtime: Runtime, con: duckdb.DuckDBPyConnection) -> None:
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


def _rescore(runtime: Runtime, report: RunReport) -> None:
    report.scored = scoring_run.rescore(
        runtime.warehouse, runtime.models, runtime.settings, runtime.clock.now()
    )
    people = sum(model.contacts for model in report.scored.models)
    runtime.progress.finish("score", ", ".join(m.model for m in report.scored.models), f"{people:,} people")


def _score_on(con: duckdb.DuckDBPyConnection, runtime: Runtime, model: Model) -> None:
    settings = runtime.settings
    scoring_run.score(con, model, runtime.clock.now(), settings.time_zone, settings.state_dir)


def _deliver(
    runtime: Runtime,
    connectors: Mapping[str, Connector],
    lease: Lease,
    report: RunReport,
    *,
    fire: bool = False,
    approve: bool = False,
    choose: Choice = _as_planned,
) -> None:
    fold(runtime.warehouse, runtime.state)
    reachable = _reachable(connectors, report)
    inputs, list_ids = gather(runtime, reachable, report.pulled, create_lists=True, fire=fire)
    with runtime.warehouse.read() as con:
        made, inputs = planned(con, runtime, reachable, inputs)
        plan = choose(con, made, inputs)
    report.plan = plan
    for one in plan.left_out:
        runtime.progress.finish(one.what, one.vendor, one.error.message)
    if not approve:
        guard(plan, runtime.settings.guard, runtime.state)
    _send(runtime, connectors, lease, report, plan, list_ids)
    report.waiting = len(still_failed(runtime.state))
    fold(runtime.warehouse, runtime.state)
    if report.kind != "revert":
        with runtime.warehouse.write("remembering what was applied") as con:
            summary.remember(con, [model.name for model in runtime.models])
    with runtime.warehouse.read() as con:
        make_plan(con, runtime.state, inputs, price_of(connectors))
        foretelling = Foretelling(runtime.models, runtime.settings, inputs.places)
        snapshot.publish(con, runtime.settings.state_dir, runtime.clock.now(), foretelling)


def _send(
    runtime: Runtime,
    connectors: Mapping[str, Connector],
    lease: Lease,
    report: RunReport,
    plan: Plan,
    list_ids: Mapping[tuple[str, str], str],
) -> None:
    means = Means(
        connectors,
        runtime.state,
        lease,
        runtime.clock,
        list_ids,
        progress=lambda vendor, done, total: runtime.progress.update("push", vendor, done, total),
        stopping=runtime.stop.is_set,
    )
    report.applied = apply(plan, report.run_id, means)
    for vendor, applied in report.applied.vendors.items():
        runtime.progress.finish("push", vendor, push_summary(applied))


def _reachable(connectors: Mapping[str, Connector], report: RunReport) -> dict[str, Connector]:
    """Vendors that answered this run: one whose reading stopped is not written to either."""
    stopped = (
        {failure.vendor for failure in report.pulled.failures if failure.skipped} if report.pulled else set()
    )
    return {name: connector for name, connector in connectors.items() if name not in stopped}
