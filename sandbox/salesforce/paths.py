"""Field paths such as ``Account.Owner.Name``: checked against the schema, then read from rows."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.computed import COMPUTED
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.fields import Field
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row
from sandbox.salesforce.syntax import located

if TYPE_CHECKING:
    from sandbox.salesforce.access import Access
    from sandbox.salesforce.org import Org

Getter = Callable[[Row], Any]
NAME_FIELDS = {
    "Id": Field("Id", "id", "Name ID", length=18),
    "Name": Field("Name", "string", "Name", length=255),
    "FirstName": Field("FirstName", "string", "First Name", length=40),
    "LastName": Field("LastName", "string", "Last Name", length=80),
    "Type": Field("Type", "picklist", "Type", length=40),
    "Email": Field("Email", "email", "Email", length=80),
    "Phone": Field("Phone", "phone", "Phone", length=40),
    "Title": Field("Title", "string", "Title", length=128),
    "Username": Field("Username", "string", "Username", length=80),
    "IsActive": Field("IsActive", "boolean", "Active"),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """A path that exists. ``parents`` are the names of the steps up."""

    field: Field
    read: Getter
    parents: tuple[str, ...]
    owner: SObject


class Paths:
    """Resolves paths for one query on one object, as one user sees it."""

    def __init__(self, org: "Org", access: "Access", source: SObject, text: str) -> None:
        self._org = org
        self._access = access
        self._source = source
        self._text = text

    def resolve(self, path: str, at: int) -> Resolved:
        """Refused (INVALID_FIELD) if the path does not exist or may not be seen."""
        *steps, last = path.split(".")
        if steps and steps[0].lower() == self._source.name.lower():
            steps = steps[1:]
        owner = self._source
        readers: list[Getter] = []
        names: list[str] = []
        for place, step in enumerate(steps):
            lookup = owner.relation(step)
            if lookup is None or lookup.relation is None:
                raise self._no_relation(step, at)
            readers.append(self._reader(owner, lookup.name))
            names.append(lookup.relation)
            if lookup.polymorphic:
                if place != len(steps) - 1:
                    raise self._no_relation(steps[place + 1], at)
                return self._named(owner, readers, names, last, at)
            target = self._org.schema.find(lookup.targets[0])
            if target is None:
                raise self._no_relation(step, at)
            owner = target
        known = self._visible(owner, last, at)
        return Resolved(known, self._chain(readers, self._reader(owner, known.name)), tuple(names), owner)

    def _named(self, owner: SObject, readers: list[Getter], names: list[str], last: str, at: int) -> Resolved:
        own = {name.lower(): name for name in NAME_FIELDS}.get(last.lower())
        if own is None:
            raise self._no_column(last, "Name", at)
        if own == "Type":
            read = self._chain(readers[:-1], self._type_reader(readers[-1]))
        else:
            read = self._chain(readers, lambda row: row.get(own))
        return Resolved(NAME_FIELDS[own], read, tuple(names), owner)

    def _type_reader(self, reference: Getter) -> Getter:
        def kind(row: Row) -> str | None:
            record_id = reference(row)
            target = self._org.schema.of_id(record_id) if record_id else None
            return None if target is None else target.name

        return kind

    def _chain(self, readers: list[Getter], last: Getter) -> Getter:
        if not readers:
            return last
        fetch = self._org.row

        def read(row: Row) -> Any:
            for reader in readers:
                record_id = reader(row)
                above = fetch(record_id) if record_id else None
                if above is None:
                    return None
                row = above
            return last(row)

        return read

    def _reader(self, owner: SObject, name: str) -> Getter:
        return reader(self._org, owner, name)

    def _visible(self, owner: SObject, name: str, at: int) -> Field:
        known = owner.find(name)
        if known is None or not self._access.reads(owner.name, known):
            raise self._no_column(name, owner.name, at)
        return known

    def _no_column(self, name: str, entity: str, at: int) -> Refused:
        message = (
            f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, "
            "be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
            "describe call for the appropriate names."
        )
        return located(self._text, at, message, "INVALID_FIELD")

    def _no_relation(self, name: str, at: int) -> Refused:
        message = (
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
            "relationship, be sure to append the '__r' after the custom relationship name. Please reference "
            "your WSDL or the describe call for the appropriate names."
        )
        return located(self._text, at, message, "INVALID_FIELD")


def reader(org: "Org", owner: SObject, name: str) -> Getter:
    """How to read one field of a row: stored, or computed when asked for."""
    compute = COMPUTED.get((owner.name, name))
    if compute is not None:
        return lambda row: compute(org, row)
    if owner.fields[name].type == "boolean":
        return lambda row: row.get(name, False)
    return lambda row: row.get(name)
