"""``python -m benchmarks.connectors [--million]``: what people cost to read and write, by vendor.

Calls against the fewest that docs/calls.md allows, peak memory, and a connector's own CPU per record
against that of a bare loop that fetches and parses the same pages from memory, all in one run. The sandbox
is a process of its own, so that its memory is not counted.
"""

import json
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from resource import RUSAGE_SELF, getrusage
from typing import Any, Self

import requests
from pydantic import TypeAdapter
from requests.adapters import BaseAdapter

from connectors.base import Connector, Window
from connectors.registry import open_connector
from core.changes import Change, Done, FieldSpec, Ref, SetFields
from core.clock import FixedClock
from sync.settings import Connections

_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_SIZES, _MILLION, _CANNED, _ROUNDS = (100, 10_000), 1_000_000, 20_000, 5
_BULK_READ, _BULK_WRITE, _BULK_PAGE = 12_000, 2_000, 50_000
#: The sandbox says once that a job is in progress.
_POLLS = 2


class Meter:
    """Counts calls by operation."""

    def __init__(self) -> None:
        self.operations: list[str] = []

    def spend(self, vendor: str, operation: str, *, write: bool = False) -> None:
        del vendor, write
        self.operations.append(operation)

    def observe(self, vendor: str, *, used: int, limit: int) -> None:
        """The vendor's own count is not needed here."""


@dataclass(frozen=True)
class Vendor:
    """How a vendor's people are made, read and written, and what that costs at least."""

    name: str
    stream: str
    field: FieldSpec
    crowd: Mapping[str, Any]
    fewest_reads: Callable[[int], int]
    fewest_writes: Callable[[int], int]
    settings: Mapping[str, Any]
    credentials: tuple[str, ...]


_NAMED = {"first": "Ana", "title": "Director of Sales", "phone": "+34 600 100 200", "city": "Madrid"}
VENDORS = (
    Vendor(
        "salesforce",
        "leads",
        FieldSpec("Lead", "Scoreline_Score__c", "Lead score", "integer"),
        {"object": "Lead", "values": {
            "LastName": "Person {n}", "Company": "Acme", "Email": "p{n}@acme.test",
            "FirstName": _NAMED["first"],
            "Title": _NAMED["title"], "Phone": _NAMED["phone"], "City": _NAMED["city"]}},
        lambda n: 2 + (ceil(n / 2000) if n <= _BULK_READ else 2 + _POLLS + ceil((n - 2000) / _BULK_PAGE)),
        lambda m: ceil(m / 200) if m < _BULK_WRITE else 3 + _POLLS,
        {},
        ("consumer_key", "consumer_secret"),
    ),
    Vendor(
        "hubspot",
        "contacts",
        FieldSpec("contacts", "scoreline_score", "Lead score", "integer"),
        {"object": "contacts", "properties": {
            "email": "p{n}@acme-looms.com", "lastname": "Person {n}", "firstname": _NAMED["first"],
            "jobtitle": _NAMED["title"], "phone": _NAMED["phone"], "city": _NAMED["city"]}},
        lambda n: 2 + ceil(n / 200) + ceil(n / 100),
        lambda m: ceil(m / 100),
        {},
        ("access_token",),
    ),
    Vendor(
        "mailchimp",
        "members",
        FieldSpec("members", "SL_SCORE", "Lead score", "integer"),
        {"audience": "Brightloom News", "merge_fields": {"FNAME": _NAMED["first"], "TITLE": _NAMED["title"]}},
        lambda n: 2 + n // 1000 + 1 + 1,
        lambda m: ceil(m / 500),
        {"audiences": ["Brightloom News"]},
        ("api_key",),
    ),
)  # fmt: skip


class Served:
    """An empty sandbox as a process of its own."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "sandbox", "--json", "--ports", "0", "--until-stdin-closes"]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [*command, "--world", "empty"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._process.stdout is not None
        self.addresses: dict[str, Any] = json.loads(self._process.stdout.readline())
        # its clock stands still: what is allowed in a second would never come back
        self.do("hubspot", "set_limits", burst=0, search_per_second=0, daily=10**9)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=30)

    def do(self, vendor: str, action: str, **arguments: object) -> None:
        body = json.dumps({"vendor": vendor, "action": action, "arguments": arguments}).encode()
        request = urllib.request.Request(self.addresses["control"] + "/do", body, method="POST")  # noqa: S310 - loopback, our own process
        with urllib.request.urlopen(request, timeout=600) as answer:  # noqa: S310 - as above
            answer.read()

    def connector(self, vendor: Vendor, meter: Meter) -> Connector:
        address = self.addresses[vendor.name]
        given = {
            "url": address["url"],
            **{key: address[key] for key in vendor.credentials},
            **vendor.settings,
        }
        connections = TypeAdapter(Connections).validate_python({vendor.name: given})
        return open_connector(
            vendor.name,
            connections.present()[vendor.name],
            clock=FixedClock(_NOW),
            meter=meter,
            observe={vendor.field.object: [vendor.field.name]},
            lists=[],
            sleep=lambda _seconds: None,
        )


def pages(vendor: Vendor, connector: Connector) -> Iterator[Any]:
    """Everybody's rows, a page at a time."""
    stream = next(one for one in connector.capabilities.streams if one.name == vendor.stream)
    for page in connector.pull(stream, Window(None, _NOW), None):
        yield page.tables["person_records"]


