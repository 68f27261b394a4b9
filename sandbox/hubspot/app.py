"""HubSpot as a vendor of the sandbox: from a request to an answer, limits and errors on the way."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from werkzeug import Request, Response
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from sandbox.clock import Clock
from sandbox.hubspot.actions import act
from sandbox.hubspot.api import (
    account,
    batches,
    consent,
    definitions,
    events,
    formsapi,
    mail,
    oauth,
    objects,
    relations,
    segments,
)
from sandbox.hubspot.call import Call, Route
from sandbox.hubspot.catalog import object_type
from sandbox.hubspot.contents import contents
from sandbox.hubspot.errors import ApiError, invalid, missing_scopes, plan_lacks
from sandbox.hubspot.limits import HubSpotLimits
from sandbox.hubspot.living import Seeder
from sandbox.hubspot.paths import canonical
from sandbox.hubspot.portal import Portal
from sandbox.vendor import note
from sandbox.world import Event, World

ROUTES = (
    *objects.ROUTES,
    *batches.ROUTES,
    *definitions.ROUTES,
    *segments.ROUTES,
    *relations.ROUTES,
    *events.ROUTES,
    *mail.ROUTES,
    *formsapi.ROUTES,
    *consent.ROUTES,
    *account.ROUTES,
    *oauth.ROUTES,
)
ADDRESSES = Map(
    [Rule(route.rule, endpoint=route, methods=[route.method]) for route in ROUTES],
    strict_slashes=False,
    merge_slashes=False,
).bind("api.hubapi.com")
_TOO_LONG = "<html>\r\n<head><title>414 Request-URI Too Large</title></head>\r\n<body></body>\r\n</html>\r\n"
_PLAN_OF_KIND = {"feedback_submissions": "professional"}


class HubSpotApp:
    """One account. See ``limits`` for its plan and allowances."""

    name = "hubspot"

    def __init__(self, clock: Clock, limits: HubSpotLimits | None = None) -> None:
        self.portal = Portal(clock, limits or HubSpotLimits())
        self._seeder = Seeder(self.portal)

    @property
    def credentials(self) -> Mapping[str, str]:
        keys = self.portal.keys
        return {
            "access_token": keys.service_key,
            "client_id": keys.client_id,
            "client_secret": keys.client_secret,
            "refresh_token": keys.refresh_token,
        }

    def handle(self, request: Request) -> Response:
        headers: dict[str, str] = {}
        note(request, write=False)
        try:
            status, body = self._answered(request, headers)
        except ApiError as refused:
            note(request, write=False, records=0)
            headers.update(refused.headers)
            status, body = refused.status, refused.body
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            # a body whose parts have other shapes than described: HubSpot's parser answers 400 too
            note(request, write=False, records=0)
            status, body = 400, invalid(f"Invalid input JSON: {type(error).__name__} {error}").body
        return self._response(status, body, headers)

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        return contents(self.portal)

    def do(self, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return act(self.portal, action, arguments)

    def seed(self, world: World) -> None:
        self._seeder.seed(world)

    def live(self, world: World, events: Sequence[Event]) -> None:
        self._seeder.live(world, events)

    def identities(self) -> dict[int, list[dict[str, str]]]:
        """Person key → that person's contacts, under the ids they were created with."""
        return {
            person: [{"object": "contacts", "id": str(record_id)} for record_id in ids]
            for person, ids in self._seeder.registry.contacts.items()
        }

    def link(self, salesforce: Mapping[int, Sequence[Mapping[str, str]]], world: World) -> None:
        """Let the Salesforce integration write the ids it knows: ``salesforce`` as its ``identities``."""
        self._seeder.registry.link(salesforce, world)

    def _answered(self, request: Request, headers: dict[str, str]) -> tuple[int, object]:
        if len(request.environ.get("RAW_URI", request.full_path)) > self.portal.limits.url_bytes:
            raise ApiError(414, _TOO_LONG)
        route, arguments = self._route(request)
        portal = self.portal
        if route.free:
            if request.method == "POST":
                headers.update(portal.meter.count(portal.clock.now(), oauth=True))
        else:
            self._admit(request, route, arguments, headers)
        note(request, write=route.write)
        return route.handler(Call(portal, request), **arguments)

    def _route(self, request: Request) -> tuple[Route, dict[str, Any]]:
        asked = _utf8(request.environ["PATH_INFO"])
        path = canonical(asked)
        if path == (asked.rstrip("/") or "/") and not self.portal.limits.undated_paths:
            raise ApiError(404, _NOT_FOUND)
        try:
            found, arguments = ADDRESSES.match(path, method=request.method)
        except NotFound:
            raise ApiError(404, _NOT_FOUND) from None
        except MethodNotAllowed:
            raise ApiError(
                405, {"status": "error", "message": f"HTTP 405 Method Not Allowed: {request.method}"}
            ) from None
        return found, dict(arguments)

    def _admit(
        self, request: Request, route: Route, arguments: Mapping[str, Any], headers: dict[str, str]
    ) -> None:
        """Token, then allowance, then scopes, then plan: in that order, as each hides those behind it."""
        portal = self.portal
        token = portal.keys.check(request.headers.get("Authorization"), portal.now_ms)
        if route.search:
            portal.meter.count_search(portal.clock.now())
        else:
            headers.update(portal.meter.count(portal.clock.now(), oauth=token.oauth))
        kind = object_type(str(arguments.get("kind_name", "contacts")))
        wanted = [scope.replace("{kind}", kind.scope if kind else "contacts") for scope in route.scopes]
        if wanted and not token.scopes.intersection(wanted):
            raise missing_scopes(wanted)
        least = _PLAN_OF_KIND.get(kind.name, route.tier) if kind and "kind_name" in arguments else route.tier
        if not portal.limits.at_least(least):
            raise plan_lacks(request.path)

    def _response(self, status: int, body: object, headers: Mapping[str, str]) -> Response:
        if body is None:
            return Response(b"", status, headers=dict(headers))
        if isinstance(body, str):
            return Response(body, status, headers=dict(headers), content_type="text/html; charset=utf-8")
        if status >= 400 and isinstance(body, dict):
            body = {"correlationId": self.portal.correlation_id(), **body}
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        answer = Response(text.encode(), status, headers=dict(headers))
        answer.headers["Content-Type"] = "application/json;charset=utf-8"
        answer.headers["X-HubSpot-Correlation-Id"] = self.portal.correlation_id()
        return answer


_NOT_FOUND = (
    "<html>\n<head>\n<title>Error 404 Not Found</title>\n</head>\n"
    "<body><h2>HTTP ERROR 404 Not Found</h2></body>\n</html>\n"
)


def _utf8(path_info: str) -> str:
    """WSGI hands the path over as Latin-1."""
    return path_info.encode("latin-1", "replace").decode("utf-8", "replace")
