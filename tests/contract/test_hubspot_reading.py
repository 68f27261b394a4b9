"""What HubSpot's streams bring in, and what they survive."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from connectors.base import Connector, Window
from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.connector import open_connector
from core.errors import ConnectorError, QuotaExhausted, SchemaDrift, TransientError
from sandbox.clock import Clock
from sandbox.hubspot.app import HubSpotApp
from sandbox.hubspot.limits import HubSpotLimits
from sandbox.server import Sandbox
from tests.contract import described
from tests.contract.hubspot_harness import HubSpotHarness, SandboxClock
from tests.contract.witness import Witnessed
from tests.fakes import FakeMeter, FakeSleep


@pytest.fixture
def harness() -> Iterator[HubSpotHarness]:
    made = HubSpotHarness()
    yield made
    made.close()


def read(connector: Connector, name: str, window: Window) -> dict[str, pa.Table]:
    stream = next(one for one in connector.capabilities.streams if one.name == name)
    found: dict[str, list[pa.Table]] = {}
    for page in connector.pull(stream, window, None):
        for table, rows in page.tables.items():
            found.setdefault(table, []).append(rows)
    return {table: pa.concat_tables(rows) for table, rows in found.items()}


def contacts(harness: HubSpotHarness, since: datetime | None = None) -> dict[str, dict[str, Any]]:
    rows = read(harness.connector(), "contacts", Window(since, harness.now()))["person_records"]
    return {row["record_id"]: row for row in rows.to_pylist()}


def test_merged_contacts_point_to_the_survivor(harness: HubSpotHarness) -> None:
    one, other = harness.add_people(2)
    harness.pass_time(60)
    survivor = harness.do("merge", object="contacts", primary=one.record_id, other=other.record_id)["id"]
    rows = contacts(harness, harness.now())
    assert survivor not in {one.record_id, other.record_id}
    assert rows[survivor]["state"] == "live"
    for old in (one, other):
        assert rows[old.record_id]["state"] == "merged"
        assert rows[old.record_id]["successor"] == f"hubspot:contacts:{survivor}"


def test_mail_to_an_address_of_before_a_merge_stays_the_persons(harness: HubSpotHarness) -> None:
    people = [ref.record_id for ref in harness.add_people(3)]
    survivor = people[0]
    for other in people[1:]:
        survivor = harness.do("merge", object="contacts", primary=survivor, other=other)["id"]
    rows = contacts(harness)
    assert rows[survivor]["email"] == "p0@acme-looms.com"
    assert {row["email"] for row in rows.values() if row["successor"] == f"hubspot:contacts:{survivor}"} >= {
        "p1@acme-looms.com",
        "p2@acme-looms.com",
    }
    assert {row["state"] for row in rows.values() if row["record_id"] != survivor} == {"merged"}


def test_an_address_added_without_a_merge_is_the_persons_too(harness: HubSpotHarness) -> None:
    properties = {"email": "ann@acme-looms.com", "hs_additional_emails": "ann@home.org;a@home.org"}
    made = harness.do("create", object="contacts", properties=properties)["id"]
    further = {row["email"]: row["successor"] for row in contacts(harness).values() if row["successor"]}
    assert further == dict.fromkeys(("ann@home.org", "a@home.org"), f"hubspot:contacts:{made}")


def test_a_restored_contact_is_read_as_live_again(harness: HubSpotHarness) -> None:
    (ref,) = harness.add_people(1)
    harness.pass_time(60)
    harness.delete(ref)
    assert contacts(harness, harness.now())[ref.record_id]["state"] == "deleted"
    harness.pass_time(60)
    harness.do("restore", object="contacts", id=ref.record_id)
    assert contacts(harness, harness.now())[ref.record_id]["state"] == "live"


def test_what_came_before_a_failure_is_kept(harness: HubSpotHarness) -> None:
    harness.small_pages()
    people = harness.add_people(15)
    harness.script({"status": 503}, path=harness.read_path, nth=2)
    connector = harness.connector(policy={"attempts": 1})
    pages = connector.pull(connector.capabilities.streams[0], Window(None, harness.now()), None)
    assert next(pages).tables["person_records"].num_rows == 10
    with pytest.raises(TransientError):
        next(pages)
    assert len(contacts(harness)) == len(people)


def test_links_to_salesforce_use_long_ids(harness: HubSpotHarness) -> None:
    properties = {
        "lastname": "Li",
        "salesforcecontactid": "003A0000001BcDe",
        "salesforceleadid": "00Q000000000001AAA",
    }
    made = harness.do("create", object="contacts", properties=properties)
    row = contacts(harness)[made["id"]]
    assert row["linked_to"] == "salesforce:Contact:003A0000001BcDeIAK;salesforce:Lead:00Q000000000001AAA"


def test_consent_is_what_the_subscriptions_say(harness: HubSpotHarness) -> None:
    yes, no, never = harness.add_people(3)
    harness.do("unsubscribe", email=no.address)
    harness.app.portal.preferences.forget(str(never.address))
    tables = read(harness.connector(), "contacts", Window(None, harness.now()))
    statuses = {row["record_id"]: row["status"] for row in tables["consent_records"].to_pylist()}
    assert statuses == {yes.record_id: "subscribed", no.record_id: "unsubscribed", never.record_id: "none"}


def test_who_opted_out_and_was_deleted_before_the_next_reading_has_opted_out(harness: HubSpotHarness) -> None:
    out, other = harness.add_people(2)
    harness.do("edit", id=out.record_id, properties={"hs_email_optout": "true"})
    for ref in (out, other):
        harness.delete(ref)
    tables = read(harness.connector(), "contacts", Window(None, harness.now()))
    statuses = {row["record_id"]: row["status"] for row in tables["consent_records"].to_pylist()}
    assert statuses == {out.record_id: "unsubscribed"}


def test_leaving_one_subscription_is_not_consent(harness: HubSpotHarness) -> None:
    (ref,) = harness.add_people(1)
    standing = harness.app.portal.preferences.change(str(ref.address))
    standing.said[10000001] = ("UNSUBSCRIBED", 0, None, None)
    tables = read(harness.connector(), "contacts", Window(None, harness.now()))
    assert tables["consent_records"].column("status").to_pylist() == ["unsubscribed"]


def test_configured_attributes_keep_their_types(harness: HubSpotHarness) -> None:
    harness.do("create_property", object="contacts", name="seats", type="number", field_type="number")
    harness.do(
        "create",
        object="contacts",
        properties={"lastname": "Ng", "seats": "40", "industry": "Ads \U0001f9f6"},
    )
    attributes = {"contacts": {"seats": "seats", "branch": "industry"}}
    rows = read(harness.connector(attributes=attributes), "contacts", Window(None, harness.now()))[
        "person_records"
    ]
    assert rows.column("attributes").to_pylist() == ['{"seats": 40, "branch": "Ads \U0001f9f6"}']


def test_a_mapped_property_of_another_type_stops_the_stream(harness: HubSpotHarness) -> None:
    harness.do("retype_property", object="companies", name="numberofemployees", type="string")
    with pytest.raises(SchemaDrift, match=r"numberofemployees.*string, not number"):
        read(harness.connector(), "companies", Window(None, harness.now()))


def test_search_that_lags_loses_nothing_inside_the_window(harness: HubSpotHarness) -> None:
    connector = harness.connector()
    stream = next(one for one in connector.capabilities.streams if one.name == "contacts")
    harness.do("set_limits", search_lag_s=stream.lag_s)
    refs = harness.add_people(3)
    written_at = harness.now()
    harness.pass_time(stream.lag_s)
    assert set(contacts(harness)) == {ref.record_id for ref in refs}
    assert harness.now() - timedelta(seconds=stream.lag_s) >= written_at


def test_a_spent_day_is_parked_until_the_account_s_midnight(harness: HubSpotHarness) -> None:
    connector = harness.connector()
    connector.check()
    harness.script({"preset": "hubspot.daily"}, path=harness.read_path)
    before = len(harness.requests())
    with pytest.raises(QuotaExhausted) as raised:
        read(connector, "contacts", Window(None, harness.now()))
    assert raised.value.resets_at == datetime(2026, 11, 23, 5, tzinfo=UTC)  # New York
    assert [one["status"] for one in harness.requests()[before:]].count(429) == 1


@pytest.mark.parametrize(("status", "headers", "waited"), [(423, {}, 2), (477, {"Retry-After": "5"}, 5)])
def test_locks_and_migrations_are_waited_out(
    harness: HubSpotHarness, status: int, headers: dict[str, str], waited: float
) -> None:
    harness.add_people(1)
    harness.script({"status": status, "headers": headers, "body": ""}, path=harness.read_path, times=1)
    assert len(contacts(harness)) == 1
    assert waited in harness.sleep.slept


@pytest.mark.parametrize("length", [1, 60, 200, 400])
def test_a_clean_looking_cut_is_read_again(harness: HubSpotHarness, length: int) -> None:
    harness.add_people(3)
    harness.script({"cut_after_bytes": length, "unframed": True}, path=harness.read_path, times=1)
    assert len(contacts(harness)) == 3


def test_a_redirect_is_refused_and_gets_no_token(harness: HubSpotHarness) -> None:
    harness.script({"preset": "any.redirect"}, path=harness.read_path)
    with pytest.raises(ConnectorError, match=r"redirects to elsewhere\.invalid") as raised:
        contacts(harness)
    assert raised.value.vendor == "hubspot"


def test_a_plan_without_events_is_named_and_can_be_skipped(harness: HubSpotHarness) -> None:
    harness.do("set_limits", tier="starter")
    window = Window(None, harness.now())
    with pytest.raises(SchemaDrift) as raised:
        read(harness.connector(), "analytics_events", window)
    assert raised.value.remedy
    bad = [item for item in harness.connector().check().items if not item.ok]
    assert {item.name for item in bad} == {"read analytics_events", "read feedback"}
    assert all("skip" in item.remedy for item in bad)
    connector = harness.connector(skip=["analytics_events", "feedback"])
    assert connector.check().ok
    assert not {"analytics_events", "feedback"} & {stream.name for stream in connector.capabilities.streams}


def test_a_counter_stands_in_for_page_views_the_plan_does_not_list(harness: HubSpotHarness) -> None:
    (ref,) = harness.add_people(1)

    def views(total: int) -> datetime:
        harness.do("edit", id=ref.record_id, properties={"hs_analytics_num_page_views": str(total)})
        return harness.now().replace(tzinfo=None)

    def seen(since: datetime | None) -> dict[str, Any]:
        connector = harness.connector(skip=["analytics_events"])
        rows = read(connector, "counters", Window(since, harness.now()))["activity_records"].to_pylist()
        assert {(row["type"], row["origin"]) for row in rows} <= {("page_view", "approximate")}
        return {row["activity_id"]: row["occurred_at"] for row in rows}

    harness.pass_time(60)
    first_at = views(3)
    assert list(seen(None).values()) == [first_at] * 3
    harness.pass_time(86_400)
    second_at = views(5)
    later = seen(harness.now() - timedelta(hours=1))
    assert list(later.values()) == [second_at] * 2
    assert len(seen(None)) == 5
    assert later.items() <= seen(None).items()
    assert "counters" not in {stream.name for stream in harness.connector().capabilities.streams}


@pytest.mark.parametrize(
    ("scope", "step"),
    [
        ("crm.objects.deals.read", "read deals"),
        ("crm.objects.contacts.write", "write contacts"),
        ("crm.objects.companies.write", "write companies"),
        ("crm.schemas.contacts.write", "create properties of contacts"),
        ("crm.lists.write", "change lists"),
        ("crm.objects.owners.read", "read owners"),
        ("forms", "read form_submissions"),
        ("content", "read email_events"),
    ],
)
def test_check_names_the_scope_that_is_missing(harness: HubSpotHarness, scope: str, step: str) -> None:
    harness.do("set_scopes", remove=[scope])
    before = harness.writes()
    bad = {item.name: item.remedy for item in harness.connector().check().items if not item.ok}
    assert step in bad
    assert scope in bad[step]
    assert harness.writes() == before


@pytest.fixture(scope="module")
def grown() -> Iterator[Sandbox]:
    wires: list[Witnessed] = []

    def make(clock: Clock) -> Witnessed:
        wires.append(Witnessed(HubSpotApp(clock, HubSpotLimits(burst=0, search_per_second=0))))
        return wires[-1]

    sandbox = Sandbox(people=250, vendors=[make])
    sandbox.start()
    yield sandbox
    sandbox.stop()
    described.hold("hubspot", wires[0].exchanges)


@pytest.fixture(scope="module")
def everything(grown: Sandbox) -> dict[str, pa.Table]:
    """All tables of a lived-in account."""
    address = grown.addresses["hubspot"]
    connector = open_connector(
        HubSpotConnection(url=address["url"], access_token=address["access_token"]),
        clock=SandboxClock(grown),
        meter=FakeMeter(),
        observe={},
        lists=[],
        sleep=FakeSleep(),
    )
    found: dict[str, list[pa.Table]] = {}
    for stream in connector.capabilities.streams:
        for name, table in read(connector, stream.name, Window(None, grown.clock.now())).items():
            found.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def known_to_hubspot(sandbox: Sandbox, activity: str) -> int:
    """Events of the world that HubSpot stored."""
    return sum(one.type == activity and "hubspot" in one.vendors for one in sandbox.world.events)


@pytest.mark.parametrize(
    "activity",
    [
        "page_view",
        "video_view",
        "form_submit",
        "download",
        "demo_request",
        "call",
        "meeting",
        "purchase",
        "email_open",
    ],
)
def test_every_activity_of_the_world_arrives(
    grown: Sandbox, everything: dict[str, pa.Table], activity: str
) -> None:
    arrived = pc.sum(pc.equal(everything["activity_records"]["type"], activity)).as_py()
    known = known_to_hubspot(grown, activity)
    assert 0 < arrived <= known
    assert arrived > 0.8 * known  # people without an address have no submissions


def test_machine_opens_and_clicks_are_kept_apart(grown: Sandbox, everything: dict[str, pa.Table]) -> None:
    rows = everything["activity_records"].filter(
        pc.equal(everything["activity_records"]["origin"], "machine")
    )
    events = [one for one in grown.world.events if one.machine and "hubspot" in one.vendors]
    assert rows.num_rows == len(events)


def test_sales_name_product_value_and_currency(everything: dict[str, pa.Table]) -> None:
    table = everything["activity_records"]
    (sale, *_) = table.filter(pc.equal(table["type"], "purchase")).to_pylist()
    assert sale["product"]
    assert sale["value"] > 0
    assert (sale["unit"], sale["currency"], sale["asset"]) == ("money", "USD", None)


def test_surveys_arrive_with_their_scale(everything: dict[str, pa.Table]) -> None:
    rows = everything["survey_records"].to_pylist()
    assert {(row["kind"], row["scale_min"], row["scale_max"]) for row in rows} == {
        ("nps", 0, 10),
        ("csat", 1, 5),
    }
    assert all(row["scale_min"] <= row["answer"] <= row["scale_max"] for row in rows)


def test_deals_have_their_company_and_people(everything: dict[str, pa.Table]) -> None:
    deals, roles = everything["deal_records"], everything["deal_roles"]
    assert deals.num_rows > 0
    assert set(roles["deal_id"].to_pylist()) <= set(deals["record_id"].to_pylist())
    companies = set(everything["company_records"]["record_id"].to_pylist())
    assert set(pc.drop_null(deals["company_record_id"]).to_pylist()) <= companies
