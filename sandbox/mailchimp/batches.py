"""Batches: operations done in one go some time later; the results are a gzipped tar of JSON files.

A batch moves one step each time it is looked at: pending, started, finished. It runs on the last of them.
"""

import gzip
import io
import json
import tarfile
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from werkzeug import Request
from werkzeug.test import EnvironBuilder

from sandbox.mailchimp.call import Call, Json
from sandbox.mailchimp.problems import Problem, invalid, missing
from sandbox.mailchimp.stamps import NEVER, stamp
from sandbox.mailchimp.store import Store, token

#: Runs one operation: (request, now) → (status, body text).
Run = Callable[[Request], tuple[int, str]]
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_MAX_PENDING = 500
_LINK_LIVES, _RESULTS_LIVE = timedelta(minutes=10), timedelta(days=7)


def add_batch(call: Call) -> Json:
    """POST /batches."""
    operations = call.body().get("operations")
    if not isinstance(operations, list) or not operations:
        raise invalid(("operations", "This value should not be blank."))
    for operation in operations:
        if (
            not isinstance(operation, dict)
            or operation.get("method") not in _METHODS
            or not operation.get("path")
        ):
            raise invalid(("operations", "Each operation needs a method and a path."))
    pending = sum(batch["status"] != "finished" for batch in call.store.batches.values())
    if pending >= _MAX_PENDING:
        detail = f"You have more than {_MAX_PENDING} pending batches."
        raise Problem(429, "Too Many Requests", detail)
    key = token("batch", len(call.store.batches), call.stamp)
    call.store.batches[key] = {
        "id": key,
        "status": "pending",
        "submitted_at": call.stamp,
        "completed_at": NEVER,
        "operations": operations,
        "results": [],
    }
    return _shown(call, call.store.batches[key])


def _shown(call: Call, batch: Json) -> Json:
    finished = batch["status"] == "finished"
    results = batch["results"]
    return {
        "id": batch["id"],
        "status": batch["status"],
        "total_operations": len(batch["operations"]),
        "finished_operations": len(results),
        "errored_operations": sum(result["status_code"] >= 400 for result in results),
        "submitted_at": batch["submitted_at"],
        "completed_at": batch["completed_at"],
        "response_body_url": _address(call, batch) if finished else "",
        "_links": call.links_to(f"/3.0/batches/{batch['id']}"),
    }


def _address(call: Call, batch: Json) -> str:
    expires = int((call.now + _LINK_LIVES).timestamp())
    return f"{call.base}/batch-results/{batch['id']}-response.tar.gz?Expires={expires}"


def list_batches(call: Call) -> Json:
    """GET /batches."""
    return call.page("batches", list(call.store.batches.values()), lambda batch: _shown(call, batch))


def get_batch(call: Call, batch_id: str, run: Run) -> Json:
    """GET /batches/{id}: looking moves it on; a week after it finished it is gone."""
    batch = call.store.batches.get(batch_id)
    if batch is None or _is_over(batch, call.now):
        raise missing()
    if batch["status"] == "pending":
        batch["status"] = "started"
    elif batch["status"] == "started":
        batch["results"] = [_result(operation, run) for operation in batch["operations"]]
        batch["status"], batch["completed_at"] = "finished", call.stamp
    return _shown(call, batch)


def _is_over(batch: Json, now: datetime) -> bool:
    return bool(batch["completed_at"]) and stamp(now - _RESULTS_LIVE) > batch["completed_at"]


def delete_batch(call: Call, batch_id: str) -> None:
    """DELETE /batches/{id}: stops it if it has not run."""
    if call.store.batches.pop(batch_id, None) is None:
        raise missing()


def _result(operation: Json, run: Run) -> Json:
    builder = EnvironBuilder(
        "/3.0/" + str(operation["path"]).lstrip("/"),
        method=operation["method"],
        query_string={key: str(value) for key, value in (operation.get("params") or {}).items()},
        data=str(operation.get("body") or ""),
        content_type="application/json",
    )
    status, text = run(Request(builder.get_environ()))
    return {"status_code": status, "operation_id": operation.get("operation_id"), "response": text}


def archive(store: Store, name: str, expires: str, now: datetime) -> bytes:
    """The results of a batch, for its download address; 404 when that is unknown or out of date."""
    batch = store.batches.get(name.removesuffix("-response.tar.gz"))
    current = expires.isdecimal() and int(expires) >= now.timestamp()
    if batch is None or batch["status"] != "finished" or not current:
        raise missing()
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w") as tar,
    ):
        tar.addfile(tarfile.TarInfo(f"{batch['id']}/"))
        for part, rows in enumerate((batch["results"], [])):
            _add(tar, f"{batch['id']}/{part}.json", rows)
    return packed.getvalue()


def _add(tar: tarfile.TarFile, name: str, rows: list[Json]) -> None:
    """Add one file; without rows it is empty, as some of the vendor's are."""
    content = json.dumps(rows).encode() if rows else b""
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    tar.addfile(entry, io.BytesIO(content))


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/batches", list_batches),
    ("POST", "/batches", add_batch),
    ("DELETE", "/batches/<batch_id>", delete_batch),
]
