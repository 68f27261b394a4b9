"""Connectors by name, and what their settings accept."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from connectors.mailchimp.connection import MailchimpConnection
from connectors.registry import capabilities, open_connector
from connectors.salesforce.connection import SalesforceConnection
from core.clock import SystemClock
from core.errors import ConfigError
from core.tables import PULLED
from tests.fakes import FakeMeter

_URL = "https://acme.my.salesforce.com"


def test_an_unknown_vendor_is_named_with_the_known_ones() -> None:
    with pytest.raises(ConfigError, match="salesforce, hubspot"):
        open_connector("pipedrive", None, clock=SystemClock(), meter=FakeMeter(), observe={}, lists=[])


def test_settings_of_another_vendor_are_refused() -> None:
    with pytest.raises(ConfigError, match="Salesforce"):
        open_connector("salesforce", None, clock=SystemClock(), meter=FakeMeter(), observe={}, lists=[])


@pytest.mark.parametrize("vendor", ["salesforce", "hubspot", "mailchimp", "files"])
def test_every_vendor_says_what_it_can_do_without_a_connection(vendor: str) -> None:
    able = capabilities(vendor)
    assert able.streams
    assert able.person_objects
    assert all(table in PULLED for stream in able.streams for table in stream.tables)


def test_no_sdk_is_imported_before_a_vendor_is_opened() -> None:
    code = (
        "import sys, connectors.registry, connectors.files.connection, connectors.salesforce.connection\n"
        "print({'simple_salesforce', 'hubspot', 'mailchimp_marketing'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert shown.strip() == "set()"


def test_secrets_stay_out_of_what_settings_print() -> None:
    connection = SalesforceConnection.model_validate({"url": _URL, "consumer_secret": "canary-5ecret"})
    assert "canary" not in f"{connection!r} {connection}"
    assert connection.secrets() == ("canary-5ecret",)


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, ("CONSUMER_KEY", "CONSUMER_SECRET")),
        ({"consumer_key": "k", "consumer_secret": "s"}, ()),
        ({"auth": "jwt", "consumer_key": "k"}, ("USERNAME", "PRIVATE_KEY")),
    ],
)
def test_missing_credentials_are_named_as_variables(
    settings: dict[str, str], missing: tuple[str, ...]
) -> None:
    connection = SalesforceConnection.model_validate({"url": _URL, **settings})
    assert connection.missing_credentials() == tuple(f"SCORELINE_SALESFORCE_{name}" for name in missing)


def test_opening_without_credentials_says_which_to_set() -> None:
    connector = open_connector(
        "salesforce",
        SalesforceConnection(url=_URL),
        clock=SystemClock(),
        meter=FakeMeter(),
        observe={},
        lists=[],
    )
    (item,) = connector.check().items
    assert not item.ok
    assert "SCORELINE_SALESFORCE_CONSUMER_KEY" in item.detail


@pytest.mark.parametrize(
    "settings",
    [
        {"url": "http://acme.my.salesforce.com"},
        {"url": "acme"},
        {"url": _URL, "version": "v66"},
        {"url": _URL, "map": {"Leads": {"title": "Title"}}},
        {"url": _URL, "consumer_keys": "k"},
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SalesforceConnection.model_validate(settings)


def test_settings_of_what_is_read_are_told_from_others() -> None:
    plain = SalesforceConnection(url=_URL)
    mapped = plain.model_copy(update={"map": {"Lead": {"title": "Role__c"}}})
    assert plain.reading() != mapped.reading()
    others = plain.model_copy(update={"url": "https://x.test", "bulk_from": 300, "skip": ("cases",)})
    assert plain.reading() == others.reading()
    mailchimp = MailchimpConnection(url="https://us1.api.mailchimp.com/3.0")
    assert mailchimp.reading() != mailchimp.model_copy(update={"audiences": ("News",)}).reading()
    assert mailchimp.reading() == MailchimpConnection(url="https://us1.api.mailchimp.com/3.0").reading()
