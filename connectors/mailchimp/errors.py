"""What Mailchimp's failures mean, in one table.

Errors are ``application/problem+json`` with ``title`` and ``status``; ``detail`` is prose that changes. Heavy
throttling answers 403 without JSON, gateways answer HTML, and a 200 may be cut off. Sources: the error
glossary and live exchanges recorded by others, read 2026-11-22.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mailchimp_marketing.api_client import ApiClientError

from connectors.payload import parse
from connectors.session import excerpt, network_error, status_error
from connectors.transport import AnswerLost
from core.errors import AuthError, ConnectorError, RateLimited, SchemaDrift

VENDOR = "mailchimp"


@dataclass(frozen=True, slots=True)
class Answer:
    """One HTTP answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Reply:
    """An answer and, for a success, its parsed JSON (None for an empty body)."""

    __slots__ = ("answer", "broken", "content")

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.content: Any = None
        self.broken = False
        if answer.status < 300 and answer.body.strip():
            try:
                self.content = parse(answer.body)
            except ValueError:
                self.broken = True


class Refusal(ConnectorError):
    """Mailchimp read the request and said no; ``body`` is the problem document."""

    def __init__(
        self, message: str, *, status: int, body: Mapping[str, Any], operation: str, remedy: str = ""
    ) -> None:
        self.status, self.body = status, body
        super().__init__(
            message,
            vendor=VENDOR,
            operation=operation,
            code=str(body.get("title") or status),
            correlation_id=str(body.get("instance") or ""),
            remedy=remedy,
        )


class NotAllowed(SchemaDrift):
    """The key's user may not do this, or the plan does not have it: this stops, the rest goes on."""

    status = 403


def classify(
    outcome: object, *, operation: str, secrets: Sequence[str], empty: bool
) -> ConnectorError | None:
    """What an answer or an exception means; None when it is fine or not ours to name.

    empty: whether a success without a body is what the call gives (204).
    """
    if isinstance(outcome, Reply):
        return _answered(outcome, operation, secrets, empty=empty)
    cause = outcome.text if isinstance(outcome, ApiClientError) else outcome
    if isinstance(cause, ConnectorError):
        return _placed(cause, operation)
    return network_error(cause, vendor=VENDOR, operation=operation) if isinstance(cause, Exception) else None


def _answered(reply: Reply, operation: str, secrets: Sequence[str], *, empty: bool) -> ConnectorError | None:
    status, headers = reply.answer.status, reply.answer.headers
    if status < 300:
        if isinstance(reply.content, dict) or (empty and not reply.answer.body.strip()):
            return None
        return AnswerLost(
            "the answer had no usable body", vendor=VENDOR, operation=operation, code=str(status)
        )
    text = reply.answer.body.decode("utf-8", "replace")
    body = _parsed(text)
    said = excerpt(str(body.get("detail") or body.get("title") or text or f"status {status}"), secrets)
    general = status_error(status, headers, vendor=VENDOR, operation=operation, detail=said)
    if general is not None:
        return general
    if status == 403 and not body:
        return RateLimited("throttled (403 without a reason)", vendor=VENDOR, operation=operation)
    if status in {401, 403}:
        return _unauthorised(said, body, operation, status)
    return Refusal(_with_fields(said, body), status=status, body=body, operation=operation)


def _unauthorised(said: str, body: Mapping[str, Any], operation: str, status: int) -> ConnectorError:
    if status == 401:
        return AuthError(
            said,
            vendor=VENDOR,
            operation=operation,
            code=str(body.get("title") or status),
            correlation_id=str(body.get("instance") or ""),
            remedy="Make an API key under Profile > Extras > API keys and set SCORELINE_MAILCHIMP_API_KEY.",
        )
    remedy = "The key's user needs the role Manager or Admin, and the account's plan this feature."
    return NotAllowed(
        said,
        vendor=VENDOR,
        operation=operation,
        code=str(body.get("title") or status),
        correlation_id=str(body.get("instance") or ""),
        remedy=remedy,
    )


def _with_fields(said: str, body: Mapping[str, Any]) -> str:
    errors = [
        f"{error.get('field') or 'request'}: {error.get('message')}"
        for error in body.get("errors") or ()
        if isinstance(error, dict)
    ]
    return f"{said} ({'; '.join(errors[:3])})" if errors else said


def _placed(error: ConnectorError, operation: str) -> ConnectorError:
    if error.vendor:
        return error
    return ConnectorError(error.message.strip(" :"), vendor=VENDOR, operation=operation, remedy=error.remedy)


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
