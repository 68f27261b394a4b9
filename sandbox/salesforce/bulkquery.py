"""Bulk API 2.0 query jobs."""

import base64
import binascii
import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug import Response

from sandbox.salesforce.call import Call, answer, nothing
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.jobreplies import CSV, job_json, listed, open_job, progress
from sandbox.salesforce.jobs import Job
from sandbox.salesforce.query import Runner
from sandbox.salesforce.syntax import parse
from sandbox.salesforce.tree import Aggregate, Column, Query


def create(call: Call) -> Response:
    given = call.body_object()
    if given.get("operation") not in {"query", "queryAll"}:
        raise Refused("INVALID_INPUT", "operation must be query or queryAll")
    if call.jobs.opened_today("query") >= call.org.limits.bulk_query_jobs:
        raise Refused("REQUEST_LIMIT_EXCEEDED", "DailyBulkV2QueryJobs Limit exceeded.", status=403)
    text = str(given.get("query", ""))
    parsed = parse(text)
    _bulk_query(call, parsed)
    result = Runner(call.org, call.access, every=given["operation"] == "queryAll").run(parsed)
    job = open_job(call, given, "query", parsed.source, query=text)
    job.state, job.result, job.polls_left = "UploadComplete", result, call.org.limits.bulk_polls
    call.count(0, write=False)
    return answer(job_json(job))


def _bulk_query(call: Call, query: Query) -> None:
    """Refused for what bulk queries cannot do."""
    source = call.org.schema.find(query.source)
    if source is not None and not source.bulk:
        raise Refused("INVALIDENTITY", f"Entity '{source.name}' is not supported by the Bulk API.")
    offers = "Bulk queries do not take"
    if query.group or any(isinstance(column, Aggregate) for column in query.columns):
        raise Refused("INVALID_INPUT", f"{offers} GROUP BY or aggregate functions")
    if query.offset:
        raise Refused("INVALID_INPUT", f"{offers} OFFSET")
    if not all(isinstance(column, Column) for column in query.columns):
        raise Refused("INVALID_INPUT", f"{offers} TYPEOF or parent-to-child subqueries")
    for column in query.columns:
        known = source.find(column.path) if source is not None and isinstance(column, Column) else None
        if known is not None and known.type == "address":
            raise Refused(
                "FUNCTIONALITY_NOT_ENABLED",
                f"Selecting compound data not supported in Bulk Query: {known.name}",
            )


def every(call: Call) -> Response:
    return listed(call, "query")


def read(call: Call, job_id: str) -> Response:
    job = call.jobs.find("query", job_id)
    call.jobs.poll(job)
    return answer(job_json(job) | progress(job, "V2Query"))


def change(call: Call, job_id: str) -> Response:
    job = call.jobs.find("query", job_id)
    if call.body_object().get("state") != "Aborted" or job.done:
        raise Refused("INVALIDJOBSTATE", f"Job state cannot be changed from {job.state}")
    job.state = "Aborted"
    call.count(0, write=False)
    return answer(job_json(job))


def delete(call: Call, job_id: str) -> Response:
    call.jobs.drop(call.jobs.find("query", job_id))
    call.count(0, write=False)
    return nothing()


def results(call: Call, job_id: str) -> Response:
    """A page of CSV. The locator of the last page is the text ``null``."""
    job = call.jobs.find("query", job_id)
    if job.version != call.version:
        raise Refused("INVALIDVERSION", f"Job was created with API version {job.version}", status=409)
    if job.state != "JobComplete" or job.result is None:
        raise Refused("INVALIDJOBSTATE", f"Job {job.id} is in state {job.state}; results are not available")
    start = _offset(call.request.args.get("locator"))
    most = call.org.limits.bulk_page_size
    size = min(int(call.request.args.get("maxRecords") or most), most)
    rows = job.result.rows[start : start + size]
    end = start + len(rows)
    response = Response(_query_csv(call, job, rows), 200, content_type=CSV)
    response.headers["Sforce-NumberOfRecords"] = str(len(rows))
    response.headers["Sforce-Locator"] = _locator(end) if end < job.result.total else "null"
    return response


def _locator(offset: int) -> str:
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def _offset(locator: str | None) -> int:
    if not locator:
        return 0
    try:
        return int(base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)))
    except (ValueError, binascii.Error):
        raise Refused("INVALID_QUERY_LOCATOR", "invalid query locator") from None


def _query_csv(call: Call, job: Job, rows: Iterable[dict[str, Any]]) -> bytes:
    result = job.result
    if result is None or result.columns is None:
        return b""
    reads = [_cell_reader(path) for path in result.columns]
    out = io.StringIO()
    writer = csv.writer(out, delimiter=job.delimiter, lineterminator=job.line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(result.columns)
    for row in rows:
        record = result.render(row, call.version)
        writer.writerow([read(record) for read in reads])
    return out.getvalue().encode()


def _cell_reader(path: str) -> Callable[[Mapping[str, Any]], str]:
    """How a column's text is found in a rendered record, in any case."""
    steps = path.split(".")

    def read(record: Mapping[str, Any]) -> str:
        value: Any = record
        for step in steps:
            value = _any_case(value, step) if isinstance(value, Mapping) else None
        return _cell(value)

    return read


def _any_case(record: Mapping[str, Any], name: str) -> Any:
    if name in record:
        return record[name]
    return next((value for key, value in record.items() if key.lower() == name.lower()), None)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = str(value)
    return f"{text[:-5]}Z" if text.endswith(".000+0000") and len(text) == 28 else text
