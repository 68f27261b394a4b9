"""Bulk API 2.0: query jobs and ingest jobs."""

import base64
import binascii
import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from werkzeug import Response

from sandbox.salesforce.call import Call, answer, nothing
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.fields import Field
from sandbox.salesforce.jobs import Job
from sandbox.salesforce.query import Runner
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.syntax import Aggregate, Column, Query, parse
from sandbox.salesforce.writer import Writer

_DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
_LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
_CSV = "text/csv; charset=UTF-8"
_OPERATIONS = {"insert", "update", "upsert", "delete", "hardDelete"}
_MAX_VALUE = 32_000
_NULL = "#N/A"


def create_query(call: Call) -> Response:
    given = call.body_object()
    if given.get("operation") not in {"query", "queryAll"}:
        raise Refused("INVALID_INPUT", "operation must be query or queryAll")
    if call.jobs.opened_today("query") >= call.org.limits.bulk_query_jobs:
        raise Refused("REQUEST_LIMIT_EXCEEDED", "DailyBulkV2QueryJobs Limit exceeded.", status=403)
    text = str(given.get("query", ""))
    parsed = parse(text)
    _bulk_query(call, parsed)
    result = Runner(call.org, call.access, every=given["operation"] == "queryAll").run(parsed)
    job = _open(call, given, "query", parsed.source, query=text)
    job.state, job.result, job.polls_left = "UploadComplete", result, call.org.limits.bulk_polls
    call.count(0, write=False)
    return answer(_query_json(job))


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


def list_query(call: Call) -> Response:
    return _listed(call, "query")


def read_query(call: Call, job_id: str) -> Response:
    job = call.jobs.find("query", job_id)
    call.jobs.poll(job)
    return answer(_query_json(job) | _progress(job, "V2Query"))


def change_query(call: Call, job_id: str) -> Response:
    job = call.jobs.find("query", job_id)
    if call.body_object().get("state") != "Aborted" or job.done:
        raise Refused("INVALIDJOBSTATE", f"Job state cannot be changed from {job.state}")
    job.state = "Aborted"
    call.count(0, write=False)
    return answer(_query_json(job))


def delete_query(call: Call, job_id: str) -> Response:
    call.jobs.drop(call.jobs.find("query", job_id))
    call.count(0, write=False)
    return nothing()


def query_results(call: Call, job_id: str) -> Response:
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
    response = Response(_query_csv(call, job, rows), 200, content_type=_CSV)
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


def create_ingest(call: Call) -> Response:
    given = call.body_object()
    if given.get("operation") not in _OPERATIONS:
        raise Refused("INVALID_INPUT", f"operation must be one of {', '.join(sorted(_OPERATIONS))}")
    owner = call.org.schema.find(str(given.get("object", "")))
    if owner is None or not owner.bulk or not call.access.sees(owner.name):
        raise Refused("INVALIDENTITY", f"Entity '{given.get('object')}' is not supported by the Bulk API.")
    if given["operation"] == "upsert" and not given.get("externalIdFieldName"):
        raise Refused("INVALID_INPUT", "externalIdFieldName is required for upsert")
    job = _open(call, given, "ingest", owner.name, key=given.get("externalIdFieldName"))
    call.count(0, write=False)
    return answer(_ingest_json(job))


def upload(call: Call, job_id: str) -> Response:
    job = call.jobs.find("ingest", job_id)
    if job.state != "Open" or job.content:
        raise Refused(
            "INVALIDJOBSTATE", f"Batch data can be uploaded once, to an open job; this one is {job.state}"
        )
    data = call.request.get_data()
    if len(data) * 4 // 3 > call.org.limits.bulk_upload_bytes:
        raise Refused("FILE_SIZE_LIMIT_EXCEEDED", "The uploaded data exceeds 150 MB after base64", status=413)
    job.content = data
    call.count(0, write=False)
    return Response(b"", 201)


def change_ingest(call: Call, job_id: str) -> Response:
    job = call.jobs.find("ingest", job_id)
    wanted = call.body_object().get("state")
    if job.state != "Open" or wanted not in {"UploadComplete", "Aborted"}:
        raise Refused("INVALIDJOBSTATE", f"Job state cannot be changed from {job.state} to {wanted}")
    job.state = str(wanted)
    if wanted == "UploadComplete":
        _ingest(call, job)
        call.count(len(job.succeeded))
    else:
        job.unprocessed = _rows(job)[1]
        call.count(0, write=False)
    return answer(_ingest_json(job))


