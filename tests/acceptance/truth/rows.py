"""What one vendor's dump comes to: people, companies, what was done and answered, in plain rows."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Key = tuple[str, str, str]  # vendor, object, id


@dataclass
class Record:
    """One vendor record of a person or a company. state: live, archived, deleted, merged or converted."""

    key: Key
    state: str
    modified: datetime
    values: dict[str, Any]
    links: list[Key] = field(default_factory=list)
    successor: Key | None = None
    company: Key | None = None
    consent: str = "none"

    @property
    def is_live(self) -> bool:
        return self.state == "live"


@dataclass
class Known:
    """Everything a vendor knows. activities and answers name a record, or an address, or both."""

    vendor: str
    people: list[Record] = field(default_factory=list)
    companies: list[Record] = field(default_factory=list)
    activities: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)


def activity(kind: str, number: str, at: datetime | None, **given: Any) -> dict[str, Any]:
    """One activity with every column scoring may ask for."""
    blank = dict.fromkeys(
        (
            "product",
            "category",
            "asset",
            "value",
            "unit",
            "currency",
            "campaign",
            "origin",
            "seen_at",
            "record",
            "email",
        )
    )
    return {**blank, "activity_id": number, "type": kind, "occurred_at": at, **given}


def instant(text: str | None) -> datetime | None:
    """UTC, whole seconds, from what any of the three vendors writes; None for nothing."""
    if not text:
        return None
    at = datetime.fromisoformat(text.replace("+0000", "+00:00"))
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def at(text: str | None) -> datetime:
    """As ``instant``, where there has to be one."""
    found = instant(text)
    assert found is not None
    return found


def milliseconds(number: int) -> datetime:
    return datetime.fromtimestamp(number // 1000, UTC)


def some(text: object) -> str | None:
    """Text without blanks around; None for nothing."""
    bare = str(text).strip(" ") if text is not None else ""
    return bare or None
