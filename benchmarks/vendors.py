"""The vendors of the benchmarks: their people, and what reading and writing them costs at least."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from math import ceil
from typing import Any, Self

from pydantic import TypeAdapter

from connectors.base import Connector
from connectors.registry import open_connector
from core.changes import FieldSpec
from core.clock import FixedClock
from sync.settings import Connections

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)

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
    credentials: tuple[str, ...]
    settings: Mapping[str, Any]


_NAMED = {"first": "Ana", "title": "Director of Sales", "phone": "+34 600 100 200", "city": "Madrid"}

SALESFORCE = Vendor(
    "salesforce",
    "leads",
    FieldSpec("Lead", "Scoreline_Score__c", "Lead score", "integer"),
    {"object": "Lead", "values": {
        "LastName": "Person {n}", "Company": "Acme", "Email": "p{n}@acme.test", "FirstName": _NAMED["first"],
        "Title": _NAMED["title"], "Phone": _NAMED["phone"], "City": _NAMED["city"]}},
    lambda n: 2 + (ceil(n / 2000) if n <= _BULK_READ else 2 + _POLLS + ceil((n - 2000) / _BULK_PAGE)),
    lambda m: 2 + (ceil(m / 200) if m < _BULK_WRITE else 3 + _POLLS),
    ("consumer_key", "consumer_secret"),
    {},
)  # fmt: skip

HUBSPOT = Vendor(
    "hubspot",
    "contacts",
    FieldSpec("contacts", "scoreline_score", "Lead score", "integer"),
    {"object": "contacts", "properties": {
        "email": "p{n}@acme-looms.com", "lastname": "Person {n}", "firstname": _NAMED["first"],
        "jobtitle": _NAMED["title"], "phone": _NAMED["phone"], "city": _NAMED["city"]}},
    lambda n: 2 + ceil(n / 200) + ceil(n / 100),
    lambda m: ceil(m / 100),
    ("access_token",),
    {},
)  # fmt: skip

MAILCHIMP = Vendor(
    "mailchimp",
    "members",
    FieldSpec("members", "SL_SCORE", "Lead score", "integer"),
    {"audience": "Brightloom News", "merge_fields": {"FNAME": _NAMED["first"], "TITLE": _NAMED["title"]}},
    lambda n: 2 + n // 1000 + 1 + 1,
    lambda m: ceil(m / 500),
    ("api_key",),
    {"audiences": ["Brightloom News"]},
)

VENDORS = {vendor.name: vendor for vendor in (SALESFORCE, HUBSPOT, MAILCHIMP)}

#: What is held against a bare loop: JSON pages only, with and without HubSpot's subscription statuses.
JSON_READERS = {
    "salesforce": replace(SALESFORCE, settings={"bulk_read_from": 10**9}),
    "hubspot": HUBSPOT,
    "hubspot without subscriptions": replace(HUBSPOT, settings={"subscriptions": False}),
    "mailchimp": MAILCHIMP,
}


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

    def prepare(self, vendor: Vendor, count: int) -> None:
        """So many people, and the field to write."""
        self.do(vendor.name, "create_many", **vendor.crowd, count=count)
        connector = opened(vendor, self.addresses, Meter())
        connector.create_fields([vendor.field])
        connector.close()


def opened(vendor: Vendor, addresses: Mapping[str, Any], meter: Meter) -> Connector:
    """A connector to a served sandbox that reads the vendor's people and nothing else."""
    address = addresses[vendor.name]
    given = {
        "url": address["url"],
        # the sandbox carries out a job of a million rows before it answers
        "policy": {"read_timeout_s": 600},
        **{key: address[key] for key in vendor.credentials},
        **vendor.settings,
    }
    connections = TypeAdapter(Connections).validate_python({vendor.name: given})
    connector = open_connector(
        vendor.name,
        connections.present()[vendor.name],
        clock=FixedClock(NOW),
        meter=meter,
        observe={vendor.field.object: [vendor.field.name]},
        lists=[],
        sleep=lambda _seconds: None,
    )
    streams = tuple(one for one in connector.capabilities.streams if one.name == vendor.stream)
    connector.capabilities = replace(connector.capabilities, streams=streams)
    return connector
