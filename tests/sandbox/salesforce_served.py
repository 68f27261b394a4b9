"""A Salesforce org on a socket, met through simple-salesforce, plain requests and a person's hands."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import requests
from simple_salesforce.api import Salesforce

from sandbox.clock import Clock
from sandbox.salesforce import Limits, SalesforceApp
from sandbox.server import Sandbox
from sandbox.world import World

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
SPECS = Path(os.environ.get("SCORELINE_SHARED", "../shared")) / "specs" / "salesforce"
Json = Any


def spec(name: str) -> Json:
    return json.loads((SPECS / name).read_text())


class Redirected(requests.Session):
    """Sends what the SDK addresses to https://….salesforce.com to the sandbox."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.trust_env = False
        self._base = urlsplit(base)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        asked = urlsplit(url if isinstance(url, str) else url.decode())
        here = urlunsplit((self._base.scheme, self._base.netloc, asked.path, asked.query, ""))
        return super().request(method, here, *args, **kwargs)


class Served:
    """The org, its address, and the ways to it."""

    def __init__(self, limits: Limits | None = None, world: World | None = None) -> None:
        made: list[SalesforceApp] = []

        def make(clock: Clock) -> SalesforceApp:
            made.append(SalesforceApp(clock, limits))
            return made[0]

        self.sandbox = Sandbox(world="empty", now=NOW, vendors=[make])
        self.app = made[0]
        self.clock = self.sandbox.clock
        if world is not None:
            self.app.seed(world)
        self.sandbox.start()
        self.control = self.sandbox.addresses["control"]
        self.url = self.sandbox.addresses["salesforce"]["url"]
        self.http = requests.Session()
        self.http.trust_env = False
        self._token = ""

    def sdk(self) -> Any:
        """The SDK, logged in with client credentials."""
        given = self.sandbox.addresses["salesforce"]
        return Salesforce(
            consumer_key=given["consumer_key"],
            consumer_secret=given["consumer_secret"],
            domain="acme.my",
            version="66.0",
            session=Redirected(self.url),
        )

    def token(self) -> str:
        if not self._token:
            given = self.sandbox.addresses["salesforce"]
            reply = self.http.post(
                f"{self.url}/services/oauth2/token",
                data={"grant_type": "client_credentials"},
                auth=(given["consumer_key"], given["consumer_secret"]),
            )
            self._token = reply.json()["access_token"]
        return self._token

    def call(self, method: str, path: str, body: Json = None, **headers: str) -> requests.Response:
        """A plain request below ``/services/data/v66.0``, or anywhere if the path starts with /services."""
        where = path if path.startswith("/services") else f"/services/data/v66.0{path}"
        sent = {"Authorization": f"Bearer {self.token()}", **headers}
        return self.http.request(method, self.url + where, json=body, headers=sent)

    def rows(self, query: str) -> list[Json]:
        """The records of a query that fits one page."""
        reply = self.http.get(
            f"{self.url}/services/data/v66.0/query",
            params={"q": query},
            headers={"Authorization": f"Bearer {self.token()}"},
        )
        body = reply.json()
        assert reply.status_code == 200, body
        return list(body["records"])

    def record(self, name: str, record_id: str) -> Json:
        return self.call("GET", f"/sobjects/{name}/{record_id}").json()

    def do(self, action: str, **arguments: Any) -> Mapping[str, Json]:
        return self.app.do(action, arguments)

    def make(self, name: str, **values: Any) -> str:
        return str(self.do("create", object=name, values=values)["id"])

    def fault(self, **given: Any) -> None:
        self.sandbox.faults.add(given)

    def log(self) -> list[dict[str, Json]]:
        return self.sandbox.log.listing("salesforce")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()
        self.sandbox.stop()


@contextmanager
def served(limits: Limits | None = None) -> Iterator[Served]:
    with Served(limits) as org:
        yield org
