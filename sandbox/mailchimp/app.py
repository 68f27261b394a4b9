"""The Mailchimp server: who may call, where a request goes, and how answers look on the wire."""

import base64
import binascii
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule

from sandbox.clock import Clock
from sandbox.mailchimp import (
    audiences,
    batches,
    campaigns,
    commerce,
    contacts,
    members,
    merging,
    reports,
    segments,
    surveys,
)
from sandbox.mailchimp.actions import act
from sandbox.mailchimp.call import Call, Json
from sandbox.mailchimp.problems import Problem, missing, not_allowed
from sandbox.mailchimp.pruning import prune
from sandbox.mailchimp.reading import dump
from sandbox.mailchimp.seeding import Seeder
from sandbox.mailchimp.store import Store, token
from sandbox.vendor import in_flight, note
from sandbox.world import Event, World

_KEY = token("api-key", length=32) + "-us19"
_JSON, _PROBLEM = "application/json; charset=utf-8", "application/problem+json; charset=utf-8"
_MODULES = (audiences, batches, campaigns, commerce, contacts, members, merging, reports, segments, surveys)


@dataclass(frozen=True, slots=True)
class Limits:
    """What the account may do. simultaneous: open connections of one user."""

    simultaneous: int = 10

    def check(self, open_now: int) -> None:
        """Refuse one connection too many."""
        if open_now > self.simultaneous:
            detail = f"You have exceeded the limit of {self.simultaneous} simultaneous connections."
            raise Problem(429, "Too Many Requests", detail)


def _routes() -> Map:
    rules = [
        Rule("/3.0" + ("" if path == "/" else path), methods=[method], endpoint=handler)
        for module in _MODULES
        for method, path, handler in module.ROUTES
    ]
    rules.append(Rule("/3.0/batches/<batch_id>", methods=["GET"], endpoint=batches.get_batch))
    return Map(rules, strict_slashes=False)


class MailchimpApp:
    """Mailchimp's Marketing API 3.0 over an account in memory."""

    name = "mailchimp"

    def __init__(self, clock: Clock, limits: Limits | None = None) -> None:
        """Start with an account that has no audience; ``seed`` fills it."""
        self._clock, self._limits = clock, limits or Limits()
        self._routes = _routes()
        self._served = 0
        self.store = Store(account=audiences.account(clock.now()))
        self._seeder = Seeder(self.store)

    @property
    def credentials(self) -> Mapping[str, str]:
        """The API key: the password of Basic (any user), or a Bearer token."""
        return {"api_key": _KEY}

    def handle(self, request: Request) -> Response:
        """Answer one request."""
        self._served += 1
        instance = _instance(self._served)
        try:
            self._limits.check(in_flight(request))
            if request.path.startswith("/batch-results/"):
                return self._download(request)
            if request.path == "/oauth2/metadata":
                return _metadata(request)
            _authorise(request)
            return _answered(request, self._dispatch(request), instance)
        except Problem as problem:
            return _refused(problem, instance)

    def _download(self, request: Request) -> Response:
        name = request.path.removeprefix("/batch-results/")
        packed = batches.archive(self.store, name, request.args.get("Expires", ""), self._clock.now())
        return Response(packed, content_type="application/x-gzip")

    def _dispatch(self, request: Request) -> Json | None:
        handler, ids = self._matched(request)
        self._permit(request.path)
        call = Call(self.store, request, self._clock.now(), request.host_url.rstrip("/"))
        if handler is batches.get_batch:
            note(request, write=False)
            ids = {**ids, "run": self._run}
        answer: Json | None = handler(call, **ids)
        return answer

    def _permit(self, path: str) -> None:
        if any(path.startswith(f"/3.0{restricted}") for restricted in self.store.restricted):
            raise Problem(403, "Forbidden", "You are not permitted to access this resource.")

    def _matched(self, request: Request) -> tuple[Callable[..., Json | None], Mapping[str, Any]]:
        try:
            handler, ids = self._routes.bind("mailchimp").match(request.path, method=request.method)
        except NotFound:
            raise missing() from None
        except MethodNotAllowed as refused:
            raise not_allowed(", ".join(sorted(refused.valid_methods or ()))) from None
        return handler, ids

    def _run(self, request: Request) -> tuple[int, str]:
        """Run one operation of a batch, which needs no key of its own."""
        self._served += 1
        try:
            answer = self._dispatch(request)
        except Problem as problem:
            return problem.status, json.dumps(problem.body(_instance(self._served)))
        return (204, "") if answer is None else (200, json.dumps(answer))

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Give every stored record by object."""
        return dump(self.store)

    def do(self, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Act as a person in Mailchimp's screens, or as a contact; see ``actions``."""
        return act(self.store, self._clock.now(), action, arguments)

    def seed(self, world: World) -> None:
        """Fill the account from the world."""
        self._seeder.seed(world)

    def live(self, world: World, events: Sequence[Event]) -> None:
        """Take in what has happened."""
        self._seeder.live(world, events)

    def identities(self) -> Mapping[int, Sequence[Mapping[str, str]]]:
        """Say which members and customers are whose."""
        return self._seeder.identities()


def _instance(number: int) -> str:
    """A request id: looks like a UUID, and is the same every time."""
    digits = token("request", number, length=32)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def _authorise(request: Request) -> None:
    scheme, _, given = (request.headers.get("Authorization") or "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    elif scheme.lower() != "bearer":
        raise Problem(401, "API Key Missing", "Your request did not include an API key.")
    if given != _KEY:
        detail = "Your API key may be invalid, or you've attempted to access the wrong datacenter."
        raise Problem(401, "API Key Invalid", detail)


def _metadata(request: Request) -> Response:
    """Tell an OAuth token where its account is; a bad one is told so, with a 200."""
    scheme, _, given = (request.headers.get("Authorization") or "").partition(" ")
    if scheme.lower() not in ("oauth", "bearer") or given != _KEY:
        told = {"error": "invalid_token", "error_description": "The access token is not valid."}
    else:
        told = {
            "dc": "us19",
            "role": "owner",
            "accountname": "Brightloom",
            "api_endpoint": request.host_url[:-1],
        }
    return Response(json.dumps(told), 200, content_type=_JSON)


def _answered(request: Request, answer: Json | None, instance: str) -> Response:
    headers = {
        "X-Request-Id": instance,
        "Link": '<https://us19.api.mailchimp.com/schema/3.0/>; rel="describedBy"',
    }
    if answer is None:
        return Response(b"", 204, headers, content_type=_JSON)
    shown = prune(answer, request.args.get("fields"), request.args.get("exclude_fields"))
    return Response(json.dumps(shown, ensure_ascii=False).encode(), 200, headers, content_type=_JSON)


def _refused(problem: Problem, instance: str) -> Response:
    headers = {"X-Request-Id": instance, **problem.headers}
    return Response(json.dumps(problem.body(instance)), problem.status, headers, content_type=_PROBLEM)
