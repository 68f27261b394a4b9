"""Walking Mailchimp's offset pages so that nothing is skipped while data changes underneath.

Offsets count rows of a filtered, ordered view. A row that leaves the view shifts all later ones to the left,
and the next offset jumps over as many. ``total_items`` of the next page shows how many left: then that many
rows are read again. Rows that join can only repeat others.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors.mailchimp.gateway import PAGE
from core.errors import ConnectorError

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows, and where the next ones begin (None at the end)."""

    rows: list[Row]
    following: int | None
    total: int | None


def slices(
    key: str, fetch: Callable[[int], tuple[Row, int]], start: int = 0, total: int | None = None
) -> Iterator[Slice]:
    """Pages of a collection from ``start``. fetch: offset → (answer, rows asked for).

    total: how many rows there were when the page before ``start`` was read, None if it is the first.
    Ends on a short page: ``total_items`` may undercount. Raises ConnectorError when a page repeats itself.
    """
    offset = start
    before: object = None
    while True:
        answer, asked = fetch(offset)
        rows = list(answer.get(key) or ())
        now = int(answer["total_items"]) if isinstance(answer.get("total_items"), int) else None
        if total is not None and now is not None and now < total:
            offset, total, before = max(0, offset - (total - now)), now, None
            continue
        total = now
        marker = (rows[0], rows[-1]) if rows else None
        if marker is not None and marker == before and len(rows) == asked:
            raise ConnectorError(
                f"the page at {offset} repeats the one before",
                vendor="mailchimp",
                operation=key,
                code="no_progress",
                remedy="Try again later; if it stays, tell Mailchimp support.",
            )
        before = marker
        following = offset + len(rows) if len(rows) >= asked else None
        yield Slice(rows, following, total)
        if following is None:
            return
        offset = following


def whole(fetch: Callable[[int], Row]) -> Callable[[int], tuple[Row, int]]:
    """For calls that always ask for the largest page."""
    return lambda offset: (fetch(offset), PAGE)
