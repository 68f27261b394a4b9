"""What Mailchimp's streams bring in, and what they survive."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from connectors.base import Connector, Page, Window
from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.connector import open_connector
from core.clock import FixedClock
from core.errors import ConfigError, ConnectorError
from sandbox.clock import Clock
from sandbox.mailchimp.app import MailchimpApp
from sandbox.server import Sandbox
from tests.contract import described
from tests.contract.mailchimp_harness import AUDIENCE, MailchimpHarness
from tests.contract.witness import Witnessed
from tests.fakes import FakeMeter, FakeSleep


@pytest.fixture
def harness() -> Iterator[MailchimpHarness]:
    made = MailchimpHarness()
    yield made
    made.close()


def pages(connector: Connector, name: str, window: Window, resume: str | None = None) -> Iterator[Page]:
    stream = next(one for one in connector.capabilities.streams if one.name == name)
    return connector.pull(stream, window, resume)


def read(connector: Connector, name: str, window: Window) -> dict[str, pa.Table]:
    found: dict[str, list[pa.Table]] = {}
    for page in pages(connector, name, window):
        for table, rows in page.tables.items():
            found.setdefault(table, []).append(rows)
    return {table: pa.concat_tables(rows) for table, rows in found.items()}


def people(connector: Connector, window: Window) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(connector, "members", window)["person_records"].to_pylist()
    return rows


def test_every_status_becomes_the_consent_it_is(harness: MailchimpHarness) -> None:
    statuses = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional", "archived")
    members = [{"email_address": f"{status}@acme-looms.com", "status": status} for status in statuses]
    harness.do("create_many", audience=AUDIENCE, members=members)
    tables = read(harness.connector(), "members", Window(None, harness.now()))
    ids = {row["record_id"]: row for row in tables["person_records"].to_pylist()}
    consents = {
        ids[row["record_id"]]["email"]: row["status"] for row in tables["consent_records"].to_pylist()
    }
    expected = {f"{status}@acme-looms.com": status for status in statuses}
    assert consents == {**expected, "transactional@acme-looms.com": "none"}
    assert [row["email"] for row in ids.values() if row["state"] == "archived"] == ["archived@acme-looms.com"]


def test_a_changed_address_is_the_same_record(harness: MailchimpHarness) -> None:
    (ref,) = harness.add_people(1)
    harness.do("edit", audience=AUDIENCE, email=ref.address, changes={"email_address": "new@acme-looms.com"})
    (row,) = people(harness.connector(), Window(None, harness.now()))
    assert (row["record_id"], row["email"]) == (ref.record_id, "new@acme-looms.com")


def test_a_person_in_two_audiences_is_two_records(harness: MailchimpHarness) -> None:
    for audience in (AUDIENCE, "Brightloom Shop"):
        harness.do("create", audience=audience, email_address="ana@acme-looms.com")
    rows = people(harness.connector(audiences=[]), Window(None, harness.now()))
    assert [row["email"] for row in rows] == ["ana@acme-looms.com"] * 2
    assert len({row["record_id"] for row in rows}) == 2


def test_rows_that_leave_the_view_while_paged_shift_nothing_away(harness: MailchimpHarness) -> None:
    harness.small_pages()
    refs = harness.add_people(35)
    window = Window(None, harness.now())
    reading = pages(harness.connector(), "members", window)
    seen = next(reading).tables["person_records"].to_pylist()
    harness.pass_time(60)
    for ref in refs[:4]:  # first page: they are read already, and those behind move up by four
        harness.edit(ref)
    seen += [row for page in reading for row in page.tables["person_records"].to_pylist()]
    assert {row["record_id"] for row in seen} == {ref.record_id for ref in refs}


def test_merge_fields_beyond_the_first_ten_are_seen(harness: MailchimpHarness) -> None:
    for number in range(12):
        harness.do("create_merge_field", audience=AUDIENCE, name=f"Extra {number}", tag=f"X{number}")
    member = {"email_address": "ana@acme-looms.com", "merge_fields": {"X11": "late"}}
    harness.do("create_many", audience=AUDIENCE, members=[member])
    connector = harness.connector(attributes={"members": {"extra": "X11"}})
    (row,) = people(connector, Window(None, harness.now()))
    assert row["attributes"] == '{"extra": "late"}'


def test_an_unknown_audience_is_a_setting_to_fix(harness: MailchimpHarness) -> None:
    connector = harness.connector(audiences=["Newsletter"])
    with pytest.raises(ConfigError, match="Newsletter"):
        people(connector, Window(None, harness.now()))
    assert [item.name for item in connector.check().items if not item.ok] == ["audiences"]


@pytest.mark.parametrize(
    "answer",
    [
        {"status": 429, "body": "", "headers": {"Content-Type": None}},
        {"preset": "mailchimp.throttle_403"},
        {"preset": "mailchimp.bad_gateway"},
        {"status": 200, "body": ""},
        {"cut_after_bytes": 60, "unframed": True},
    ],
)
def test_throttling_and_broken_answers_are_waited_out(
    harness: MailchimpHarness, answer: dict[str, Any]
) -> None:
    harness.add_people(2)
    harness.script(answer, path=harness.read_path, times=1)
    assert len(people(harness.connector(), Window(None, harness.now()))) == 2
    assert harness.sleep.slept


def test_a_redirect_is_refused(harness: MailchimpHarness) -> None:
    harness.script({"preset": "any.redirect"}, path=harness.read_path)
    with pytest.raises(ConnectorError, match=r"redirects to elsewhere\.invalid"):
        people(harness.connector(), Window(None, harness.now()))


@pytest.fixture(scope="module")
def grown() -> Iterator[Sandbox]:
    wires: list[Witnessed] = []

    def make(clock: Clock) -> Witnessed:
        wires.append(Witnessed(MailchimpApp(clock)))
        return wires[-1]

    sandbox = Sandbox(people=250, vendors=[make])
    sandbox.start()
    yield sandbox
    sandbox.stop()
    described.hold("mailchimp", wires[0].exchanges)


@pytest.fixture
def lived_in(grown: Sandbox) -> Iterator[Connector]:
    """A connector to an account with eighteen months in it."""
    address = grown.addresses["mailchimp"]
    connector = open_connector(
        MailchimpConnection(url=address["url"], api_key=address["api_key"]),
        clock=FixedClock(grown.clock.now()),
        meter=FakeMeter(),
        observe={},
        lists=[],
        sleep=FakeSleep(),
    )
    yield connector
    connector.close()


def everything(sandbox: Sandbox) -> Window:
    return Window(None, sandbox.clock.now())


@pytest.mark.parametrize(
    "activity", ["email_sent", "email_open", "email_click", "email_bounce", "unsubscribe"]
)
def test_every_activity_of_the_world_arrives(grown: Sandbox, lived_in: Connector, activity: str) -> None:
    rows = read(lived_in, "email_activity", everything(grown))["activity_records"]
    stored = [one for one in grown.world.events if one.type == activity and "mailchimp" in one.vendors]
    arrived = pc.sum(pc.equal(rows["type"], activity)).as_py()
    assert 0 < arrived <= len(stored)
    assert arrived > 0.9 * len(stored)
    assert pc.count_distinct(rows["activity_id"]).as_py() == rows.num_rows


@pytest.mark.parametrize("activity", ["email_open", "email_click"])
def test_machines_are_told_from_people(grown: Sandbox, lived_in: Connector, activity: str) -> None:
    rows = read(lived_in, "email_activity", everything(grown))["activity_records"]
    ours = rows.filter(pc.equal(rows["type"], activity))
    machines = pc.sum(pc.equal(pc.fill_null(ours["origin"], ""), "machine")).as_py()
    events = [one for one in grown.world.events if one.type == activity and "mailchimp" in one.vendors]
    truth = sum(one.machine for one in events)
    assert truth > 0
    assert abs(machines - truth) <= 0.02 * len(events)


def test_a_page_the_gateway_cannot_carry_is_asked_for_in_halves(grown: Sandbox, lived_in: Connector) -> None:
    fault = {
        "vendor": "mailchimp",
        "path": "/email-activity",
        "action": {"status": 504, "body": ""},
        "times": 1,
    }
    whole = read(lived_in, "email_activity", everything(grown))["activity_records"]
    grown.faults.add(fault)
    again = read(lived_in, "email_activity", everything(grown))["activity_records"]
    assert sorted(again["activity_id"].to_pylist()) == sorted(whole["activity_id"].to_pylist())
    asked = [
        one["query"] for one in grown.log.listing("mailchimp") if one["path"].endswith("/email-activity")
    ]
    assert "count=500" in asked[-1]


def test_campaigns_resume_where_they_stopped(grown: Sandbox, lived_in: Connector) -> None:
    whole = list(pages(lived_in, "email_activity", everything(grown)))
    tokens = [number for number, page in enumerate(whole) if page.token]
    middle = tokens[len(tokens) // 2]
    rest = pages(lived_in, "email_activity", everything(grown), whole[middle].token)
    behind = [
        row
        for page in whole[middle + 1 :]
        for row in page.tables["activity_records"]["activity_id"].to_pylist()
    ]
    assert [
        row for page in rest for row in page.tables["activity_records"]["activity_id"].to_pylist()
    ] == behind


def test_only_campaigns_that_moved_are_read_again(grown: Sandbox, lived_in: Connector) -> None:
    window = Window(grown.clock.now() - timedelta(hours=1), grown.clock.now())
    before = len(grown.log.listing("mailchimp"))
    read(lived_in, "email_activity", window)
    paths = [one["path"] for one in grown.log.listing("mailchimp")[before:]]
    campaigns = {path.split("/")[3] for path in paths if path.count("/") > 3}
    assert 0 < len(campaigns) <= 3


def test_sales_and_surveys_arrive(grown: Sandbox, lived_in: Connector) -> None:
    stored = {
        name: sum(one.type == name and "mailchimp" in one.vendors for one in grown.world.events)
        for name in ("purchase", "cart_update")
    }
    for stream, activity in (("orders", "purchase"), ("carts", "cart_update")):
        rows = read(lived_in, stream, everything(grown))["activity_records"]
        assert 0 < rows.num_rows <= stored[activity]
        row = rows.to_pylist()[0]
        assert row["type"] == activity
        assert row["value"] > 0
        assert row["product"]
        assert row["category"]
        assert (row["unit"], row["currency"]) == ("money", "USD")
    answers = read(lived_in, "surveys", everything(grown))["survey_records"].to_pylist()
    assert {(row["kind"], row["scale_min"], row["scale_max"]) for row in answers} == {("nps", 0, 10)}
    assert all(row["email"] for row in answers)
