"""What Salesforce's answers mean."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceExpiredSession,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceRefusedRequest,
)

from connectors.salesforce.errors import BatchRefused, Classifier, LocatorGone, first_error
from connectors.transport import AnswerLost, TokenExpired
from core.errors import AuthError, ConnectorError, QuotaExhausted, RateLimited, SchemaDrift, TransientError

_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_SECRET = "canary-5ecret"


def named(error: Exception) -> ConnectorError | None:
    return Classifier(lambda: _NOW, lambda: (_SECRET,)).named(error, "query")


def said(kind: Any, status: int, content: object) -> Exception:
    """The SDK declares bodies as bytes, and passes them parsed."""
    error: Exception = kind("https://acme.my.salesforce.com", status, "query", content)
    return error


def body(code: str, message: str = "said the vendor") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (said(SalesforceExpiredSession, 401, body("INVALID_SESSION_ID")), TokenExpired),
        (
            said(SalesforceRefusedRequest, 403, body("REQUEST_LIMIT_EXCEEDED", "TotalRequests")),
            QuotaExhausted,
        ),
        (
            said(SalesforceRefusedRequest, 403, body("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrg")),
            RateLimited,
        ),
        (said(SalesforceRefusedRequest, 403, body("INSUFFICIENT_ACCESS")), AuthError),
        (said(SalesforceMalformedRequest, 400, body("INVALID_FIELD")), SchemaDrift),
        (said(SalesforceMalformedRequest, 400, body("INVALID_QUERY_LOCATOR")), LocatorGone),
        (said(SalesforceMalformedRequest, 400, body("QUERY_TIMEOUT")), TransientError),
        (said(SalesforceMalformedRequest, 400, body("JSON_PARSER_ERROR")), BatchRefused),
        (said(SalesforceGeneralError, 503, ""), TransientError),
        (said(SalesforceGeneralError, 502, "<html>"), AnswerLost),
        (said(SalesforceGeneralError, 414, "<html>"), ConnectorError),
        (SalesforceAuthenticationFailed("invalid_client", "no such client"), AuthError),
        (SalesforceAuthenticationFailed(503, ""), TransientError),
        (json.JSONDecodeError("Expecting value", "<html>busy", 0), AnswerLost),
        (requests.exceptions.ReadTimeout("slow"), AnswerLost),
    ],
)
def test_each_answer_has_one_meaning(error: Exception, kind: type[ConnectorError]) -> None:
    assert type(named(error)) is kind


def test_a_spent_allowance_says_when_to_come_back() -> None:
    found = named(said(SalesforceRefusedRequest, 403, body("REQUEST_LIMIT_EXCEEDED", "TotalRequests")))
    assert isinstance(found, QuotaExhausted)
    assert found.resets_at == _NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    "error",
    [
        said(SalesforceMalformedRequest, 400, body("INVALID_FIELD", f"bad {_SECRET}")),
        SalesforceAuthenticationFailed("invalid_client", f"bad {_SECRET}"),
        json.JSONDecodeError("Expecting value", f"<html>{_SECRET}", 0),
        said(SalesforceGeneralError, 414, f"<html>Authorization: Bearer {_SECRET}"),
    ],
)
def test_secrets_stay_out_of_messages(error: Exception) -> None:
    assert _SECRET not in str(named(error))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (body("A", "b"), ("A", "b")),
        ({"error": "invalid_grant", "error_description": "x"}, ("invalid_grant", "x")),
        ("<html>", ("", "<html>")),
        ([], ("", "")),
    ],
)
def test_error_bodies_of_every_shape(content: object, expected: tuple[str, str]) -> None:
    assert first_error(content) == expected
