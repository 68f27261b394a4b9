"""How a row becomes a record: selected fields, nested by relationship."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.fields import Field
from sandbox.salesforce.paths import reader
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org


class Node:
    """Selected fields as a tree of relationships, to be rendered as nested records."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.values: dict[str, Callable[[Row], Any]] = {}
        self.above: dict[str, Node] = {}

    def put(self, parents: tuple[str, ...], known: Field, read: Callable[[Row], Any]) -> None:
        node = self
        for parent in parents:
            if parent not in node.above:
                node.above[parent] = Node(parent)
                node.values[parent] = _no_value
            node = node.above[parent]
        node.values[known.name] = read

    def plan(self, org: "Org", source: SObject) -> Callable[[Row, Row, str], dict[str, Any]]:
        """``(root row, this node's row, version)`` → record. Values are read from the root."""
        steps: list[tuple[str, Callable[[Row], Any] | None, Any]] = []
        for name, read in self.values.items():
            node = self.above.get(name)
            steps.append(
                (name, read, None) if node is None else (name, None, _above_plan(org, source, name, node))
            )
        kind = source.name

        def render(root: Row, row: Row, version: str) -> dict[str, Any]:
            record: dict[str, Any] = {"attributes": attributes(kind, row["Id"], version)}
            for name, read, nested in steps:
                record[name] = (
                    read(root) if nested is None and read is not None else nested(root, row, version)
                )
            return record

        return render


def _above_plan(org: "Org", source: SObject, name: str, node: Node) -> Callable[[Row, Row, str], Any]:
    lookup = source.relation(name)
    if lookup is None:
        message = f"{source.name} has no relationship {name}"
        raise LookupError(message)
    target = None if lookup.polymorphic else org.schema.get(lookup.targets[0])
    nested = node.plan(org, target or source)
    read = reader(org, source, lookup.name)

    def render(root: Row, row: Row, version: str) -> dict[str, Any] | None:
        above = org.row(read(row) or "")
        if above is None:
            return None
        record = nested(root, above, version)
        if target is None:
            actual = org.schema.of_id(above["Id"])
            record["attributes"] = attributes(actual.name if actual else "Name", above["Id"], version)
            record["attributes"]["type"] = "Name"
        return record

    return render


def attributes(kind: str, record_id: str, version: str) -> dict[str, str]:
    return {"type": kind, "url": f"/services/data/v{version}/sobjects/{kind}/{record_id}"}


def record_of(org: "Org", row: Row, names: Iterable[str], version: str) -> dict[str, Any]:
    """A record with the given fields, all of which exist."""
    owner = org.schema.of_id(row["Id"])
    if owner is None:
        message = f"no object has ids like {row['Id']}"
        raise LookupError(message)
    record: dict[str, Any] = {"attributes": attributes(owner.name, row["Id"], version)}
    for name in names:
        record[owner.canonical[name.lower()]] = reader(org, owner, owner.canonical[name.lower()])(row)
    return record


def _no_value(_row: Row) -> None:
    return None
