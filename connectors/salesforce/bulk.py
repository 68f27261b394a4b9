"""Bulk 2.0 ingest: one job for many updates, every row's outcome joined by id."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from simple_salesforce.bulk2 import Operation, ResultsType

from connectors.salesforce.client import Json, SalesforceClient
from connectors.salesforce.errors import VENDOR, BatchRefused
from core.errors import OutcomeUnknown

#: The vendor takes 150 MB counted after base64, so 100 MB of text; a margin below it.
_JOB_BYTES = 90_000_000
_FIRST_POLL_S, _LONGEST_POLL_S, _JOB_DEADLINE_S = 1.0, 30.0, 3600.0
_ERROR = re.compile(r"(?P<code>[A-Z_]+):(?P<message>.*?)(?::(?P<fields>[^:]*))?\s*--\s*$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class RowResult:
    """How a row ended; an empty code is success."""

    code: str = ""
    message: str = ""
    field: str | None = None


def ingest(client: SalesforceClient, object_name: str, records: Sequence[Json]) -> dict[str, RowResult]:
    """Update the records; record id → how it ended. One without an entry was not processed: send it again.

    records: bodies of collections, with Id; a null clears a field, an absent one is left alone.
    """
    answered: dict[str, RowResult] = {}
    for part, text in _parts(records):
        answered.update(_Job(client, object_name).run(part, text))
    return answered


class _Job:
    def __init__(self, client: SalesforceClient, object_name: str) -> None:
        self._client, self._object = client, object_name

    def run(self, records: Sequence[Json], text: str) -> dict[str, RowResult]:
        job = str(self._call("bulk.create", lambda handler: handler.create_job(Operation.update))["id"])
        try:
            self._step("bulk.upload", lambda handler: handler.upload_job_data(job, text))
            self._step("bulk.close", lambda handler: handler.close_job(job))
        except (OutcomeUnknown, BatchRefused):
            # whether it arrived shows in what the job did; what it did not process is sent again
            self._abort_if_open(job)
        state = self._wait(job)
        return self._results(job, state, records)

    def _results(self, job: str, state: Json, records: Sequence[Json]) -> dict[str, RowResult]:
        failed_count = int(state.get("numberRecordsFailed") or 0)
        whole = state["state"] == "JobComplete" and int(state.get("numberRecordsProcessed") or 0) == len(
            records
        )
        failed = self._failures(job) if failed_count or not whole else {}
        if whole and len(failed) == failed_count:
            done = [str(record["Id"]) for record in records]
        else:
            done = [row["sf__Id"] for row in self._rows(job, ResultsType.successful)]
        return {**dict.fromkeys(done, RowResult()), **failed}

    def _failures(self, job: str) -> dict[str, RowResult]:
        rows = self._rows(job, ResultsType.failed)
        return {row.get("Id") or row["sf__Id"]: _row_error(row["sf__Error"]) for row in rows}

    def _rows(self, job: str, kind: ResultsType) -> list[dict[str, str]]:
        text = self._call(f"bulk.{kind.value}", lambda handler: handler.get_ingest_results(job, kind.value))
        return list(csv.DictReader(io.StringIO(text, newline="")))

    def _wait(self, job: str) -> Json:
        waited, pause = 0.0, _FIRST_POLL_S
        while True:
            state: Json = self._call("bulk.poll", lambda handler: handler.get_job(job, is_query=False))
            if state["state"] in {"JobComplete", "Failed", "Aborted"}:
                return state
            if waited > _JOB_DEADLINE_S:
                raise OutcomeUnknown(
                    f"ingest job {job} does not end", vendor=VENDOR, operation="bulk", code="bulk"
                )
            self._client.transport.sleep(pause)
            waited, pause = waited + pause, min(pause * 2, _LONGEST_POLL_S)

    def _abort_if_open(self, job: str) -> None:
        state = self._call("bulk.poll", lambda handler: handler.get_job(job, is_query=False))
        if state["state"] == "Open":
            self._call("bulk.abort", lambda handler: handler.abort_job(job, is_query=False), write=True)

    def _step(self, operation: str, call: Callable[[Any], Any]) -> None:
        self._client.bulk(self._object, operation, call, write=True, once=True)

    def _call(self, operation: str, call: Callable[[Any], Any], *, write: bool = False) -> Any:  # noqa: ANN401 - JSON or text
        return self._client.bulk(self._object, operation, call, write=write or operation == "bulk.create")


def _parts(records: Sequence[Json]) -> Iterator[tuple[Sequence[Json], str]]:
    """The records in as few CSV texts as fit a job each."""
    text = _csv(records)
    if len(text.encode()) <= _JOB_BYTES:
        yield records, text
        return
    middle = len(records) // 2
    yield from _parts(records[:middle])
    yield from _parts(records[middle:])


def _csv(records: Sequence[Json]) -> str:
    names = dict.fromkeys(name for record in records for name in record if name != "attributes")
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_cell(record, name) for name in names] for record in records)
    return out.getvalue()


def _cell(record: Mapping[str, Any], name: str) -> str:
    """An empty cell leaves the field alone; ``#N/A`` clears it."""
    if name not in record:
        return ""
    value = record[name]
    if value is None:
        return "#N/A"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _row_error(text: str) -> RowResult:
    """``STATUS_CODE:message:FIELDS --``."""
    found = _ERROR.match(text)
    if found is None:
        return RowResult(text.partition(":")[0] or "UNKNOWN", text)
    field = (found["fields"] or "").partition(",")[0].strip()
    return RowResult(found["code"], found["message"], field or None)
