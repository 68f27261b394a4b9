"""Our merge fields in Mailchimp: what each audience has, and creating what is missing."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.mailchimp.audiences import Audiences
from connectors.mailchimp.errors import Refusal
from connectors.mailchimp.gateway import Gateway
from core.changes import FieldSpec, FieldState

#: Our kind → merge field type. Mailchimp has no longer text than 255 bytes, no instant and no yes/no.
_KINDS: Mapping[str, str] = {
    "integer": "number",
    "number": "number",
    "text": "text",
    "long_text": "text",
    "date": "date",
    "datetime": "text",
    "boolean": "text",
}
#: A merge field's name is what marketers see in their column heads.
_NAME_LENGTH = 50


class MergeFields:
    """A field counts as present when every configured audience has it."""

    def __init__(self, gateway: Gateway, audiences: Audiences) -> None:
        self._gateway, self._audiences = gateway, audiences

    def states(self, specs: Sequence[FieldSpec]) -> list[FieldState]:
        """One state a spec, in the same order; one call an audience."""
        held = self._held()
        return [_state(spec, held) for spec in specs]

    def create(self, specs: Sequence[FieldSpec]) -> list[FieldState]:
        """Create private merge fields where audiences lack them; existing ones are never changed."""
        held = self._held()
        return [self._created(spec, held) for spec in specs]

    def _created(self, spec: FieldSpec, held: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> FieldState:
        state = _state(spec, held)
        if state.status != "missing":
            return state
        for audience in self._audiences.all():
            if spec.name not in held[audience.name]:
                try:
                    self._gateway.create_merge_field(audience.id, _definition(spec))
                except Refusal as refusal:
                    return FieldState(spec, "failed", f"audience {audience.name!r}: {refusal.message}")
        return FieldState(spec, "created")

    def _held(self) -> dict[str, dict[str, Mapping[str, Any]]]:
        """Merge fields by tag, by audience name."""
        return {
            audience.name: {str(one["tag"]): one for one in self._gateway.merge_fields(audience.id)}
            for audience in self._audiences.all()
        }


def _definition(spec: FieldSpec) -> dict[str, Any]:
    return {
        "name": spec.label[:_NAME_LENGTH],
        "tag": spec.name,
        "type": _KINDS[spec.kind],
        "required": False,
        "public": False,
        "help_text": spec.help,
    }


def _state(spec: FieldSpec, held: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> FieldState:
    wanted = _KINDS[spec.kind]
    lacking = [audience for audience, fields in held.items() if spec.name not in fields]
    other = {
        audience: str(fields[spec.name].get("type"))
        for audience, fields in held.items()
        if spec.name in fields and fields[spec.name].get("type") != wanted
    }
    if other:
        where = ", ".join(f"{kind} in {audience!r}" for audience, kind in other.items())
        return FieldState(spec, "other_type", f"{spec.name} is {where}, not {wanted}")
    if lacking:
        return FieldState(spec, "missing", f"not in {', '.join(lacking)}" if len(held) > 1 else "")
    return FieldState(spec, "present")
