"""What is told of a bulk job, whatever its kind."""

from collections.abc import Mapping
from typing import Any

from werkzeug import Response

from sandbox.salesforce.call import Call, answer
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.jobs import Job

_DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
_LINE_ENDS = {"LF": "\n", "CRLF": "\r\n"}
CSV = "text/csv; charset=UTF-8"


def open_job(call: Call, given: Mapping[str, Any], kind: str, name: str, **more: Any) -> Job:
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


def job_json(job: Job) -> dict[str, Any]:
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


def ingest_json(job: Job) -> dict[str, Any]:
    body = job_json(job)
    body["contentUrl"] = f"services/data/v{job.version}/jobs/ingest/{job.id}/batches"
    if job.key:
        body["externalIdFieldName"] = job.key
    return body


def progress(job: Job, kind: str) -> dict[str, Any]:
    processed = len(job.succeeded) + len(job.failed) if job.result is None else job.result.total
    told: dict[str, Any] = {
        "jobType": kind,
        "numberRecordsProcessed": processed if job.state == "JobComplete" else 0,
        "retries": 0,
        "totalProcessingTime": 120 if job.done else 0,
    }
    if kind == "V2Ingest":
        told["numberRecordsFailed"] = len(job.failed) if job.state == "JobComplete" else 0
        told["apiActiveProcessingTime"] = told["totalProcessingTime"]
        told["apexProcessingTime"] = 0
    if job.error is not None and job.state == "Failed":
        told["errorMessage"] = job.error
    return told


def listed(call: Call, kind: str) -> Response:
    jobs = [job_json(job) | {"jobType": f"V2{kind.capitalize()}"} for job in call.jobs.of_kind(kind)]
    return answer({"done": True, "records": jobs, "nextRecordsUrl": None})
