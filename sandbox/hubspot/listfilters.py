"""Membership of filtered lists: the property filters of a ``filterBranch``."""

from collections.abc import Mapping
from typing import Any

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.lists import ContactList
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Record, RecordStore

_COMPARISONS = {
    "IS_GREATER_THAN": lambda held, wanted: held > wanted,
    "IS_GREATER_THAN_OR_EQUAL_TO": lambda held, wanted: held >= wanted,
    "IS_LESS_THAN": lambda held, wanted: held < wanted,
    "IS_LESS_THAN_OR_EQUAL_TO": lambda held, wanted: held <= wanted,
}


def evaluate(portal: Portal, found: ContactList) -> None:
    """Bring the members in line with the filter. ApiError 400 for a filter the sandbox does not know."""
    if found.filter_branch is None:
        return
    store = portal.stores[portal.kind(found.type_id).name]
    inside = {record.id for record in store.live.values() if _branch(store, record, found.filter_branch)}
    for gone in set(found.members) - inside:
        del found.members[gone]
    for new in inside - set(found.members):
        found.members[new] = portal.now_ms


def _branch(store: RecordStore, record: Record, branch: Mapping[str, Any]) -> bool:
    parts = [_branch(store, record, one) for one in branch.get("filterBranches") or []]
    parts += [_filter(store, record, one) for one in branch.get("filters") or []]
    if branch.get("filterBranchType") == "OR":
        return any(parts)
    return all(parts)


def _filter(store: RecordStore, record: Record, given: Mapping[str, Any]) -> bool:
    if given.get("filterType") != "PROPERTY":
        raise invalid(
            f"Unsupported filterType {given.get('filterType')}", subCategory="ILS.UNSUPPORTED_FILTER"
        )
    operation = given.get("operation") or {}
    operator = str(operation.get("operator"))
    held = store.value(record, str(given.get("property")))
    if operator in ("IS_KNOWN", "IS_UNKNOWN"):
        return (held is not None) is (operator == "IS_KNOWN")
    if operator in _COMPARISONS:
        return held is not None and _COMPARISONS[operator](float(held), float(str(operation.get("value"))))
    return _text(operator, (held or "").lower(), _wanted(operation))


def _wanted(operation: Mapping[str, Any]) -> list[str]:
    values = operation.get("values")
    return [str(one).lower() for one in (values if values is not None else [operation.get("value")])]


def _text(operator: str, held: str, wanted: list[str]) -> bool:
    if operator in ("IS_EQUAL_TO", "IS_ANY_OF"):
        return held in wanted
    if operator in ("IS_NOT_EQUAL_TO", "IS_NONE_OF"):
        return held not in wanted
    if operator == "CONTAINS":
        return any(one in held for one in wanted)
    if operator == "DOES_NOT_CONTAIN":
        return not any(one in held for one in wanted)
    if operator == "STARTS_WITH":
        return any(held.startswith(one) for one in wanted)
    if operator == "ENDS_WITH":
        return any(held.endswith(one) for one in wanted)
    raise invalid(f"Unsupported operator {operator}", subCategory="ILS.UNSUPPORTED_FILTER")
