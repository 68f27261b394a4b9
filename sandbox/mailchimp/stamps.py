"""Instants as Mailchimp writes and reads them: UTC, whole seconds, ``+00:00``; never is ``""``."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from sandbox.mailchimp.problems import invalid

NEVER = ""


def stamp(at: datetime) -> str:
    """Write an instant; texts of this form sort as the instants do."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def read_stamp(field: str, text: str) -> str:
    """Read an instant from a query or a body and write it Mailchimp's way."""
    try:
        parsed = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
    except ValueError:
        raise invalid((field, "Must be a valid ISO 8601 date")) from None
    return stamp(parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def within(since: str | None, before: str | None) -> Callable[[str], bool]:
    """Test for a half-open window: later than ``since``, not later than ``before``."""

    def inside(text: str) -> bool:
        return (since is None or text > since) and (before is None or (text != NEVER and text <= before))

    return inside


def latest(stamps: Iterable[Any]) -> str:
    """The last of some instants; never, of none."""
    return max((str(text) for text in stamps), default=NEVER)
