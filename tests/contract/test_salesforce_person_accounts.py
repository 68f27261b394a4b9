"""Orgs where a person can be an account: one person, kept as an account and a contact."""

from collections.abc import Iterator

import pytest

from connectors.base import Window
from core.changes import Done, Ref, SetFields
from sandbox.salesforce.fields import Field
from tests.contract.salesforce_harness import SalesforceHarness


@pytest.fixture
def harness() -> Iterator[SalesforceHarness]:
    """An org with the fields that enabling person accounts adds, and one of ours on contacts."""
    made = SalesforceHarness()
    schema = made.app.org.schema
    for name in ("Account", "Contact"):
        schema.get(name).put(Field("IsPersonAccount", "boolean", "Is Person Account", defaulted=True))
    ours = Field("Rating__pc", "string", "Rating", length=20, nillable=True, createable=True, updateable=True)
    schema.get("Account").put(ours)
    made.do(
        "create_field",
        object="Contact",
        field="Rating__c",
        metadata={"label": "Rating", "type": "Text", "length": 20},
    )
    yield made
    made.close()


def people(harness: SalesforceHarness) -> tuple[str, str, str]:
    """``(contact of a person account, its account, contact of a company)``."""
    person = {"Name": "Ana Ruiz", "IsPersonAccount": True}
    account = harness.do("create_many", object="Account", records=[person])["ids"][0]
    company = harness.do("create_many", object="Account", records=[{"Name": "Acme"}])["ids"][0]
    rows = [
        {"LastName": "Ruiz", "AccountId": account, "IsPersonAccount": True},
        {"LastName": "Li", "AccountId": company, "IsPersonAccount": False},
    ]
    first, second = harness.do("create_many", object="Contact", records=rows)["ids"]
    return first, account, second


def test_a_person_account_is_a_person_and_no_company(harness: SalesforceHarness) -> None:
    person, account, _ = people(harness)
    connector = harness.connector()
    streams = {stream.name: stream for stream in connector.capabilities.streams}
    everything = Window(None, harness.now())
    (page,) = connector.pull(streams["accounts"], everything, None)
    assert account not in page.tables["company_records"].column("record_id").to_pylist()
    (page,) = connector.pull(streams["contacts"], everything, None)
    rows = {row["record_id"]: row for row in page.tables["person_records"].to_pylist()}
    assert rows[person]["company_record_id"] is None
    assert len(rows) == 2
    assert [row["company_record_id"] is None for row in rows.values()].count(False) == 1


@pytest.mark.parametrize("bulk_from", [200, 2000])
def test_its_fields_are_written_through_the_account(harness: SalesforceHarness, bulk_from: int) -> None:
    person, account, contact = people(harness)
    changes = [SetFields(Ref("salesforce", "Contact", one), {"Rating__c": "A4"}) for one in (person, contact)]
    outcomes = harness.connector(bulk_from=bulk_from).push(changes)
    assert [(type(outcome), outcome.change) for outcome in outcomes] == [(Done, change) for change in changes]
    assert harness.held(Ref("salesforce", "Account", account), "Rating__pc") == "A4"
    assert harness.held(changes[0].ref, "Rating__c") is None
    assert harness.held(changes[1].ref, "Rating__c") == "A4"
