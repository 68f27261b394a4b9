"""The HubSpot SDK over our own HTTP session, with its paths in either of HubSpot's styles.

The SDK builds a connection pool for every API object, trusts urllib3's defaults and knows only the v3 paths.
Here its API objects share one session, and a path may be rewritten to the dated form on its way out.
"""

import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

import requests
from hubspot import HubSpot

#: v3 path → dated path. Source: path index of hubspot-sdk 0.1.0a9, 2026-11-22.
_DATED = tuple(
    (re.compile(pattern), replacement)
    for pattern, replacement in (
        (r"^/crm/v3/objects/", "/crm/objects/{date}/"),
        (r"^/crm/v3/properties/", "/crm/properties/{date}/"),
        (r"^/crm/v3/lists/?", "/crm/lists/{date}/"),
        (r"^/crm/v3/owners/?", "/crm/owners/{date}/"),
        (r"^/crm/v4/associations/", "/crm/associations/{date}/"),
        (r"^/events/v3/events/event-types$", "/events/event-occurrences/{date}/event-types"),
        (r"^/events/v3/events/?$", "/events/event-occurrences/{date}"),
        (r"^/communication-preferences/v4/", "/communication-preferences/{date}/"),
        (r"^/account-info/v3/", "/account-info/{date}/"),
        (r"^/oauth/v1/token$", "/oauth/{date}/token"),
    )
)


def dated(path: str, date: str) -> str:
    """The date-versioned form of a path; one that has none (forms, e-mail events) stays as it is."""
    for pattern, replacement in _DATED:
        if pattern.match(path):
            return pattern.sub(replacement.replace("{date}", date), path).rstrip("/")
    return path


class Answer:
    """A ``requests`` response as the SDK expects one from urllib3."""

    def __init__(self, response: requests.Response) -> None:
        self.status, self.reason = response.status_code, response.reason
        self.data = response.content
        self.headers = response.headers
        if self.status >= 300:  # the SDK decodes error bodies strictly
            self.data = self.data.decode("utf-8", "replace").encode()

    def getheaders(self) -> Mapping[str, str]:
        return self.headers


class SessionPool:
    """What the SDK takes for a urllib3 pool manager."""

    def __init__(self, session: requests.Session) -> None:
        self._session = session

    def request(
        self,
        method: str,
        url: str,
        *,
        body: str | None = None,
        fields: Any = None,  # noqa: ANN401  # the SDK's own list of pairs
        headers: Mapping[str, str] | None = None,
        **_settings: object,
    ) -> Answer:
        """One request; timeouts and redirects are the session's business, not the SDK's."""
        query, form = (fields, None) if method in {"GET", "HEAD"} else (None, fields)
        return Answer(
            self._session.request(method, url, params=query, data=body or form, headers=dict(headers or {}))
        )


class Sdk:
    """The SDK's API objects, each built once. ``host`` is where everything goes."""

    def __init__(self, session: requests.Session, host: str, token: str, api: str) -> None:
        self._pool, self._api = SessionPool(session), api
        self._clients: list[Any] = []
        client = HubSpot(access_token=token, host=host, base_url=host, api_factory=self._build)
        self.search = client.crm.objects.search_api
        self.batch = client.crm.objects.batch_api
        self.objects = client.crm.objects.basic_api
        self.properties = client.crm.properties.core_api
        self.groups = client.crm.properties.groups_api
        self.lists = client.crm.lists.lists_api
        self.memberships = client.crm.lists.memberships_api
        self.associations = client.crm.associations.v4.batch_api
        self.owners = client.crm.owners.owners_api
        self.events = client.events.events_api
        self.forms = client.marketing.forms.forms_api

    def set_token(self, token: str) -> None:
        """Use another access token from now on; cached API objects would keep the old one."""
        for client in self._clients:
            client.configuration.access_token = token

    def raw(
        self, method: str, path: str, *, query: Mapping[str, object] | None = None, body: object = None
    ) -> Answer:
        """A call the SDK has no method for, through its client all the same."""
        answer: Answer = self.objects.api_client.call_api(
            path,
            method,
            {},
            list((query or {}).items()),
            {"Accept": "application/json", "Content-Type": "application/json"},
            body=body,
            auth_settings=["oauth2"],
            _preload_content=False,
        )
        return answer

    def _build(self, package: ModuleType, name: str, config: Mapping[str, Any]) -> object:
        configuration = package.Configuration()
        configuration.access_token, configuration.host = config["access_token"], config["host"]
        api_client = package.ApiClient(configuration=configuration)
        api_client.rest_client.pool_manager = self._pool
        if self._api != "v3":
            api_client.call_api = self._dating(api_client.call_api)
        self._clients.append(api_client)
        return getattr(package, name)(api_client=api_client)

    def _dating(self, call_api: Callable[..., Any]) -> Callable[..., Any]:
        def call(path: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # the SDK's own signature
            return call_api(dated(path, self._api), *args, **kwargs)

        return call
