"""Pages of a window: REST by cursor, Bulk 2.0 for what is left when that is cheaper."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from simple_salesforce.bulk2 import Operation

from connectors.base import Page, Window
from connectors.salesforce import pages
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.columns import Columns, CsvColumns, RestColumns
from connectors.salesforce.errors import VENDOR, JobFailed, LocatorGone
from connectors.salesforce.schema import Selection
from connectors.salesforce.soql import instant, is_id, quoted
from connectors.transport import AnswerLost
from core.errors import ConnectorError

#: A page of results is held in memory several times over while it is parsed.
_BULK_PAGE, _BULK_PAGE_BYTES = 50_000, 40_000_000
_FIRST_POLL_S, _LONGEST_POLL_S, _JOB_DEADLINE_S = 1.0, 30.0, 3600.0


@dataclass(frozen=True, slots=True)
class Position:
    """Where a reading stands: after a record in (SystemModstamp, Id) order, or inside a job's results.

    A job's rows come in no order, so ``stamp`` and ``record_id`` stay where the job began: if it is gone,
    that is where reading starts again.
    """

    stamp: str = ""
    record_id: str = ""
    job: str = ""
    locator: str = ""

    def token(self) -> str:
        return json.dumps([self.stamp, self.record_id, self.job, self.locator])

    @staticmethod
    def of(token: str | None) -> "Position":
        """Raises ConnectorError for a token that is not one of ours."""
        if token is None:
            return Position()
        try:
            stamp, record_id, job, locator = json.loads(token)
            position = Position(str(stamp), str(record_id), str(job), str(locator))
        except ValueError as error:
            raise ConnectorError("the resume token is damaged", vendor=VENDOR, code="token") from error
        if position.record_id and not is_id(position.record_id):
            raise ConnectorError("the resume token is damaged", vendor=VENDOR, code="token")
        return position


class Reader:
    """One window of one object."""

    def __init__(self, client: SalesforceClient, selection: Selection, window: Window) -> None:
        self._client, self._selection, self._window = client, selection, window
        self._source = selection.layout.source
        self._bulk_page = min(_BULK_PAGE, _BULK_PAGE_BYTES // selection.row_bytes)

    def pages(self, resume: str | None) -> Iterator[Page]:
        position = Position.of(resume)
        if position.job:
            try:
                yield from self._bulk_pages(position)
            except (JobFailed, LocatorGone):
                position = Position(position.stamp)
            else:
                return
        yield from self._rest_pages(position)

    def _rest_pages(self, position: Position) -> Iterator[Page]:
        answer = self._query(position)
        read, total, in_bulk = 0, int(answer["totalSize"]), True
        while True:
            records = answer["records"]
            if records:
                position = _after(records[-1], position)
                read += len(records)
                yield self._page(RestColumns(records, self._selection.types), position, total)
            if answer["done"]:
                return
            if in_bulk and total - read > self._client.connection.bulk_read_from:
                try:
                    yield from self._bulk_pages(position, total=total)
                except (JobFailed, LocatorGone):
                    in_bulk = False
                else:
                    return
            try:
                answer = self._client.query_more(_next(answer))
            except LocatorGone:
                answer, read = self._query(position), 0
                total = int(answer["totalSize"])

    def _query(self, position: Position) -> dict[str, Any]:
        stamp, after = position.stamp, quoted(position.record_id)
        beyond = f"SystemModstamp >= {stamp}" if stamp else ""
        if position.record_id:
            beyond = f"((SystemModstamp = {stamp} AND Id > {after}) OR SystemModstamp > {stamp})"
        return self._client.query(self._soql(beyond) + " ORDER BY SystemModstamp, Id", everything=True)

    def _soql(self, beyond: str) -> str:
        conditions = [f"SystemModstamp <= {instant(self._window.until)}"]
        if beyond:
            conditions.append(beyond)
        elif self._window.since is not None:
            conditions.append(f"SystemModstamp >= {instant(self._window.since)}")
        if self._source.where and self._window.since is None:
            conditions.append(self._source.where)
        fields = ", ".join(self._selection.types)
        return f"SELECT {fields} FROM {self._source.object} WHERE {' AND '.join(conditions)}"  # noqa: S608 - fields and literals are checked in soql

    def _bulk_pages(self, position: Position, total: int | None = None) -> Iterator[Page]:
        """Results of a job, new or resumed. Raises LocatorGone when a resumed one no longer exists."""
        job = position.job or self._start(position)
        self._wait(job)
        locator = position.locator
        while True:
            columns, following = self._results(job, locator)
            at = Position(position.stamp, position.record_id, job, following or locator)
            yield self._page(columns, at, total)
            if not following:
                return
            if following == locator:
                raise ConnectorError("the results repeat themselves", vendor=VENDOR, operation="bulk.results")
            locator = following

    def _start(self, position: Position) -> str:
        # a plain range, which the vendor can cut into chunks: it reads the last second again
        soql = self._soql(f"SystemModstamp >= {position.stamp}" if position.stamp else "")
        answer = self._bulk("bulk.create", lambda job: job.create_job(Operation.query_all, query=soql))
        return str(answer["id"])

    def _wait(self, job: str) -> None:
        waited, pause = 0.0, _FIRST_POLL_S
        while True:
            state = self._bulk("bulk.poll", lambda handler: handler.get_job(job, True))  # noqa: FBT003 - the SDK's own signature
            if state["state"] == "JobComplete":
                return
            if state["state"] in {"Failed", "Aborted"} or waited > _JOB_DEADLINE_S:
                raise JobFailed(
                    f"query job {job} is {state['state']}: {state.get('errorMessage') or 'no reason given'}",
                    vendor=VENDOR,
                    operation=self._source.stream.name,
                    code="bulk",
                )
            self._client.transport.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, _LONGEST_POLL_S)

    def _results(self, job: str, locator: str) -> tuple[CsvColumns, str]:
        """A page and the next locator, empty at the end; parsed inside the call, so a cut one comes again."""

        def call(handler: Any) -> tuple[CsvColumns, str]:  # noqa: ANN401 - the SDK's handler is private
            answer = handler.get_query_results(job, locator, self._bulk_page)
            declared = int(answer["number_of_records"])
            text = answer.pop("records").encode()  # a page is large: the SDK's own copy of it ends here
            return CsvColumns(text, self._selection.types, declared), str(answer["locator"])

        return self._client.bulk(self._source.object, "bulk.results", call)

    def _bulk(self, operation: str, call: Callable[[Any], Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._client.bulk(self._source.object, operation, call)
        return answer

    def _page(self, columns: Columns, position: Position, total: int | None) -> Page:
        found = pages.tables(self._selection.layout, columns)
        kept = {name: table for name, table in found.items() if table.num_rows}
        return Page(kept, position.token(), columns.rows, total)


def _next(answer: Mapping[str, Any]) -> str:
    following = answer.get("nextRecordsUrl")
    if not isinstance(following, str):
        raise AnswerLost("a page names no next one", vendor=VENDOR, operation="query", code="cut")
    return following


def _after(record: Mapping[str, Any], before: Position) -> Position:
    """The record's place. Raises ConnectorError when the vendor sends us round in a circle."""
    stamp = str(record["SystemModstamp"]).replace("+0000", "Z")
    position = Position(stamp, str(record["Id"]))
    if (position.stamp, position.record_id) == (before.stamp, before.record_id):
        raise ConnectorError("the pages repeat themselves", vendor=VENDOR, operation="query")
    return position