def list_ingest(call: Call) -> Response:
    return _listed(call, "ingest")


def read_ingest(call: Call, job_id: str) -> Response:
    job = call.jobs.find("ingest", job_id)
    call.jobs.poll(job)
    return answer(_ingest_json(job) | _progress(job, "V2Ingest"))


def delete_ingest(call: Call, job_id: str) -> Response:
    call.jobs.drop(call.jobs.find("ingest", job_id))
    call.count(0, write=False)
    return nothing()


def successful(call: Call, job_id: str) -> Response:
    job = call.jobs.find("ingest", job_id)
    return _csv(job, ["sf__Id", "sf__Created", *job.header], job.succeeded)


def failed(call: Call, job_id: str) -> Response:
    job = call.jobs.find("ingest", job_id)
    return _csv(job, ["sf__Id", "sf__Error", *job.header], job.failed)


def unprocessed(call: Call, job_id: str) -> Response:
    job = call.jobs.find("ingest", job_id)
    return _csv(job, job.header, job.unprocessed)


def _rows(job: Job) -> tuple[list[str], list[list[str]]]:
    reader = csv.reader(
        io.StringIO(job.content.decode("utf-8-sig", "replace"), newline=""), delimiter=job.delimiter
    )
    header = next(reader, [])
    return header, [row for row in reader if row]


def _ingest(call: Call, job: Job) -> None:
    """Do the work at once; the polls only reveal it."""
    job.polls_left = call.org.limits.bulk_polls
    job.header, rows = _rows(job)
    owner = call.org.schema.get(job.object)
    writer = call.writer()
    missing = [name for name in job.header if owner.find(name) is None or not _seen(call, owner, name)]
    if missing:
        job.error = f"InvalidBatch : Field name not found : {missing[0]}"
        job.unprocessed = rows
        return
    write = _WRITES[job.operation]
    for row in rows:
        try:
            _measured(job, row)
            record_id, created = write(writer, owner, job, _values(job.header, row))
            job.succeeded.append([record_id, "true" if created else "false", *row])
        except Refused as refusal:
            job.failed.append([_own_id(job.header, row), _row_error(refusal), *row])
    _shuffle(job.succeeded)
    _shuffle(job.failed)


def _seen(call: Call, owner: SObject, name: str) -> bool:
    known = owner.find(name)
    return known is not None and call.access.reads(owner.name, known)


def _measured(job: Job, row: list[str]) -> None:
    if len(row) != len(job.header):
        raise Refused("INVALID_INPUT", "The number of columns differs from the header")
    if max(map(len, row)) > _MAX_VALUE + 99_072:
        raise Refused("STRING_TOO_LONG", "a value is longer than a field may be")


def _values(header: list[str], row: list[str]) -> dict[str, Any]:
    """Empty means leave alone; ``#N/A`` means null."""
    return {
        name: None if text == _NULL else text for name, text in zip(header, row, strict=True) if text != ""
    }


def _own_id(header: list[str], row: list[str]) -> str:
    return next((text for name, text in zip(header, row, strict=False) if name.lower() == "id"), "")


def _row_error(refusal: Refused) -> str:
    if refusal.code != "JSON_PARSER_ERROR":
        return refusal.as_csv()
    return Refused("INVALID_TYPE_ON_FIELD_IN_RECORD", refusal.message, refusal.fields).as_csv()


def _shuffle(rows: list[list[str]]) -> None:
    """The vendor promises no order; this one is never the order sent."""
    rows.sort(key=lambda row: hashlib.blake2b("".join(row).encode(), digest_size=8).digest())


def _without_id(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name.lower() != "id"}


def _id_of(values: Mapping[str, Any]) -> str:
    found = next((value for name, value in values.items() if name.lower() == "id"), None)
    if not found:
        raise Refused("MISSING_ARGUMENT", "Id not specified in an update call")
    return str(found)


def _insert(writer: Writer, owner: SObject, _job: Job, values: dict[str, Any]) -> tuple[str, bool]:
    return writer.insert(owner, values), True


def _update(writer: Writer, owner: SObject, _job: Job, values: dict[str, Any]) -> tuple[str, bool]:
    record_id = _id_of(values)
    writer.update(owner, record_id, _without_id(values))
    return record_id, False


def _upsert(writer: Writer, owner: SObject, job: Job, values: dict[str, Any]) -> tuple[str, bool]:
    known = owner.find(job.key or "")
    if known is None or not _is_key(known):
        raise Refused("INVALID_FIELD", f"{job.key} is no external id of {owner.name}")
    value = next((given for name, given in values.items() if name.lower() == known.name.lower()), None)
    return writer.upsert(owner, known, value, values)


