"""Bulk API 2.0 ingest jobs."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping
from typing import Any

from werkzeug import Response

from sandbox.salesforce.call import Call, answer, nothing
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.fields import Field
from sandbox.salesforce.jobreplies import CSV, ingest_json, listed, open_job, progress
from sandbox.salesforce.jobs import Job
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.writer import Writer

_OPERATIONS = {"insert", "update", "upsert", "delete", "hardDelete"}
# The longest a field may be, a long text area.
_MAX_VALUE = 131_072
_NULL = "#N/A"


def create(call: Call) -> Response:
    given = call.body_object()
    if given.get("operation") not in _OPERATIONS:
        raise Refused("INVALID_INPUT", f"operation must be one of {', '.join(sorted(_OPERATIONS))}")
    owner = call.org.schema.find(str(given.get("object", "")))
    if owner is None or not owner.bulk or not call.access.sees(owner.name):
        raise Refused("INVALIDENTITY", f"Entity '{given.get('object')}' is not supported by the Bulk API.")
    if given["operation"] == "upsert" and not given.get("externalIdFieldName"):
        raise Refused("INVALID_INPUT", "externalIdFieldName is required for upsert")
    job = open_job(call, given, "ingest", owner.name, key=given.get("externalIdFieldName"))
    call.count(0, write=False)
    return answer(ingest_json(job))


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


def change(call: Call, job_id: str) -> Response:
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
    return answer(ingest_json(job))


def every(call: Call) -> Response:
    return listed(call, "ingest")


def read(call: Call, job_id: str) -> Response:
    job = call.jobs.find("ingest", job_id)
    call.jobs.poll(job)
    return answer(ingest_json(job) | progress(job, "V2Ingest"))


def delete(call: Call, job_id: str) -> Response:
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
    if max(map(len, row)) > _MAX_VALUE:
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
    return Response(out.getvalue().encode(), 200, content_type=CSV)
