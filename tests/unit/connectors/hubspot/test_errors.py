"""What each of HubSpot's failures is taken for."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hubspot.errors import MissingScope, Refusal, Reply, Unusable, classify
from connectors.transport import AnswerLost, TokenExpired
from core.errors import AuthError, ConnectorError, QuotaExhausted, RateLimited, TransientError

_MIDNIGHT = datetime(2026, 11, 23, 5, tzinfo=UTC)
_SECRET = "pat-na1-canary-0001"


class Failure(Exception):
    """As every SDK module's own ApiException looks."""

    def __init__(self, status: int | None, body: object = "", headers: dict[str, str] | None = None) -> None:
        super().__init__(f"({status})\nHTTP response headers: {headers}\nHTTP response body: {body}")
        self.status, self.headers = status, headers
        self.body = body if isinstance(body, (str, bytes)) else json.dumps(body)


def named(outcome: object, *, oauth: bool = False) -> ConnectorError | None:
    return classify(outcome, operation="search contacts", oauth=oauth, secrets=[_SECRET], resets_at=_MIDNIGHT)


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (Failure(401, {"category": "INVALID_AUTHENTICATION"}), AuthError),
        (Failure(403, {"category": "MISSING_SCOPES"}), MissingScope),
        (Failure(404, {"message": "not found"}), Refusal),
        (Failure(409, {"category": "CONFLICT"}), Refusal),
        (Failure(414, "<html>414</html>"), Refusal),
        (Failure(423), RateLimited),
        (Failure(429, {"policyName": "SECONDLY"}), RateLimited),
        (Failure(429, {"policyName": "DAILY"}), QuotaExhausted),
        (Failure(477, "", {"Retry-After": "9"}), RateLimited),
        (Failure(502, "<html>bad gateway</html>"), AnswerLost),
        (Failure(503), TransientError),
        (Failure(524, b"\xff\xfe"), AnswerLost),
        (Reply(200, None), Unusable),
        (Reply(200, "html"), Unusable),
    ],
)
def test_failures_have_the_name_of_what_happens_next(failure: object, kind: type[ConnectorError]) -> None:
    assert type(named(failure)) is kind


def test_answers_that_are_fine_have_no_name() -> None:
    assert named(Reply(200, {"results": []})) is None
    assert named(Reply(204, None)) is None
    assert named(KeyError("not ours")) is None


def test_only_oauth_tokens_expire() -> None:
    expired = Failure(401, {"category": "EXPIRED_AUTHENTICATION"})
    assert isinstance(named(expired, oauth=True), TokenExpired)
    assert not isinstance(named(expired), TokenExpired)


@pytest.mark.parametrize(
    ("body", "headers", "wait"),
    [
        ({"policyName": "SECONDLY"}, {}, 1),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {}, 10),
        ({"policyName": "TEN_SECONDLY_ROLLING"}, {"Retry-After": "30"}, 30),
        ({}, {"Retry-After": "4"}, 4),
        ({}, {}, None),
    ],
)
def test_the_pause_follows_the_policy_that_was_hit(
    body: dict[str, str], headers: dict[str, str], wait: float | None
) -> None:
    limited = named(Failure(429, body, headers))
    assert isinstance(limited, RateLimited)
    assert limited.retry_after_s == wait


def test_a_spent_day_says_when_it_ends() -> None:
    spent = named(Failure(429, {"policyName": "DAILY"}))
    assert isinstance(spent, QuotaExhausted)
    assert spent.resets_at == _MIDNIGHT


def test_a_missing_scope_is_named_with_its_correlation_id() -> None:
    errors = [{"context": {"requiredGranularScopes": ["crm.lists.write"]}}]
    refused = named(Failure(403, {"category": "MISSING_SCOPES", "errors": errors, "correlationId": "c-1"}))
    assert refused is not None
    assert "crm.lists.write" in refused.remedy
    assert refused.correlation_id == "c-1"


@pytest.mark.parametrize("body", [{}, "", "[]\n"])
def test_answer_that_says_nothing_is_known_by_its_status(body: Any) -> None:
    assert "status 429" in str(named(Failure(429, body)))


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
@pytest.mark.parametrize("body", [{"message": f"bad token {_SECRET}"}, f"Authorization: Bearer {_SECRET}"])
def test_secrets_stay_out_of_messages(status: int, body: Any) -> None:
    error = named(Failure(status, body, {"Authorization": f"Bearer {_SECRET}"}))
    assert error is not None
    assert _SECRET not in f"{error} {error!r} {error.remedy}"
