"""simple-salesforce behind typed functions: one HTTP call each, through the transport."""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.login import SalesforceLogin

from connectors.policy import Policy, is_loopback
from connectors.salesforce.connection import SalesforceConnection
from connectors.salesforce.errors import VENDOR, Classifier
from connectors.session import PolicySession, status_error
from connectors.transport import AnswerLost, CallMeter, Transport
from core.clock import Clock
from core.errors import ConfigError, OutcomeUnknown

T = TypeVar("T")
Json = dict[str, Any]

POLICY = Policy(concurrency=4)
_USAGE = re.compile(r"api-usage=(\d+)/(\d+)")
_USER = re.compile(r"/(005[A-Za-z0-9]{12,15})$")


class _Session(PolicySession):
    """Plain bodies instead of the pretty-printed ones that the SDK asks for."""

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> requests.Response:
        headers = {**(kwargs.pop("headers", None) or {}), "Sforce-Call-Options": "client=Scoreline"}
        headers.pop("X-PrettyPrint", None)
        return super().request(method, url, *args, headers=headers, **kwargs)


class SalesforceClient:
    """One org. Logs in on first use, and again once when a token is refused."""

    def __init__(
        self,
        connection: SalesforceConnection,
        *,
        clock: Clock,
        meter: CallMeter,
        sleep: Callable[[float], None],
    ) -> None:
        self.connection = connection
        self.user_id: str | None = None
        self._meter = meter
        self._login_lock = threading.Lock()
        self._salesforce: Salesforce | None = None
        policy = connection.policy.over(POLICY)
        self.transport = Transport(VENDOR, policy, meter, renew=self._login, sleep=sleep)
        self._classifier = Classifier(clock.now, self._secrets)
        host = urlsplit(connection.url).hostname or ""
        self._session = _Session(
            policy,
            hosts=(host,) if is_loopback(connection.url) else (host, ".salesforce.com", ".salesforce.mil"),
            base_url=connection.url if is_loopback(connection.url) else None,
            on_response=self._observe,
        )

    def query(self, soql: str, *, everything: bool = False) -> Json:
        """First page of a query; ``everything`` adds deleted and archived rows."""
        return self._call("query", lambda api: cast("Json", api.query(soql, include_deleted=everything)))

    def query_more(self, next_url: str) -> Json:
        """The page at a ``nextRecordsUrl``. Raises LocatorGone once it has expired."""
        return self._call("query", lambda api: cast("Json", api.query_more(next_url, identifier_is_url=True)))

    def rows(self, soql: str, *, everything: bool = False) -> list[Json]:
        """All rows of a query that is known to be small."""
        answer = self.query(soql, everything=everything)
        found: list[Json] = list(answer["records"])
        while not answer["done"]:
            answer = self.query_more(answer["nextRecordsUrl"])
            found += answer["records"]
        return found

    def tooling_rows(self, soql: str) -> list[Json]:
        """Rows of a Tooling API query, first page."""
        answer = self._call("tooling.query", lambda api: api.restful("tooling/query/", params={"q": soql}))
        return list(cast("Json", answer)["records"])

    def get(self, path: str, operation: str) -> Json:
        return self._call(operation, lambda api: cast("Json", api.restful(path)))

    def read(self, path: str, body: object, operation: str) -> Json:
        """A POST that changes nothing."""
        return self._call(operation, lambda api: cast("Json", api.restful(path, method="POST", json=body)))

    def create(self, path: str, body: object, operation: str, find: Callable[[], str | None]) -> str:
        """POST one record and return its id.

        When the answer is lost, ``find`` looks whether it was made before it is sent once more.
        Raises OutcomeUnknown when that answer is lost too and nothing is found.
        """

        def post(api: Salesforce) -> str:
            return str(cast("Json", api.restful(path, method="POST", json=body))["id"])

        try:
            return self._call(operation, post, write=True, once=True)
        except OutcomeUnknown:
            found = find()
        try:
            return found or self._call(operation, post, write=True, once=True)
        except OutcomeUnknown:
            found = find()
            if found is None:
                raise
            return found

    def collection(
        self,
        method: str,
        operation: str,
        *,
        records: Sequence[Json] = (),
        ids: Sequence[str] = (),
        once: bool = False,
    ) -> list[Json]:
        """Write up to 200 records, or delete up to 200 ids; one result a row, in order.

        The rows succeed and fail on their own. Sent again when its answer is lost, unless ``once``.
        """

        def call(api: Salesforce) -> object:
            if method == "DELETE":
                params = {"ids": ",".join(ids), "allOrNone": "false"}
                return api.restful("composite/sobjects", params=params, method=method)
            body = {"allOrNone": False, "records": list(records)}
            return api.restful("composite/sobjects", method=method, json=body)

        results = cast("list[Json]", self._call(operation, call, write=True, once=once) or [])
        if len(results) != (len(ids) or len(records)):
            raise OutcomeUnknown("not every row was answered", vendor=VENDOR, operation=operation, code="cut")
        return results

    def composite(self, paths: Mapping[str, str], operation: str) -> dict[str, tuple[int, Any]]:
        """Up to 25 GETs in one call: reference → (status, body)."""
        base = f"/services/data/v{self.connection.version}/"
        requests_ = [
            {"method": "GET", "url": base + path, "referenceId": name} for name, path in paths.items()
        ]
        answer = self.read("composite", {"allOrNone": False, "compositeRequest": requests_}, operation)
        return {
            part["referenceId"]: (int(part["httpStatusCode"]), part["body"])
            for part in answer["compositeResponse"]
        }

    def bulk(
        self,
        object_name: str,
        operation: str,
        call: Callable[[Any], T],
        *,
        write: bool = False,
        once: bool = False,
    ) -> T:
        """One call of the SDK's Bulk 2.0 primitives, on a handler that holds today's token."""
        return self._call(
            operation,
            lambda api: call(getattr(api.bulk2, object_name)._client),  # noqa: SLF001 - the public methods hide job ids
            write=write,
            once=once,
        )

    def close(self) -> None:
        self._session.close()

    def _call(
        self, operation: str, call: Callable[[Salesforce], T], *, write: bool = False, once: bool = False
    ) -> T:
        self._connect()

        def send() -> T:
            assert self._salesforce is not None
            return call(self._salesforce)

        return self.transport.send(
            operation,
            send,
            classify=self._classifier.of(operation),
            write=write,
            once=once,
        )

    def _connect(self) -> None:
        with self._login_lock:
            if self._salesforce is None:
                self._login()

    def _login(self) -> None:
        missing = self.connection.missing_credentials()
        if missing:
            raise ConfigError(
                f"no credentials: {', '.join(missing)} not set",
                key="connections.salesforce",
                remedy="See docs/connecting/salesforce.md",
            )
        token, host = self.transport.send("login", self._mint, classify=self._classifier.of("login"))
        # the default hook of the SDK builds OrderedDicts in Python: plain dicts parse several times faster
        self._salesforce = Salesforce(
            session_id=token,
            instance_url=f"https://{host}",
            version=self.connection.version,
            session=self._session,
            object_pairs_hook=None,
        )

    def _mint(self) -> tuple[str, str]:
        connection = self.connection
        secrets = {
            name: getattr(connection, name) for name in ("consumer_key", "consumer_secret", "private_key")
        }
        plain = {name: value.get_secret_value() for name, value in secrets.items() if value is not None}
        wanted = (
            {
                "username": connection.username,
                "consumer_key": plain["consumer_key"],
                "privatekey": plain["private_key"],
            }
            if connection.auth == "jwt"
            else {"consumer_key": plain["consumer_key"], "consumer_secret": plain["consumer_secret"]}
        )
        try:
            token, host = SalesforceLogin(domain=self._domain(), session=self._session, **wanted)
        except (AttributeError, TypeError) as error:  # JSON of another form than the SDK takes for granted
            raise AnswerLost("the answer has an unknown form", vendor=VENDOR, operation="login") from error
        return str(token), str(host)

    def _domain(self) -> str:
        host = urlsplit(self.connection.url).hostname or ""
        return host.removesuffix(".salesforce.com") if host.endswith(".salesforce.com") else "sandbox.my"

    def _observe(self, response: requests.Response) -> None:
        response.encoding = "utf-8"  # without a charset the SDK would read CSV results as Latin-1
        usage = _USAGE.search(response.headers.get("Sforce-Limit-Info", ""))
        if usage:
            self._meter.observe(VENDOR, used=int(usage[1]), limit=int(usage[2]))
        if response.status_code == 429:  # the SDK's exceptions drop the headers, and with them the hint
            busy = status_error(429, response.headers, vendor=VENDOR, operation="request")
            assert busy is not None
            raise busy
        if (response.request.url or "").endswith("/services/oauth2/token") and response.ok:
            self._remember_user(response)

    def _remember_user(self, response: requests.Response) -> None:
        try:
            identity = str(response.json().get("id", ""))
        except (json.JSONDecodeError, AttributeError):
            return  # the login itself reports an answer that is no JSON
        found = _USER.search(identity)
        self.user_id = found[1] if found else None

    def _secrets(self) -> tuple[str, ...]:
        token = () if self._salesforce is None else (self._salesforce.session_id,)
        return (*self.connection.secrets(), *token)
