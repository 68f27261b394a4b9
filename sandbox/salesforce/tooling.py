"""The Tooling API, as far as custom fields need it."""

import re
from typing import Any

from werkzeug import Response

from sandbox.salesforce.call import Call, answer, nothing
from sandbox.salesforce.errors import Refused, malformed, not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import make_id, to18
from sandbox.salesforce.personaccounts import mirror
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.syntax import parse
from sandbox.salesforce.tree import Aggregate, Column, Comparison, Condition, Literal, Logic, Membership

_NAME = re.compile(r"[A-Za-z](?:\w*[A-Za-z0-9])?__c")
# Metadata type → (describe type, what the metadata must give)
_TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "Text": ("string", ("length",)),
    "TextArea": ("textarea", ()),
    "LongTextArea": ("textarea", ("length", "visibleLines")),
    "Number": ("double", ("precision", "scale")),
    "Currency": ("currency", ("precision", "scale")),
    "Percent": ("percent", ("precision", "scale")),
    "Checkbox": ("boolean", ("defaultValue",)),
    "Date": ("date", ()),
    "DateTime": ("datetime", ()),
    "Email": ("email", ()),
    "Phone": ("phone", ()),
    "Url": ("url", ()),
    "Picklist": ("picklist", ("valueSet",)),
    "MultiselectPicklist": ("multipicklist", ("valueSet", "visibleLines")),
}
_LENGTHS = {
    "TextArea": 255,
    "Email": 80,
    "Phone": 40,
    "Url": 255,
    "Picklist": 255,
    "MultiselectPicklist": 4099,
}
_LONGEST = {"Text": 255, "LongTextArea": 131_072}
_PREFIX = "00N"


def query(call: Call) -> Response:
    """SELECT … FROM CustomField or EntityDefinition or FieldDefinition WHERE …"""
    parsed = parse(call.request.args.get("q") or "")
    rows = _ROWS.get(parsed.source.lower())
    if rows is None:
        raise Refused("INVALID_TYPE", f"sObject type '{parsed.source}' is not supported.")
    kind, found = rows(call)
    kept = [row for row in found if parsed.where is None or _holds(parsed.where, row)]
    if len(parsed.columns) == 1 and isinstance(parsed.columns[0], Aggregate):
        return answer(
            {"size": len(kept), "totalSize": len(kept), "done": True, "queryLocator": None, "records": []}
        )
    names = [column.path for column in parsed.columns if isinstance(column, Column)]
    records = [_record(call, kind, row, names) for row in kept[: parsed.limit]]
    body = {
        "size": len(records),
        "totalSize": len(records),
        "done": True,
        "queryLocator": None,
        "entityTypeName": kind,
        "records": records,
    }
    return answer(body)


def create(call: Call, name: str) -> Response:
    """``POST tooling/sobjects/CustomField``."""
    if name.lower() != "customfield":
        raise not_found()
    if not call.access.may("CustomizeApplication"):
        message = "You do not have the level of access necessary to perform the operation you requested."
        raise Refused("INSUFFICIENT_ACCESS", message, status=403)
    given = call.body_object()
    owner, api_name = _target(call, given)
    known = parse_metadata(api_name, dict(given.get("Metadata") or {}))
    known.history.update(
        id=make_id(_PREFIX, call.org.next_number("field")), at=call.org.now(), metadata=given["Metadata"]
    )
    owner.put(known)
    if owner.name == "Contact":
        mirror(call.org, known)
    call.count(1)
    body = {"id": known.history["id"], "success": True, "errors": [], "warnings": [], "infos": []}
    return answer(body, 201)


def read(call: Call, name: str, record_id: str) -> Response:
    owner, known = _found(call, name, record_id)
    row = _field_row(call, owner, known)
    row["Metadata"] = known.history.get("metadata")
    row["FullName"] = f"{owner.name}.{known.name}"
    return answer({"attributes": _attributes(call, "CustomField", row["Id"]), **row})


def update(call: Call, name: str, record_id: str) -> Response:
    """Labels and help text may change; the type may not."""
    owner, known = _found(call, name, record_id)
    if not call.access.may("CustomizeApplication"):
        raise Refused("INSUFFICIENT_ACCESS", "insufficient access rights on object id", status=403)
    fresh = parse_metadata(known.name, dict(call.body_object().get("Metadata") or {}))
    if fresh.type != known.type:
        raise Refused("FIELD_INTEGRITY_EXCEPTION", f"Cannot change the type of {known.name}", ["Type"])
    fresh.history.update(known.history)
    owner.put(fresh)
    call.count(1)
    return nothing()


