"""Our fields, as each vendor names and types them."""

import pytest

from connectors.base import Capabilities
from core.errors import ConfigError
from sync.fields import read_back, typed, vendor_fields
from sync.settings import Settings

SETTINGS = Settings.model_validate({
    "models": ["m.yaml"],
    "fields": [
        {"name": "score", "value": "score", "kind": "integer", "label": "Score"},
        {"name": "account_score", "value": "account_score", "kind": "integer", "label": "Account score"},
        {"name": "account_stage", "value": "account_stage", "kind": "text", "label": "Account stage"},
        {"name": "details", "value": "details", "kind": "long_text", "label": "Details",
         "vendors": ["salesforce"]},
        {"name": "loyalty", "value": "score", "kind": "integer", "label": "Loyalty", "model": "loyal"},
    ],
    "account_fields": [{"name": "score", "value": "score", "kind": "integer", "label": "Score"}],
})  # fmt: skip
MODELS = ("demand", "loyal")


@pytest.mark.parametrize(
    ("vendor", "kinds", "names"),
    [
        ("salesforce", Capabilities((), ("Lead",)), [
            "Scoreline_Score__c", "Scoreline_Account_Score__c", "Scoreline_Account_Stage__c",
            "Scoreline_Details__c", "Scoreline_Loyal_Loyalty__c",
        ]),
        ("hubspot", Capabilities((), ("contacts",)), [
            "scoreline_score", "scoreline_account_score", "scoreline_account_stage",
            "scoreline_loyal_loyalty",
        ]),
        ("mailchimp", Capabilities((), ("members",)), ["SL_SCORE", "SL_ACCOUNT", "SL_ACCOUN2", "SL_LOYAL_L"]),
    ],
)  # fmt: skip
def test_names_follow_the_vendors_rules(vendor: str, kinds: Capabilities, names: list[str]) -> None:
    assert [own.name for own in vendor_fields(SETTINGS, vendor, kinds, MODELS)] == names


def test_company_fields_stand_on_company_objects() -> None:
    kinds = Capabilities((), ("Lead", "Contact"), ("Account",))
    fields = vendor_fields(SETTINGS, "salesforce", kinds, MODELS)
    assert read_back(fields)["Account"] == ("Scoreline_Score__c",)
    assert read_back(fields)["Lead"] == read_back(fields)["Contact"]
    assert fields[-1].spec.kind == "integer"


def test_a_vendor_that_is_only_read_has_none_of_our_fields() -> None:
    folder = Capabilities((), ("contacts",), writes=False)
    assert vendor_fields(SETTINGS, "files", folder, MODELS) == ()


def test_field_of_an_unknown_model_is_refused() -> None:
    with pytest.raises(ConfigError, match="loyal"):
        vendor_fields(SETTINGS, "hubspot", Capabilities((), ("contacts",)), ("demand",))


def test_canonical_text_becomes_the_vendors_type() -> None:
    assert (typed("integer", "64"), typed("number", "1.50")) == (64, 1.5)
    assert (typed("boolean", "true"), typed("boolean", "false")) == (True, False)
    assert (typed("text", "A4"), typed("integer", None)) == ("A4", None)
