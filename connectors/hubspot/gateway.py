"""Every call this program makes to HubSpot."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import requests

from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.errors import VENDOR, Refusal, Reply, classify
from connectors.hubspot.sdk import Answer, Sdk
from connectors.hubspot.tokens import Tokens
from connectors.payload import parse
from connectors.policy import Policy
from connectors.session import PolicySession
from connectors.transport import CallMeter, Transport
from core.clock import Clock
from core.errors import ConnectorError

Json = dict[str, Any]

#: Search allows 5 calls a second for the whole account; https://developers.hubspot.com/docs/api/usage-details,
#: checked 2026-11-22. The general burst limit differs by plan: it is answered when it comes.
POLICY = Policy(concurrency=4, lanes={"search": 4.5})

#: HubSpot's batch limits, same source.
SEARCH_PAGE, LIST_PAGE, BATCH, MEMBERSHIP_PAGE, ASSOCIATIONS = 200, 100, 100, 250, 1000
HISTORY_BATCH = 50


class Gateway:
    """HubSpot's endpoints as typed methods that return parsed JSON. Raises the errors of ``core.errors``."""

    def __init__(
        self,
        connection: HubSpotConnection,
        *,
        clock: Clock,
        meter: CallMeter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._connection, self._clock, self._meter = connection, clock, meter
        self._oauth = connection.is_oauth
        self._secrets = list(connection.secrets())
        self._zone: ZoneInfo | None = None
        policy = connection.policy.over(POLICY)
        self._session = PolicySession(
            policy, hosts=[urlsplit(connection.url).hostname or ""], on_response=self._note
        )
        self._session.headers["Accept-Encoding"] = "gzip"
        token = connection.access_token.get_secret_value() if connection.access_token else ""
        self._sdk = Sdk(self._session, connection.url, token, connection.api)
        self._tokens = Tokens(connection, clock, self._session, self._use) if self._oauth else None
        renew = self._renew if self._tokens else None
        self.transport = Transport(VENDOR, policy, meter, renew=renew, sleep=sleep)

    def close(self) -> None:
        self._session.close()

    # Records

    def search(self, kind: str, body: Json) -> Json:
        """One page of a search; at most 200 records, in the order asked for."""
        return self._dict(
            f"search {kind}", lambda: self._sdk.search.do_search(kind, body, **_RAW), lane="search"
        )

    def list_page(self, kind: str, *, properties: Sequence[str], after: str | None, archived: bool) -> Json:
        """One page of the plain listing, at most 100 records."""
        given = {"after": after} if after else {}
        return self._dict(
            f"list {kind}",
            lambda: self._sdk.objects.get_page(
                kind, limit=LIST_PAGE, properties=list(properties), archived=archived, **given, **_RAW
            ),
        )

    def read(
        self, kind: str, ids: Sequence[str], properties: Sequence[str], *, history: Sequence[str] = ()
    ) -> Json:
        """Up to 100 records by id, 50 with history; those that are gone are missing from ``results``."""
        body = {
            "inputs": [{"id": one} for one in ids],
            "properties": list(properties),
            "propertiesWithHistory": list(history),
        }
        return self._dict(f"read {kind}", lambda: self._sdk.batch.read(kind, body, **_RAW))

    def update(self, kind: str, inputs: Sequence[Json]) -> Json:
        """Write up to 100 records' properties; absolute values, so an unanswered call is resent."""
        body = {"inputs": list(inputs)}
        return self._dict(f"update {kind}", lambda: self._sdk.batch.update(kind, body, **_RAW), write=True)

    def create(self, kind: str, inputs: Sequence[Json]) -> Json:
        """Create up to 100 records; a lost answer raises OutcomeUnknown."""
        body = {"inputs": list(inputs)}
        return self._dict(
            f"create {kind}", lambda: self._sdk.batch.create(kind, body, **_RAW), write=True, once=True
        )

    def associated(self, kind: str, to: str, inputs: Sequence[Mapping[str, str]]) -> Json:
        """What up to 1,000 records (``{id, after?}``) are associated with; each result pages by itself."""
        body = {"inputs": [dict(one) for one in inputs]}
        return self._dict(
            f"associations {kind} {to}", lambda: self._sdk.associations.get_page(kind, to, body, **_RAW)
        )

    # Properties

    def properties(self, kind: str) -> list[Json]:
        answer = self._dict(f"properties {kind}", lambda: self._sdk.properties.get_all(kind, **_RAW))
        return list(answer.get("results") or ())

    def create_property(self, kind: str, definition: Json) -> Json:
        return self._dict(
            f"create property {definition['name']}",
            lambda: self._sdk.properties.create(kind, definition, **_RAW),
            write=True,
        )

    def ensure_group(self, kind: str, name: str, label: str) -> None:
        """Create the property group unless it is there."""
        try:
            self._dict(f"group {name}", lambda: self._sdk.groups.get_by_name(kind, name, **_RAW))
        except Refusal as refusal:
            if refusal.status != 404:
                raise
            body = {"name": name, "label": label}
            try:
                self._dict(
                    f"create group {name}", lambda: self._sdk.groups.create(kind, body, **_RAW), write=True
                )
            except Refusal as repeated:
                if repeated.status != 409:
                    raise

    # Lists

    def list_id(self, name: str, type_id: str = "0-1") -> str | None:
        """Id of the list with this name; None where there is none."""
        try:
            answer = self._dict("find list", lambda: self._sdk.lists.get_by_name(name, type_id, **_RAW))
        except Refusal as refusal:
            if refusal.status == 404:
                return None
            raise
        return str((answer.get("list") or answer)["listId"])

    def create_list(self, name: str, type_id: str = "0-1") -> str:
        """Create a manual list; one that has appeared meanwhile is taken instead."""
        body = {"name": name, "objectTypeId": type_id, "processingType": "MANUAL"}
        try:
            answer = self._dict("create list", lambda: self._sdk.lists.create(body, **_RAW), write=True)
        except Refusal:
            existing = self.list_id(name, type_id)
            if existing is None:
                raise
            return existing
        return str((answer.get("list") or answer)["listId"])

    def members(self, list_id: str, after: str | None) -> Json:
        given = {"after": after} if after else {}
        return self._dict(
            "list members",
            lambda: self._sdk.memberships.get_page(list_id, limit=MEMBERSHIP_PAGE, **given, **_RAW),
        )

    def change_members(self, list_id: str, add: Sequence[str], remove: Sequence[str]) -> Json:
        body = {"recordIdsToAdd": list(add), "recordIdsToRemove": list(remove)}
        return self._dict(
            "change list members",
            lambda: self._sdk.memberships.add_and_remove(list_id, body, **_RAW),
            write=True,
        )

    # People and accounts

    def owners(self, after: str | None = None) -> Json:
        given = {"after": after} if after else {}
        return self._dict(
            "owners", lambda: self._sdk.owners.get_page(limit=500, archived=False, **given, **_RAW)
        )

    def account(self) -> Json:
        """Account details; remembers its time zone, in which the daily allowance ends."""
        details = self._raw("account", "GET", "/account-info/v3/details")
        try:
            self._zone = ZoneInfo(str(details.get("timeZone") or "UTC"))
        except (ZoneInfoNotFoundError, ValueError):
            self._zone = None
        return details

    def subscriptions(self, addresses: Sequence[str]) -> Json:
        """E-mail subscription statuses of up to 100 addresses."""
        return self._raw(
            "subscriptions",
            "POST",
            "/communication-preferences/v4/statuses/batch/read",
            query={"channel": "EMAIL"},
            body={"inputs": list(addresses)},
        )

    # What people did

    def email_events(self, query: Mapping[str, object]) -> Json:
        return self._raw("email events", "GET", "/email/public/v1/events", query=query)

    def forms(self, after: str | None) -> Json:
        given = {"after": after} if after else {}
        return self._dict("forms", lambda: self._sdk.forms.get_page(limit=100, **given, **_RAW))

    def submissions(self, form: str, after: str | None) -> Json:
        query = {"limit": 50, "after": after} if after else {"limit": 50}
        return self._raw(
            "form submissions", "GET", f"/form-integrations/v1/submissions/forms/{form}", query=query
        )

    def events(self, query: Mapping[str, object]) -> Json:
        """Analytics and custom events; the SDK renames parameters, so keys are its own."""
        return self._dict("events", lambda: self._sdk.events.get_page(**query, **_RAW))

    def event_types(self) -> list[str]:
        """Names of the analytics and custom events this account knows."""
        answer = self._dict("event types", lambda: self._sdk.events.get_types(**_RAW))
        return [str(one) for one in answer.get("eventTypes") or ()]

    # One way out

    def _dict(
        self, operation: str, call: Callable[[], Answer], *, write: bool = False, once: bool = False,
        lane: str | None = None,
    ) -> Json:  # fmt: skip
        if self._tokens is not None:
            self._tokens.keep_fresh(self.transport)
        content = self.transport.send(
            operation,
            lambda: _reply(call()),
            classify=lambda outcome: self._classify(outcome, operation),
            write=write,
            once=once,
            lane=lane,
        ).content
        return content if isinstance(content, dict) else {}

    def _raw(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, object] | None = None,
        body: object = None,
    ) -> Json:
        return self._dict(operation, lambda: self._sdk.raw(method, path, query=query, body=body))

    def _classify(self, outcome: object, operation: str) -> ConnectorError | None:
        return classify(
            outcome, operation=operation, oauth=self._oauth, secrets=self._secrets, resets_at=self._midnight()
        )

    def _midnight(self) -> datetime:
        local = self._clock.now().astimezone(self._zone or UTC)
        return (local + timedelta(days=1)).replace(hour=0, minute=0, second=0).astimezone(UTC)

    def _renew(self) -> None:
        if self._tokens is not None:
            self._tokens.renew(self.transport)

    def _use(self, token: str) -> None:
        self._secrets.append(token)
        self._sdk.set_token(token)

    def _note(self, response: requests.Response) -> None:
        limit, left = (response.headers.get(f"X-HubSpot-RateLimit-Daily{end}") for end in ("", "-Remaining"))
        if limit and left and limit.isdigit() and left.isdigit():
            self._meter.observe(VENDOR, used=int(limit) - int(left), limit=int(limit))


_RAW: dict[str, Any] = {"_preload_content": False}


def _reply(answer: Answer) -> Reply:
    return Reply(answer.status, parse(answer.data) if answer.data else None)
