"""What each of Mailchimp's failures is taken for."""

import json
from typing import Any

import pytest
import requests
from mailchimp_marketing.api_client import ApiClientError

from connectors.mailchimp.errors import Answer, NotAllowed, Refusal, Reply, classify
from connectors.transport import AnswerLost
from core.errors import AuthError, ConnectorError, RateLimited, TransientError

_SECRET = "canary0001canary0001-us19"


def answer(status: int, body: object = "", headers: dict[str, str] | None = None) -> Reply:
    text = body if isinstance(body, str) else json.dumps(body)
    return Reply(Answer(status, headers or {}, text.encode()))


def named(outcome: object, *, empty: bool = False) -> ConnectorError | None:
    return classify(outcome, operation="members", secrets=[_SECRET], empty=empty)


@pytest.mark.parametrize(
    ("outcome", "kind"),
    [
        (answer(200), AnswerLost),
        (answer(200, '{"members": ['), AnswerLost),
        (answer(200, "<html>"), AnswerLost),
        (answer(200, "[]"), AnswerLost),
        (answer(400, {"title": "Invalid Resource"}), Refusal),
        (answer(401, {"title": "API Key Invalid"}), AuthError),
        (answer(403, {"title": "Forbidden"}), NotAllowed),
        (answer(403), RateLimited),
        (answer(403, "<html>Access Denied</html>"), RateLimited),
        (answer(404, {"title": "Resource Not Found"}), Refusal),
        (answer(405, {"title": "Method Not Allowed"}), Refusal),
        (answer(429), RateLimited),
        (answer(500, {"title": "Internal Server Error"}), AnswerLost),
        (answer(503), TransientError),
        (answer(504, "<html>"), AnswerLost),
        (ApiClientError(requests.exceptions.ConnectTimeout()), TransientError),
        (ApiClientError(requests.exceptions.ReadTimeout()), AnswerLost),
    ],
)
def test_failures_have_the_name_of_what_happens_next(outcome: object, kind: type[ConnectorError]) -> None:
    assert type(named(outcome)) is kind


def test_an_empty_body_is_fine_where_nothing_is_to_come() -> None:
    assert named(answer(204), empty=True) is None
    assert named(answer(200, {"members": []})) is None


def test_the_fields_at_fault_are_named() -> None:
    errors = [{"field": "SL_SCORE", "message": "Please enter a number"}]
    refused = named(answer(400, {"title": "Invalid Resource", "detail": "Merge fields", "errors": errors}))
    assert refused is not None
    assert "SL_SCORE: Please enter a number" in refused.message


def test_the_request_is_named_by_its_instance() -> None:
    refused = named(answer(404, {"title": "Resource Not Found", "instance": "i-1"}))
    assert refused is not None
    assert refused.correlation_id == "i-1"


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
@pytest.mark.parametrize(
    "body", [{"detail": f"key {_SECRET}", "title": "x"}, f"Authorization: Basic {_SECRET}"]
)
def test_secrets_stay_out_of_messages(status: int, body: Any) -> None:
    error = named(answer(status, body))
    assert error is not None
    assert _SECRET not in f"{error} {error!r} {error.remedy}"
