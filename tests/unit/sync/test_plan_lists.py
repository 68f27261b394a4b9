"""Who is put on which list, who is taken off, and who is held back."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from connectors.hubspot.connection import HubSpotConnection
from core.changes import SetMembership, Withheld
from sync import printing
from sync.planning.lists import Forsaken
from sync.settings import Connections, ListSetting
from tests.unit.sync.house import Died, House, call_task, dying_at, nurture


@pytest.fixture
def house(tmp_path: Path) -> House:
    """After its first, quiet run; nobody scored high enough yet."""
    built = House(tmp_path, fields=(), lists=(nurture(),))
    for name in ("ann", "bob"):
        built.person(name, f"mailchimp:members:{name}")
        built.score(name, 10)
    built.sync()
    return built


def test_people_enter_at_one_score_and_stay_down_to_another(house: House) -> None:
    for score in (55, 35):
        house.score("ann", score)
        house.sync()
    assert house.listed() == [("ann", True)]
    house.score("ann", 29)
    house.sync()
    assert house.listed() == [("ann", True), ("ann", False)]


def test_membership_carries_what_the_vendor_needs(house: House) -> None:
    house.score("ann", 55)
    house.sync()
    change = house.vendors["mailchimp"].received[0]
    assert isinstance(change, SetMembership)
    assert (change.ref.address, change.list_id, change.list_name, change.channel) == (
        "ann@example.com", "id:nurture", "nurture", "email",
    )  # fmt: skip


@pytest.mark.parametrize(
    "consent", ["unsubscribed", "cleaned", "archived", "pending", "none", "erased", None]
)
def test_nobody_without_consent_is_added_and_plan_counts_them(house: House, consent: str | None) -> None:
    house.person("eve", "mailchimp:members:eve", consent=consent)
    house.score("eve", 90)
    plan = house.plan()
    assert plan.changes == ()
    assert plan.withheld == {f"consent {consent or 'unknown'}": 1}


def test_nobody_joins_while_a_vendors_consent_is_unread_and_nobody_leaves_for_it(house: House) -> None:
    house.score("ann", 55)
    house.sync()
    house.score("bob", 55)
    plan = house.plan(unread=("hubspot",))
    assert plan.changes == ()
    assert plan.withheld == {"consent unread": 1}
    house.score("ann", 10)
    assert [planned.contact_id for planned in house.plan(unread=("hubspot",)).changes] == ["ann"]


def test_list_that_asks_for_no_consent_does_not_wait_for_it(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(channel="none"),))
    house.person("ann", "mailchimp:members:ann")
    house.score("ann", 55)
    assert len(house.plan(unread=("hubspot",)).changes) == 1


def test_who_withdraws_consent_is_taken_off(house: House) -> None:
    house.score("ann", 55)
    house.sync()
    house.say("update consents set status = 'unsubscribed' where contact_id = 'ann'")
    house.sync()
    assert house.listed() == [("ann", True), ("ann", False)]


def test_list_without_a_channel_asks_for_no_consent(tmp_path: Path) -> None:
    own = nurture(name="Ready", channel="none", targets={"hubspot": {"list": "ready"}})
    house = House(tmp_path, fields=(), lists=(own,))
    house.person("ann", "hubspot:contacts:H1", consent=None)
    house.score("ann", 60)
    house.sync()
    assert house.listed("hubspot") == [("H1", True)]


def test_what_the_vendor_withholds_is_not_tried_again_before_the_record_is_read(house: House) -> None:
    house.vendors["mailchimp"].answer = lambda change: Withheld(change, "unsubscribed")
    house.score("ann", 55)
    house.sync()
    house.quiet()
    plan = house.plan()
    assert (plan.changes, plan.withheld) == ((), {"withheld": 1})
    house.observe("mailchimp:members:ann", "list:nurture", None)
    assert len(house.plan().changes) == 1


def test_first_run_of_an_email_list_is_quiet_for_those_it_finds(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(),))
    house.person("ann", "mailchimp:members:ann")
    house.score("ann", 60)
    plan = house.plan()
    assert (plan.changes, plan.withheld, plan.quiet) == ((), {"baseline": 1}, ("Nurture",))
    house.sync()
    house.person("bob", "mailchimp:members:bob")
    house.score("bob", 60)
    house.sync()
    assert house.listed() == [("bob", True)], "the next to enter are added, the first ones never are"


def test_who_was_found_by_the_quiet_run_is_added_when_entering_anew(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(),))
    house.person("ann", "mailchimp:members:ann")
    for score in (60, 20, 60):
        house.score("ann", score)
        house.sync()
    assert house.listed() == [("ann", True)]


def test_fire_starts_what_the_quiet_run_only_noted(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(),))
    house.person("ann", "mailchimp:members:ann")
    house.score("ann", 60)
    house.sync()
    house.sync(fire=True)
    house.sync()
    assert house.listed() == [("ann", True)]


def test_fire_on_the_first_run_lists_at_once(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(),))
    house.person("ann", "mailchimp:members:ann")
    house.score("ann", 60)
    house.sync(fire=True)
    assert house.listed() == [("ann", True)]


@pytest.mark.parametrize("change", ["model", "list"])
def test_changed_model_or_list_is_quiet_again(house: House, change: str) -> None:
    house.score("ann", 55)
    house.sync()
    if change == "model":
        house.models = [type(house.models[0])("demand", "h2")]
    else:
        house.settings = house.settings.model_copy(update={"lists": (nurture(when="score >= 40"),)})
    house.quiet()
    house.score("bob", 60)
    house.sync()
    assert house.listed() == [], "ann stays, bob is only noted"
    assert house.plan().withheld == {"baseline": 1}


def test_a_run_that_died_after_freezing_has_had_its_quiet_run(tmp_path: Path) -> None:
    house = House(tmp_path, fields=(), lists=(nurture(),), tasks=(call_task(),))
    house.person("ann", "mailchimp:members:ann", "salesforce:Lead:L1")
    house.score("ann", 60, "SQL")
    with dying_at("apply.after_freeze"), pytest.raises(Died):
        house.sync()
    house.sync()
    assert house.listed() == []
    assert house.tasks() == []


def _with(house: House, *lists: ListSetting) -> None:
    house.settings = house.settings.model_copy(update={"lists": lists})


def test_whoever_is_on_a_list_that_is_not_configured_any_more_stays_and_the_plan_says_so(
    house: House,
) -> None:
    house.score("ann", 55)
    house.sync()
    assert house.plan().forsaken == ()
    _with(house, nurture(targets={"mailchimp": {"tag": "another"}}))
    plan = house.plan()
    assert [change for change in plan.changes if change.change.ref.record_id == "ann"] == []
    assert plan.forsaken == (Forsaken("mailchimp", "nurture", 1),)
    text = printing.plan(printing.plan_result(plan))
    assert (
        "'nurture' in mailchimp, a list of ours that the configuration no longer names, still has members (1)"
        in text
    )


def test_everybody_leaves_a_list_for_nobody(house: House) -> None:
    house.score("ann", 55)
    house.sync()
    _with(house, nurture(when="false", stay=None))
    house.sync()
    assert house.listed() == [("ann", True), ("ann", False)]
    _with(house)
    assert house.plan().forsaken == ()


def test_only_records_within_a_lists_audience_are_put_on_it(house: House) -> None:
    house.within = "bo"
    for name in ("ann", "bob"):
        house.score(name, 55)
    house.sync()
    assert house.listed() == [("bob", True)]


def test_list_stays_quiet_until_every_vendor_that_carries_it_was_reached(tmp_path: Path) -> None:
    own = nurture(targets={"mailchimp": {"tag": "nurture"}, "hubspot": {"list": "nurture"}})
    connections = Connections(hubspot=HubSpotConnection(access_token=SecretStr("pat-none")))
    house = House(tmp_path, fields=(), lists=(own,), connections=connections)
    house.person("ann", "mailchimp:members:ann", "hubspot:contacts:H1")
    house.score("ann", 60)
    hubspot = house.vendors.pop("hubspot")
    house.sync()
    house.vendors["hubspot"] = hubspot
    house.sync()
    assert house.listed("hubspot") == house.listed() == []
    assert house.plan().quiet == ()
