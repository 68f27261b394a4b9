"""HubSpot's published descriptions, and what the sandbox answers held against them."""

import json
import os
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from sandbox.hubspot.paths import canonical

SPECS = Path(os.environ.get("SCORELINE_SHARED", "../shared")) / "specs" / "hubspot"

Json = Any
_CHECKER = FormatChecker(formats=())


@_CHECKER.checks("date-time", raises=ValueError)
def _is_instant(given: object) -> bool:
    return not isinstance(given, str) or datetime.fromisoformat(given).tzinfo is not None


@dataclass(frozen=True)
class Exchange:
    method: str
    path: str
    sent: Json
    status: int
    answered: Json


@dataclass(frozen=True)
class Deviation:
    """What differs from the documents on purpose: a pattern of ``where: what``, and why."""

    pattern: str
    reason: str


DEVIATIONS = (
    Deviation(
        r"answer .*properties\.\w+: None is not of type 'string'",
        "a requested property without a value is null on the live service; the client's model says text",
    ),
    Deviation(
        r"answer .*associationTypes\.\d+\.label: None is not of type 'string'",
        "an unlabelled association has a null label on the live service",
    ),
    Deviation(
        r"answer .*results\.\d+\.label: None is not of type 'string'",
        "the same, where labels are listed",
    ),
    Deviation(
        r"answer .*errors\.\d+: '(context|links|errors)' is a required property",
        "entries of a real 207 leave these out, as the README of the documents says",
    ),
    Deviation(
        r"answer \(429\): 'category' is a required property",
        "a real 429 carries errorType and policyName instead of category",
    ),
    Deviation(
        r"answer \(400\): '(category|message)' is a required property",
        "a refused token request carries error and error_description instead",
    ),
    Deviation(
        r"answer \(405\): 'category' is a required property",
        "the refusal comes from the web server in front of the API",
    ),
    Deviation(
        r"answer \((404|414)\): .* is not of type 'object'",
        "the web server in front of the API answers in HTML: no such address, or one that is too long",
    ),
    Deviation(
        r"request : '(properties|propertiesWithHistory)' is a required property",
        "the service takes a batch read without them, and so does the client",
    ),
    Deviation(
        r"request sorts\.\d+: .* is not of type 'string'",
        "sorts are objects on the wire; the client's model lost that",
    ),
    Deviation(
        r"request .*(after|properties\.\w+|value): .* is not of type 'string'",
        "the service takes numbers and booleans where it keeps text; clients send both",
    ),
    Deviation(
        r"answer (list\.|updatedList\.)filterBranch.*",
        "the documents lost the alternatives of a filter branch",
    ),
    Deviation(
        r"request filterBranch.*",
        "the documents lost the alternatives of a filter branch",
    ),
    Deviation(
        r"answer (results\.\d+\.)?(fieldGroups|legalConsentOptions).*",
        "the documents merged all kinds of form field and of legal consent, everything required",
    ),
)


@cache
def _documents() -> list[tuple[re.Pattern[str], int, str, Json]]:
    """``(path pattern, number of parameters, path, document)`` of every operation described."""
    found = []
    for file in sorted(SPECS.glob("[!_]*.json")):
        document = json.loads(file.read_text())
        for path in document["paths"]:
            pattern = re.sub(r"\{[^}]+\}", "[^/]+", path.rstrip("/"))
            found.append((re.compile(f"{pattern}/?"), path.count("{"), path, document))
    return sorted(found, key=lambda one: one[1])


def operation(method: str, path: str) -> tuple[Json, Json] | None:
    """The description of a request and the document it is in; None where there is none."""
    wanted = canonical(path)
    for pattern, _, template, document in _documents():
        described = document["paths"][template].get(method.lower())
        if described is not None and pattern.fullmatch(wanted):
            return described, document
    return None


def differences(exchange: Exchange) -> list[str]:
    """``where: what`` of everything that is not as described; empty where nothing describes it."""
    found = operation(exchange.method, exchange.path)
    if found is None:
        return []
    described, document = found
    answers = described["responses"]
    expected = answers.get(str(exchange.status)) or (
        answers.get("default") if exchange.status >= 400 else None
    )
    if expected is None:
        return [f"answer ({exchange.status}): no such status is described"]
    label = f"answer ({exchange.status})" if exchange.status >= 400 else "answer"
    problems = _compared(label, exchange.answered, expected, document)
    if exchange.status < 400:
        problems += _compared("request", exchange.sent, described.get("requestBody") or {}, document)
    return problems


def _compared(label: str, body: Json, described: Json, document: Json) -> list[str]:
    schema = described.get("content", {}).get("application/json", {}).get("schema")
    if schema is None:
        return []
    validator = Draft202012Validator(
        {"allOf": [schema], "components": document["components"]}, format_checker=_CHECKER
    )
    return [_said(label, error) for error in validator.iter_errors(body)]


def _said(label: str, error: ValidationError) -> str:
    where = ".".join(str(step) for step in error.absolute_path)
    separator = "" if label.endswith(")") else " "
    return f"{label}{separator}{where}: {error.message}"


def unexplained(exchanges: list[Exchange], used: Counter[str]) -> list[str]:
    """Differences that no deviation explains; those that do are counted in ``used``."""
    left = []
    for exchange in exchanges:
        for difference in differences(exchange):
            reason = next((one for one in DEVIATIONS if re.match(one.pattern, difference)), None)
            if reason is None:
                left.append(f"{exchange.method} {exchange.path} {difference}")
            else:
                used[reason.pattern] += 1
    return left
