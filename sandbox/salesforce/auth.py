"""Tokens: client credentials and JWT bearer. Refresh, password and web flows are refused, as new orgs do."""

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response

from sandbox.salesforce.errors import Refused
from sandbox.salesforce.publickey import PublicKey

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_JWT_WINDOW = timedelta(minutes=5)
_KNOWN_GRANTS = {
    "password",
    "refresh_token",
    "authorization_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
}


@dataclass(slots=True)
class Session:
    """A token's user and how long it lasts; use prolongs it."""

    user_id: str
    expires_at: datetime


class Sessions:
    """The token endpoint and the tokens it gave out."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._sessions: dict[str, Session] = {}
        self._issued = 0
        self.consumer_key = "3MVG9" + _digest("consumer key")[:80]
        self.consumer_secret = _digest("consumer secret").upper()
        self.public_key: PublicKey | None = None

    def token(self, request: Request) -> Response:
        """``POST /services/oauth2/token``."""
        try:
            user_id = self._user(request)
        except Refused as refusal:
            body = {"error": refusal.code, "error_description": refusal.message}
            return _json(body, refusal.status)
        return _json(self._mint(user_id, request.host_url.rstrip("/")), 200)

    def user_of(self, token: str) -> str:
        """The user of a live token. Refused (401) otherwise."""
        session = self._sessions.get(token)
        now = self._org.clock.now()
        if session is None or session.expires_at <= now:
            self._sessions.pop(token, None)
            raise Refused("INVALID_SESSION_ID", "Session expired or invalid", status=401)
        session.expires_at = now + timedelta(minutes=self._org.limits.session_minutes)
        return session.user_id

    def expire(self) -> int:
        """End all sessions at once; how many there were."""
        ended = len(self._sessions)
        self._sessions.clear()
        return ended

    def revoke(self, request: Request) -> Response:
        """``POST /services/oauth2/revoke``."""
        known = self._sessions.pop(request.values.get("token", ""), None)
        if known is None:
            return _json(
                {"error": "unsupported_token_type", "error_description": "this token is unknown"}, 400
            )
        return Response("", 200)

    def introspect(self, request: Request) -> Response:
        """``POST /services/oauth2/introspect``."""
        session = self._sessions.get(request.form.get("token", ""))
        if session is None or session.expires_at <= self._org.clock.now():
            return _json({"active": False}, 200)
        user = self._org.row(session.user_id) or {}
        body = {
            "active": True,
            "scope": "api",
            "client_id": self.consumer_key,
            "username": user.get("Username"),
            "sub": self._identity(session.user_id, request.host_url.rstrip("/")),
            "token_type": "access_token",
            "exp": int(session.expires_at.timestamp()),
        }
        return _json(body, 200)

    def userinfo(self, user_id: str, base: str) -> dict[str, Any]:
        """``GET /services/oauth2/userinfo``."""
        user = self._org.row(user_id) or {}
        return {
            "sub": self._identity(user_id, base),
            "user_id": user_id,
            "organization_id": self._org.org_id,
            "preferred_username": user.get("Username"),
            "name": user.get("Name"),
            "email": user.get("Email"),
            "active": user.get("IsActive"),
            "user_type": "STANDARD",
            "zoneinfo": user.get("TimeZoneSidKey"),
        }

    def _identity(self, user_id: str, base: str) -> str:
        return f"{base}/id/{self._org.org_id}/{user_id}"

    def _user(self, request: Request) -> str:
        grant = request.form.get("grant_type", "")
        if grant == "client_credentials":
            return self._by_client(request)
        if grant == _JWT:
            return self._by_assertion(request.form.get("assertion", ""))
        if grant in _KNOWN_GRANTS:
            raise Refused("invalid_grant", "authentication failure")
        raise Refused("unsupported_grant_type", "grant type not supported")

    def _by_client(self, request: Request) -> str:
        given = request.authorization
        key = given.username if given and given.type == "basic" else request.form.get("client_id")
        secret = given.password if given and given.type == "basic" else request.form.get("client_secret")
        if not hmac.compare_digest(str(key), self.consumer_key):
            raise Refused("invalid_client_id", "client identifier invalid")
        if not hmac.compare_digest(str(secret), self.consumer_secret):
            raise Refused("invalid_client", "invalid client credentials")
        if not self._org.system().may("ApiEnabled") or "ApiEnabled" in self._org.denied:
            raise Refused("invalid_grant", "no client credentials user enabled")
        return self._org.integration_id

    def _by_assertion(self, assertion: str) -> str:
        claims = self._claims(assertion)
        expires = claims.get("exp")
        now = self._org.clock.now().timestamp()
        if not str(expires).isdigit() or not now < int(str(expires)) <= now + _JWT_WINDOW.total_seconds():
            raise Refused("invalid_grant", "expired authorization code")
        if claims.get("iss") != self.consumer_key:
            raise Refused("invalid_client_id", "client identifier invalid")
        if not str(claims.get("aud", "")).startswith("https://"):
            raise Refused("invalid_grant", "audience is invalid")
        user = self._org.user(str(claims.get("sub", "")))
        if user is None or not user.get("IsActive"):
            raise Refused("invalid_grant", "user hasn't approved this consumer")
        return str(user["Id"])

    def _claims(self, assertion: str) -> dict[str, Any]:
        try:
            head, body, signature = assertion.split(".")
            claims = json.loads(_unpadded(body))
            signed = self.public_key is not None and self.public_key.verifies(
                f"{head}.{body}".encode(), _unpadded(signature)
            )
        except (ValueError, binascii.Error):
            raise Refused("invalid_grant", "invalid assertion") from None
        if not signed or not isinstance(claims, dict):
            raise Refused("invalid_grant", "invalid assertion")
        return claims

    def _mint(self, user_id: str, base: str) -> dict[str, str]:
        self._issued += 1
        secret = _digest(f"token {self._issued} of {user_id}")
        token = f"{self._org.org_id[:15]}!AQ{secret}"
        now = self._org.clock.now()
        self._sessions[token] = Session(user_id, now + timedelta(minutes=self._org.limits.session_minutes))
        issued_at = str(int(now.timestamp() * 1000))
        return {
            "access_token": token,
            "signature": base64.b64encode(hashlib.sha256((user_id + issued_at).encode()).digest()).decode(),
            "scope": "api",
            "instance_url": base,
            "id": self._identity(user_id, base),
            "token_type": "Bearer",
            "issued_at": issued_at,
        }


def _digest(text: str) -> str:
    return hashlib.sha256(f"sandbox {text}".encode()).hexdigest()


def _unpadded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _json(body: Any, status: int) -> Response:
    return Response(json.dumps(body), status, content_type="application/json;charset=UTF-8")
