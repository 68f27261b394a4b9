"""The JWT flow, other flows, and what a token is worth."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed

from sandbox.salesforce import Limits
from tests.sandbox.salesforce_served import Redirected, Served, served


@pytest.fixture
def org() -> Iterator[Served]:
    with served() as running:
        running.clock.set(datetime.now(UTC))  # the SDK dates its assertions by the real clock
        yield running


def _key_pair() -> tuple[str, str]:
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return pem.decode(), public.decode()


def _signed_on(org: Served, private: str, username: str = "integration@brightloom.io") -> Salesforce:
    key = org.sandbox.addresses["salesforce"]["consumer_key"]
    return Salesforce(
        username=username, consumer_key=key, privatekey=private, domain="acme.my", version="66.0",
        session=Redirected(org.url),
    )  # fmt: skip


def test_jwt_needs_the_uploaded_key_and_a_known_user(org: Served) -> None:
    private, public = _key_pair()
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
        _signed_on(org, private)
    org.do("upload_public_key", pem=public)
    assert _signed_on(org, private).query("SELECT Id FROM Lead")["totalSize"] == 0
    with (
        pytest.warns(UserWarning, match="authorize"),
        pytest.raises(SalesforceAuthenticationFailed, match="hasn't approved"),
    ):
        _signed_on(org, private, "nobody@brightloom.io")
    with pytest.raises(SalesforceAuthenticationFailed, match="invalid assertion"):
        _signed_on(org, _key_pair()[0])


def test_an_assertion_too_old_is_refused(org: Served) -> None:
    private, public = _key_pair()
    org.do("upload_public_key", pem=public)
    org.clock.advance(timedelta(minutes=10))
    with pytest.raises(SalesforceAuthenticationFailed, match="expired"):
        _signed_on(org, private)


def test_an_idle_token_expires_and_use_prolongs_it(org: Served) -> None:
    assert org.call("GET", "/limits").status_code == 200
    for _ in range(3):
        org.clock.advance(timedelta(minutes=100))
        assert org.call("GET", "/limits").status_code == 200
    org.clock.advance(timedelta(minutes=121))
    refused = org.call("GET", "/limits")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (401, "INVALID_SESSION_ID")


def test_password_and_refresh_flows_are_refused(org: Served) -> None:
    for grant in ("password", "refresh_token", "authorization_code"):
        reply = org.http.post(f"{org.url}/services/oauth2/token", data={"grant_type": grant})
        assert (reply.status_code, reply.json()["error"]) == (400, "invalid_grant")


def test_a_token_tells_who_it_is_and_can_be_revoked(org: Served) -> None:
    told = org.call("GET", "/services/oauth2/userinfo").json()
    assert told["preferred_username"] == "integration@brightloom.io"
    org.http.post(f"{org.url}/services/oauth2/revoke", data={"token": org.token()})
    assert org.call("GET", "/limits").status_code == 401


def test_too_many_requests_at_once_are_refused() -> None:
    with served(Limits(concurrent_long=2)) as org:
        org.token()
        org.fault(path="slow", action={"delay_s": 2})
        slow = [Thread(target=org.call, args=("GET", "/limits?slow")) for _ in range(2)]
        for thread in slow:
            thread.start()
        while org.sandbox.hosts["salesforce"]._in_flight < 2:
            time.sleep(0.01)
        reply = org.call("GET", "/limits")
        assert (reply.status_code, reply.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
        for thread in slow:
            thread.join()
        assert org.call("GET", "/limits").status_code == 200
