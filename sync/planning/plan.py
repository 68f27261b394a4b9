"""The difference of what vendors should hold and what they hold, frozen, with what it means and costs."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

import duckdb

from core.changes import AskConsent, Change, Ref, SetFields, SetMembership
from core.errors import ConnectorError
from sync.fields import VendorField, typed
from sync.memory import within_memory
from sync.people import consent
from sync.planning import desired, lists, recall, tasks, verdicts
from sync.planning.desired import ModelVersion
from sync.planning.held import HELD
from sync.planning.lists import Forsaken, ListPlace
from sync.planning.summary import Moves, summarise
from sync.settings import ListSetting, Settings
from sync.store.state import State

#: Calls that pushing these changes to this vendor costs.
Price = Callable[[str, Sequence[Change | AskConsent]], int]

#: What the data file's engine may take of the memory; beyond it, it works on disk.
_MEMORY_MB = 1_400
#: Records whose texts are gathered at once: lists cannot go to disk.
_RECORDS_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What of a vendor nothing is planned for, ``fields`` or ``lists``, and why."""

    vendor: str
    what: str
    error: ConnectorError


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a plan is made from, besides the data.

    fields, places, tasks: of the vendors that can be written to in this run; places by list name, tasks as
    vendor → its person objects, the preferred first. fire: start what a first run would only note. unread:
    vendors whose consent was not read of late, so that nobody joins a list that asks for it. left_out: what
    these inputs therefore lack.
    """

    settings: Settings
    models: Sequence[ModelVersion]
    fields: Sequence[VendorField]
    places: Mapping[str, Sequence[ListPlace]]
    task_objects: Mapping[str, Sequence[str]]
    as_of: datetime
    fire: bool = False
    unread: Sequence[str] = ()
    left_out: Sequence[LeftOut] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """One change, whose it is, and the canonical texts it is the difference of.

    held, value: by vendor field name, or ``list:<name>``; a task has neither, but its ledger entry.
    """

    change: Change
    contact_id: str | None
    held: Mapping[str, str | None]
    value: Mapping[str, str | None]
    entry: tasks.Entry | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """A person changed a field of ours, or who is on a list of ours."""

    ref: Ref
    field: str
    told: str | None
    found: str | None
    overwritten: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything a run will do, decided: printing, approval and apply consume it, none of them changes it.

    entries, ended: what the ledger notes when the plan is frozen: (name, contact_id) for the ended ones.
    baselines: (kind, name) → hash of what has its first run now; quiet: their names, where they stay quiet.
    withheld, excluded: people or records held back, by reason. prices: calls by vendor.
    settled: dead letters that nothing asks for any more. waits: why a sync would wait for ``--approve``.
    beside: a record that joins an e-mail list → its person's others, whose vendors are asked before.
    forsaken: lists whose members are left as they are.
    """

    as_of: datetime
    models: tuple[ModelVersion, ...]
    changes: tuple[Planned, ...]
    moves: Moves
    entries: tuple[tasks.Entry, ...] = ()
    ended: tuple[tuple[str, str], ...] = ()
    baselines: Mapping[tuple[str, str], str] = field(default_factory=dict)
    quiet: tuple[str, ...] = ()
    withheld: Mapping[str, int] = field(default_factory=dict)
    excluded: Mapping[str, int] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    prices: Mapping[str, int] = field(default_factory=dict)
    settled: tuple[int, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    waits: str = ""
    beside: Mapping[Ref, tuple[Ref, ...]] = field(default_factory=dict)
    forsaken: tuple[Forsaken, ...] = ()

    @property
    def vendors(self) -> tuple[str, ...]:
        return tuple(sorted({planned.change.ref.vendor for planned in self.changes}))

    def of(self, vendor: str) -> list[Planned]:
        return [planned for planned in self.changes if planned.change.ref.vendor == vendor]


def make_plan(con: duckdb.DuckDBPyConnection, state: State, inputs: Inputs, price: Price) -> Plan:
    """The plan, from the warehouse's tables and what the operational store remembers; changes neither.

    con: a connection of ``Warehouse.read``; fold the journal before. Raises ModelError or ConfigError for a
    condition or column that does not exist.
    """
    first, quiet = _firsts(state.baselines(), inputs)
    with within_memory(con, _MEMORY_MB):
        _lay_out(con, state, inputs, frozenset(quiet))
        due = list(_due(con, inputs, frozenset(quiet)))
        changes = (
            *_memberships(con, member=False),
            *_fields(con, inputs.fields),
            *_memberships(con, member=True),
        )
        changes += tuple(_of_tasks(due))
        beside = consent.beside(con, (planned.change for planned in changes), inputs.task_objects)
        return Plan(
            as_of=inputs.as_of,
            models=tuple(inputs.models),
            changes=changes,
            moves=summarise(con, inputs.models),
            entries=(*_noted(con), *(item.entry for item in due)),
            ended=tuple(_ended(con, inputs)),
            baselines=first,
            quiet=quiet,
            withheld=_withheld(con),
            excluded=_excluded(con, inputs.models),
            edits=tuple(_edits(con)),
            prices=prices(changes, beside, price),
            settled=_settled(con),
            left_out=tuple(inputs.left_out),
            beside=beside,
            forsaken=lists.forsaken(con, inputs.settings.lists),
        )


def never_written(con: duckdb.DuckDBPyConnection) -> set[tuple[str, str, str]]:
    """(vendor, object, field) that the plan just made writes, and that no write was ever acknowledged for."""
    rows = con.execute(
        """select distinct vendor, object, field from verdicts where verdict = 'write'
        except select distinct vendor, object, field from confirmed"""
    )
    return set(_rows(rows))


def _lay_out(con: duckdb.DuckDBPyConnection, state: State, inputs: Inputs, quiet: frozenset[str]) -> None:
    """``moves`` and ``verdicts``, and what they follow from."""
    settings = inputs.settings
    con.execute("set timezone = 'UTC'")
    con.execute(HELD)
    recall.load(con, state)
    lists.scored_people(con, inputs.models, settings.scope)
    lists.memberships(con, settings.lists, inputs.places)
    desired.build(con, inputs.fields, inputs.models)
    desired.held(con, inputs.fields)
    recall.recognise(con, state)
    verdicts.on_lists(con, settings.on_edit, quiet, fire=inputs.fire, unread=bool(inputs.unread))
    worth = {("person", own.name): own for own in settings.fields}
    worth |= {("company", own.name): own for own in settings.account_fields}
    verdicts.on_fields(con, settings.on_edit, worth)


def _firsts(
    known: Mapping[tuple[str, str], str], inputs: Inputs
) -> tuple[dict[tuple[str, str], str], tuple[str, ...]]:
    """What has its first run now, and the names of the lists and tasks that therefore stay quiet.

    A list or task is new again when it, or a model, changes. Where one of its vendors cannot be reached it
    stays quiet, and its first run is still to come.
    """
    models = "".join(model.name + model.hash for model in inputs.models)
    events = {("list", own.name): _digest(own.model_dump_json() + models) for own in inputs.settings.lists}
    events |= {("task", tasks.ledger_name(own)): _digest(models) for own in inputs.settings.tasks}
    new = {key: value for key, value in events.items() if known.get(key) != value}
    absent = {("list", own.name) for own in inputs.settings.lists if not _reachable(own, inputs)}
    absent |= {
        ("task", tasks.ledger_name(own))
        for own in inputs.settings.tasks
        if own.vendor not in inputs.task_objects
    }
    loud = {("list", own.name) for own in inputs.settings.lists if not lists.is_quiet(own)}
    elsewhere = {key for key in absent if not inputs.places.get(key[1])}
    quiet = () if inputs.fire else tuple(key[1] for key in new if key not in loud | elsewhere)
    return {key: value for key, value in new.items() if key not in absent}, quiet


def _reachable(own: ListSetting, inputs: Inputs) -> bool:
    """Whether every configured vendor that carries the list can be written to in this run."""
    places = {place.vendor for place in inputs.places.get(own.name, ())}
    configured = set(own.targets) & set(inputs.settings.connections.present())
    return bool(places) and configured <= places


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _due(con: duckdb.DuckDBPyConnection, inputs: Inputs, quiet: frozenset[str]) -> Iterator[tasks.Due]:
    for own in inputs.settings.tasks:
        if objects := inputs.task_objects.get(own.vendor):
            silent = tasks.ledger_name(own) in quiet
            yield from tasks.due(con, own, objects, quiet=silent, fire=inputs.fire)


def _of_tasks(due: Sequence[tasks.Due]) -> Iterator[Planned]:
    for item in due:
        for change in item.changes:
            yield Planned(change, item.entry.contact_id, {}, {}, item.entry)


def _fields(con: duckdb.DuckDBPyConnection, fields: Sequence[VendorField]) -> Iterator[Planned]:
    kinds = {(own.vendor, own.object, own.name): own.setting.kind for own in fields}
    con.execute(
        """create or replace temp table writes as
        select vendor, object, record_id,
            row_number() over (order by vendor, object, any_value(account_id), record_id) as place
        from verdicts where verdict = 'write' group by vendor, object, record_id"""
    )
    (count,) = con.execute("select count(*) from writes").fetchone() or (0,)
    for start in range(0, count, _RECORDS_AT_ONCE):
        rows = con.execute(
            """select vendor, object, record_id, any_value(address), any_value(entity_id),
                list(field order by field), list(value order by field), list(held order by field)
            from verdicts join writes using (vendor, object, record_id)
            where verdict = 'write' and place > $start and place <= $start + $records
            group by place, vendor, object, record_id order by place""",
            {"start": start, "records": _RECORDS_AT_ONCE},
        )
        for vendor, kind, record_id, address, entity_id, names, values, held in _rows(rows):
            ref = Ref(vendor, kind, record_id, address)
            texts = dict(zip(names, values, strict=True))
            change = SetFields(
                ref, {name: typed(kinds[vendor, kind, name], text) for name, text in texts.items()}
            )
            yield Planned(change, entity_id, dict(zip(names, held, strict=True)), texts)


def _memberships(con: duckdb.DuckDBPyConnection, *, member: bool) -> Iterator[Planned]:
    rows = con.execute(
        """select vendor, object, record_id, address, entity_id, name, list_id, channel, held
        from moves where verdict = ? order by vendor, name, account_id, record_id""",
        ["join" if member else "leave"],
    )
    for vendor, kind, record_id, address, entity_id, name, list_id, channel, held in _rows(rows):
        change = SetMembership(Ref(vendor, kind, record_id, address), name, list_id or "", member, channel)
        yield Planned(
            change,
            entity_id,
            {f"list:{name}": "member" if held else None},
            {f"list:{name}": "member" if member else None},
        )


def _noted(con: duckdb.DuckDBPyConnection) -> Iterator[tasks.Entry]:
    """People whom a quiet first run finds due for a list: noted, so that the same entry never fires later."""
    rows = con.execute(
        """select distinct 'list:' || m.list, m.entity_id, coalesce(e.entry, 0) + 1
        from moves m left join entries e on e.name = 'list:' || m.list and e.contact_id = m.entity_id
        where m.verdict = 'baseline' and e.status is null order by 1, 2"""
    )
    for name, contact_id, number in _rows(rows):
        yield tasks.Entry(name, contact_id, number, tasks.BASELINED)


def _ended(con: duckdb.DuckDBPyConnection, inputs: Inputs) -> Iterator[tuple[str, str]]:
    for own in inputs.settings.lists:
        if inputs.places.get(own.name):
            still = (
                ""
                if inputs.fire
                else "and contact_id not in (select entity_id from moves where list = ? and meets)"
            )
            rows = con.execute(
                f"select unnest(noted_as) from entries where name = ? and status is not null {still}",
                [f"list:{own.name}", *([] if inputs.fire else [own.name])],
            )
            yield from ((f"list:{own.name}", row[0]) for row in _rows(rows))
    for task in inputs.settings.tasks:
        if inputs.task_objects.get(task.vendor):
            yield from ((tasks.ledger_name(task), contact_id) for contact_id in tasks.ended(con, task))


def _withheld(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = con.execute(
        """select verdict, count(distinct entity_id) from moves
        where verdict not in ('join', 'leave', 'none') group by 1
        union all
        select verdict, count(distinct (vendor, object, record_id)) from verdicts
        where verdict in ('edited', 'gone', 'rejected') group by 1
        union all
        select 'not worth a call yet', count(distinct (vendor, object, record_id)) from verdicts
        where verdict = 'small' having count(*) > 0"""
    )
    counts: Counter[str] = Counter()
    for reason, count in _rows(rows):
        counts[reason] += count
    return dict(sorted(counts.items()))


def _excluded(con: duckdb.DuckDBPyConnection, models: Sequence[ModelVersion]) -> dict[str, int]:
    """Contacts the main model does not score or the scope leaves out, by reason."""
    tables = {row[0] for row in _rows(con.execute("select view_name from duckdb_views()"))}
    found: dict[str, int] = {}
    name = f"excluded_{models[0].name}"
    if name in tables:
        found |= dict(_rows(con.execute(f"select reason, count(*) from {name} group by 1 order by 1")))
    outside = con.execute("select (select count(*) from scored) - (select count(*) from in_scope)").fetchone()
    return found | ({"scope": outside[0]} if outside and outside[0] else {})


def _edits(con: duckdb.DuckDBPyConnection) -> Iterator[Edit]:
    rows = con.execute(
        """select vendor, object, record_id, address, field, told, held, verdict <> 'edited'
        from verdicts where edited
        union all
        select vendor, object, record_id, address, 'list:' || name, case when told then 'member' end,
            case when held then 'member' end, verdict <> 'edited' from moves where edited
        order by 1, 2, 3, 5"""
    )
    for vendor, kind, record_id, address, name, told, found, overwritten in _rows(rows):
        yield Edit(Ref(vendor, kind, record_id, address), name, told, found, overwritten)


def prices(changes: Sequence[Planned], beside: Mapping[Ref, Sequence[Ref]], price: Price) -> dict[str, int]:
    """Calls by vendor, of the changes and of asking for consent beside them."""
    by_vendor: dict[str, list[Change | AskConsent]] = {}
    for planned in changes:
        by_vendor.setdefault(planned.change.ref.vendor, []).append(planned.change)
    for ref in dict.fromkeys(ref for others in beside.values() for ref in others):
        by_vendor.setdefault(ref.vendor, []).append(AskConsent(ref))
    return {vendor: price(vendor, wanted) for vendor, wanted in sorted(by_vendor.items())}


def _settled(con: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
    """Dead letters whose value is no longer what we would send, or already stands."""
    rows = con.execute(
        """select distinct letter from refused_values f where letter not in (
            select letter from verdicts where verdict = 'rejected' and letter is not null)
        and letter not in (select g.letter from refused_values g join moves m on g.vendor = m.vendor
            and g.object = m.object and g.record_id = m.record_id and g.field = 'list:' || m.name
            where m.verdict = 'rejected')
        and f.vendor in (select vendor from verdicts union select vendor from moves) order by 1"""
    )
    return tuple(row[0] for row in _rows(rows))


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while batch := result.fetchmany(10_000):
        yield from batch
