"""Several requests in one: composite, batch, graph and tree."""

import json
import re
from typing import Any
from urllib.parse import quote

from werkzeug import Request, Response

from sandbox.salesforce.call import Call, answer
from sandbox.salesforce.errors import Refused, not_found
from sandbox.vendor import noted

_REFERENCE = re.compile(r"@\{(?P<name>\w+)(?P<path>[^}]*)\}")
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]")
_BATCH = 25
_GRAPH_NODES = 500
_TREE = 200
_HALTED = Refused(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)


def composite(call: Call) -> Response:
    """Subrequests in order; later ones may refer to earlier replies as ``@{id.field}``."""
    body = call.body_object()
    subrequests = body.get("compositeRequest")
    if not isinstance(subrequests, list):
        raise Refused("JSON_PARSER_ERROR", "compositeRequest must be a list")
    most = call.org.limits.composite_requests
    if len(subrequests) > most:
        raise Refused("LIMIT_EXCEEDED", f"Maximum number of subrequests is {most}.")
    responses, _ = _run(call, subrequests, all_or_none=bool(body.get("allOrNone")))
    return answer({"compositeResponse": responses})


def batch(call: Call) -> Response:
    """Independent subrequests."""
    body = call.body_object()
    subrequests = body.get("batchRequests") or []
    if len(subrequests) > _BATCH:
        raise Refused("LIMIT_EXCEEDED", f"Maximum number of subrequests is {_BATCH}.")
    results = []
    failed = False
    for subrequest in subrequests:
        if failed and body.get("haltOnError"):
            skipped = Refused(
                "BATCH_PROCESSING_HALTED", "Batch request halted because of an earlier failure."
            )
            results.append({"statusCode": 412, "result": skipped.as_request_error()})
            continue
        path = (
            subrequest["url"] if subrequest["url"].startswith("/") else f"/services/data/{subrequest['url']}"
        )
        status, reply = _one(call, subrequest.get("method", "GET"), path, subrequest.get("richInput"))
        failed = failed or status >= 400
        results.append({"statusCode": status, "result": reply})
    return answer({"hasErrors": failed, "results": results})


def graph(call: Call) -> Response:
    """Each graph succeeds or fails as a whole."""
    graphs = call.body_object().get("graphs") or []
    replies = []
    for given in graphs:
        subrequests = given.get("compositeRequest") or []
        if len(subrequests) > _GRAPH_NODES:
            raise Refused("LIMIT_EXCEEDED", f"Maximum number of nodes in a graph is {_GRAPH_NODES}.")
        responses, good = _run(call, subrequests, all_or_none=True)
        replies.append(
            {
                "graphId": given.get("graphId"),
                "graphResponse": {"compositeResponse": responses},
                "isSuccessful": good,
            }
        )
    return answer({"graphs": replies})


def tree(call: Call, name: str) -> Response:
    """Records with their children, all or none."""
    rows = call.body_object().get("records") or []
    writer = call.writer()
    results: list[dict[str, str]] = []
    try:
        for row in rows:
            _plant(call, writer, name, row, results, None)
    except Refused as refusal:
        writer.roll_back()
        failed = {"referenceId": str(len(results)), "errors": [refusal.as_row_error()]}
        return answer({"hasErrors": True, "results": [failed]}, 400)
    call.count(len(results))
    return answer({"hasErrors": False, "results": results}, 201)


