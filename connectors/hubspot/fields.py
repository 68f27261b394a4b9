"""Our properties in HubSpot: what is there, and creating what is missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.hubspot.errors import Refusal
from connectors.hubspot.gateway import Gateway
from core.changes import FieldSpec, FieldState

#: Our kind → HubSpot's type and field type.
_KINDS: Mapping[str, tuple[str, str]] = {
    "integer": ("number", "number"),
    "number": ("number", "number"),
    "text": ("string", "text"),
    "long_text": ("string", "textarea"),
    "date": ("date", "date"),
    "datetime": ("datetime", "date"),
    "boolean": ("bool", "booleancheckbox"),
}
_YES_NO = [
    {"label": "Yes", "value": "true", "hidden": False, "displayOrder": 0},
    {"label": "No", "value": "false", "hidden": False, "displayOrder": 1},
]


def field_states(gateway: Gateway, specs: Sequence[FieldSpec]) -> list[FieldState]:
    """One state a spec, in the same order; one call for each object."""
    described = {kind: _by_name(gateway, kind) for kind in dict.fromkeys(spec.object for spec in specs)}
    return [_state(spec, described[spec.object].get(spec.name)) for spec in specs]


def create_fields(gateway: Gateway, specs: Sequence[FieldSpec], group: str) -> list[FieldState]:
    """Create what is missing in our group; an existing property is reported, never changed."""
    states = field_states(gateway, specs)
    missing = [state.spec for state in states if state.status == "missing"]
    for kind in dict.fromkeys(spec.object for spec in missing):
        gateway.ensure_group(kind, group, "Scoreline")
    return [_created(gateway, state.spec, group) if state.status == "missing" else state for state in states]


def _created(gateway: Gateway, spec: FieldSpec, group: str) -> FieldState:
    try:
        gateway.create_property(spec.object, _definition(spec, group))
    except Refusal as refusal:
        if refusal.status != 409:
            return FieldState(spec, "failed", refusal.message)
        return _state(spec, _by_name(gateway, spec.object).get(spec.name))
    return FieldState(spec, "created")


def _definition(spec: FieldSpec, group: str) -> dict[str, Any]:
    kind, field_kind = _KINDS[spec.kind]
    return {
        "name": spec.name,
        "label": spec.label,
        "description": spec.help,
        "groupName": group,
        "type": kind,
        "fieldType": field_kind,
        "formField": False,
        **({"options": _YES_NO} if kind == "bool" else {}),
    }


def _state(spec: FieldSpec, held: Mapping[str, Any] | None) -> FieldState:
    if held is None:
        return FieldState(spec, "missing")
    wanted = _KINDS[spec.kind][0]
    kind = str(held.get("type") or "")
    if kind != wanted:
        return FieldState(spec, "other_type", f"{spec.object}.{spec.name} is of type {kind}, not {wanted}")
    read_only = (held.get("modificationMetadata") or {}).get("readOnlyValue") or held.get("calculated")
    if read_only:
        return FieldState(spec, "not_visible", f"{spec.object}.{spec.name} cannot be written")
    return FieldState(spec, "present")


def _by_name(gateway: Gateway, kind: str) -> dict[str, Mapping[str, Any]]:
    return {str(one["name"]): one for one in gateway.properties(kind)}
