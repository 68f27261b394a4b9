"""Who may call HubSpot, how often, and what the account's plan lacks."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import requests

from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.limits import HubSpotLimits, Meter
from tests.sandbox.hubspot_served import NOW, Served, served

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture
def account() -> Iterator[Served]:
    with served() as one:
        yield one


def refresh(account: Served, path: str = "/oauth/v1/token", **changes: str) -> requests.Response:
    keys = account.app.credentials
    form = {name: keys[name] for name in ("refresh_token", "client_id", "client_secret")}
    sent = {"grant_type": "refresh_token", **form, **changes}
    return requests.post(account.url + path, data=sent, timeout=10)


@pytest.mark.parametrize("header", ["", "Bearer nope", "Basic abc"])
def test_unknown_token_is_refused(account: Served, header: str) -> None:
    answer = account.call("GET", CONTACTS, Authorization=header)
    assert answer.status_code == 401
    assert answer.json()["category"] == "INVALID_AUTHENTICATION"


def test_refreshed_token_works_until_it_expires(account: Served) -> None:
    made = refresh(account).json()
    assert (made["token_type"], made["expires_in"]) == ("bearer", 1800)
    account.token = made["access_token"]
    assert account.call("GET", CONTACTS).status_code == 200
    account.later(seconds=1804)
    expired = account.call("GET", CONTACTS)
    assert expired.status_code == 401
    assert expired.json()["category"] == "EXPIRED_AUTHENTICATION"
    assert "expired 4 second(s) ago" in expired.json()["message"]
    account.token = refresh(account, "/oauth/2026-03/token").json()["access_token"]
    assert account.call("GET", CONTACTS).status_code == 200


def test_client_refreshes_and_asks_what_its_token_is(account: Served) -> None:
    keys = account.app.credentials
    made = account.client.oauth.tokens_api.create(
        grant_type="refresh_token",
        refresh_token=keys["refresh_token"],
        client_id=keys["client_id"],
        client_secret=keys["client_secret"],
    )
    known = account.client.oauth.access_tokens_api.get(made.access_token)
    assert known.expires_in == 1800
    assert "crm.objects.contacts.read" in known.scopes


@pytest.mark.parametrize("field", ["grant_type", "client_id", "client_secret", "refresh_token"])
def test_wrong_credentials_get_no_token(account: Served, field: str) -> None:
    answer = refresh(account, **{field: "wrong"})
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert "access_token" not in answer.json()


def test_oauth_tokens_may_be_ended_and_the_key_revoked(account: Served) -> None:
    service_key = account.token
    account.token = refresh(account).json()["access_token"]
    account.do("expire_tokens")
    assert account.call("GET", CONTACTS).json()["category"] == "EXPIRED_AUTHENTICATION"
    account.token = service_key
    account.do("revoke_token")
    assert account.call("GET", CONTACTS).json()["category"] == "INVALID_AUTHENTICATION"


@pytest.mark.parametrize(
    ("scope", "method", "path"),
    [
        ("crm.objects.contacts.read", "GET", CONTACTS),
        ("crm.objects.contacts.write", "POST", CONTACTS),
        ("crm.objects.companies.read", "POST", "/crm/v3/objects/companies/search"),
        ("crm.schemas.contacts.write", "POST", "/crm/v3/properties/contacts"),
        ("crm.lists.write", "POST", "/crm/v3/lists"),
        ("crm.objects.owners.read", "GET", "/crm/v3/owners"),
        ("content", "GET", "/email/public/v1/events"),
        ("forms", "GET", "/marketing/v3/forms"),
        ("business-intelligence", "GET", "/events/v3/events"),
    ],
)
def test_missing_scope_is_named(account: Served, scope: str, method: str, path: str) -> None:
    account.do("set_scopes", remove=[scope])
    answer = account.call(method, path, {} if method == "POST" else None)
    assert answer.status_code == 403
    body = answer.json()
    assert body["category"] == "MISSING_SCOPES"
    assert scope in body["errors"][0]["context"]["requiredGranularScopes"]


@pytest.mark.parametrize(
    ("tier", "path"),
    [("professional", "/events/v3/events"), ("starter", "/crm/v3/objects/feedback_submissions")],
)
def test_plan_without_an_endpoint_says_so(account: Served, tier: str, path: str) -> None:
    assert account.call("GET", path).status_code == 200
    account.do("set_limits", tier=tier)
    assert account.call("GET", path).status_code == 403
    assert account.call("GET", CONTACTS).status_code == 200


def test_burst_is_refused_with_its_policy_and_no_retry_hint(account: Served) -> None:
    account.do("set_limits", burst=3)
    answers = [account.call("GET", CONTACTS) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert [answer.headers["X-HubSpot-RateLimit-Remaining"] for answer in answers[:3]] == ["2", "1", "0"]
    assert answers[0].headers["X-HubSpot-RateLimit-Max"] == "3"
    body = answers[3].json()
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert "Retry-After" not in answers[3].headers


def test_searches_have_a_limit_of_their_own_and_no_rate_headers(account: Served) -> None:
    account.do("set_limits", search_per_second=2)
    answers = [account.post(f"{CONTACTS}/search", {}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["policyName"] == "SECONDLY"
    assert not any(name.startswith("X-HubSpot-RateLimit") for name in answers[0].headers)
    assert account.call("GET", CONTACTS).status_code == 200


def test_daily_allowance_ends_at_midnight_of_the_account(account: Served) -> None:
    account.do("set_limits", daily=5)
    account.do("spend_calls", calls=4)
    last = account.call("GET", CONTACTS)
    assert (last.status_code, last.headers["X-HubSpot-RateLimit-Daily-Remaining"]) == (200, "0")
    assert account.call("GET", CONTACTS).json()["policyName"] == "DAILY"
    account.clock.set(datetime(2026, 11, 23, 4, 59, tzinfo=UTC))
    assert account.call("GET", CONTACTS).status_code == 429
    account.clock.set(datetime(2026, 11, 23, 5, 0, tzinfo=UTC))
    assert account.call("GET", CONTACTS).status_code == 200


def test_allowance_is_told(account: Served) -> None:
    account.do("spend_calls", calls=10)
    told = account.get("/account-info/v3/api-usage/daily/private-apps")["results"][0]
    assert (told["usageLimit"], told["currentUsage"]) == (1_000_000, 11)
    assert account.get("/account-info/2026-03/details")["timeZone"] == "America/New_York"


@pytest.mark.parametrize(
    ("tier", "burst", "daily"), [("starter", 100, 250_000), ("professional", 190, 650_000)]
)
def test_plan_sets_the_allowances(tier: str, burst: int, daily: int) -> None:
    limits = HubSpotLimits(tier=tier)
    assert (limits.burst_now, limits.daily_now) == (burst, daily)


def test_burst_window_rolls_in_real_time() -> None:
    ticks = [0.0]
    meter = Meter(HubSpotLimits(burst=2), 1, lambda: ticks[0])
    meter.count(NOW, oauth=False)
    ticks[0] = 6.0
    meter.count(NOW, oauth=False)
    with pytest.raises(ApiError):
        meter.count(NOW + timedelta(hours=1), oauth=False)
    ticks[0] = 10.0
    meter.count(NOW, oauth=False)
    with pytest.raises(ApiError):
        meter.count(NOW, oauth=False)


def test_unknown_setting_or_action_is_a_value_error(account: Served) -> None:
    with pytest.raises(ValueError, match="no such limit"):
        account.do("set_limits", bursts=1)
    with pytest.raises(ValueError, match="no action"):
        account.do("dance")
    with pytest.raises(ValueError, match="no contact"):
        account.do("edit", id="5", properties={})