def _plant(
    call: Call,
    writer: Any,
    name: str,
    row: dict[str, Any],
    results: list[dict[str, str]],
    parent: tuple[str, str] | None,
) -> None:
    owner = writer.owner(row.get("attributes", {}).get("type", name))
    nested = {key: value for key, value in row.items() if isinstance(value, dict) and "records" in value}
    values = {key: value for key, value in row.items() if key != "attributes" and key not in nested}
    if parent is not None:
        values[parent[0]] = parent[1]
    if len(results) >= _TREE:
        raise Refused("LIMIT_EXCEEDED", f"Maximum number of records in a tree is {_TREE}.")
    record_id = writer.insert(owner, values)
    results.append({"referenceId": row.get("attributes", {}).get("referenceId", ""), "id": record_id})
    for relation, below in nested.items():
        links = [
            link
            for link in call.org.schema.children(owner.name)
            if link[2] and link[2].lower() == relation.lower()
        ]
        if not links:
            raise Refused(
                "INVALID_FIELD", f"No such relationship '{relation}' on sobject of type {owner.name}"
            )
        for child in below["records"]:
            _plant(call, writer, links[0][0].name, child, results, (links[0][1].name, record_id))


def _run(
    call: Call, subrequests: list[dict[str, Any]], *, all_or_none: bool
) -> tuple[list[dict[str, Any]], bool]:
    replies: dict[str, Any] = {}
    responses: list[dict[str, Any]] = []
    good = True
    for subrequest in subrequests:
        reference = subrequest.get("referenceId", "")
        if all_or_none and not good:
            status, reply = 400, _HALTED.as_request_error()
        else:
            status, reply = _referring(call, subrequest, replies)
        good = good and status < 400
        replies[reference] = reply
        responses.append(
            {"body": reply, "httpHeaders": {}, "httpStatusCode": status, "referenceId": reference}
        )
    if all_or_none and not good:
        for writer in reversed(call.writers):
            writer.roll_back()
        for response in responses:
            if response["httpStatusCode"] < 400:
                response.update(body=_HALTED.as_request_error(), httpStatusCode=400)
        call.count(0, write=False)
    return responses, good


def _referring(call: Call, subrequest: dict[str, Any], replies: dict[str, Any]) -> tuple[int, Any]:
    try:
        url = _filled(subrequest["url"], replies)
        text = _filled(json.dumps(subrequest.get("body")), replies)
    except LookupError as missing:
        message = f"Invalid reference specified. No value for {missing.args[0]} found"
        return 400, Refused("PROCESSING_HALTED", message).as_request_error()
    return _one(call, subrequest.get("method", "GET"), url, json.loads(text))


def _filled(text: str, replies: dict[str, Any]) -> str:
    def value(found: re.Match[str]) -> str:
        held = replies[found["name"]]
        for step in _STEP.finditer(found["path"]):
            held = held[step["key"]] if step["key"] else held[int(step["index"])]
        return str(held)

    return _REFERENCE.sub(value, text)


def _one(call: Call, method: str, url: str, body: Any) -> tuple[int, Any]:
    """Run a subrequest: its status and the JSON it answered."""
    path, _, query = url.partition("?")
    data = json.dumps(body) if body is not None else None
    headers = {"Sforce-Duplicate-Rule-Header": call.request.headers.get("Sforce-Duplicate-Rule-Header", "")}
    request = Request.from_values(
        path=path,
        query_string=quote(query, safe="=&%+',()*:;<>!@$-_.~/?"),
        method=method,
        data=data,
        headers=headers,
        content_type="application/json",
    )
    inner = Call(
        request,
        call.org,
        call.cursors,
        call.jobs,
        call.access,
        call.version,
        call.dispatch,
        writers=call.writers,
    )
    prefix = f"/services/data/v{call.version}"
    if not path.startswith(prefix + "/"):
        return 404, not_found().as_request_error()
    try:
        response = call.dispatch(inner, method, path[len(prefix) :].rstrip("/") or "/")
        _count(call, request, response.status_code)
        return response.status_code, json.loads(response.get_data() or b"null")
    except Refused as refusal:
        return refusal.status, refusal.as_request_error()


def _count(call: Call, request: Request, status: int) -> None:
    """Add a subrequest's writes to what the log says of the whole."""
    write, records = noted(request, status)
    before, held = noted(call.request, 200) if "sandbox.records" in call.request.environ else (False, 0)
    call.count(held + (records if write else 0), write=before or write)
