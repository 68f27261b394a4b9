"""A value on its way into a field: checked, and in the form rows hold."""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.fields import NUMBERS, Field
from sandbox.salesforce.ids import looks_like_id, to18
from sandbox.salesforce.instants import read_date, read_datetime

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

Check = Callable[["Org", Field, Any], Any]
_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\"]+\.[^@\s,;<>()\".]+")
_JSON_NAMES = {
    str: "VALUE_STRING",
    int: "VALUE_NUMBER_INT",
    float: "VALUE_NUMBER_FLOAT",
    dict: "START_OBJECT",
}
_BOOLEANS = {"true": True, "false": False, "1": True, "0": False}


def stored(org: "Org", known: Field, value: Any) -> Any:
    """The value as a row holds it; null and empty text become None.

    Refused with the vendor's row code (STRING_TOO_LONG, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, …), or with
    JSON_PARSER_ERROR if the JSON type does not fit, which refuses the whole request.
    """
    if value is None or value == "":
        return _null(known)
    check: Check = _KINDS.get(known.type, _text)
    return check(org, known, value)


def _null(known: Field) -> bool | None:
    if known.type == "boolean":
        return False
    if not known.nillable or known.required:
        raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{known.name}]", [known.name])
    return None


def _text(_org: "Org", known: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _wrong_json(known, value)
    text = value.strip()
    if not text:
        return None if known.nillable else str(_null(known))
    if known.length and len(text) > known.length:
        message = f"{known.label}: data value too large: {text} (max length={known.length})"
        raise Refused("STRING_TOO_LONG", message, [known.name])
    return text


def _email(org: "Org", known: Field, value: Any) -> str | None:
    text = _text(org, known, value)
    if text is not None and not _EMAIL.fullmatch(text):
        message = f"{known.label}: invalid email address: {text}"
        raise Refused("INVALID_EMAIL_ADDRESS", message, [known.name])
    return None if text is None else text.lower()


def _picklist(org: "Org", known: Field, value: Any) -> str | None:
    text = _text(org, known, value)
    allowed = {choice.lower(): choice for choice in known.picklist}
    if known.restricted and text is not None and text.lower() not in allowed:
        message = f"{known.label}: bad value for restricted picklist field: {text}"
        raise Refused("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, [known.name])
    return None if text is None else allowed.get(text.lower(), text)


def _number(_org: "Org", known: Field, value: Any) -> float:
    try:
        number = Decimal(str(value)) if not isinstance(value, bool) else None
    except InvalidOperation:
        number = None
    if number is None or not number.is_finite():
        raise _wrong_json(known, value)
    number = number.quantize(Decimal(1).scaleb(-known.scale), rounding=ROUND_HALF_UP)
    if abs(number) >= Decimal(10) ** (known.precision - known.scale):
        message = f"{known.label}: value outside of valid range on numeric field: {float(number)}"
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", message, [known.name])
    return float(number)


def _integer(_org: "Org", known: Field, value: Any) -> int:
    try:
        number = int(value) if not isinstance(value, bool | float) or float(value).is_integer() else None
    except (TypeError, ValueError):
        number = None
    if number is None or isinstance(value, bool):
        raise _wrong_json(known, value)
    if known.digits and abs(number) >= 10 ** max(known.digits, 9):
        message = f"{known.label}: value outside of valid range on numeric field: {number}"
        raise Refused("NUMBER_OUTSIDE_VALID_RANGE", message, [known.name])
    return number


def _boolean(_org: "Org", known: Field, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(str(value).lower())
    if found is None:
        raise _wrong_json(known, value)
    return found


def _date(_org: "Org", known: Field, value: Any) -> str:
    found = read_date(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong_json(known, value)
    return found


def _datetime(_org: "Org", known: Field, value: Any) -> str:
    found = None
    if isinstance(value, str):
        found = read_datetime(value)
        if found is None and len(value) == 10 and read_date(value):
            found = f"{value}T00:00:00.000+0000"
    if found is None:
        raise _wrong_json(known, value)
    return found


def _reference(org: "Org", known: Field, value: Any) -> str:
    if not looks_like_id(value):
        raise Refused("MALFORMED_ID", f"{known.label}: id value of incorrect type: {value}", [known.name])
    record_id = to18(value)
    owner = org.schema.of_id(record_id)
    if owner is not None and known.targets and owner.name not in known.targets:
        message = f"{known.label}: id value of incorrect type: {value}"
        raise Refused("FIELD_INTEGRITY_EXCEPTION", message, [known.name])
    row = org.row(record_id)
    if row is None:
        raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", [known.name])
    if row.get("IsDeleted"):
        raise Refused("ENTITY_IS_DELETED", "entity is deleted", [known.name])
    return record_id


def _wrong_json(known: Field, value: Any) -> Refused:
    kind = {"double": "double", "currency": "double", "percent": "double"}.get(known.type, known.type)
    if kind not in {"double", "int", "boolean", "date", "datetime"}:
        kind = "string"
    message = (
        f"Cannot deserialize instance of {kind} from {_JSON_NAMES.get(type(value), 'VALUE')} value {value} "
        "or request may be missing a required field"
    )
    return Refused("JSON_PARSER_ERROR", message, [known.name])


_KINDS: dict[str, Check] = {
    **dict.fromkeys(NUMBERS, _number),
    "int": _integer,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "email": _email,
    "picklist": _picklist,
    "reference": _reference,
}
