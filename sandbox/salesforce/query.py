"""Running a query: where to look, what to keep, how a record looks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.aggregates import aggregate
from sandbox.salesforce.computed import archived
from sandbox.salesforce.conditions import Conditions, Test, id_floor, stamp_bounds
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.fields import Field
from sandbox.salesforce.paths import Paths, Resolved
from sandbox.salesforce.rendering import Node, record_of
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row, Table
from sandbox.salesforce.syntax import located
from sandbox.salesforce.tree import (
    Aggregate,
    Column,
    Comparison,
    Condition,
    Logic,
    Membership,
    Order,
    Query,
    TypeOf,
)

if TYPE_CHECKING:
    from sandbox.salesforce.access import Access
    from sandbox.salesforce.org import Org

_FEW = 2000
_MAX_OFFSET = 2000
_MAX_FIELDS_LIMIT = 200
Render = Callable[[Row, str], Any]


@dataclass(slots=True)
class Result:
    """What a query found. ``render`` makes a record of a row, for an API version such as ``66.0``."""

    total: int
    rows: list[Row]
    render: Callable[[Row, str], dict[str, Any]]
    records: list[dict[str, Any]] | None = None
    columns: list[str] | None = None


class Runner:
    """Runs queries as one user. ``every``: deleted and archived rows too."""

    def __init__(self, org: "Org", access: "Access", *, every: bool = False) -> None:
        self._org = org
        self._access = access
        self._every = every

    def run(self, query: Query) -> Result:
        """Refused as the vendor would refuse the query."""
        source = self._source(query)
        paths = Paths(self._org, self._access, source, query.text)
        if query.group or any(isinstance(column, Aggregate) for column in query.columns):
            return self._aggregated(query, source, paths)
        columns = self._expanded(query, source)
        render = self._renderer(query, columns, source, paths)
        rows = self._rows(query, source, paths)
        names = [column.path for column in columns if isinstance(column, Column)]
        return Result(len(rows), rows, render, columns=names)

    def _source(self, query: Query) -> SObject:
        source = self._org.schema.find(query.source)
        if source is None or not self._access.sees(source.name):
            message = (
                f"sObject type '{query.source}' is not supported. If you are attempting to use a custom "
                "object, be sure to append the '__c' after the entity name. Please reference your WSDL "
                "or the describe call for the appropriate names."
            )
            raise located(query.text, query.source_at, message, "INVALID_TYPE")
        return source

    def _aggregated(self, query: Query, source: SObject, paths: Paths) -> Result:
        conditions = self._conditions(paths, query)
        rows = list(self._kept(query, source, conditions))
        if len(query.columns) == 1 and isinstance(query.columns[0], Aggregate) and not query.group:
            only = query.columns[0]
            if only.function == "count" and only.path is None:
                return Result(len(rows), [], _no_rows, records=[])
        records = aggregate(query, rows, paths)
        return Result(len(records), [], _no_rows, records=records)

    def _expanded(self, query: Query, source: SObject) -> list[Column | TypeOf | Query]:
        columns: list[Column | TypeOf | Query] = []
        for column in query.columns:
            if isinstance(column, Column) and column.path.startswith("FIELDS("):
                columns += self._all_fields(query, source, column)
            elif not isinstance(column, Aggregate):
                columns.append(column)
        seen: set[str] = set()
        for column in columns:
            if isinstance(column, Column):
                if column.path.lower() in seen:
                    message = f"duplicate field selected: {column.path}"
                    raise located(query.text, column.at, message, "INVALID_FIELD")
                seen.add(column.path.lower())
        return columns

    def _all_fields(self, query: Query, source: SObject, column: Column) -> list[Column]:
        which = column.path[7:-1]
        if which != "STANDARD" and (query.limit is None or query.limit > _MAX_FIELDS_LIMIT):
            message = "The SOQL FIELDS function must have a LIMIT of at most 200"
            raise located(query.text, column.at, message)
        return [
            Column(known.name, column.at)
            for known in source.fields.values()
            if (which == "ALL" or known.custom == (which == "CUSTOM"))
            and self._access.reads(source.name, known)
        ]

    def _rows(self, query: Query, source: SObject, paths: Paths) -> list[Row]:
        if query.offset > _MAX_OFFSET:
            raise Refused("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        for order in query.order:
            resolved = paths.resolve(order.path, order.at)
            if resolved.field.long_text or resolved.field.type == "address":
                message = f"field '{order.path}' can not be sorted in a query call"
                raise located(query.text, order.at, message, "INVALID_FIELD")
        conditions = self._conditions(paths, query)
        kept = self._kept(query, source, conditions)
        end = None if query.limit is None else query.offset + query.limit
        if self._arrives_ordered(query, source):
            return list(islice(kept, query.offset, end))
        rows = list(kept)
        for order in reversed(query.order):
            _sort(rows, paths.resolve(order.path, order.at), order)
        return rows[query.offset : end]

    def _conditions(self, paths: Paths, query: Query) -> Conditions:
        return Conditions(self._org, paths, query.text, self._inner_values)

    def _inner_values(self, query: Query) -> set[Any]:
        """The values of a semi-join's one column."""
        source = self._source(query)
        paths = Paths(self._org, self._access, source, query.text)
        only = query.columns[0]
        if len(query.columns) != 1 or not isinstance(only, Column):
            raise located(query.text, 0, "semi join sub-selects can only query one field")
        read = paths.resolve(only.path, only.at).read
        return {read(row) for row in self._rows(query, source, paths)}

    def _kept(self, query: Query, source: SObject, conditions: Conditions) -> Iterator[Row]:
        table = self._org.table(source.name)
        test = conditions.compile(query.where) if query.where is not None else _true
        shown: Test = self._shown(source, everything=self._every or query.all_rows)
        return (row for row in self._candidates(query, table, conditions) if shown(row) and test(row))

    def _shown(self, source: SObject, *, everything: bool) -> Test:
        if everything:
            return _true
        if source.name in {"Task", "Event"}:
            org = self._org
            return lambda row: not row.get("IsDeleted") and not archived(org, row)
        return lambda row: not row.get("IsDeleted")

    def _candidates(self, query: Query, table: Table, conditions: Conditions) -> Iterable[Row]:
        if table.hidden:
            return self._org.unhidden(table)
        ids = _ids(query.where, table, conditions, self._org.schema.get(query.source))
        if ids is not None:
            return (table.rows[key] for key in sorted(ids) if key in table.rows)
        if self._by_stamp(query, table):
            return table.by_stamp(*stamp_bounds(query.where))
        floor = id_floor(query.where)
        return table.by_id(floor) if floor else iter(table.rows.values())

    @staticmethod
    def _by_stamp(query: Query, table: Table) -> bool:
        low, high = stamp_bounds(query.where)
        ordered = (
            bool(query.order) and query.order[0].path.lower() == "systemmodstamp" and query.limit is not None
        )
        return ordered or ((low or high) is not None and table.count_by_stamp(low, high) < len(table.rows))

    def _arrives_ordered(self, query: Query, source: SObject) -> bool:
        """Whether candidates already come in the order asked for, so that LIMIT may stop early."""
        table = self._org.table(source.name)
        names = [order.path.lower() for order in query.order if not order.descending]
        if table.hidden or len(names) != len(query.order):
            return False
        if not names:
            return True
        probe = Conditions(
            self._org, Paths(self._org, self._access, source, query.text), query.text, _nothing
        )
        if _ids(query.where, table, probe, source) is not None:
            return names == ["id"]
        if self._by_stamp(query, table):
            return names in (["systemmodstamp"], ["systemmodstamp", "id"])
        return names == ["id"]

    def _renderer(
        self, query: Query, columns: list[Column | TypeOf | Query], source: SObject, paths: Paths
    ) -> Callable[[Row, str], dict[str, Any]]:
        tree = Node(source.name)
        extras: list[tuple[str, Render]] = []
        for column in columns:
            if isinstance(column, Column):
                resolved = paths.resolve(column.path, column.at)
                tree.put(resolved.parents, resolved.field, resolved.read)
            elif isinstance(column, TypeOf):
                extras.append(self._typeof(column, source, query))
            else:
                extras.append(self._children(column, source, query))
        plan = tree.plan(self._org, source)

        def render(row: Row, version: str) -> dict[str, Any]:
            record = plan(row, row, version)
            for name, extra in extras:
                record[name] = extra(row, version)
            return record

        return render

    def _typeof(self, column: TypeOf, source: SObject, query: Query) -> tuple[str, Render]:
        lookup = source.relation(column.relation)
        if lookup is None or lookup.relation is None:
            message = f"Didn't understand relationship '{column.relation}' in field path."
            raise located(query.text, column.at, message, "INVALID_FIELD")
        branches = dict(column.branches)

        def extra(row: Row, version: str) -> dict[str, Any] | None:
            above = self._org.row(row.get(lookup.name) or "")
            if above is None:
                return None
            kind = self._org.schema.of_id(above["Id"])
            names = [item.path for item in branches.get(kind.name if kind else "", column.otherwise)]
            return record_of(self._org, above, names, version)

        return lookup.relation, extra

    def _children(self, inner: Query, source: SObject, query: Query) -> tuple[str, Render]:
        for child, known, relation in self._org.schema.children(source.name):
            if (
                relation is not None
                and relation.lower() == inner.source.lower()
                and self._access.sees(child.name)
            ):
                return relation, self._child_render(inner, child, known)
        message = f"Didn't understand relationship '{inner.source}' in FROM part of query call."
        raise located(query.text, inner.source_at, message, "INVALID_TYPE")

    def _child_render(self, inner: Query, child: SObject, known: Field) -> Render:
        paths = Paths(self._org, self._access, child, inner.text)
        render = self._renderer(inner, self._expanded(inner, child), child, paths)
        test = self._conditions(paths, inner).compile(inner.where) if inner.where is not None else _true
        shown = self._shown(child, everything=self._every)
        table = self._org.table(child.name)

        def extra(row: Row, version: str) -> dict[str, Any] | None:
            found = [table.rows[key] for key in self._org.referring(child.name, known.name, row["Id"])]
            rows = [below for below in found if shown(below) and test(below)]
            for order in reversed(inner.order):
                _sort(rows, paths.resolve(order.path, order.at), order)
            rows = rows[: inner.limit]
            records = [render(below, version) for below in rows]
            return {"totalSize": len(records), "done": True, "records": records} if records else None

        return extra


