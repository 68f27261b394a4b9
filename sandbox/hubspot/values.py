"""Property values as HubSpot takes and keeps them: everything is text, dates and instants in ISO form."""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation

MAX_TEXT = 65_536
_EMAIL = re.compile(r"[^@\s,;<>()\[\]]+@[^@\s,;<>()\[\]]+\.[^@\s.,;<>()\[\]]{2,}")
_MS_PER_DAY = 86_400_000


class BadValue(Exception):
    """Why a value is refused. ``code`` is HubSpot's (``INVALID_OPTION``, ...)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def iso_ms(ms: int) -> str:
    """Epoch milliseconds as HubSpot prints instants: no fraction when it is zero."""
    text = datetime.fromtimestamp(ms // 1000, UTC).isoformat()[:19]
    return f"{text}.{ms % 1000:03d}Z" if ms % 1000 else f"{text}Z"


def to_ms(instant: datetime) -> int:
    return int(instant.timestamp()) * 1000 + instant.microsecond // 1000


def parse_ms(text: str) -> int:
    """Epoch milliseconds from digits, an ISO instant or an ISO date. ValueError otherwise."""
    stripped = text.strip()
    if stripped.lstrip("-").isdigit():
        return int(stripped)
    parsed = datetime.fromisoformat(stripped)
    return to_ms(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def as_text(raw: object) -> str:
    """A JSON value as the text HubSpot keeps."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw)


def email(text: str) -> str:
    """Kept in lower case; refused when it is no address."""
    lowered = text.strip().lower()
    if not _EMAIL.fullmatch(lowered):
        raise BadValue("INVALID_EMAIL", f"Email address {text} is invalid")
    return lowered


def plain(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise BadValue(
            "VALUE_TOO_LONG", f"Property value is too long: {len(text)} characters, at most {MAX_TEXT}"
        )
    return text


def number(text: str) -> str:
    try:
        finite = Decimal(text.strip()).is_finite()
    except InvalidOperation:
        finite = False
    if not finite or "_" in text:
        raise BadValue("INVALID_NUMBER", f"{text} was not a valid number.")
    return text.strip()


def day(text: str) -> str:
    try:
        ms = parse_ms(text)
    except ValueError:
        raise BadValue("INVALID_DATE", f"{text} was not a valid date.") from None
    if ms % _MS_PER_DAY:
        message = f"{text} is at {iso_ms(ms)[11:]}, but date properties only take midnight UTC."
        raise BadValue("INVALID_DATE", message)
    return iso_ms(ms)[:10]


def instant(text: str) -> str:
    try:
        return iso_ms(parse_ms(text))
    except (ValueError, OverflowError, OSError):
        raise BadValue("INVALID_LONG", f"{text} was not a valid long.") from None


def boolean(text: str) -> str:
    if text.lower() not in {"true", "false"}:
        raise BadValue("INVALID_BOOLEAN", f"{text} was not a valid boolean.")
    return text.lower()


def option(text: str, allowed: Collection[str], *, several: bool) -> str:
    parts = [part for part in text.split(";") if part] if several else [text]
    for part in parts:
        if part in allowed:
            continue
        if part.strip() in allowed:
            raise BadValue("LEADING_TRAILING_WHITESPACE", f'"{part}" has leading or trailing whitespace.')
        listed = ", ".join(allowed)
        raise BadValue("INVALID_OPTION", f"{part} was not one of the allowed options: [{listed}]")
    return ";".join(dict.fromkeys(parts))
