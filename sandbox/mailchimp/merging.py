"""Merge fields: their definitions, and which values an audience takes."""

import math
import re
from datetime import date
from typing import Any

from sandbox.mailchimp.call import Call, Json, string
from sandbox.mailchimp.problems import MERGE_INVALID, invalid, missing
from sandbox.mailchimp.store import Audience

TYPES = (
    "text",
    "number",
    "address",
    "phone",
    "date",
    "url",
    "imageurl",
    "radio",
    "dropdown",
    "birthday",
    "zip",
)
#: Reported for standard plans; the top plans have 80.
MAX_FIELDS = 30
_MAX_BYTES = 255
_TAG = re.compile(r"[A-Z0-9_]{1,10}")
_PATTERNS = {
    "birthday": re.compile(r"(0[1-9]|1[0-2])/(0[1-9]|[12]\d|3[01])"),
    "zip": re.compile(r"\d{5}"),
    "url": re.compile(r"https?://\S+"),
    "imageurl": re.compile(r"https?://\S+"),
}
_ADDRESS_PARTS = ("addr1", "city", "state", "zip")


def define(audience: Audience, name: str, type_: str, **given: Any) -> Json:
    """Add a merge field; every member then reads ``""`` there, or the default value."""
    number = max(audience.merge_fields, default=0) + 1
    tag = str(given.get("tag") or "").upper()
    if not _TAG.fullmatch(tag):
        tag = f"MERGE{number}"
    options = dict(given.get("options") or {})
    if type_ in ("text", "number", "url", "imageurl"):
        options.setdefault("size", 25)
    field = {
        "merge_id": number,
        "tag": tag,
        "name": name,
        "type": type_,
        "required": bool(given.get("required", False)),
        "default_value": str(given.get("default_value") or ""),
        "public": bool(given.get("public", False)),
        "display_order": int(given.get("display_order") or number + 1),
        "options": options,
        "help_text": str(given.get("help_text") or ""),
        "list_id": audience.id,
    }
    audience.merge_fields[number] = field
    for member in audience.members.values():
        member["merge_fields"][tag] = field["default_value"]
    audience.info["stats"]["merge_field_count"] = len(audience.merge_fields)
    audience.touch()
    return field


def undefine(audience: Audience, number: int) -> None:
    """Drop a merge field and every value in it."""
    tag = audience.merge_fields.pop(number)["tag"]
    for member in audience.members.values():
        member["merge_fields"].pop(tag, None)
    audience.info["stats"]["merge_field_count"] = len(audience.merge_fields)
    audience.touch()


def blank(audience: Audience) -> Json:
    """The values of a member who gave none."""
    return {field["tag"]: field["default_value"] for field in audience.merge_fields.values()}


def merged(audience: Audience, held: Json, given: Any, *, lenient: bool) -> Json:
    """Values after an update: unknown tags and nulls are ignored, ``""`` clears, a bad value is 400.

    lenient: do not insist on required fields.
    """
    if given is not None and not isinstance(given, dict):
        raise invalid(("merge_fields", "Schema describes object, found something else"))
    values, wrong = dict(held), []
    fields = {field["tag"]: field for field in audience.merge_fields.values()}
    for tag, value in (given or {}).items():
        field = fields.get(str(tag).upper())
        if field is None or value is None:
            continue
        try:
            values[field["tag"]] = "" if value == "" else _accepted(field, value)
        except ValueError as refusal:
            wrong.append((field["tag"], str(refusal)))
    if not lenient:
        wrong += [
            (tag, "Please enter a value")
            for tag, field in fields.items()
            if field["required"] and values[tag] == ""
        ]
    if wrong:
        raise invalid(*wrong, detail=MERGE_INVALID)
    return values


def _accepted(field: Json, value: Any) -> Any:
    """The value as stored; ValueError with Mailchimp's message when it does not fit."""
    kind = field["type"]
    if kind == "number":
        return _number(value)
    if kind == "address":
        return _address(value)
    plain = isinstance(value, (str, int, float)) and not isinstance(value, bool)
    if not plain:
        raise ValueError("This value should be of type string.")
    text = str(value)
    if len(text.encode()) > _MAX_BYTES:
        raise ValueError(f"This value is too long. It should have {_MAX_BYTES} bytes or less.")
    if kind in ("radio", "dropdown") and text not in field["options"].get("choices", []):
        raise ValueError("The value you selected is not a valid choice.")
    if kind == "date":
        return _day(text)
    if kind in _PATTERNS and not _PATTERNS[kind].fullmatch(text):
        raise ValueError(f"Please enter a valid {kind}")
    return text


