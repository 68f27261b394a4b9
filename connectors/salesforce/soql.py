"""SOQL text: the one place where values become part of a query."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TypeVar

T = TypeVar("T")

_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)?")
_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}

#: Ids in one ``IN`` list: a request line is at most 16,384 bytes, and an encoded, quoted id takes 27 of them
#: (https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta, checked 2026-11).
IDS_PER_QUERY = 500


def quoted(text: str) -> str:
    """A string literal; any text is safe in it."""
    return "'" + "".join(_ESCAPES.get(character, character) for character in text) + "'"


def field(name: str) -> str:
    """A field or parent.field name as it is. Raises ValueError for anything else."""
    if not _FIELD.fullmatch(name):
        message = f"{name!r} is not a field name"
        raise ValueError(message)
    return name


def instant(at: datetime) -> str:
    """A datetime literal in UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def one_of(values: Iterable[str]) -> str:
    """``('a','b')`` for an IN list."""
    return "(" + ",".join(quoted(value) for value in values) + ")"


def chunks(items: Sequence[T], size: int = IDS_PER_QUERY) -> Iterator[Sequence[T]]:
    """The items in lists that fit one query, or one call."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def is_id(text: str) -> bool:
    """Whether this has the shape of a record id."""
    return _ID.fullmatch(text) is not None
