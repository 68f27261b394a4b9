"""Tasks for owners: an event each, planned once per entry into a stage or an escalation."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from core.changes import Assign, Change, CreateTask, Ref
from core.errors import ConfigError
from core.yamlfile import nearest
from sync.settings import TaskSetting

#: Standing of an entry in the ledger.
BASELINED, INTENDED, DONE, REJECTED = "baselined", "intended", "done", "rejected"

_TOKEN = re.compile(r"\{(\w+)\}")
_SUBJECT = 255


@dataclass(frozen=True, slots=True)
class Entry:
    """Someone entered a list or a stage; ``entry`` counts how often."""

    name: str
    contact_id: str
    entry: int
    status: str

    @property
    def key(self) -> str:
        """What a vendor can look it up by."""
        return f"scoreline:{self.name}:{self.contact_id}:{self.entry}"


@dataclass(frozen=True, slots=True)
class Due:
    """What follows from an entry; no changes where it is only noted (a quiet first run)."""

    entry: Entry
    changes: tuple[Change, ...]


def ledger_name(task: TaskSetting) -> str:
    return f"task:{task.vendor}:{task.on}"


def due(
    con: duckdb.DuckDBPyConnection,
    task: TaskSetting,
    objects: Sequence[str],
    *,
    quiet: bool,
    fire: bool,
) -> Iterator[Due]:
    """Entries that are new, or were intended by a run that died, in ``in_scope``.

    objects: the vendor's person objects, the preferred first. Raises ConfigError for an unknown name in the
    subject. Needs ``scored``, ``in_scope`` and ``entries``.
    """
    name = ledger_name(task)
    pending = ["e.status is null", "e.status = 'intended'"] + (["e.status = 'baselined'"] if fire else [])
    rows = con.execute(
        f"""select p.*, r.object as record_object, r.record_id, r.email as record_address,
            r.owner as record_owner, coalesce(e.entry, 0) as entry, e.status as entry_status
        from scored p
        join in_scope i on i.contact_id = p.contact_id
        join ({_one_record(objects)}) r on r.contact_id = p.contact_id
        left join entries e on e.name = ? and e.contact_id = p.contact_id
        where {_condition(task)} and ({" or ".join(pending)})
        order by p.contact_id""",
        [task.vendor, *objects, name, *([] if task.on == "escalate" else [task.on])],
    )
    columns = [column[0] for column in rows.description or ()]
    _check_subject(task, columns)
    for values in rows.fetchall():
        yield _due(task, name, dict(zip(columns, values, strict=True)), quiet=quiet)


def ended(con: duckdb.DuckDBPyConnection, task: TaskSetting) -> list[str]:
    """Contact ids, as the ledger has them, of those who have left the stage or are no longer escalated."""
    rows = con.execute(
        f"""select unnest(noted_as) from entries e where name = ? and status is not null
        and contact_id not in (select contact_id from scored p where {_condition(task)})""",
        [ledger_name(task), *([] if task.on == "escalate" else [task.on])],
    )
    return [row[0] for row in rows.fetchall()]


def _condition(task: TaskSetting) -> str:
    return "p.escalate" if task.on == "escalate" else "p.stage = ?"


def _one_record(objects: Sequence[str]) -> str:
    """One live record a person: of the preferred object, then the oldest."""
    places = " ".join(f"when '{kind}' then {place}" for place, kind in enumerate(objects))
    return f"""select p.contact_id, r.object, r.record_id, r.email, r.owner
        from person_records r
        join people p on p.vendor = r.vendor and p.object = r.object and p.record_id = r.record_id
        where r.state = 'live' and r.vendor = ? and r.object in ({", ".join("?" for _ in objects)})
        qualify row_number() over (
            partition by p.contact_id order by case r.object {places} end, r.created_at, r.record_id) = 1"""


def _due(task: TaskSetting, name: str, row: Mapping[str, Any], *, quiet: bool) -> Due:
    known = row["entry_status"] is not None
    number = row["entry"] if known else row["entry"] + 1
    if quiet and not known:
        return Due(Entry(name, row["contact_id"], number, BASELINED), ())
    entry = Entry(name, row["contact_id"], number, INTENDED)
    ref = Ref(task.vendor, row["record_object"], row["record_id"], row["record_address"])
    subject = _TOKEN.sub(lambda token: str(row[token[1]] if row[token[1]] is not None else ""), task.subject)
    body = str(row.get("details") or row.get("reasons") or "")
    create = CreateTask(ref, entry.key, " ".join(subject.split())[:_SUBJECT], body, row["record_owner"])
    return Due(entry, (create, Assign(ref, task.assign)) if task.assign else (create,))


def _check_subject(task: TaskSetting, columns: list[str]) -> None:
    for token in _TOKEN.findall(task.subject):
        if token not in columns:
            raise ConfigError(
                f"there is no {{{token}}} to put into {task.subject!r}; {nearest(token, columns)}",
                key=f"tasks.{task.on}.subject",
            )