def _number(value: Any) -> float | int:
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError("Please enter a number")
    return int(number) if number.is_integer() else number


def _address(value: Any) -> Json:
    complete = isinstance(value, dict) and all(value.get(part) for part in _ADDRESS_PARTS)
    if not complete:
        raise ValueError("Please enter a complete address")
    return {
        part: str(value.get(part) or "") for part in ("addr1", "addr2", "city", "state", "zip", "country")
    }


def _day(text: str) -> str:
    if re.fullmatch(r"\d{1,2}/\d{1,2}/\d{4}", text):
        month, day, year = text.split("/")
        text = f"{year}-{int(month):02d}-{int(day):02d}"
    try:
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        raise ValueError("Please enter the date as mm/dd/yyyy") from None


def _shown(call: Call, audience: Audience, field: Json) -> Json:
    path = f"/3.0/lists/{audience.id}/merge-fields/{field['merge_id']}"
    return {**field, "_links": call.links_to(path)}


def list_fields(call: Call, list_id: str) -> Json:
    """GET /lists/{id}/merge-fields; ten at a time unless told, which is easily missed."""
    audience = call.store.audience(list_id)
    wanted = call.text("type")
    rows = [field for field in audience.merge_fields.values() if wanted in (None, field["type"])]
    rows.sort(key=lambda field: int(field["merge_id"]))
    return call.page("merge_fields", rows, lambda field: _shown(call, audience, field), list_id=list_id)


def add_field(call: Call, list_id: str) -> Json:
    """POST /lists/{id}/merge-fields."""
    audience, body = call.store.audience(list_id), call.body()
    name, type_ = str(string(body, "name")), str(string(body, "type"))
    if type_ not in TYPES:
        raise invalid(("type", f"Value must be one of: {', '.join(TYPES)}"))
    if len(audience.merge_fields) >= MAX_FIELDS:
        raise invalid(detail=f"This list has reached the maximum of {MAX_FIELDS} merge fields.")
    tag = str(body.get("tag") or "").upper()
    if tag == "EMAIL" or any(field["tag"] == tag for field in audience.merge_fields.values()):
        raise invalid(detail=f'A Merge Field with the tag "{tag}" already exists for this list.')
    extras = {key: value for key, value in body.items() if key not in ("name", "type")}
    return _shown(call, audience, define(audience, name, type_, **extras))


def _field(audience: Audience, merge_id: str) -> Json:
    if not merge_id.isdecimal() or int(merge_id) not in audience.merge_fields:
        raise missing()
    return audience.merge_fields[int(merge_id)]


def get_field(call: Call, list_id: str, merge_id: str) -> Json:
    """GET /lists/{id}/merge-fields/{id}."""
    audience = call.store.audience(list_id)
    return _shown(call, audience, _field(audience, merge_id))


def edit_field(call: Call, list_id: str, merge_id: str) -> Json:
    """PATCH /lists/{id}/merge-fields/{id}; the type cannot change."""
    audience, body = call.store.audience(list_id), call.body()
    field = _field(audience, merge_id)
    for key in ("name", "required", "default_value", "public", "display_order", "help_text"):
        if key in body:
            field[key] = body[key]
    return _shown(call, audience, field)


def delete_field(call: Call, list_id: str, merge_id: str) -> None:
    """DELETE /lists/{id}/merge-fields/{id}."""
    audience = call.store.audience(list_id)
    undefine(audience, int(_field(audience, merge_id)["merge_id"]))


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/lists/<list_id>/merge-fields", list_fields),
    ("POST", "/lists/<list_id>/merge-fields", add_field),
    ("GET", "/lists/<list_id>/merge-fields/<merge_id>", get_field),
    ("PATCH", "/lists/<list_id>/merge-fields/<merge_id>", edit_field),
    ("DELETE", "/lists/<list_id>/merge-fields/<merge_id>", delete_field),
]
