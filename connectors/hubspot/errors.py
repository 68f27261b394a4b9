"""What HubSpot's failures mean, in one table.

Sources: HubSpot's error handling and usage guidelines, read 2026-11-22. Every key of a body may be
missing. Each SDK module has its own ``ApiException``, so failures are told apart by status, not by class.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.session import excerpt, network_error, retry_after_s, status_error
from connectors.transport import AnswerLost, TokenExpired
from core.errors import AuthError, ConnectorError, QuotaExhausted, RateLimited, SchemaDrift

VENDOR = "hubspot"

#: Seconds to wait for each rate-limit policy; HubSpot sends no hint that can be relied on.
_PAUSES = {"SECONDLY": 1.0, "TEN_SECONDLY_ROLLING": 10.0}
_LOCKED_PAUSE_S = 2.0
_NOT_THEIRS = "the next run reads it again; if it stays so, look at what stands between: a proxy, the url"


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer below 400: its status, and the parsed JSON (None for an empty body)."""

    status: int
    content: Any


class Refusal(ConnectorError):
    """HubSpot read the request and said no; ``body`` is what it said."""

    def __init__(
        self, message: str, *, status: int, body: Mapping[str, Any], operation: str, remedy: str = ""
    ) -> None:
        self.status, self.body = status, body
        super().__init__(
            message,
            vendor=VENDOR,
            operation=operation,
            code=str(body.get("subCategory") or body.get("category") or status),
            correlation_id=str(body.get("correlationId") or ""),
            remedy=remedy,
        )


class MissingScope(SchemaDrift):
    """The token may not do this, or the plan does not have it: this stops, the rest goes on."""

    status = 403


class Unusable(AnswerLost):
    """A success whose body is not what was asked for: HTML, cut off, or empty."""


def classify(
    outcome: object, *, operation: str, oauth: bool, secrets: Sequence[str], resets_at: datetime | None
) -> ConnectorError | None:
    """What an answer or an exception means; None when it is fine or not ours to name.

    resets_at: when the daily allowance starts anew.
    """
    if isinstance(outcome, Reply):
        return _unexpected(outcome, operation)
    if isinstance(outcome, ConnectorError):
        return _placed(outcome, operation)
    status = getattr(outcome, "status", None)
    if isinstance(outcome, Exception) and isinstance(status, int) and status >= 300:
        headers = dict(getattr(outcome, "headers", None) or {})
        return _refused(
            status, headers, _text(outcome), operation, oauth=oauth, secrets=secrets, resets_at=resets_at
        )
    if isinstance(outcome, json.JSONDecodeError | UnicodeDecodeError):
        return Unusable(
            "the answer was not JSON", vendor=VENDOR, operation=operation, code="200", remedy=_NOT_THEIRS
        )
    return (
        network_error(outcome, vendor=VENDOR, operation=operation) if isinstance(outcome, Exception) else None
    )


def _unexpected(reply: Reply, operation: str) -> ConnectorError | None:
    if reply.status == 204 or isinstance(reply.content, dict | list):
        return None
    return Unusable(
        "the answer had no usable body", vendor=VENDOR, operation=operation, code=str(reply.status)
    )


def _placed(error: ConnectorError, operation: str) -> ConnectorError:
    if error.vendor:
        return error
    return ConnectorError(error.message.strip(" :"), vendor=VENDOR, operation=operation, remedy=error.remedy)


def _refused(
    status: int,
    headers: Mapping[str, str],
    text: str,
    operation: str,
    *,
    oauth: bool,
    secrets: Sequence[str],
    resets_at: datetime | None,
) -> ConnectorError:
    body = _parsed(text)
    empty = not text.strip("{}[] \n")
    said = excerpt(str(body.get("message") or (f"status {status}" if empty else text)), secrets)
    if status == 401:
        return _unauthorised(said, operation, oauth=oauth)
    if status == 403:
        return _forbidden(said, body, operation)
    if status == 429:
        return _limited(said, headers, body, operation, resets_at)
    if status in {423, 477}:
        pause = retry_after_s(headers) or _LOCKED_PAUSE_S
        return RateLimited(said, vendor=VENDOR, operation=operation, retry_after_s=pause)
    general = status_error(status, headers, vendor=VENDOR, operation=operation, detail=said)
    return general or Refusal(said, status=status, body=body, operation=operation)


def _unauthorised(said: str, operation: str, *, oauth: bool) -> AuthError:
    if oauth:
        return TokenExpired(said, vendor=VENDOR, operation=operation, code="401")
    return AuthError(
        said,
        vendor=VENDOR,
        operation=operation,
        code="401",
        remedy="Copy the token from Settings > Integrations in HubSpot into SCORELINE_HUBSPOT_ACCESS_TOKEN.",
    )


def _forbidden(said: str, body: Mapping[str, Any], operation: str) -> MissingScope:
    return MissingScope(
        said,
        vendor=VENDOR,
        operation=operation,
        code=str(body.get("category") or 403),
        correlation_id=str(body.get("correlationId") or ""),
        remedy=_scope_remedy(body),
    )


def _limited(
    said: str, headers: Mapping[str, str], body: Mapping[str, Any], operation: str, resets_at: datetime | None
) -> ConnectorError:
    policy = str(body.get("policyName") or "")
    if policy == "DAILY":
        return QuotaExhausted(
            "the account's daily calls are spent",
            vendor=VENDOR,
            operation=operation,
            resets_at=resets_at,
            remedy="The run goes on by itself after midnight in the account's time zone.",
        )
    hints = [hint for hint in (_PAUSES.get(policy), retry_after_s(headers)) if hint is not None]
    return RateLimited(said, vendor=VENDOR, operation=operation, retry_after_s=max(hints, default=None))


def _scope_remedy(body: Mapping[str, Any]) -> str:
    """Which scope to add, where HubSpot names it."""
    named: list[str] = []
    for error in body.get("errors") or ():
        context = error.get("context") or {}
        named += [
            scope for key in ("requiredGranularScopes", "requiredScopes") for scope in context.get(key) or ()
        ]
    missing = ", ".join(dict.fromkeys(named)) or "the scope for this"
    return f"Add {missing} to the app or service key in HubSpot, then: scoreline check"


def _parsed(text: str) -> dict[str, Any]:
    try:
        body = json.loads(text)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _text(error: object) -> str:
    body = getattr(error, "body", None)
    return body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body or "")
