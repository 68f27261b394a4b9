"""Query locators: the rest of a result, for two days."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.query import Result

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_SMALLEST = 200


@dataclass(slots=True)
class _Cursor:
    result: Result
    opened_at: str
    resource: str
    size: int


class Cursors:
    """Results that did not fit one page."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._open: dict[str, _Cursor] = {}

    def first(self, result: Result, version: str, resource: str, options: str) -> dict[str, Any]:
        """The first page. ``options`` is the Sforce-Query-Options header, such as ``batchSize=500``."""
        if result.records is not None:
            return {"totalSize": result.total, "done": True, "records": result.records}
        size = self._size(options)
        if result.total <= size:
            records = [result.render(row, version) for row in result.rows]
            return {"totalSize": result.total, "done": True, "records": records}
        locator = make_id("0r8", self._org.next_number("cursor"))
        self._open[locator] = _Cursor(result, self._org.now(), resource, size)
        return self._page(locator, 0, version)

    def next(self, locator: str, version: str) -> dict[str, Any]:
        """A later page. Refused (INVALID_QUERY_LOCATOR) if the locator is unknown or too old."""
        key, _, offset = locator.partition("-")
        cursor = self._open.get(key)
        if cursor is None or not offset.isdigit() or int(offset) >= cursor.result.total:
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        if self._org.age(cursor.opened_at).total_seconds() > self._org.limits.cursor_hours * 3600:
            del self._open[key]
            raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(key, int(offset), version)

    def forget(self) -> int:
        """Drop all locators, as after an upgrade of the instance; how many there were."""
        dropped = len(self._open)
        self._open.clear()
        return dropped

    def _size(self, options: str) -> int:
        largest = self._org.limits.page_size
        for option in options.lower().replace(" ", "").split(","):
            name, _, number = option.partition("=")
            if name == "batchsize" and number.isdigit():
                return max(min(int(number), largest), min(_SMALLEST, largest))
        return largest

    def _page(self, key: str, offset: int, version: str) -> dict[str, Any]:
        cursor = self._open[key]
        end = offset + cursor.size
        page: dict[str, Any] = {"totalSize": cursor.result.total, "done": end >= cursor.result.total}
        if not page["done"]:
            page["nextRecordsUrl"] = f"/services/data/v{version}/{cursor.resource}/{key}-{end}"
        page["records"] = [cursor.result.render(row, version) for row in cursor.result.rows[offset:end]]
        return page