def measure(vendor: Vendor, count: int) -> None:
    """Print the calls of reading and writing ``count`` people, the fewest, and their ratio."""
    with Served() as served:
        served.do(vendor.name, "create_many", **vendor.crowd, count=count)
        meter = Meter()
        connector = served.connector(vendor, meter)
        connector.create_fields([vendor.field])
        connector.close()
        meter.operations.clear()
        reading = served.connector(vendor, meter)
        refs: list[Ref] = []
        read = 0
        for table in pages(vendor, reading):
            read += table.num_rows
            if count <= max(_SIZES):
                refs += [
                    Ref(vendor.name, vendor.field.object, row["record_id"], row["email"])
                    for row in table.select(["record_id", "email"]).to_pylist()
                ]
        assert read >= count, (read, count)  # a page may come twice, never not at all
        _say(vendor, "read", count, len(meter.operations), vendor.fewest_reads(count))
        if refs:
            _write(vendor, reading, meter, refs)
        reading.close()


def _write(vendor: Vendor, connector: Connector, meter: Meter, refs: Sequence[Ref]) -> None:
    changes: list[Change] = [SetFields(ref, {vendor.field.name: 64}) for ref in refs]
    meter.operations.clear()
    outcomes = connector.push(changes)
    assert all(isinstance(outcome, Done) for outcome in outcomes)
    _say(vendor, "write", len(refs), len(meter.operations), vendor.fewest_writes(len(refs)))


def _say(vendor: Vendor, deed: str, count: int, calls: int, fewest: int) -> None:
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{vendor.name} {deed} {count:,}: {calls:,} calls, fewest {fewest:,}, ratio {calls / fewest:.2f};"
        f" peak memory so far {peak:.0f} MB",
        flush=True,
    )


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
            return self._answer(request, self._kept[key])
        answer = self._real.send(request, **options)
        self._kept[key] = answer.content
        return answer

    def _answer(self, request: requests.PreparedRequest, body: bytes) -> requests.Response:
        answer = requests.Response()
        answer.status_code = 200
        answer.headers["Content-Type"] = "application/json"
        answer.request, answer.url, answer.encoding = request, str(request.url), "utf-8"
        answer._content = body  # noqa: SLF001 - requests offers no other way to make an answer
        return answer

    def close(self) -> None:
        self._real.close()


class Canned(BaseAdapter):
    """Answers every request with the next of the bodies."""

    def __init__(self, bodies: Sequence[bytes]) -> None:
        super().__init__()
        self._bodies = iter(bodies)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # the options do not matter here
        answer = requests.Response()
        answer.status_code, answer._content = 200, next(self._bodies)  # noqa: SLF001 - as above
        answer.request, answer.url, answer.encoding = request, str(request.url), "utf-8"
        return answer

    def close(self) -> None:
        """Nothing is held open."""


def cpu(vendor: Vendor) -> float:
    """A connector's CPU for so many people, over that of fetching and parsing the same pages."""
    settings = {**vendor.settings}
    if vendor.name == "salesforce":
        settings["bulk_read_from"] = 10**9
    vendor = Vendor(**{**vendor.__dict__, "settings": settings})
    with Served() as served:
        served.do(vendor.name, "create_many", **vendor.crowd, count=_CANNED)
        connector = served.connector(vendor, Meter())
        connector.create_fields([vendor.field])
        wire = Recording()
        _session(connector).mount("http://", wire)
        for _ in pages(vendor, connector):
            pass
        wire.replaying = True
        ratios = [_own(vendor, connector) / _bare(wire.bodies) for _ in range(_ROUNDS)]
        connector.close()
    return statistics.median(ratios)


def _session(connector: Connector) -> requests.Session:
    """The session a connector's requests go through."""
    inner: Any = connector
    holder = getattr(inner, "_client", None) or inner._gateway  # noqa: SLF001 - measured from inside
    found: requests.Session = holder._session  # noqa: SLF001 - as above
    return found


def _own(vendor: Vendor, connector: Connector) -> float:
    started = time.process_time()
    for _ in pages(vendor, connector):
        pass
    return time.process_time() - started


def _bare(bodies: Sequence[bytes]) -> float:
    session = requests.Session()
    session.mount("http://", Canned(bodies))
    started = time.process_time()
    for _ in bodies:
        session.get("http://127.0.0.1/page").json()
    return time.process_time() - started


def main() -> None:
    """Calls and memory by size, then CPU."""
    sizes = (*_SIZES, _MILLION) if "--million" in sys.argv else _SIZES
    for vendor in VENDORS:
        for count in sizes:
            measure(vendor, count)
    for vendor in VENDORS:
        print(f"{vendor.name} CPU of reading {_CANNED:,}: {cpu(vendor):.2f} times a bare loop", flush=True)


if __name__ == "__main__":
    main()
