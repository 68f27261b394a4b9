"""Reading and writing cost what docs/calls.md says, and no more."""

from collections.abc import Callable
from math import ceil
from typing import Any

import pytest

from connectors.base import Connector, Window
from core.changes import Done, Ref, SetFields
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import AUDIENCE, MailchimpHarness


def spent(harness: Any, deed: Callable[[], object]) -> int:
    before = harness.meter.count()
    deed()
    return int(harness.meter.count() - before)


def pull(harness: Any, connector: Connector) -> list[Ref]:
    """Everyone, as the references that writes use."""
    stream = next(one for one in connector.capabilities.streams if one.name == harness.people_stream)
    return [
        Ref(row["vendor"], row["object"], row["record_id"], row["email"])
        for page in connector.pull(stream, Window(None, harness.now()), None)
        for row in page.tables["person_records"].to_pylist()
    ]


@pytest.mark.parametrize("count", [100, 10_000])
def test_hubspot(count: int) -> None:
    harness = HubSpotHarness()
    try:
        properties = {"email": "p{n}@acme-looms.com"}
        harness.do("create_many", object="contacts", count=count, properties=properties)
        connector = harness.connector(access_token=harness.address["access_token"])
        connector.create_fields([harness.number_field])
        refs: list[Ref] = []
        read = spent(harness, lambda: refs.extend(pull(harness, connector)))
        assert len(refs) == count
        assert read <= 1.05 * (1 + ceil(count / 200) + ceil(count / 100) + 1)
        changes = [SetFields(ref, {"scoreline_score": 64}) for ref in refs]
        outcomes: list[object] = []
        assert spent(harness, lambda: outcomes.extend(connector.push(changes))) == ceil(count / 100)
        assert all(isinstance(one, Done) for one in outcomes)
    finally:
        harness.close()


def test_hubspot_deals_are_asked_for_their_company_and_people_a_thousand_at_once() -> None:
    harness = HubSpotHarness()
    try:
        harness.do("create_many", object="deals", count=1200, properties={"dealname": "Deal {n}"})
        connector = harness.connector(access_token=harness.address["access_token"])
        (stream,) = (one for one in connector.capabilities.streams if one.name == "deals")
        pages = connector.pull(stream, Window(None, harness.now()), None)
        assert spent(harness, lambda: list(pages)) == 1 + ceil(1200 / 200) + 2 * ceil(1200 / 1000) + 1
    finally:
        harness.close()


@pytest.mark.parametrize("count", [100, 10_000])
def test_mailchimp(count: int) -> None:
    harness = MailchimpHarness()
    try:
        harness.do("create_many", audience=AUDIENCE, count=count)
        connector = harness.connector()
        connector.create_fields([harness.number_field])
        refs: list[Ref] = []
        read = spent(harness, lambda: refs.extend(pull(harness, connector)))
        assert len(refs) == count
        assert read <= 1.05 * (1 + 1 + count // 1000 + 1 + 1)
        changes = [SetFields(ref, {"SL_SCORE": 64}) for ref in refs]
        outcomes: list[object] = []
        assert spent(harness, lambda: outcomes.extend(connector.push(changes))) == ceil(count / 500)
        assert all(isinstance(one, Done) for one in outcomes)
    finally:
        harness.close()
