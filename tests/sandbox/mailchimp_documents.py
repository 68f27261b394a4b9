"""Mailchimp's published description (3.0.85), and what it takes for a response to fit it.

Known deviations of the wire from the description, which the checks here allow:

| what | why |
| --- | --- |
| a ``date-time`` may be ``""`` | that is how "never" arrives |
| a 204 has no body | some are described with one |
| an error may lack ``type`` | some titles omit it |
| errors are ``application/problem+json`` | the description says ``application/json`` |
| merge field values are scalars | the description types each as an object |
| 404, 405, 429 and 5xx have the shape of the default error | they are not described one by one |
"""

import json
import os
import re
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft4Validator, FormatChecker

SHARED = Path(os.environ.get("SCORELINE_SHARED", "../shared"))
_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time")
def _is_instant(value: object) -> bool:
    if not isinstance(value, str) or value == "":
        return True
    try:
        return datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


@cache
def description() -> dict[str, Any]:
    """The whole document."""
    path = SHARED / "specs" / "mailchimp" / "marketing-3.0.85-openapi3-flattened.json"
    loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"), object_hook=_freed)
    return loaded


def _freed(given: dict[str, Any]) -> dict[str, Any]:
    """Let the values of a free-form map be anything."""
    if (given.get("additionalProperties") or {}).get("type") == "object":
        given["additionalProperties"] = True
    return given


def _positions(path: str) -> re.Pattern[str]:
    return re.compile("/3\\.0" + re.sub(r"\{[^}]*\}", "[^/]+", path) + "/?")


@cache
def _operations() -> list[tuple[re.Pattern[str], str, dict[str, Any]]]:
    # paths with fewer parameters first: /members/{hash}/tags before /members/{hash}/{anything}
    paths = sorted(description()["paths"].items(), key=lambda item: item[0].count("{"))
    return [(_positions(path), path, methods) for path, methods in paths]


def operation(method: str, path: str) -> dict[str, Any]:
    """The described operation behind a path that was called; KeyError when there is none."""
    for pattern, _, methods in _operations():
        if pattern.fullmatch(path) and method.lower() in methods:
            found: dict[str, Any] = methods[method.lower()]
            return found
    raise KeyError(f"{method} {path}")


def schema(method: str, path: str, status: int) -> dict[str, Any] | None:
    """The schema of a response; None where it has no body."""
    responses = operation(method, path)["responses"]
    described = responses.get(str(status)) or responses["default"]
    content = described.get("content", {})
    return next(iter(content.values()))["schema"] if content else None


def check(method: str, path: str, status: int, body: Any) -> None:
    """Fail when the body does not fit, or has a key that is not described."""
    wanted = schema(method, path, status)
    if wanted is None or status == 204:
        assert body in (None, ""), f"{method} {path}: a body where none is described"
        return
    whole = {"components": description()["components"], **wanted}
    if status >= 400 and isinstance(body, dict):
        body = {"type": "https://mailchimp.com/", **body}
    errors = list(Draft4Validator(whole, format_checker=_FORMATS).iter_errors(body))
    assert not errors, "\n".join(
        f"{method} {path} at {list(e.absolute_path)}: {e.message}" for e in errors[:5]
    )
    if status < 400:
        unknown = set(_undescribed(body, wanted, ""))
        assert not unknown, f"{method} {path} has undescribed {sorted(unknown)}"


def parameters(method: str, path: str) -> set[str]:
    """The query parameters that an operation is described to take."""
    described = operation(method, path).get("parameters", ())
    return {parameter["name"] for parameter in described if parameter["in"] == "query"}


def check_request(method: str, path: str, params: dict[str, Any], body: Any) -> None:
    """Fail when a request that was taken is not one that is described."""
    found = operation(method, path)
    named = parameters(method, path)
    assert set(params) <= named, f"{method} {path} has no parameter {sorted(set(params) - named)}"
    if body is None:
        return
    wanted = next(iter(found["requestBody"]["content"].values()))["schema"]
    whole = {"components": description()["components"], **wanted}
    errors = list(Draft4Validator(whole, format_checker=_FORMATS).iter_errors(body))
    assert not errors, "\n".join(
        f"{method} {path} at {list(e.absolute_path)}: {e.message}" for e in errors[:5]
    )


def _resolved(given: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in given:
        given = description()["components"]["schemas"][given["$ref"].rsplit("/", 1)[1]]
    return given


def _properties(given: dict[str, Any]) -> dict[str, Any]:
    given = _resolved(given)
    found = dict(given.get("properties", {}))
    for part in given.get("allOf", ()):
        found |= _properties(part)
    return found


def _undescribed(body: Any, given: dict[str, Any], at: str) -> Iterator[str]:
    given = _resolved(given)
    if isinstance(body, list) and "items" in given:
        for item in body:
            yield from _undescribed(item, given["items"], at)
    properties = _properties(given)
    if isinstance(body, dict) and properties:
        for key, value in body.items():
            if key not in properties:
                yield f"{at}.{key}"
            else:
                yield from _undescribed(value, properties[key], f"{at}.{key}")
