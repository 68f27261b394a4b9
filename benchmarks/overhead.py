"""A connector's own CPU for reading people, beside a bare loop that fetches and parses the same pages."""

import statistics
import time
from collections.abc import Sequence
from typing import Any

import requests
from requests.adapters import BaseAdapter

from benchmarks.vendors import NOW, Meter, Served, Vendor, opened
from connectors.base import Connector, Window

_PEOPLE, _ROUNDS = 5_000, 21


class Recording(BaseAdapter):
    """Passes requests on and keeps the answers, or answers with those kept, from memory."""

    def __init__(self) -> None:
        super().__init__()
        self._kept: dict[tuple[str, str, bytes], bytes] = {}
        self._real = requests.adapters.HTTPAdapter()
        self.replaying = False

    @property
    def bodies(self) -> list[bytes]:
        return list(self._kept.values())

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # the options pass through
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        key = (str(request.method), str(request.url), body)
        if self.replaying:
            return _answer(request, self._kept[key])
        answer = self._real.send(request, **options)
        self._kept[key] = answer.content
        return answer

    def close(self) -> None:
        self._real.close()


class Canned(BaseAdapter):
    """Answers every request with the next of the bodies."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        super().__init__()
        self._bodies = iter(bodies)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # the options do not matter here
        return _answer(request, next(self._bodies))

    def close(self) -> None:
        """Nothing is held open."""


def ratio(vendor: Vendor) -> float:
    """CPU of the connector over that of the bare loop: the median of short rounds of both in turn."""
    with Served() as served:
        served.prepare(vendor, _PEOPLE)
        connector = opened(vendor, served.addresses, Meter())
        wire = Recording()
        _session(connector).mount("http://", wire)
        _read(connector)
        wire.replaying = True
        ratios = [_read(connector) / _bare(wire.bodies) for _ in range(_ROUNDS)]
        connector.close()
    return statistics.median(ratios)


def _session(connector: Connector) -> requests.Session:
    """The session a connector's requests go through."""
    inner: Any = connector
    holder = getattr(inner, "_client", None) or inner._gateway  # noqa: SLF001 - measured from inside
    found: requests.Session = holder._session  # noqa: SLF001 - as above
    return found


def _read(connector: Connector) -> float:
    """Seconds of CPU for everybody's rows."""
    (stream,) = connector.capabilities.streams
    started = time.process_time()
    pages = connector.pull(stream, Window(None, NOW), None)
    rows = sum(page.tables["person_records"].num_rows for page in pages if page.records)
    taken = time.process_time() - started
    assert rows == _PEOPLE, rows
    return taken


def _bare(bodies: Sequence[bytes]) -> float:
    session = requests.Session()
    session.mount("http://", Canned(bodies))
    started = time.process_time()
    for _ in bodies:
        session.get("http://127.0.0.1/page").json()
    return time.process_time() - started


def _answer(request: requests.PreparedRequest, body: bytes) -> requests.Response:
    answer = requests.Response()
    answer.status_code = 200
    answer.headers["Content-Type"] = "application/json"
    answer.request, answer.url, answer.encoding = request, str(request.url), "utf-8"
    answer._content = body  # noqa: SLF001 - requests offers no other way to make an answer
    return answer
