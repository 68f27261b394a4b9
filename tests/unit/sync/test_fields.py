"""Our fields, as each vendor names and types them."""

import re
from pathlib import Path

import pytest

from connectors.base import Capabilities
from core.errors import ConfigError
from sync.configuration import load_settings
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
        ("mailchimp", Capabilities((), ("members",)), ["SL_SCORE", "SL_ACCVNCV", "SL_ACCX54C", "SL_LOYVPR5"]),
    ],
)  # fmt: skip
def test_names_follow_the_vendors_rules(vendor: str, kinds: Capabilities, names: list[str]) -> None:
    assert [own.name for own in vendor_fields(SETTINGS, vendor, kinds, MODELS)] == names


def test_a_merge_tag_is_the_same_whatever_other_fields_there_are() -> None:
    kinds = Capabilities((), ("members",))
    tags = {own.setting.name: own.name for own in vendor_fields(SETTINGS, "mailchimp", kinds, MODELS)}
    for left_out in SETTINGS.fields:
        fewer = [field for field in reversed(SETTINGS.fields) if field != left_out]
        others = vendor_fields(SETTINGS.model_copy(update={"fields": fewer}), "mailchimp", kinds, MODELS)
        assert {own.setting.name: own.name for own in others}.items() <= tags.items()


def test_long_names_are_told_apart_in_the_characters_of_a_merge_tag() -> None:
    fields = [SETTINGS.fields[0].model_copy(update={"name": f"account_{number}"}) for number in range(50)]
    settings = SETTINGS.model_copy(update={"fields": fields})
    tags = {own.name for own in vendor_fields(settings, "mailchimp", Capabilities((), ("members",)), MODELS)}
    assert len(tags) == 50
    assert all(re.fullmatch(r"SL_[A-Z0-9_]{7}", tag) for tag in tags)


def test_the_fields_of_the_default_configuration_keep_their_names_in_merge_tags() -> None:
    settings = load_settings(Path(__file__).parents[3] / "config" / "scoreline.yaml")
    fields = vendor_fields(settings, "mailchimp", Capabilities((), ("members",)), MODELS)
    assert "account" in {own.setting.name for own in fields}
    assert all(own.name == f"SL_{own.setting.name.upper()}" for own in fields)


@pytest.mark.parametrize("vendor", ["salesforce", "hubspot", "mailchimp"])
def test_two_fields_of_one_name_in_a_vendor_are_refused(vendor: str) -> None:
    other = SETTINGS.fields[0].model_copy(update={"name": "loyal_loyalty"})
    settings = SETTINGS.model_copy(update={"fields": (*SETTINGS.fields, other)})
    with pytest.raises(ConfigError, match="'loyalty' and 'loyal_loyalty'"):
        vendor_fields(settings, vendor, Capabilities((), ("people",)), MODELS)


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