def _is_key(known: Field) -> bool:
    return known.name == "Id" or known.external_id or known.type == "email"


def _delete(writer: Writer, owner: SObject, _job: Job, values: dict[str, Any]) -> tuple[str, bool]:
    record_id = _id_of(values)
    writer.delete(owner, record_id)
    return record_id, False


_WRITES: dict[str, Callable[[Writer, SObject, Job, dict[str, Any]], tuple[str, bool]]] = {
    "insert": _insert,
    "update": _update,
    "upsert": _upsert,
    "delete": _delete,
    "hardDelete": _delete,
}


def _csv(job: Job, header: list[str], rows: list[list[str]]) -> Response:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=job.delimiter, lineterminator=job.line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(header)
    writer.writerows(rows)
    return Response(out.getvalue().encode(), 200, content_type=_CSV)


def _open(call: Call, given: Mapping[str, Any], kind: str, name: str, **more: Any) -> Job:
    delimiter = _DELIMITERS.get(given.get("columnDelimiter") or "COMMA")
    line_end = _LINE_ENDS.get(given.get("lineEnding") or "LF")
    if delimiter is None or line_end is None or given.get("contentType", "CSV") != "CSV":
        raise Refused("INVALID_INPUT", "unknown contentType, columnDelimiter or lineEnding")
    return call.jobs.open(
        kind=kind,
        operation=given["operation"],
        object=name,
        version=call.version,
        user_id=call.access.user_id,
        delimiter=delimiter,
        line_end=line_end,
        **more,
    )


def _job_json(job: Job) -> dict[str, Any]:
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.user_id,
        "createdDate": job.created_at,
        "systemModstamp": job.created_at,
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": next(name for name, text in _LINE_ENDS.items() if text == job.line_end),
        "columnDelimiter": next(name for name, text in _DELIMITERS.items() if text == job.delimiter),
    }


def _query_json(job: Job) -> dict[str, Any]:
    return _job_json(job)


def _ingest_json(job: Job) -> dict[str, Any]:
    body = _job_json(job)
    body["contentUrl"] = f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"
    if job.key:
        body["externalIdFieldName"] = job.key
    return body


def _progress(job: Job, kind: str) -> dict[str, Any]:
    processed = len(job.succeeded) + len(job.failed) if job.result is None else job.result.total
    progress: dict[str, Any] = {
        "jobType": kind,
        "numberRecordsProcessed": processed if job.state == "JobComplete" else 0,
        "retries": 0,
        "totalProcessingTime": 120 if job.done else 0,
    }
    if kind == "V2Ingest":
        progress["numberRecordsFailed"] = len(job.failed) if job.state == "JobComplete" else 0
        progress["apiActiveProcessingTime"] = progress["totalProcessingTime"]
        progress["apexProcessingTime"] = 0
    if job.error is not None and job.state == "Failed":
        progress["errorMessage"] = job.error
    return progress


def _listed(call: Call, kind: str) -> Response:
    jobs = [_job_json(job) | {"jobType": f"V2{kind.capitalize()}"} for job in call.jobs.of_kind(kind)]
    return answer({"done": True, "records": jobs, "nextRecordsUrl": None})


ROUTES: list[tuple[str, str, Callable[..., Response]]] = [
    ("POST", "/jobs/query", create_query),
    ("GET", "/jobs/query", list_query),
    ("GET", "/jobs/query/<job_id>", read_query),
    ("PATCH", "/jobs/query/<job_id>", change_query),
    ("DELETE", "/jobs/query/<job_id>", delete_query),
    ("GET", "/jobs/query/<job_id>/results", query_results),
    ("POST", "/jobs/ingest", create_ingest),
    ("GET", "/jobs/ingest", list_ingest),
    ("GET", "/jobs/ingest/<job_id>", read_ingest),
    ("PATCH", "/jobs/ingest/<job_id>", change_ingest),
    ("DELETE", "/jobs/ingest/<job_id>", delete_ingest),
    ("PUT", "/jobs/ingest/<job_id>/batches", upload),
    ("GET", "/jobs/ingest/<job_id>/successfulResults", successful),
    ("GET", "/jobs/ingest/<job_id>/failedResults", failed),
    ("GET", "/jobs/ingest/<job_id>/unprocessedrecords", unprocessed),
    ("GET", "/jobs/ingest/<job_id>/unprocessedRecords", unprocessed),
]
