"""The SDK's requests go to our session, and to the path style that was asked for."""

import pytest
import requests
import responses

from connectors.hubspot.sdk import Sdk, dated

_HOST = "http://127.0.0.1:8702"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/crm/v3/objects/{objectType}/search", "/crm/objects/2026-03/{objectType}/search"),
        ("/crm/v3/properties/{objectType}", "/crm/properties/2026-03/{objectType}"),
        ("/crm/v3/lists/", "/crm/lists/2026-03"),
        ("/crm/v3/lists/{listId}/memberships", "/crm/lists/2026-03/{listId}/memberships"),
        ("/crm/v3/owners/", "/crm/owners/2026-03"),
        ("/crm/v4/associations/{a}/{b}/batch/read", "/crm/associations/2026-03/{a}/{b}/batch/read"),
        ("/events/v3/events/", "/events/event-occurrences/2026-03"),
        ("/events/v3/events/event-types", "/events/event-occurrences/2026-03/event-types"),
        ("/oauth/v1/token", "/oauth/2026-03/token"),
        ("/account-info/v3/details", "/account-info/2026-03/details"),
        ("/email/public/v1/events", "/email/public/v1/events"),
    ],
)
def test_paths_have_their_dated_form(path: str, expected: str) -> None:
    assert dated(path, "2026-03") == expected


@responses.activate
@pytest.mark.parametrize(("api", "path"), [("v3", "/crm/v3/objects"), ("2026-03", "/crm/objects/2026-03")])
def test_every_api_object_shares_one_session_and_token(api: str, path: str) -> None:
    responses.post(f"{_HOST}{path}/contacts/search", json={"results": []})
    sdk = Sdk(requests.Session(), _HOST, "one", api)
    for token in ("one", "two"):
        sdk.set_token(token)
        answer = sdk.search.do_search("contacts", {"limit": 1}, _preload_content=False)
        assert answer.status == 200
        assert responses.calls[-1].request.headers["Authorization"] == f"Bearer {token}"


@responses.activate
def test_an_error_body_that_is_not_utf8_is_no_decoding_error() -> None:
    responses.post(f"{_HOST}/crm/v3/objects/contacts/search", status=502, body=b"\xff\xfe<html>")
    with pytest.raises(Exception, match="502") as raised:
        Sdk(requests.Session(), _HOST, "x", "v3").search.do_search("contacts", {}, _preload_content=False)
    assert getattr(raised.value, "status", None) == 502
