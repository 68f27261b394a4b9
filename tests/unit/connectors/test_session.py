"""Where requests may go, and what broken connections and statuses mean."""

import ssl
from datetime import UTC, datetime

import pytest
import requests
import responses
import urllib3.exceptions

from connectors.policy import Policy, is_loopback
from connectors.session import PolicySession, excerpt, network_error, retry_after_s, status_error
from connectors.transport import AnswerLost
from core.errors import ConnectorError, RateLimited, TransientError


def named(error: Exception) -> ConnectorError | None:
    return network_error(error, vendor="acme", operation="read")


@responses.activate
def test_only_listed_hosts_are_called() -> None:
    session = PolicySession(Policy(), hosts=("api.acme.test", ".acme.example"))
    responses.get("https://api.acme.test/a", body="ok")
    responses.get("https://eu1.acme.example/a", body="ok")
    assert session.get("https://api.acme.test/a").ok
    assert session.get("https://eu1.acme.example/a").ok
    for url in ("https://evil.test/a", "https://acme.example.evil.test/", "http://api.acme.test/a"):
        with pytest.raises(ConnectorError, match="refusing"):
            session.get(url)


@responses.activate
def test_a_redirect_is_refused_and_never_followed() -> None:
    session = PolicySession(Policy(), hosts=("api.acme.test",))
    responses.get("https://api.acme.test/a", status=302, headers={"Location": "https://evil.test/steal"})
    with pytest.raises(ConnectorError, match=r"evil\.test"):
        session.get("https://api.acme.test/a", headers={"Authorization": "Bearer secret"})
    assert len(responses.calls) == 1


@responses.activate
def test_a_hard_coded_address_reaches_a_loopback_sandbox() -> None:
    responses.get("http://127.0.0.1:8701/services/data", body="ok")
    session = PolicySession(Policy(), hosts=("127.0.0.1",), base_url="http://127.0.0.1:8701")
    assert session.get("https://acme.my.salesforce.com/services/data").text == "ok"


@responses.activate
def test_timeouts_are_set_and_the_environment_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:1")
    responses.get("https://api.acme.test/a", body="ok")
    PolicySession(Policy(connect_timeout_s=3, read_timeout_s=9), hosts=("api.acme.test",)).get(
        "https://api.acme.test/a"
    )
    kwargs = responses.calls[0].request.req_kwargs  # type: ignore[attr-defined]  # added by responses
    assert kwargs["timeout"] == (3, 9)
    assert not kwargs["proxies"]


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:1", True),
        ("http://localhost", True),
        ("http://[::1]:1", True),
        ("http://10.0.0.1", False),
    ],
)
def test_plain_http_is_for_this_machine_only(url: str, *, loopback: bool) -> None:
    assert is_loopback(url) is loopback


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ReadTimeout("slow"),
        requests.exceptions.ChunkedEncodingError("cut"),
        requests.exceptions.ConnectionError(ConnectionResetError("reset")),
        urllib3.exceptions.ProtocolError("cut", ConnectionResetError()),
    ],
)
def test_a_connection_that_breaks_after_sending_loses_the_answer(error: Exception) -> None:
    assert isinstance(named(error), AnswerLost)


@pytest.mark.parametrize(
    "error",
    [
        requests.exceptions.ConnectTimeout("slow"),
        requests.exceptions.ConnectionError(ConnectionRefusedError()),
    ],
)
def test_a_connection_never_made_may_always_be_tried_again(error: Exception) -> None:
    found = named(error)
    assert isinstance(found, TransientError)
    assert not isinstance(found, AnswerLost)


def test_a_bad_certificate_is_not_retried() -> None:
    found = named(requests.exceptions.SSLError(ssl.SSLCertVerificationError("self-signed")))
    assert found is not None
    assert not isinstance(found, TransientError)


def test_other_exceptions_are_no_network_trouble() -> None:
    assert named(ValueError("ours")) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "Sun, 22 Nov 2026 08:00:30 GMT", "date": "Sun, 22 Nov 2026 08:00:00 GMT"}, 30.0),
        ({"Retry-After": "Sun, 22 Nov 2026 07:00:00 GMT", "Date": "Sun, 22 Nov 2026 08:00:00 GMT"}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_both_forms(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_s(headers, datetime(2020, 1, 1, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, RateLimited),
        (503, TransientError),
        (500, AnswerLost),
        (502, AnswerLost),
        (504, AnswerLost),
        (520, AnswerLost),
    ],
)
def test_statuses_every_vendor_shares(status: int, kind: type[ConnectorError]) -> None:
    assert type(status_error(status, {}, vendor="acme", operation="read")) is kind


def test_other_statuses_are_for_the_vendors_own_table() -> None:
    assert status_error(404, {}, vendor="acme", operation="read") is None


def test_an_excerpt_is_short_and_keeps_secrets_out() -> None:
    text = excerpt("token s3cr3t-value\n Authorization: Bearer abc.def " + "x" * 500, ["s3cr3t-value"])
    assert "s3cr3t" not in text
    assert "abc.def" not in text
    assert len(text) <= 200