def delete(call: Call, name: str, record_id: str) -> Response:
    owner, known = _found(call, name, record_id)
    drop_field(call.org, owner, known)
    call.count(1)
    return nothing()


def drop_field(org: Any, owner: SObject, known: Field) -> None:
    """Take a field and its values out of the org."""
    owner.drop(known.name)
    for row in org.table(owner.name).rows.values():
        row.pop(known.name, None)
    permissions = org.table("FieldPermissions")
    path = f"{owner.name}.{known.name}"
    for key in [row["Id"] for row in permissions.rows.values() if row.get("Field") == path]:
        permissions.purge(key)


def _found(call: Call, name: str, record_id: str) -> tuple[SObject, Field]:
    if name.lower() == "customfield":
        for owner in call.org.schema:
            for known in owner.fields.values():
                if known.custom and known.history.get("id") == to18(record_id):
                    return owner, known
    raise not_found()


def _target(call: Call, given: dict[str, Any]) -> tuple[SObject, str]:
    full_name = str(given.get("FullName", ""))
    owner_name, _, api_name = full_name.partition(".")
    owner = call.org.schema.find(owner_name)
    if owner is None:
        message = f"Entity Enumeration Or ID: bad value for restricted picklist field: {owner_name}"
        raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, ["TableEnumOrId"])
    if not _NAME.fullmatch(api_name) or "___" in api_name or len(api_name) > 43:
        message = (
            "The Field Name field can only contain underscores and alphanumeric characters. It must be "
            "unique, begin with a letter, not include spaces, not end with an underscore, and not contain "
            "two consecutive underscores"
        )
        raise Refused("FIELD_INTEGRITY_EXCEPTION", message, ["FullName"])
    if owner.find(api_name) is not None:
        message = f"There is already a field named {api_name[:-3]} on {owner.name}."
        raise Refused("DUPLICATE_DEVELOPER_NAME", message, ["DeveloperName"])
    return owner, api_name


def parse_metadata(api_name: str, metadata: dict[str, Any]) -> Field:
    """A custom field from its Metadata. Refused (FIELD_INTEGRITY_EXCEPTION) if something is wrong."""
    kind = str(metadata.get("type", ""))
    if kind not in _TYPES:
        raise Refused(
            "INVALID_TYPE_ON_FIELD_IN_RECORD",
            f"'{kind}' is not a valid value for the enum 'FieldType'",
            ["type"],
        )
    described, needed = _TYPES[kind]
    for item in ("label", *needed):
        if metadata.get(item) is None or metadata[item] == "":
            raise Refused(
                "FIELD_INTEGRITY_EXCEPTION", f"Must specify '{item}' for a CustomField of type {kind}", [item]
            )
    length = int(metadata.get("length") or _LENGTHS.get(kind, 0))
    if length > _LONGEST.get(kind, length) or (kind == "LongTextArea" and length < 256):
        raise Refused(
            "FIELD_INTEGRITY_EXCEPTION", f"invalid length for field of type {kind}: {length}", ["length"]
        )
    precision, scale = int(metadata.get("precision") or 0), int(metadata.get("scale") or 0)
    if precision > 18 or scale > precision:
        raise Refused(
            "NUMBER_OUTSIDE_VALID_RANGE", "Precision must be at most 18 and at least the scale", ["precision"]
        )
    values = _value_set(metadata)
    return Field(
        name=api_name,
        type=described,
        label=str(metadata["label"]),
        length=length,
        precision=precision,
        scale=scale,
        nillable=described != "boolean",
        createable=True,
        updateable=True,
        defaulted=described == "boolean",
        restricted=bool((metadata.get("valueSet") or {}).get("restricted")),
        picklist=values,
        custom=True,
        unique=bool(metadata.get("unique")),
        external_id=bool(metadata.get("externalId")),
        help_text=metadata.get("inlineHelpText"),
        required=bool(metadata.get("required")),
        history={},
    )


def _value_set(metadata: dict[str, Any]) -> tuple[str, ...]:
    definition = (metadata.get("valueSet") or {}).get("valueSetDefinition") or {}
    return tuple(
        str(item.get("fullName") or item.get("valueName") or item["label"])
        for item in definition.get("value", ())
    )


