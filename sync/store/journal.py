"""What was sent, and what came of it: written down before and after every batch."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from core.changes import CreateTask, Done, Gone, Outcome, Rejected, SetFields, SetMembership, Withheld
from core.clock import naive_utc
from sync.planning import tasks
from sync.planning.plan import Plan, Planned
from sync.store import operational as tables
from sync.store.leases import Lease
from sync.store.state import State, number_of

#: Plans whose single changes stay to be looked at.
_PLANS_KEPT = 10

_UNANSWERED = timedelta(days=30)

#: Rows handed to the store together: each is there several times while it is written.
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Send:
    """A planned change and its row in the store."""

    id: int
    planned: Planned


class Journal:
    """The writing side of one run's plan: every batch passes ``claim``, is sent, then ``acknowledge``."""

    def __init__(self, state: State, lease: Lease, run_id: int) -> None:
        self._state, self._lease, self._run_id = state, lease, run_id
        self.plan_id = 0

    def freeze(self, plan: Plan, at: datetime) -> list[Send]:
        """Store the plan, and what must happen only once, in one durable transaction.

        What an earlier run planned and never sent is dropped: this plan was computed without it.
        """
        with self._state.write() as con:
            self._lease.renew(con)
            con.execute(
                update(tables.plans).where(tables.plans.c.status == "frozen").values(status="abandoned")
            )
            con.execute(
                update(tables.sends).where(tables.sends.c.status == "planned").values(status="dropped")
            )
            self._forget(con, naive_utc(at))
            header = {"models": {model.name: model.hash for model in plan.models}}
            row = {
                "run_id": self._run_id,
                "as_of": naive_utc(plan.as_of),
                "header": header,
                "status": "frozen",
            }
            self.plan_id = number_of(con.execute(insert(tables.plans).values(row)))
            self._note(con, plan, at)
            return self._store(con, plan.changes)

    def claim(self, sends: Sequence[Send]) -> None:
        """Mark them as under way. Raises StateError when the lease is lost: then nothing is sent."""
        with self._state.write() as con:
            self._lease.renew(con)
            self._mark(con, {send.id: ("sent", None) for send in sends})

    def acknowledge(self, answers: Iterable[tuple[Send, Outcome]], at: datetime) -> None:
        """Keep what a vendor said about each; one transaction. Raises StateError after losing the lease:
        the next holder reads back what came of it.
        """
        instant = naive_utc(at)
        with self._state.write() as con:
            self._lease.renew(con)
            statuses: dict[int, tuple[str, str | None]] = {}
            written: list[dict[str, Any]] = []
            for send, outcome in answers:
                statuses[send.id] = self._keep(con, send.planned, outcome, instant)
                if isinstance(outcome, Done):
                    written += self._entries(send.planned, instant)
            if written:
                con.execute(insert(tables.journal), written)
            self._mark(con, statuses)

    def finish(self, settled: Sequence[int]) -> None:
        with self._state.write() as con:
            self._lease.renew(con)
            con.execute(
                update(tables.plans).where(tables.plans.c.id == self.plan_id).values(status="applied")
            )
            for letter in settled:
                con.execute(
                    update(tables.dead_letters)
                    .where(tables.dead_letters.c.id == letter)
                    .values(status="settled")
                )

    def _forget(self, con: Connection, at: datetime) -> None:
        """Answered sends are in the journal; an unanswered one can still arrive, but not after a month."""
        old = select(tables.plans.c.id).where(tables.plans.c.as_of < at - _UNANSWERED)
        newest = con.execute(select(func.max(tables.plans.c.id))).scalar() or 0
        answered = (tables.sends.c.status != "sent") & (tables.sends.c.plan_id <= newest - _PLANS_KEPT)
        con.execute(delete(tables.sends).where(answered | tables.sends.c.plan_id.in_(old)))

    def _note(self, con: Connection, plan: Plan, at: datetime) -> None:
        instant = naive_utc(at)
        for name, contact_id in plan.ended:
            ended = (tables.ledger.c.name == name) & (tables.ledger.c.contact_id == contact_id)
            con.execute(
                update(tables.ledger)
                .where(ended, tables.ledger.c.closed_at.is_(None))
                .values(closed_at=instant)
            )
        for entry in plan.entries:
            row = {
                "name": entry.name, "contact_id": entry.contact_id, "entry": entry.entry,
                "status": entry.status, "run_id": self._run_id, "opened_at": instant,
            }  # fmt: skip
            con.execute(
                upsert(tables.ledger)
                .values(row)
                .on_conflict_do_update(
                    ["name", "contact_id", "entry"], set_={"status": entry.status, "run_id": self._run_id}
                )
            )
        for (kind, name), value in plan.baselines.items():
            row = {"kind": kind, "name": name, "hash": value, "run_id": self._run_id}
            con.execute(
                upsert(tables.baselines).values(row).on_conflict_do_update(["kind", "name"], set_=row)
            )

    def _store(self, con: Connection, changes: Sequence[Planned]) -> list[Send]:
        first = (
            int(
                con.execute(select(tables.sends.c.id).order_by(tables.sends.c.id.desc()).limit(1)).scalar()
                or 0
            )
            + 1
        )
        sends = [Send(number, planned) for number, planned in enumerate(changes, first)]
        for start in range(0, len(sends), _ROWS_AT_ONCE):
            rows = [self._row(one) for one in sends[start : start + _ROWS_AT_ONCE]]
            con.execute(insert(tables.sends), rows)
        return sends

    def _row(self, send: Send) -> dict[str, Any]:
        change = send.planned.change
        return {
            "id": send.id, "plan_id": self.plan_id, "vendor": change.ref.vendor, "object": change.ref.object,
            "record_id": change.ref.record_id, "contact_id": send.planned.contact_id,
            "kind": type(change).__name__, "payload": dict(send.planned.value), "status": "planned",
        }  # fmt: skip

    def _mark(self, con: Connection, statuses: Mapping[int, tuple[str, str | None]]) -> None:
        rows = [{"at": key, "status": status, "code": code} for key, (status, code) in statuses.items()]
        if rows:
            row = update(tables.sends).where(tables.sends.c.id == bindparam("at"))
            con.execute(row.values(status=bindparam("status"), code=bindparam("code")), rows)

    def _keep(
        self, con: Connection, planned: Planned, outcome: Outcome, at: datetime
    ) -> tuple[str, str | None]:
        match outcome:
            case Done(created_id=created_id):
                if planned.entry and isinstance(planned.change, CreateTask):
                    self._stand(con, planned.entry, tasks.DONE, created_id)
                return "done", None
            case Rejected():
                self._rejected(con, planned, outcome, at)
                return "rejected", outcome.code
            case Gone(why=why):
                self._refused(con, planned, "gone", why, at)
                return "gone", why
            case Withheld(status=status):
                self._refused(con, planned, "withheld", status, at)
                return "withheld", status

    def _entries(self, planned: Planned, at: datetime) -> list[dict[str, Any]]:
        """One line of the journal for each value the vendor has taken."""
        ref = planned.change.ref
        place = {"vendor": ref.vendor, "object": ref.object, "record_id": ref.record_id}
        return [
            {**place, "run_id": self._run_id, "field": name, "value": value,
             "previous": planned.held.get(name), "acked_at": at}
            for name, value in planned.value.items()
        ]  # fmt: skip

    def _rejected(self, con: Connection, planned: Planned, outcome: Rejected, at: datetime) -> None:
        ref, letters = planned.change.ref, tables.dead_letters
        kind = type(planned.change).__name__
        field = outcome.field if outcome.field in planned.value else None
        same = (
            (letters.c.vendor == ref.vendor) & (letters.c.object == ref.object)
            & (letters.c.record_id == ref.record_id) & (letters.c.kind == kind)
            & (letters.c.status != "settled")
        )  # fmt: skip
        if field:
            same &= letters.c.field == field
        elif isinstance(planned.change, SetMembership):
            same &= letters.c.payload == dict(planned.value)
        con.execute(update(letters).where(same).values(status="settled"))
        con.execute(
            insert(letters).values(
                run_id=self._run_id, vendor=ref.vendor, object=ref.object, record_id=ref.record_id,
                contact_id=planned.contact_id, kind=kind, field=field, payload=dict(planned.value),
                code=outcome.code, reason=outcome.reason, remedy=outcome.remedy, retryable=outcome.retryable,
                at=at, status="open",
            )
        )  # fmt: skip
        if planned.entry and isinstance(planned.change, CreateTask):
            self._stand(con, planned.entry, tasks.REJECTED, None)

    def _refused(self, con: Connection, planned: Planned, kind: str, detail: str, at: datetime) -> None:
        ref = planned.change.ref
        whole = kind == "gone" or isinstance(planned.change, SetFields)
        field = "" if whole else next(iter(planned.value), "")
        row = {
            "vendor": ref.vendor, "object": ref.object, "record_id": ref.record_id, "field": field,
            "kind": kind, "detail": detail, "at": at,
        }  # fmt: skip
        con.execute(
            upsert(tables.refusals)
            .values(row)
            .on_conflict_do_update(["vendor", "object", "record_id", "field"], set_=row)
        )

    def _stand(self, con: Connection, entry: tasks.Entry, status: str, created_id: str | None) -> None:
        ours = (
            (tables.ledger.c.name == entry.name) & (tables.ledger.c.contact_id == entry.contact_id)
            & (tables.ledger.c.entry == entry.entry)
        )  # fmt: skip
        con.execute(update(tables.ledger).where(ours).values(status=status, created_id=created_id))
