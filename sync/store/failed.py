"""Dead letters: changes a vendor refused, kept with the reason until somebody or something changes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from core.errors import ConfigError
from sync.planning import tasks
from sync.store import operational as tables
from sync.store.state import State


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One refused change. field: the one the vendor blames, or None; at: naive UTC."""

    id: int
    run_id: int
    vendor: str
    object: str
    record_id: str
    contact_id: str | None
    kind: str
    field: str | None
    payload: Mapping[str, str | None]
    code: str
    reason: str
    remedy: str
    retryable: bool
    at: datetime


def still_failed(state: State) -> Sequence[DeadLetter]:
    """Those that wait for a new value or for ``retry``, oldest first."""
    letters = tables.dead_letters
    columns = [letters.c[name] for name in DeadLetter.__dataclass_fields__]
    with state.read() as con:
        rows = con.execute(select(*columns).where(letters.c.status == "open").order_by(letters.c.id))
        return [DeadLetter(**row) for row in rows.mappings()]


def retry(state: State, ids: Sequence[int] | None) -> int:
    """Let the next plan send them again, whatever it then finds to send; None means all. Returns how many.

    Raises ConfigError for an id that is not an open dead letter.
    """
    letters = tables.dead_letters
    with state.write() as con:
        chosen = select(letters).where(letters.c.status == "open")
        if ids is not None:
            chosen = chosen.where(letters.c.id.in_(ids))
        rows: list[Mapping[str, Any]] = [dict(row) for row in con.execute(chosen).mappings()]
        if ids is not None and (unknown := set(ids) - {row["id"] for row in rows}):
            raise ConfigError(
                f"{', '.join(map(str, sorted(unknown)))}: no such failed change",
                remedy="see: scoreline failed",
            )
        found = [row["id"] for row in rows]
        con.execute(update(letters).where(letters.c.id.in_(found)).values(status="retrying"))
        if refused := {row["contact_id"] for row in rows if row["kind"] == "CreateTask"}:
            again = (tables.ledger.c.status == tasks.REJECTED) & tables.ledger.c.contact_id.in_(refused)
            con.execute(update(tables.ledger).where(again).values(status=tasks.INTENDED))
        return len(found)
