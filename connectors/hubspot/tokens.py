"""Access tokens of a public app, minted from its refresh token. Service keys need none of this."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import requests

from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.errors import VENDOR, Unusable
from connectors.hubspot.sdk import dated
from connectors.payload import parse
from connectors.session import network_error, status_error
from connectors.transport import Transport
from core.clock import Clock
from core.errors import AuthError, ConnectorError

#: Renew this long before a token ends.
_RENEW_BEFORE = timedelta(minutes=2)
_LIFE_S = 1800
_PATH = "/oauth/v1/token"


class Tokens:
    """Keeps one access token fresh, however many threads ask. ``use`` is told each new one."""

    def __init__(
        self,
        connection: HubSpotConnection,
        clock: Clock,
        session: requests.Session,
        use: Callable[[str], None],
    ) -> None:
        self._connection, self._clock, self._session, self._use = connection, clock, session, use
        self._lock = threading.Lock()
        self._ends: datetime | None = None

    def keep_fresh(self, transport: Transport) -> None:
        """Mint a token when there is none, or when it is about to end."""
        with self._lock:
            if self._ends is None or self._clock.now() >= self._ends:
                self.renew(transport)

    def renew(self, transport: Transport) -> None:
        """Mint a token now. Raises AuthError when HubSpot refuses the refresh token."""
        api = self._connection.api
        url = self._connection.url + (_PATH if api == "v3" else dated(_PATH, api))
        form = self._form()
        granted = transport.send(
            "token", lambda: self._session.post(url, data=form), classify=_token_error
        ).json()
        self._ends = (
            self._clock.now() + timedelta(seconds=int(granted.get("expires_in", _LIFE_S))) - _RENEW_BEFORE
        )
        self._use(str(granted["access_token"]))

    def _form(self) -> dict[str, str]:
        secret, refresh = self._connection.client_secret, self._connection.refresh_token
        return {
            "grant_type": "refresh_token",
            "client_id": self._connection.client_id or "",
            "client_secret": secret.get_secret_value() if secret else "",
            "refresh_token": refresh.get_secret_value() if refresh else "",
        }


def _token_error(outcome: object) -> ConnectorError | None:
    """What is wrong with the answer to a token request; the tokens themselves never appear in it."""
    if not isinstance(outcome, requests.Response):
        return (
            network_error(outcome, vendor=VENDOR, operation="token")
            if isinstance(outcome, Exception)
            else None
        )
    general = status_error(outcome.status_code, outcome.headers, vendor=VENDOR, operation="token")
    if general is not None:
        return general
    try:
        granted = parse(outcome.content)
    except ValueError:
        return Unusable(
            "the answer was not JSON", vendor=VENDOR, operation="token", code=str(outcome.status_code)
        )
    if outcome.status_code == 200 and isinstance(granted, dict) and granted.get("access_token"):
        return None
    return AuthError(
        "HubSpot refused the refresh token",
        vendor=VENDOR,
        operation="token",
        code=str(granted.get("error") or outcome.status_code) if isinstance(granted, dict) else "",
        remedy="Install the app again and set SCORELINE_HUBSPOT_REFRESH_TOKEN to the new refresh token.",
    )
