"""What reading Salesforce costs this machine, beside a bare loop over the same pages."""

import json
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter

from connectors.base import Window
from connectors.salesforce.connector import SalesforceConnector
from tests.contract.salesforce_harness import SalesforceHarness

_PAGES, _ROWS = 10, 2000


class Canned(BaseAdapter):
    """Answers every request with the next of the pages, from memory."""

    def __init__(self, bodies: list[bytes]) -> None:
        super().__init__()
        self._bodies = iter(bodies)

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # the options do not matter here
        answer = requests.Response()
        answer.status_code = 200
        answer.headers["Content-Type"] = "application/json;charset=UTF-8"
        answer.request, answer.url = request, str(request.url)
        answer._content = next(self._bodies)
        return answer

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def harness() -> Iterator[SalesforceHarness]:
    made = SalesforceHarness()
    yield made
    made.close()


def recorded(harness: SalesforceHarness, connector: SalesforceConnector) -> list[bytes]:
    """The pages of one reading, as the sandbox sent them."""
    seen: list[bytes] = []
    session = connector._client._session
    observe = session._on_response
    assert observe is not None

    def remember(response: requests.Response) -> None:
        if "/queryAll" in str(response.url):
            seen.append(response.content)
        observe(response)

    session._on_response = remember
    read(harness, connector)
    session._on_response = observe
    return seen


def read(harness: SalesforceHarness, connector: SalesforceConnector) -> int:
    stream = next(one for one in connector.capabilities.streams if one.name == "leads")
    return sum(page.records for page in connector.pull(stream, Window(None, harness.now()), None))


def bare(session: requests.Session) -> int:
    rows, done = 0, False
    while not done:
        answer: Mapping[str, Any] = session.get("http://127.0.0.1/page").json()
        rows, done = rows + len(answer["records"]), answer["done"]
    return rows


def test_reading_takes_at_most_twice_the_cpu_of_a_bare_loop(harness: SalesforceHarness) -> None:
    values = {"FirstName": "Ana", "LastName": "Person {n}", "Company": "Acme", "Email": "p{n}@acme.test"}
    further = {"Title": "Director of Sales", "Phone": "+34 600 {n}", "City": "Madrid", "Country": "Spain"}
    harness.do("create_many", object="Lead", count=_PAGES * _ROWS, values={**values, **further})
    connector = harness.connector(bulk_read_from=10**9)
    connector.create_fields([harness.text_field, harness.number_field])
    bodies = recorded(harness, connector)
    assert sum(len(json.loads(body)["records"]) for body in bodies) == _PAGES * _ROWS
    ratios = []
    for _ in range(5):
        loop = requests.Session()
        loop.mount("http://", Canned(bodies))
        started = time.process_time()
        bare(loop)
        bare_s = time.process_time() - started
        connector._client._session.mount("http://", Canned(bodies))
        started = time.process_time()
        read(harness, connector)
        ratios.append((time.process_time() - started) / bare_s)
    assert min(ratios) <= 2, ratios  # other work on the machine can only add
