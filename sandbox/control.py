"""The control port: time, people's doings, stored truth, the request log and the faults, as JSON."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Any

from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule

from sandbox.clock import Clock, iso, parse_instant, parse_span
from sandbox.faults import FaultBook
from sandbox.requestlog import RequestLog
from sandbox.vendor import Identifies
from sandbox.wire import Reply
from sandbox.world import World

if TYPE_CHECKING:
    from sandbox.server import Host

_ROUTES = Map(
    [
        Rule("/clock", endpoint="clock", methods=["GET", "POST"]),
        Rule("/act", endpoint="act", methods=["POST"]),
        Rule("/do", endpoint="do", methods=["POST"]),
        Rule("/state/<vendor>", endpoint="state", methods=["GET"]),
        Rule("/state/<vendor>/<name>", endpoint="state_of", methods=["GET"]),
        Rule("/requests", endpoint="requests", methods=["GET", "DELETE"]),
        Rule("/faults", endpoint="faults", methods=["GET", "POST", "DELETE"]),
        Rule("/world", endpoint="world", methods=["GET"]),
    ]
)


class Control:
    """Answers 400 with ``{"error"}`` to what it does not understand."""

    def __init__(
        self, clock: Clock, world: World, hosts: "Mapping[str, Host]", log: RequestLog, faults: FaultBook
    ) -> None:
        self._clock = clock
        self._world = world
        self._hosts = hosts
        self._log = log
        self._faults = faults
        self.after_living: Callable[[], None] = _nothing
        self._handlers: dict[str, Callable[..., Any]] = {
            "clock": self._time,
            "act": self._act,
            "do": self._do,
            "state": self._state,
            "state_of": self._state_of,
            "requests": self._requests,
            "faults": self._script,
            "world": self._truth,
        }

    def answer(self, request: Request) -> Reply:
        try:
            endpoint, arguments = _ROUTES.bind_to_environ(request.environ).match()
            return Reply(_json(self._handlers[endpoint](request, **arguments)))
        except HTTPException as refusal:
            return Reply(_json({"error": refusal.description}, refusal.code or 500))
        except (ValueError, LookupError, TypeError) as misuse:
            return Reply(_json({"error": f"{type(misuse).__name__}: {misuse}"}, 400))

    def _time(self, request: Request) -> dict[str, Any]:
        given = _body(request) if request.method == "POST" else {}
        if "advance" in given:
            self._clock.advance(parse_span(given["advance"]))
        if "now" in given:
            self._clock.set(parse_instant(given["now"]))
        return {"now": iso(self._clock.now())}

    def _act(self, request: Request) -> dict[str, Any]:
        """Live some days: the world moves, then each vendor hears what it would know of."""
        before = {name: _fingerprints(host) for name, host in self._hosts.items()}
        self._world.now = self._clock.now()
        events = self._world.live(int(_body(request).get("days", 1)))
        self._clock.set(self._world.now)
        for host in self._hosts.values():
            with host.lock:
                host.app.live(self._world, events)
        self.after_living()
        touched = {name: _touched(before[name], _fingerprints(host)) for name, host in self._hosts.items()}
        return {
            "now": iso(self._clock.now()),
            "events": dict(sorted(Counter(event.type for event in events).items())),
            "touched": touched,
        }

    def _do(self, request: Request) -> dict[str, Any]:
        given = _body(request)
        return self._host(given.get("vendor", "")).do(given)

    def _state(self, _request: Request, vendor: str) -> dict[str, Any]:
        host = self._host(vendor)
        with host.lock:
            return host.app.dump()

    def _state_of(self, request: Request, vendor: str, name: str) -> list[dict[str, Any]]:
        state = self._state(request, vendor)
        if name not in state:
            message = f"{vendor} holds no {name!r}; it holds {', '.join(sorted(state))}"
            raise ValueError(message)
        found: list[dict[str, Any]] = state[name]
        return found

    def _requests(self, request: Request) -> list[dict[str, Any]]:
        if request.method == "DELETE":
            self._log.clear()
        return self._log.listing(request.args.get("vendor"), int(request.args.get("after", 0)))

    def _script(self, request: Request) -> list[dict[str, Any]]:
        if request.method == "DELETE":
            self._faults.clear()
        elif request.method == "POST":
            given = json.loads(request.get_data())
            for fault in given if isinstance(given, list) else [given]:
                self._faults.add(fault)
        return self._faults.listing()

    def _truth(self, _request: Request) -> dict[str, Any]:
        """Who is who: every person with the ids of their records in each vendor."""
        held = {
            name: host.app.identities()
            for name, host in self._hosts.items()
            if isinstance(host.app, Identifies)
        }
        people = [
            {**asdict(person), "records": {name: ids.get(person.key, []) for name, ids in held.items()}}
            for person in self._world.people
        ]
        return {
            "now": iso(self._clock.now()),
            "people": people,
            "companies": [asdict(company) for company in self._world.companies],
            "campaigns": [asdict(campaign) for campaign in self._world.campaigns],
            "deals": [asdict(deal) for deal in self._world.deals],
            "machine_events": [asdict(event) for event in self._world.events if event.machine],
        }

    def _host(self, vendor: str) -> "Host":
        if vendor not in self._hosts:
            message = f"no vendor {vendor!r}; there are {', '.join(sorted(self._hosts))}"
            raise ValueError(message)
        return self._hosts[vendor]


def _nothing() -> None:
    """What follows a lived day unless told otherwise."""


def _fingerprints(host: "Host") -> dict[str, Counter[str]]:
    with host.lock:
        return {name: Counter(map(repr, records)) for name, records in host.app.dump().items()}


def _touched(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> dict[str, int]:
    """How many records of each object are new or different."""
    counts = {name: (records - before.get(name, Counter())).total() for name, records in after.items()}
    return {name: count for name, count in counts.items() if count}


def _body(request: Request) -> dict[str, Any]:
    given = json.loads(request.get_data() or b"{}")
    if not isinstance(given, dict):
        message = "expected a JSON object"
        raise TypeError(message)
    return given


def _json(value: Any, status: int = 200) -> Response:
    return Response(json.dumps(value, default=_plain), status, content_type="application/json")


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, frozenset | set):
        return sorted(value)
    message = f"{type(value).__name__} is not JSON"
    raise TypeError(message)
