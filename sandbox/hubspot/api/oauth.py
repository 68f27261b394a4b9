"""``/oauth/v1``: access tokens from a refresh token, and what a token is."""

from sandbox.hubspot.auth import ACCESS_TOKEN_LIFE_S
from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.portal import PORTAL_ID

_USER = {"user_id": 1, "hub_id": PORTAL_ID, "hub_domain": "brightloom.io", "user": "admin@brightloom.io"}


def _refused(status: str, message: str, error: str) -> ApiError:
    body = {"status": status, "message": message, "error": error, "error_description": message}
    return ApiError(400, body)


def token(call: Call) -> Answer:
    """Form-encoded, not JSON. The refresh token stays as it is."""
    form = call.request.form
    keys = call.portal.keys
    if form.get("grant_type") != "refresh_token":
        raise _refused("BAD_GRANT_TYPE", "missing or unknown grant_type", "unsupported_grant_type")
    if form.get("client_id") != keys.client_id:
        raise _refused("BAD_CLIENT_ID", "missing or unknown client id", "invalid_client")
    if form.get("client_secret") != keys.client_secret:
        raise _refused("BAD_CLIENT_SECRET", "missing or unknown client secret", "invalid_client")
    if form.get("refresh_token") != keys.refresh_token:
        raise _refused("BAD_REFRESH_TOKEN", "missing or unknown refresh token", "invalid_grant")
    made = keys.refresh(call.portal.now_ms)
    return 200, {
        "token_type": "bearer",
        "refresh_token": keys.refresh_token,
        "access_token": made.text,
        "expires_in": ACCESS_TOKEN_LIFE_S,
    }


def access_token(call: Call, text: str) -> Answer:
    known = call.portal.keys.tokens.get(text)
    if known is None or known.expires_ms is None:
        raise ApiError(404, {"status": "error", "message": "token not found"})
    return 200, {
        **_USER,
        "token": text,
        "app_id": 2316051,
        "expires_in": max(0, (known.expires_ms - call.portal.now_ms) // 1000),
        "scopes": sorted(known.scopes),
        "token_type": "access",
    }


def refresh_token(call: Call, text: str) -> Answer:
    keys = call.portal.keys
    if text != keys.refresh_token:
        raise ApiError(404, {"status": "error", "message": "token not found"})
    return 200, {
        **_USER,
        "token": text,
        "client_id": keys.client_id,
        "scopes": sorted(keys.scopes),
        "token_type": "refresh",
    }


ROUTES = (
    Route("POST", "/oauth/v1/token", token, free=True),
    Route("GET", "/oauth/v1/access-tokens/<text>", access_token, free=True),
    Route("GET", "/oauth/v1/refresh-tokens/<text>", refresh_token, free=True),
)