def _ids(
    condition: Condition | None, table: Table, conditions: Conditions, source: SObject
) -> set[str] | None:
    """Ids the condition can be true for, if an index tells; else None."""
    if isinstance(condition, Logic) and condition.operator == "and":
        found = [
            ids for part in condition.parts if (ids := _ids(part, table, conditions, source)) is not None
        ]
        return min(found, key=len) if found else None
    if isinstance(condition, Logic) and condition.operator == "or":
        each = [_ids(part, table, conditions, source) for part in condition.parts]
        return None if None in each else set().union(*(ids for ids in each if ids is not None))
    if isinstance(condition, Comparison) and condition.operator == "=":
        return _looked_up(condition.path, [condition.literal], table, conditions, source)
    if (
        isinstance(condition, Membership)
        and not condition.negated
        and not isinstance(condition.values, Query)
    ):
        return _looked_up(condition.path, condition.values, table, conditions, source)
    return None


def _looked_up(
    path: str, literals: Iterable[Any], table: Table, conditions: Conditions, source: SObject
) -> set[str] | None:
    known = source.find(path)
    if known is None or not (known.name == "Id" or table.indexed(known.name)):
        return None
    values = [conditions.value(known, literal) for literal in literals]
    if any(not value for value in values):
        return None
    if known.name == "Id":
        return {value for value in values if value in table.rows}
    return {key for value in values for key in table.lookup(known.name, value)}


def _sort(rows: list[Row], resolved: Resolved, order: Order) -> None:
    """By the values as people order them; ids are compared letter for letter, as ``Id > '…'`` does."""
    read, descending = resolved.read, order.descending
    folds = resolved.field.type not in {"id", "reference"}

    def key(row: Row) -> tuple[bool, Any]:
        value = read(row)
        if value is None:
            return (order.nulls_last != descending, "")
        shown = value.lower() if folds and isinstance(value, str) else value
        return (order.nulls_last == descending, shown)

    try:
        rows.sort(key=key, reverse=descending)
    except TypeError:
        rows.sort(key=lambda row: (key(row)[0], str(read(row))), reverse=descending)


def _true(_row: Row) -> bool:
    return True


def _no_rows(row: Row, _version: str) -> dict[str, Any]:
    return row


def _nothing(_query: Query) -> set[Any]:
    return set()
