"""A HubSpot account on a socket, met through HubSpot's client; exchanges are held against the documents."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Self

import requests
from hubspot import HubSpot
from urllib3 import Retry
from werkzeug import Request, Response

from sandbox.clock import Clock
from sandbox.hubspot import HubSpotApp, HubSpotLimits
from sandbox.server import Sandbox
from sandbox.world import World
from tests.sandbox.hubspot_documents import Exchange, unexplained

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
Json = Any


class Recorded(HubSpotApp):
    """Notes what was asked and answered."""

    def __init__(self, clock: Clock, limits: HubSpotLimits | None = None) -> None:
        super().__init__(clock, limits)
        self.exchanges: list[Exchange] = []

    def handle(self, request: Request) -> Response:
        answer = super().handle(request)
        sent, answered = _parsed(request.get_data()), _parsed(answer.get_data())
        self.exchanges.append(Exchange(request.method, request.path, sent, answer.status_code, answered))
        return answer


def _parsed(body: bytes) -> Json:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode() or None


class Served:
    """The account, its address, and the ways to it: HubSpot's client, plain requests, a person's hands."""

    def __init__(self, world: World | None = None, limits: HubSpotLimits | None = None) -> None:
        made: list[Recorded] = []

        def make(clock: Clock) -> Recorded:
            made.append(Recorded(clock, limits or HubSpotLimits(burst=0, search_per_second=0)))
            return made[0]

        self._sandbox = Sandbox(world="empty", now=NOW, vendors=[make])
        self.app = made[0]
        self.clock = self._sandbox.clock
        if world is not None:
            self.app.seed(world)
        described = self._sandbox.addresses
        self.control: str = described["control"]
        self.url: str = described["hubspot"]["url"]
        self.token: str = described["hubspot"]["access_token"]
        self.client = self.client_with(self.token)

    def __enter__(self) -> Self:
        self._sandbox.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._sandbox.stop()

    def client_with(self, token: str) -> Any:
        """HubSpot's client is untyped; it never retries here."""
        retry = Retry(0, raise_on_status=False, respect_retry_after_header=False)
        return HubSpot(access_token=token, host=self.url, base_url=self.url, retry=retry)

    def call(self, method: str, path: str, body: Json = None, **headers: str) -> requests.Response:
        """As any other client would."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        return requests.request(method, self.url + path, json=body, headers=sent, timeout=10)

    def get(self, path: str) -> Json:
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Json) -> requests.Response:
        return self.call("POST", path, body)

    def do(self, action: str, **arguments: Json) -> dict[str, Any]:
        return self.app.do(action, arguments)

    def log(self) -> list[dict[str, Any]]:
        """Every request received, as the control port tells it."""
        found: list[dict[str, Any]] = requests.get(f"{self.control}/requests", timeout=10).json()
        return found

    def contact(self, **properties: Json) -> str:
        """A contact made by hand; its id."""
        return str(self.do("create", object="contacts", properties=properties)["id"])

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    def fault(self, **fault: Json) -> None:
        answer = requests.post(f"{self.control}/faults", json={"vendor": "hubspot", **fault}, timeout=10)
        assert answer.status_code == 200, answer.text


@contextmanager
def served(world: World | None = None, limits: HubSpotLimits | None = None) -> Iterator[Served]:
    """Whatever was exchanged must be as described, or a listed deviation."""
    with Served(world, limits) as account:
        yield account
        left = unexplained(account.app.exchanges, Counter())
        assert not left, "\n".join(left)
