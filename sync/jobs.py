"""What the command line and the daemon do: plain functions, Runtime → report."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import duckdb

from core.changes import FieldState
from core.errors import ApprovalNeeded, PlanRefused
from sync import crash, erasing
from sync.apply import guard
from sync.confirmed import fold
from sync.erasing import Person
from sync.people import seals
from sync.planning.inputs import gather, planned, price_of
from sync.planning.plan import Inputs, Plan, prices
from sync.planning.planfile import check_against
from sync.revert import Write, make_revert
from sync.run import Choice, Run, RunReport, as_planned, running, settle_empty
from sync.wiring import Runtime


def _exactly(saved: Plan) -> Choice:
    """A plan that was kept, where it still fits what vendors hold and the models say."""

    def choose(_con: duckdb.DuckDBPyConnection, plan: Plan, _inputs: Inputs) -> Plan:
        check_against(saved, plan)
        return replace(saved, left_out=plan.left_out, beside=plan.beside, forsaken=plan.forsaken)

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
    with running(runtime, "sync", only) as run:
        if pulls:
            run.pull()
            run.resolve()
        else:
            with runtime.warehouse.write("looking at empty columns") as con:
                settle_empty(runtime, con)
        with _stages_if_agreed(runtime):
            run.score()
            if not runtime.stop.is_set():
                choose = as_planned if saved is None else _exactly(saved)
                run.deliver(fire=fire, approve=approve, choose=choose)
        if approve:
            runtime.state.lift_holds(runtime.clock.now())
    return run.report


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
    with running(runtime, "revert") as run:

        def choose(con: duckdb.DuckDBPyConnection, plan: Plan, inputs: Inputs) -> Plan:
            undo = make_revert(con, runtime.state, run_id, plan, inputs)
            return replace(undo, prices=prices(undo.changes, undo.beside, price_of(run.connectors)))

        run.deliver(approve=True, choose=choose)
        models = {model.name: model.hash for model in runtime.models}
        runtime.state.hold("reverted", {"run": run_id, "models": models}, runtime.clock.now())
    return run.report


@dataclass(frozen=True, slots=True)
class Erasure:
    """Whom, and the run that did it; None where it was only asked. left: what no vendor could be sent."""

    person: Person
    run: RunReport | None = None
    left: Sequence[Write] = ()

    @property
    def exit_code(self) -> int:
        return (self.run.exit_code if self.run else 0) or (1 if self.left else 0)


def erasable(runtime: Runtime, who: str) -> Person:
    """Whom ``erase`` would delete, and what. Raises ConfigError unless one person answers to ``who``."""
    with runtime.warehouse.read() as con:
        return erasing.find(con, who)


def erase(runtime: Runtime, who: str, *, here: bool = False) -> Erasure:
    """Empty a person's fields and lists in the vendors, then delete them here, and never read them again.

    here: leave the vendors as they are. Where a vendor does not take something nothing is deleted: the result
    says what, and erasing again goes on. Raises as ``erasable``.
    """
    erasable(runtime, who)  # whoever is not found is named in no run
    with running(runtime, "erase") as run:
        fold(runtime.warehouse, runtime.state)
        person = erasable(runtime, who)
        left = [] if here else _withdraw(run, person)
        if left or run.report.exit_code:
            return Erasure(person, run.report, left)
        shutil.rmtree(runtime.stage_dir, ignore_errors=True)
        erasing.forget_operational(runtime.state, person)
        crash.point("erase.after_operational")
        with runtime.warehouse.write("erasing somebody") as con:
            seals.seal(con, person.records, person.addresses, runtime.clock.now())
            run.resolve_on(con)
            run.score_on(con)
            erasing.forget(con, person)
        crash.point("erase.before_publish")
        run.publish(anew=True)
    return Erasure(person, run.report)


def _withdraw(run: Run, person: Person) -> list[Write]:
    """Empty what vendors hold of a person; what nothing could be sent for."""
    runtime = run.runtime
    with runtime.warehouse.write("beginning to erase somebody") as con:
        erasing.begin(con, person)
    vendors = {write.vendor for write in person.held}
    connectors = {name: connector for name, connector in run.connectors.items() if name in vendors}
    inputs, list_ids = gather(runtime, connectors, None, create_lists=False, fire=False)
    with runtime.warehouse.read() as con:
        plan, left = erasing.withdrawal(con, person, inputs, price_of(connectors))
    run.send(plan, list_ids)
    return left


def refresh(runtime: Runtime) -> RunReport:
    """Pull, and rescore when something changed."""
    with running(runtime, "pull") as run:
        run.pull()
        assert run.report.pulled is not None
        counts = run.report.pulled.totals()
        if counts.changed or counts.removed:
            run.resolve()
            run.score()
            run.publish()
    return run.report


def rescore(runtime: Runtime) -> RunReport:
    """Score what is stored, as of now: ages move at midnight."""
    with running(runtime, "rescore", None) as run:
        run.resolve()
        run.score()
        run.publish()
    return run.report


def deliver(runtime: Runtime) -> RunReport:
    """Plan and apply what is scored."""
    with running(runtime, "apply") as run:
        run.deliver()
    return run.report


def preview(
    runtime: Runtime, *, only: tuple[str, ...] = (), pulls: bool = False, fire: bool = False
) -> RunReport:
    """What a sync would send, as a plan, by the models on disk now. Writes to no vendor, keeps no score.

    pulls: read the vendors first; done anyway when nothing was ever read.
    """
    with running(runtime, "plan", only) as run:
        if pulls or not _has_people(runtime):
            run.pull()
            run.resolve()
        fold(runtime.warehouse, runtime.state)
        inputs, _ = gather(runtime, run.connectors, run.report.pulled, create_lists=False, fire=fire)
        with runtime.warehouse.trial("previewing a plan") as con:
            settle_empty(runtime, con)
            run.score_on(con)
            plan, _ = planned(con, runtime, run.connectors, inputs)
        try:
            guard(plan, runtime.settings.guard, runtime.state)
        except ApprovalNeeded as needed:
            plan = replace(plan, waits=needed.message)
        run.report.plan = plan
    return run.report


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
    with running(runtime, "audit") as run:
        with runtime.warehouse.write("forgetting how far streams were read") as con:
            con.execute("delete from watermarks")
        run.pull()
        run.resolve()
        run.score()
        run.deliver()
    return run.report


def _has_people(runtime: Runtime) -> bool:
    with runtime.warehouse.read() as con:
        found = con.execute("select count(*) from person_records").fetchone()
    return bool(found and found[0])
