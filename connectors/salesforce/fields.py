"""Our custom fields in the org: what is there, creating what is missing, and who may see it."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.errors import ALREADY_CODES
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import one_of, quoted
from core.changes import FieldSpec, FieldState
from core.errors import AuthError, ConnectorError, OutcomeUnknown, QuotaExhausted, TransientError

_FITTING: Mapping[str, frozenset[str]] = {
    "integer": frozenset({"double", "int", "currency", "percent"}),
    "number": frozenset({"double", "currency", "percent"}),
    "text": frozenset({"string", "textarea", "picklist"}),
    "long_text": frozenset({"textarea"}),
    "date": frozenset({"date"}),
    "datetime": frozenset({"datetime"}),
    "boolean": frozenset({"boolean"}),
}
#: How often the describe is asked again for fields just made visible.
_LOOKS, _LOOK_EVERY_S = 5, 2.0


class CustomFields:
    """Custom fields and the permission set that makes them visible: new ones are visible to nobody."""

    def __init__(self, client: SalesforceClient, schema: Schema) -> None:
        self._client, self._schema = client, schema

    def states(self, specs: Sequence[FieldSpec]) -> list[FieldState]:
        hidden = self._hidden(specs)
        return [self._state(spec, hidden) for spec in specs]

    def create(self, specs: Sequence[FieldSpec]) -> list[FieldState]:
        """Create what is missing and show what is hidden; a field of another type stays as it is."""
        found = self.states(specs)
        made = [self._created(state) if state.status == "missing" else state for state in found]
        unseen = [state.spec for state in made if state.status in {"created", "not_visible"}]
        if unseen:
            self._show(unseen)
            self._await_visible(unseen)
        return [self._seen(state) for state in made]

    def permission_set(self) -> str | None:
        """Id of our permission set, None where it does not exist."""
        name = self._client.connection.permission_set
        rows = self._client.rows(f"SELECT Id FROM PermissionSet WHERE Name = {quoted(name)}")  # noqa: S608 - quoted
        return str(rows[0]["Id"]) if rows else None

    def assigned(self, permission_set: str) -> bool:
        """Whether the user we run as has the permission set."""
        return self._assignment(permission_set) is not None

    def _assignment(self, permission_set: str) -> str | None:
        rows = self._client.rows(
            f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSetId = {quoted(permission_set)} "  # noqa: S608 - quoted
            f"AND AssigneeId = {quoted(self._client.user_id or '')}"
        )
        return str(rows[0]["Id"]) if rows else None

    def _state(self, spec: FieldSpec, hidden: frozenset[tuple[str, str]]) -> FieldState:
        fields = self._schema.fields(spec.object)
        if fields is None:
            return FieldState(spec, "failed", f"{spec.object} cannot be seen by the integration user")
        known = fields.get(spec.name)
        if known is None:
            if (spec.object, spec.name) in hidden:
                return FieldState(spec, "not_visible", "exists, but no permission set shows it to us")
            return FieldState(spec, "missing")
        if known["type"] not in _FITTING[spec.kind] or _too_short(known, spec):
            return FieldState(spec, "other_type", f"is {_shown(known)}; wanted {_wanted(spec)}")
        if not known["updateable"]:
            return FieldState(spec, "not_visible", "can be read but not edited by the integration user")
        return FieldState(spec, "present")

    def _hidden(self, specs: Sequence[FieldSpec]) -> frozenset[tuple[str, str]]:
        """Fields that exist although the describe does not show them to us."""
        unseen = [spec for spec in specs if spec.name not in (self._schema.fields(spec.object) or {})]
        if not unseen:
            return frozenset()
        objects = sorted({spec.object for spec in unseen})
        names = sorted({spec.name.removesuffix("__c") for spec in unseen})
        rows = self._client.tooling_rows(
            "SELECT Id, DeveloperName, TableEnumOrId FROM CustomField "  # noqa: S608 - quoted
            f"WHERE TableEnumOrId IN {one_of(objects)} AND DeveloperName IN {one_of(names)}"
        )
        return frozenset((row["TableEnumOrId"], f"{row['DeveloperName']}__c") for row in rows)

    def _created(self, state: FieldState) -> FieldState:
        spec = state.spec
        body = {"FullName": f"{spec.object}.{spec.name}", "Metadata": _metadata(spec)}
        find = partial(self._made, spec)
        try:
            self._client.create("tooling/sobjects/CustomField", body, "create field", find)
        except (QuotaExhausted, TransientError, OutcomeUnknown):
            raise
        except ConnectorError as error:
            if error.code == "DUPLICATE_DEVELOPER_NAME":
                return FieldState(spec, "not_visible")
            remedy = "needs Customize Application" if isinstance(error, AuthError) else error.code
            return FieldState(spec, "failed", f"{remedy}: {error.message}")
        return FieldState(spec, "created")

    def _made(self, spec: FieldSpec) -> str | None:
        return spec.name if (spec.object, spec.name) in self._hidden([spec]) else None

    def _show(self, specs: Sequence[FieldSpec]) -> None:
        permission_set = self.permission_set() or self._make_permission_set()
        held = self._client.rows(
            f"SELECT Field FROM FieldPermissions WHERE ParentId = {quoted(permission_set)}"  # noqa: S608 - quoted
        )
        granted = {row["Field"] for row in held}
        wanted = [
            {
                "attributes": {"type": "FieldPermissions"},
                "ParentId": permission_set,
                "SobjectType": spec.object,
                "Field": f"{spec.object}.{spec.name}",
                "PermissionsRead": True,
                "PermissionsEdit": True,
            }
            for spec in specs
            if f"{spec.object}.{spec.name}" not in granted
        ]
        for start in range(0, len(wanted), 200):
            _raise_refused(
                self._client.collection("POST", "field permissions", records=wanted[start : start + 200])
            )
        if self._client.user_id is not None and not self.assigned(permission_set):
            self._assign(permission_set, self._client.user_id)

    def _assign(self, permission_set: str, user: str) -> None:
        body = {"AssigneeId": user, "PermissionSetId": permission_set}
        find = partial(self._assignment, permission_set)
        self._client.create("sobjects/PermissionSetAssignment", body, "assign permission set", find)

    def _make_permission_set(self) -> str:
        name = self._client.connection.permission_set
        body = {
            "Name": name,
            "Label": name,
            "Description": "Shows the fields that Scoreline keeps; assign it to whoever should see scores.",
        }
        return self._client.create(
            "sobjects/PermissionSet", body, "create permission set", self.permission_set
        )

    def _await_visible(self, specs: Sequence[FieldSpec]) -> None:
        for look in range(_LOOKS):
            self._schema.forget()
            if all(self._visible(spec) for spec in specs):
                return
            if look < _LOOKS - 1:
                self._client.transport.sleep(_LOOK_EVERY_S)

    def _visible(self, spec: FieldSpec) -> bool:
        known = (self._schema.fields(spec.object) or {}).get(spec.name)
        return bool(known and known["updateable"])

    def _seen(self, state: FieldState) -> FieldState:
        if state.status == "not_visible" and self._visible(state.spec):
            return FieldState(state.spec, "present", "made visible")
        if state.status == "created" and not self._visible(state.spec):
            return FieldState(
                state.spec, "not_visible", "created, but not visible to the integration user yet"
            )
        return state


def _raise_refused(results: Sequence[Mapping[str, Any]]) -> None:
    for result in results:
        for error in result["errors"]:
            if error["statusCode"] not in ALREADY_CODES:
                raise AuthError(
                    error["message"],
                    vendor="salesforce",
                    operation="field permissions",
                    code=error["statusCode"],
                    remedy="Let the integration user manage permission sets, or assign the fields by hand.",
                )


def _metadata(spec: FieldSpec) -> dict[str, Any]:
    """``Metadata`` of a CustomField: types that sort and filter wherever the kind allows."""
    common: dict[str, Any] = {
        "label": spec.label,
        "inlineHelpText": spec.help,
        "description": "Kept by Scoreline.",
    }
    kinds: dict[str, dict[str, Any]] = {
        "integer": {"type": "Number", "precision": 18, "scale": 0},
        "number": {"type": "Number", "precision": 18, "scale": spec.decimals},
        "text": {"type": "Text", "length": min(spec.length, 255)},
        "long_text": {"type": "LongTextArea", "length": max(spec.length, 256), "visibleLines": 6},
        "date": {"type": "Date"},
        "datetime": {"type": "DateTime"},
        "boolean": {"type": "Checkbox", "defaultValue": "false"},
    }
    return {**common, **kinds[spec.kind]}


def _too_short(known: Mapping[str, Any], spec: FieldSpec) -> bool:
    return spec.kind in {"text", "long_text"} and int(known.get("length") or 0) < spec.length


def _shown(known: Mapping[str, Any]) -> str:
    length = f" of {known['length']} characters" if known.get("length") else ""
    return f"{known['type']}{length}"


def _wanted(spec: FieldSpec) -> str:
    return f"{spec.kind} of {spec.length} characters" if spec.kind in {"text", "long_text"} else spec.kind
