"""Walking HubSpot's listings so that nothing is skipped and nothing is fetched twice.

Search pages by record id inside a fixed window instead of by offset: the wall at 10,000 results is never met,
records that share one instant need no tiebreak, and one that changes meanwhile is met in the next window.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from connectors.base import Token, Window
from connectors.columns import as_utc
from connectors.hubspot.gateway import ASSOCIATIONS, SEARCH_PAGE, Gateway
from connectors.hubspot.mapping import modified_property
from core.errors import ConnectorError, ScorelineError

Records = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Batch:
    """Some records, or what was kept of them, and where to go on.

    total: how many there are altogether, where HubSpot says.
    """

    records: Any
    place: dict[str, str]
    archived: bool = False
    total: int | None = None

    @property
    def token(self) -> Token:
        return json.dumps(self.place)


def place_of(resume: Token | None) -> dict[str, str]:
    """What a token says; nothing without one."""
    return dict(json.loads(resume)) if resume else {}


def changed(
    gateway: Gateway,
    kind: str,
    properties: Sequence[str],
    window: Window,
    resume: Token | None,
    keep: Callable[[Records], Any] = list,
) -> Iterator[Batch]:
    """Records changed in the window by id, then those archived since it began.

    keep: what to hold of each page's records while more are awaited; it has a length and grows by +=.
    """
    place = place_of(resume)
    if place.get("stage") != "archived":
        yield from _joined(_searched(gateway, kind, properties, window, place.get("after", "0")), keep)
        place = {}
    yield from _joined(_archived(gateway, kind, properties, window, place.get("after")), keep)


def _joined(batches: Iterator[Batch], keep: Callable[[Records], Any]) -> Iterator[Batch]:
    """As many batches in one as an association read takes, so that none is asked about half empty.

    What came before a failure is given first: it need not be fetched again.
    """
    held: Batch | None = None
    try:
        for batch in batches:
            records = held.records if held else keep([])
            records += keep(batch.records)
            # freed before the next answer is read, which then takes its room
            batch.records.clear()
            held = replace(batch, records=records)
            if len(held.records) > ASSOCIATIONS - SEARCH_PAGE:
                yield held
                held = None
    except ScorelineError:
        if held is not None:
            yield held
        raise
    if held is not None:
        yield held


def _searched(
    gateway: Gateway, kind: str, properties: Sequence[str], window: Window, after: str
) -> Iterator[Batch]:
    while True:
        answer = gateway.search(kind, _question(kind, properties, window, after))
        records: Records = answer.pop("results", None) or []
        if records:
            last = str(records[-1]["id"])
            if int(last) <= int(after):
                raise stuck(f"search {kind}", after)
            after = last
        whole = len(records) < SEARCH_PAGE or answer.get("total") == len(records)
        place = {"stage": "archived"} if whole else {"stage": "changed", "after": after}
        yield Batch(records, place, total=answer.get("total"))
        if whole:
            return


def _question(kind: str, properties: Sequence[str], window: Window, after: str) -> dict[str, Any]:
    modified = modified_property(kind)
    filters = [
        {"propertyName": modified, "operator": "LTE", "value": _ms(window.until.timestamp() + 0.999)},
        {"propertyName": "hs_object_id", "operator": "GT", "value": after},
    ]
    if window.since is not None:
        filters.insert(
            0, {"propertyName": modified, "operator": "GTE", "value": _ms(window.since.timestamp())}
        )
    return {
        "filterGroups": [{"filters": filters}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(properties),
        "limit": SEARCH_PAGE,
    }


def _archived(
    gateway: Gateway, kind: str, properties: Sequence[str], window: Window, after: str | None
) -> Iterator[Batch]:
    """The listing of archived records has no order and no filter: those archived earlier are dropped."""
    while True:
        answer = gateway.list_page(kind, properties=properties, after=after, archived=True)
        records = [one for one in answer.get("results") or () if _archived_in(one, window)]
        following = next_after(answer)
        if following is not None and following == after:
            raise stuck(f"list {kind}", after)
        after = following
        if records or after:
            yield Batch(records, {"stage": "archived", **({"after": after} if after else {})}, archived=True)
        if after is None:
            return


def _archived_in(record: dict[str, Any], window: Window) -> bool:
    archived_at = as_utc(str(record.get("archivedAt") or ""))
    return window.since is None or archived_at is None or archived_at >= window.since


def next_after(answer: dict[str, Any]) -> str | None:
    """The cursor of the next page; None on the last."""
    following = (answer.get("paging") or {}).get("next") or {}
    return str(following["after"]) if following.get("after") is not None else None


def stuck(operation: str, after: object) -> ConnectorError:
    """A listing that does not move on would be read for ever."""
    return ConnectorError(
        f"the page after {after} begins where it began",
        vendor="hubspot",
        operation=operation,
        code="no_progress",
        remedy="Try again later; if it stays, tell HubSpot support.",
    )


def _ms(seconds: float) -> str:
    return str(int(seconds * 1000))