def _field_row(call: Call, owner: SObject, known: Field) -> dict[str, Any]:
    at = known.history.get("at", call.org.now())
    return {
        "Id": known.history.get("id"),
        "DeveloperName": known.name.removesuffix("__c"),
        "TableEnumOrId": owner.name,
        "EntityDefinitionId": owner.name,
        "NamespacePrefix": None,
        "ManageableState": "unmanaged",
        "InlineHelpText": known.help_text,
        "Description": (known.history.get("metadata") or {}).get("description"),
        "CreatedDate": at,
        "CreatedById": call.org.integration_id,
        "LastModifiedDate": at,
        "LastModifiedById": call.org.integration_id,
        "Length": known.length or None,
        "Precision": known.precision or None,
        "Scale": known.scale if known.precision else None,
    }


def _custom_fields(call: Call) -> tuple[str, list[dict[str, Any]]]:
    rows = [
        _field_row(call, owner, known)
        | {"FullName": f"{owner.name}.{known.name}", "Metadata": known.history.get("metadata")}
        for owner in call.org.schema
        for known in owner.fields.values()
        if known.custom
    ]
    return "CustomField", rows


def _entities(call: Call) -> tuple[str, list[dict[str, Any]]]:
    rows = [
        {"Id": owner.prefix, "DurableId": owner.name, "QualifiedApiName": owner.name, "Label": owner.label,
         "DeveloperName": owner.name, "KeyPrefix": owner.prefix, "IsCustomizable": not owner.setup}
        for owner in call.org.schema
    ]  # fmt: skip
    return "EntityDefinition", rows


def _definitions(call: Call) -> tuple[str, list[dict[str, Any]]]:
    rows = [
        {
            "Id": f"{owner.name}.{known.name}",
            "DurableId": f"{owner.name}.{known.name}",
            "QualifiedApiName": known.name,
            "DeveloperName": known.name.removesuffix("__c"),
            "Label": known.label,
            "DataType": known.type,
            "EntityDefinitionId": owner.name,
            "EntityDefinition.QualifiedApiName": owner.name,
            "Length": known.length,
        }
        for owner in call.org.schema
        for known in owner.fields.values()
    ]
    return "FieldDefinition", rows


_ROWS = {"customfield": _custom_fields, "entitydefinition": _entities, "fielddefinition": _definitions}


def _record(call: Call, kind: str, row: dict[str, Any], names: list[str]) -> dict[str, Any]:
    by_lower = {name.lower(): name for name in row}
    record: dict[str, Any] = {"attributes": _attributes(call, kind, str(row["Id"]))}
    for name in names:
        own = by_lower.get(name.lower())
        if own is None:
            raise Refused("INVALID_FIELD", f"No such column '{name}' on entity '{kind}'.")
        record[own] = row[own]
    return record


def _attributes(call: Call, kind: str, record_id: str) -> dict[str, str]:
    return {"type": kind, "url": f"/services/data/v{call.version}/tooling/sobjects/{kind}/{record_id}"}


def _holds(condition: Condition, row: dict[str, Any]) -> bool:
    if isinstance(condition, Logic):
        held = [_holds(part, row) for part in condition.parts]
        return {"and": all(held), "or": any(held), "not": not held[0]}[condition.operator]
    by_lower = {name.lower(): value for name, value in row.items()}
    if condition.path.lower() not in by_lower:
        raise Refused("INVALID_FIELD", f"No such column '{condition.path}'")
    value = _plain(by_lower[condition.path.lower()])
    if isinstance(condition, Membership):
        if not isinstance(condition.values, tuple):
            raise malformed("semi joins are not offered on tooling objects")
        return (value in {_literal(item) for item in condition.values}) != condition.negated
    return _compared(condition, value)


def _compared(condition: Comparison, value: Any) -> bool:
    wanted = _literal(condition.literal)
    if condition.operator == "like":
        pattern = re.escape(str(wanted)).replace("%", ".*").replace("_", ".")
        return re.fullmatch(pattern, str(value or "")) is not None
    if condition.operator not in {"=", "!="}:
        raise malformed(f"operator {condition.operator} is not offered on tooling objects")
    return bool(value == wanted) == (condition.operator == "=")


def _literal(literal: Literal) -> Any:
    return _plain(literal.value)


def _plain(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value
