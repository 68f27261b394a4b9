"""Undo is one more plan: back to what was held before a run, wherever what it wrote still stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
from sqlalchemy import select

from core.changes import Change, Ref, SetFields, SetMembership
from core.errors import ConfigError
from sync.fields import VendorField, typed
from sync.people import consent
from sync.people.seals import Record
from sync.planning.plan import Inputs, Plan, Planned
from sync.planning.summary import Moves
from sync.store import operational as tables
from sync.store.state import State


@dataclass(frozen=True, slots=True)
class Write:
    """A value that stands in a place of ours, and the one to put back."""

    vendor: str
    object: str
    record_id: str
    field: str
    value: str | None
    previous: str | None = None

    @property
    def record(self) -> Record:
        return (self.vendor, self.object, self.record_id)


def make_revert(
    con: duckdb.DuckDBPyConnection, state: State, run_id: int, current: Plan, inputs: Inputs
) -> Plan:
    """The plan that undoes run ``run_id``, in place of ``current``.

    current: what ``make_plan`` just made on this connection, whose tables say what is held now. A value that
    has been changed since, by a later run or a person, stays: ``withheld`` counts them. Tasks and journeys
    that were started cannot be undone. Raises ConfigError for a run that wrote nothing.
    """
    written = _written(state, run_id)
    if not written:
        raise ConfigError(f"run {run_id} wrote nothing that could be undone", remedy="see: scoreline status")
    held, addresses = _held(con), _addresses(con)
    standing: list[Write] = []
    withheld = {"changed since": 0, "gone": 0, "not reached": 0}
    reached = {place.vendor for places in inputs.places.values() for place in places}
    for write in written:
        if write.record not in addresses:
            withheld["gone"] += 1
        elif write.field.startswith("list:") and write.vendor not in reached:
            withheld["not reached"] += 1
        elif held.get((*write.record, write.field)) != write.value:
            withheld["changed since"] += 1
        else:
            standing.append(write)
    changes, refused = _permitted(con, back(standing, addresses, inputs), inputs)
    withheld |= refused
    return replace(
        current, changes=changes, moves=Moves(first=False), entries=(), ended=(), baselines={},
        quiet=(), edits=(), settled=(), prices={},
        beside=consent.beside(con, (item.change for item in changes), inputs.task_objects),
        withheld={reason: count for reason, count in withheld.items() if count},
    )  # fmt: skip


def _permitted(
    con: duckdb.DuckDBPyConnection, changes: Sequence[Planned], inputs: Inputs
) -> tuple[tuple[Planned, ...], Mapping[str, int]]:
    """The changes without those that nobody permits by now, and how many of these there are, by consent."""
    asking = [
        one.change
        for one in changes
        if isinstance(one.change, SetMembership) and one.change.member and one.change.channel != "none"
    ]
    said = ["unread"] * len(asking) if inputs.unread else consent.said(con, asking)
    refused = {id(one): said for one, said in zip(asking, said, strict=True) if said != consent.PERMITTED}
    allowed = tuple(one for one in changes if id(one.change) not in refused)
    return allowed, Counter(f"consent {said}" for said in refused.values())


def back(
    writes: Sequence[Write],
    addresses: Mapping[Record, str | None],
    inputs: Inputs,
    *,
    emptying: bool = False,
) -> tuple[Planned, ...]:
    """What puts the previous values back, whoever leaves a list first. addresses: of each record.

    emptying: fields that the configuration no longer names are emptied too.
    """
    undo: dict[Record, list[Write]] = {}
    for write in writes:
        undo.setdefault(write.record, []).append(write)
    changes = [
        planned
        for record, of_record in undo.items()
        for planned in _changes(Ref(*record, addresses[record]), of_record, inputs, emptying=emptying)
    ]
    leaving = [item for item in changes if isinstance(item.change, SetMembership) and not item.change.member]
    return (*leaving, *(item for item in changes if item not in leaving))


def _written(state: State, run_id: int) -> list[Write]:
    """The last value the run wrote to each place, with what stood there before its first."""
    journal = tables.journal
    names = ("vendor", "object", "record_id", "field", "value", "previous")
    query = (
        select(*(journal.c[name] for name in names)).where(journal.c.run_id == run_id).order_by(journal.c.seq)
    )
    latest: dict[tuple[str, str, str, str], Write] = {}
    with state.read() as con:
        for row in con.execute(query):
            write = Write(*row)
            key = (*write.record, write.field)
            latest[key] = replace(write, previous=latest[key].previous) if key in latest else write
    return list(latest.values())


def _held(con: duckdb.DuckDBPyConnection) -> Mapping[tuple[str, str, str, str], str | None]:
    rows = con.execute(
        """select vendor, object, record_id, field, value from held
        union all
        select vendor, object, record_id, 'list:' || name, 'member' from listed where held"""
    ).fetchall()
    return {(row[0], row[1], row[2], row[3]): row[4] for row in rows}


def _addresses(con: duckdb.DuckDBPyConnection) -> Mapping[Record, str | None]:
    rows = con.execute(
        """select vendor, object, record_id, email from person_records where state = 'live'
        union all
        select vendor, object, record_id, null from company_records where state = 'live'"""
    ).fetchall()
    return {(row[0], row[1], row[2]): row[3] for row in rows}


def _changes(ref: Ref, writes: Sequence[Write], inputs: Inputs, *, emptying: bool) -> list[Planned]:
    fields = {(own.vendor, own.object, own.name): own for own in inputs.fields}
    found = []
    loose = emptying and ref.vendor in inputs.task_objects
    known = [
        write
        for write in writes
        if (ref.vendor, ref.object, write.field) in fields or (loose and not write.field.startswith("list:"))
    ]
    if known:
        values = {write.field: _typed(fields, ref, write) for write in known}
        change: Change = SetFields(ref, values)
        held = {write.field: write.value for write in known}
        found.append(Planned(change, None, held, {write.field: write.previous for write in known}))
    listed = [(write, _membership(ref, write, inputs)) for write in writes if write.field.startswith("list:")]
    found += [
        Planned(membership, None, {write.field: write.value}, {write.field: write.previous})
        for write, membership in listed
        if membership is not None
    ]
    return found


def _typed(
    fields: Mapping[tuple[str, str, str], VendorField], ref: Ref, write: Write
) -> str | int | float | bool | None:
    if write.previous is None:
        return None
    return typed(fields[ref.vendor, ref.object, write.field].setting.kind, write.previous)


def _membership(ref: Ref, write: Write, inputs: Inputs) -> SetMembership | None:
    """Going back onto an e-mail list is for the vendor to allow: the channel makes the connector ask."""
    name = write.field.removeprefix("list:")
    for setting in inputs.settings.lists:
        for place in inputs.places.get(setting.name, ()):
            if (place.vendor, place.name) == (ref.vendor, name):
                return SetMembership(
                    ref, name, place.list_id or "", write.previous is not None, setting.channel
                )
    return None
