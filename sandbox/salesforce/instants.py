"""Time as this vendor writes it. Its text sorts as time does, so rows hold it as text."""

from datetime import UTC, date, datetime, timedelta

_FORMAT = "%Y-%m-%dT%H:%M:%S.000+0000"


def stamp(instant: datetime) -> str:
    """``2026-11-22T08:00:00.000+0000``."""
    return instant.strftime(_FORMAT)


def unstamp(text: str) -> datetime:
    return datetime.strptime(text, _FORMAT).replace(tzinfo=UTC)


def day(text: str) -> str:
    """The date of a stamp."""
    return text[:10]


def read_datetime(text: str) -> str | None:
    """A datetime as clients send it, to a stamp; None if it is none."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) == 10:
        return None
    return stamp(parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC))


def read_date(text: str) -> str | None:
    """A date, or the date of a datetime; None if it is neither."""
    try:
        return date.fromisoformat(text[:10]).isoformat() if len(text) >= 10 else None
    except ValueError:
        return None


def literal_days(name: str, today: date) -> tuple[date, date] | None:
    """First and last day of a SOQL date literal such as ``TODAY`` or ``LAST_N_DAYS:30``; None if unknown."""
    head, _, number = name.upper().partition(":")
    if head in {"LAST_N_DAYS", "NEXT_N_DAYS"} and number.isdigit():
        span = timedelta(days=int(number))
        return (today - span, today) if head == "LAST_N_DAYS" else (today + timedelta(days=1), today + span)
    monday = today - timedelta(days=(today.weekday() + 1) % 7)
    first = today.replace(day=1)
    last_month = (first - timedelta(days=1)).replace(day=1)
    next_month = (first + timedelta(days=32)).replace(day=1)
    one = timedelta(days=1)
    return {
        "TODAY": (today, today),
        "YESTERDAY": (today - one, today - one),
        "TOMORROW": (today + one, today + one),
        "THIS_WEEK": (monday, monday + 6 * one),
        "LAST_WEEK": (monday - 7 * one, monday - one),
        "THIS_MONTH": (first, next_month - one),
        "LAST_MONTH": (last_month, first - one),
        "THIS_YEAR": (today.replace(month=1, day=1), today.replace(month=12, day=31)),
        "LAST_YEAR": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        "LAST_90_DAYS": (today - 90 * one, today),
    }.get(head)
