"""Salesforce has no schema of its REST API: what is asked must be among its listed requests, what is answered

must have the keys of its recorded answers, describes those of its sample describes.
"""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from tests.contract.witness import Exchange, condensed
from tests.sandbox.salesforce_served import spec

Json = Any

#: Requests that are not on the vendor's list, and where they are documented.
UNLISTED: Mapping[tuple[str, str], str] = {
    ("GET", r"/query(All)?/[\w-]+"): "the address an answer gives as its nextRecordsUrl",
    ("PATCH", r"/composite/sobjects"): "among the recorded exchanges; the list gives it a type by mistake",
    ("DELETE", r"/composite/sobjects"): "documented with ids only; the list gives it a type by mistake",
    ("POST", r"/composite/sobjects/\w+"): "reading a collection whose ids do not fit an address",
    ("(PATCH|GET)", r"/tooling/sobjects/\w+/\w+"): "records of the Tooling API by type and id, as documented",
}
#: Answers without a record of them, held against their documentation in tests/sandbox instead.
UNRECORDED = r"/services/oauth2/token|(/jobs/.*|/tooling/.*|/limits|/sobjects|/sobjects/\w+(/\w+)?|/)"
_ERROR_KEYS = {"errorCode", "message", "fields", "extendedErrorDetails"}
_SAMPLED = ["Lead", "Contact", "Account", "Opportunity", "Event", "OpportunityContactRole"]


def differences(exchange: Exchange) -> Iterator[str]:
    """What is not as listed or recorded, as ``METHOD path: what``."""
    yield from _differences(
        exchange.method, exchange.path, exchange.status, exchange.request, exchange.answer
    )


def _differences(method: str, path: str, status: int, sent: Json, answered: Json) -> Iterator[str]:
    below = re.sub(r"^/services/data/v[\d.]+", "", path.partition("?")[0]).rstrip("/") or "/"
    said = f"{method} {path}"
    if not _is_listed(method, below):
        yield f"{said}: not among the vendor's requests"
    if status >= 400:
        yield from _refusal(said, below, answered)
    elif below == "/composite":
        yield from _composite(said, sent, answered)
    elif below.endswith("/describe"):
        yield from _describe(said, answered)
    else:
        yield from _unlike_recorded(said, method, below, answered)


@cache
def _listed() -> list[tuple[str, re.Pattern[str]]]:
    found = []
    for request in spec("postman-endpoints.json"):
        path = re.sub(r"^\{\{url\}\}\{\{site\}\}|^\{\{_endpoint\}\}", "", request["url"]).partition("?")[0]
        path = re.sub(r"^/services/data(/v\{\{version\}\})?", "", path).rstrip("/") or "/"
        found.append((request["method"], re.compile(re.sub(r"<\w+>|\{\{\w+\}\}", "[^/]+", path))))
    return found


def _is_listed(method: str, path: str) -> bool:
    listed = any(method == known and pattern.fullmatch(path) for known, pattern in _listed())
    return listed or any(re.fullmatch(how, method) and re.fullmatch(where, path) for how, where in UNLISTED)


def _refusal(said: str, path: str, answered: Json) -> Iterator[str]:
    if path.startswith("/services/oauth2"):
        if set(answered) != {"error", "error_description"}:
            yield f"{said}: refused with {answered!r:.200}"
    elif not isinstance(answered, list) or not all(
        {"errorCode", "message"} <= entry.keys() <= _ERROR_KEYS for entry in answered
    ):
        yield f"{said}: refused with {answered!r:.200}"


def _composite(said: str, sent: Json, answered: Json) -> Iterator[str]:
    parts = answered["compositeResponse"]
    for asked, part in zip(sent["compositeRequest"], parts, strict=True):
        if part.keys() != {"body", "httpHeaders", "httpStatusCode", "referenceId"}:
            yield f"{said}: a part has {sorted(part)}"
        yield from _differences(
            asked["method"], asked["url"], part["httpStatusCode"], asked.get("body"), condensed(part["body"])
        )


@cache
def _samples() -> list[Json]:
    return [spec(f"describe/{name}.json") for name in _SAMPLED]


@cache
def _sampled_keys() -> tuple[frozenset[frozenset[str]], frozenset[frozenset[str]], frozenset[str]]:
    """Key sets of whole describes, of their fields, and the keys of child relationships."""
    fields = frozenset(frozenset(field) for sample in _samples() for field in sample["fields"])
    children = frozenset(
        key for sample in _samples() for child in sample["childRelationships"] for key in child
    )
    return frozenset(frozenset(sample) for sample in _samples()), fields, children


def _describe(said: str, answered: Json) -> Iterator[str]:
    whole, fields, children = _sampled_keys()
    if frozenset(answered) not in whole:
        yield f"{said}: no sample has {sorted(answered)}"
    for field in answered["fields"]:
        if frozenset(field) not in fields:
            yield f"{said}: no field of a sample has {sorted(field)}"
    if any(not children >= child.keys() for child in answered["childRelationships"]):
        yield f"{said}: child relationships have keys of their own"


@cache
def _recorded() -> dict[tuple[str, str], list[Json]]:
    """Answers on record, by method and kind of path."""
    found: dict[tuple[str, str], list[Json]] = {}
    for sample in spec("http-samples.json"):
        path = (
            re.sub(r"^/services/data/v[\dx.]+", "", sample["request"]["path"]).partition("?")[0].rstrip("/")
        )
        found.setdefault((sample["request"]["method"], _kind(path)), []).append(sample["response"]["body"])
    return found


def _kind(path: str) -> str:
    """Queries, their further pages and queryAll answer alike; so do records of every type."""
    path = re.sub(r"^/query(All)?(/.*)?$", "/query", path)
    return re.sub(r"^/sobjects/\w+$", "/sobjects/*", path)


def _unlike_recorded(said: str, method: str, path: str, answered: Json) -> Iterator[str]:
    # every kind of collection write answers alike
    known = _recorded().get((method, _kind(path))) or (
        _recorded()["PATCH", "/composite/sobjects"]
        if method in {"POST", "PATCH", "DELETE"} and path == "/composite/sobjects"
        else None
    )
    if known is None:
        if not re.fullmatch(UNRECORDED, path):
            yield f"{said}: no record of such an answer"
    elif not any(_fits(answered, one) for one in known):
        yield f"{said}: no recorded answer is like {answered!r:.300}"


def _fits(ours: Json, theirs: Json) -> bool:
    """Same keys in the envelope; pages that are not the last also have the address of the next."""
    if isinstance(theirs, list):
        keys = [set(entry) for entry in theirs] + [{"success", "errors"}]  # a refused row has no id
        return isinstance(ours, list) and all(set(entry) in keys for entry in ours)
    if not isinstance(ours, dict) or ours.keys() - {"nextRecordsUrl"} != theirs.keys() - {"nextRecordsUrl"}:
        return False
    return all(set(entry["attributes"]) in ({"type", "url"}, {"type"}) for entry in ours.get("records", ()))
