"""The whole sandbox: one clock, one world, the vendors, their sockets and the control port."""

import json
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from werkzeug import Request, Response

from sandbox.clock import Clock, iso
from sandbox.control import Control
from sandbox.faults import Action, FaultBook
from sandbox.hubspot import HubSpotApp
from sandbox.mailchimp import MailchimpApp
from sandbox.requestlog import RequestLog
from sandbox.salesforce import SalesforceApp
from sandbox.vendor import VendorApp, noted, set_hide_for, set_in_flight
from sandbox.wire import Listener, Reply
from sandbox.world import World

DEFAULT_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
VENDORS: Sequence[Callable[[Clock], VendorApp]] = (SalesforceApp, HubSpotApp, MailchimpApp)
_SUFFIX = {"salesforce": "", "hubspot": "", "mailchimp": "/3.0"}


class Host:
    """One vendor behind its socket: its lock, its share of the log, the faults that befall it."""

    def __init__(self, app: VendorApp, clock: Clock, log: RequestLog, faults: FaultBook) -> None:
        self.app = app
        self.lock = threading.RLock()
        self._clock = clock
        self._log = log
        self._faults = faults
        self._counting = threading.Lock()
        self._in_flight = 0

    def answer(self, request: Request) -> Reply:
        """What goes back over the wire for a request. One that is delayed stays in flight."""
        with self._counting:
            self._in_flight += 1
            set_in_flight(request, self._in_flight)
        try:
            reply = self._logged(request)
            time.sleep(reply.delay_s)
            return reply
        finally:
            with self._counting:
                self._in_flight -= 1

    def _logged(self, request: Request) -> Reply:
        entry = self._log.open(
            {
                "at": iso(self._clock.now()),
                "vendor": self.app.name,
                "method": request.method,
                "path": request.path,
                "query": request.query_string.decode("latin-1"),
                "body": request.get_data(cache=True).decode("utf-8", "replace"),
            }
        )
        target = request.environ["RAW_URI"]
        reply = self._faulted(request, self._faults.find(self.app.name, request.method, target))
        status = None if reply.response is None else reply.response.status_code
        write, records = noted(request, status or 0)
        self._log.close(entry, status=status, write=write, records=records)
        return reply

    def _faulted(self, request: Request, action: Action | None) -> Reply:
        if action is None:
            return Reply(self._handle(request))
        if action.reset:
            return _unhandled(request, Reply(None, delay_s=action.delay_s))
        if action.hide_for_s is not None:
            set_hide_for(request, action.hide_for_s)
        response = _unanswered(request) if action.answers else self._handle(request)
        if action.mutate_between_pages is not None:
            self.do(dict(action.mutate_between_pages))
        if action.apply_then_drop:
            return Reply(None, delay_s=action.delay_s)
        return Reply(_altered(response, action), action.cut_after_bytes, action.unframed, action.delay_s)

    def _handle(self, request: Request) -> Response:
        with self.lock:
            return self.app.handle(request)

    def do(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Run a person's action: ``{"action", "arguments"}``."""
        with self.lock:
            return self.app.do(str(given.get("action")), dict(given.get("arguments") or {}))


def _unhandled(request: Request, reply: Reply) -> Reply:
    request.environ["sandbox.write"] = False
    return reply


def _unanswered(request: Request) -> Response:
    """The blank answer a fault fills in; the vendor never saw the request."""
    request.environ["sandbox.write"] = False
    return Response(b"", 200, content_type="application/json")


def _altered(response: Response, action: Action) -> Response:
    if action.status is not None:
        response.status_code = action.status
    if action.body is not None:
        text = action.body if isinstance(action.body, str) else json.dumps(action.body)
        response.set_data(text.encode())
    for name, value in action.headers.items():
        response.headers.pop(name, None)
        if value is not None:
            response.headers[name] = value
    return response


class Sandbox:
    """All vendors over one world, on 127.0.0.1.

    ``ports``: control gets it, the vendors the next three; 0 takes any that are free.
    ``world``: ``grown`` (from ``seed`` and ``people``) or ``empty``. ``vendors``: all three unless given.
    """

    def __init__(
        self,
        *,
        seed: int = 7,
        people: int = 2000,
        now: datetime = DEFAULT_NOW,
        world: str = "grown",
        ports: int = 0,
        ticking: bool = False,
        vendors: Sequence[Callable[[Clock], VendorApp]] | None = None,
    ) -> None:
        self.clock = Clock(now, ticking=ticking)
        self.world = World.empty(now) if world == "empty" else World.grow(seed, people, now)
        apps = [make(self.clock) for make in (VENDORS if vendors is None else vendors)]
        self.log = RequestLog(secret for app in apps for secret in app.credentials.values())
        self.faults = FaultBook()
        self.hosts = {app.name: Host(app, self.clock, self.log, self.faults) for app in apps}
        for app in apps:
            app.seed(self.world)
        self._apps = apps
        self._link()
        control = Control(self.clock, self.world, self.hosts, self.log, self.faults)
        control.after_living = self._link
        answers = [control.answer, *(host.answer for host in self.hosts.values())]
        self._listeners = [
            Listener(ports + offset if ports else 0, answer, self.clock)
            for offset, answer in enumerate(answers)
        ]

    @property
    def addresses(self) -> dict[str, Any]:
        """The control address, and per vendor its url and credentials."""
        control, *vendors = (listener.address for listener in self._listeners)
        described: dict[str, Any] = {"control": control}
        for host, address in zip(self.hosts.values(), vendors, strict=True):
            described[host.app.name] = {"url": address + _SUFFIX[host.app.name], **host.app.credentials}
        return described

    def start(self) -> None:
        for listener in self._listeners:
            threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        for listener in self._listeners:
            listener.shutdown()
            listener.server_close()

    def _link(self) -> None:
        """What the vendors' own integration does: HubSpot learns the Salesforce ids of linked people."""
        salesforce = next((app for app in self._apps if isinstance(app, SalesforceApp)), None)
        hubspot = next((app for app in self._apps if isinstance(app, HubSpotApp)), None)
        if salesforce is not None and hubspot is not None:
            hubspot.link(salesforce.identities(), self.world)
