"""What the org has, as its own describe says; asked once for all objects and kept for an hour."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.errors import VENDOR, LocatorGone
from connectors.salesforce.layout import Layout
from connectors.salesforce.soql import field as checked
from connectors.salesforce.streams import FLAGS, INSTANTS, NUMBERS, SOURCES, Source
from core.clock import Clock
from core.errors import AuthError, SchemaDrift

_FRESH = timedelta(hours=1)
_CELL, _SHORT = 20, 255
_RIGHTS = ("queryable", "createable", "updateable", "deletable")

#: Field types that fill a column of ours; anything can be text.
_FITTING: Mapping[str, frozenset[str]] = {
    "employees": NUMBERS,
    "annual_revenue": NUMBERS,
    "amount": NUMBERS,
    "is_closed": FLAGS,
    "is_won": FLAGS,
    "created_at": INSTANTS,
    "closed_at": INSTANTS,
}

#: Types of parent fields, which the describe of the object itself does not carry.
_PARENTS = {"Campaign.Name": "string", "Campaign.Type": "picklist", "Campaign.StartDate": "date"}


@dataclass(frozen=True, slots=True)
class Selection:
    """What one source reads: field → its type, and how it becomes our tables.

    row_bytes: about how much text a record is at the most; short texts are seldom full, long ones often are.
    """

    types: Mapping[str, str]
    layout: Layout
    row_bytes: int


class Schema:
    """Describes of the objects we touch. A missing object describes as None."""

    def __init__(self, client: SalesforceClient, clock: Clock) -> None:
        self._client, self._clock = client, clock
        self._objects: dict[str, Mapping[str, Mapping[str, Any]] | None] = {}
        self._rights: dict[str, frozenset[str]] = {}
        self._asked_at: datetime | None = None

    def forget(self) -> None:
        """Ask again next time: a field was created, or an answer contradicted what we know."""
        self._asked_at = None

    def fields(self, object_name: str) -> Mapping[str, Mapping[str, Any]] | None:
        """The object's fields by name, as visible to us; None when we cannot see the object."""
        if self._asked_at is None or self._clock.now() - self._asked_at > _FRESH:
            self._objects = {}
        if object_name not in self._objects:
            known = dict.fromkeys([*(source.object for source in SOURCES.values()), object_name])
            self._ask([name for name in known if name not in self._objects])
        return self._objects[object_name]

    def rights(self, object_name: str) -> frozenset[str]:
        """Which of queryable, createable, updateable and deletable the object is for us."""
        self.fields(object_name)
        return self._rights[object_name]

    def _ask(self, names: Sequence[str]) -> None:
        answers = self._client.composite({name: f"sobjects/{name}/describe" for name in names}, "describe")
        for name, (status, body) in answers.items():
            described = body if status == 200 else self._described_alone(name, status)
            fields = described.get("fields", []) if described else []
            self._objects[name] = {one["name"]: one for one in fields} if described else None
            self._rights[name] = frozenset(right for right in _RIGHTS if described and described.get(right))
        self._asked_at = self._clock.now()

    def _described_alone(self, name: str, status: int) -> Mapping[str, Any] | None:
        """A describe that failed in company, asked again by itself; None for an object hidden from us."""
        if status in {403, 404}:
            return None
        try:
            return self._client.get(f"sobjects/{name}/describe", "describe")
        except (AuthError, LocatorGone, SchemaDrift):
            return None

    def selection(
        self, source: Source, *, observe: Sequence[str] = (), lists: Mapping[str, str] | None = None
    ) -> Selection:
        """The fields to read. Raises SchemaDrift when one that is needed vanished or changed its type."""
        known = self.fields(source.object)
        if known is None:
            raise SchemaDrift(
                f"{source.object} cannot be seen",
                vendor=VENDOR,
                operation=source.stream.name,
                code="INVALID_TYPE",
                remedy=f"Give the integration user read access to {source.object}, then: scoreline check",
            )
        connection = self._client.connection
        columns = {**source.columns, **connection.map.get(source.object, {})}
        attributes = dict(connection.attributes.get(source.object, {}))
        drift = [*_drifted(source, columns, known), *_vanished(attributes.values(), known)]
        if drift:
            raise SchemaDrift(
                f"{source.object}: {'; '.join(drift)}",
                vendor=VENDOR,
                operation=source.stream.name,
                code="INVALID_FIELD",
                remedy="Make it visible to the integration user or change the mapping, then: scoreline check",
            )
        present = {column: name for column, name in columns.items() if name in known}
        ours = tuple(name for name in observe if name in known)
        names = dict.fromkeys(
            ("Id", "SystemModstamp", *present.values(), *source.further, *attributes.values(), *ours)
        )
        types = {
            checked(name): _PARENTS.get(name) or str(known[name]["type"])
            for name in names
            if name in _PARENTS or name in known
        }
        row_bytes = sum(_bytes(known[name]) for name in types if name in known)
        return Selection(types, Layout(source, present, attributes, ours, lists or {}), row_bytes)


def _bytes(field: Mapping[str, Any]) -> int:
    length = int(field.get("length") or 0)
    return _CELL + (length if length > _SHORT else length // 8)


def _drifted(
    source: Source, columns: Mapping[str, str], known: Mapping[str, Mapping[str, Any]]
) -> Iterable[str]:
    for name in dict.fromkeys((*columns.values(), *source.further)):
        if name not in known and name not in source.optional and name not in _PARENTS:
            yield f"field {name} is gone or hidden from us"
    for column, name in columns.items():
        fitting = _FITTING.get(column)
        if fitting and name in known and str(known[name]["type"]) not in fitting:
            yield f"field {name} is now a {known[name]['type']}, which cannot fill {column}"


def _vanished(names: Iterable[str], known: Mapping[str, Mapping[str, Any]]) -> Iterable[str]:
    return (f"field {name} is gone or hidden from us" for name in names if name not in known)
