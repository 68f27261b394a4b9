"""The org as the world fills it, and as it stays after whatever people do."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.salesforce import SalesforceApp
from sandbox.salesforce.query import Runner
from sandbox.salesforce.syntax import parse
from sandbox.world import World

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_ORDERED = "SELECT Id FROM {} ORDER BY SystemModstamp, Id LIMIT 500"
_SECOND = timedelta(seconds=1)
App = SalesforceApp


def _lived(days: int) -> tuple[App, World, int]:
    clock = Clock(NOW)
    world = World.grow(7, 200, NOW)
    app = SalesforceApp(clock)
    app.seed(world)
    happened = 0
    for _ in range(days):
        events = world.live(1)
        clock.set(world.now)
        app.live(world, events)
        happened += len(events)
    return app, world, happened


@pytest.fixture(scope="module")
def lived() -> tuple[App, World, int]:
    return _lived(20)


def _dangling(app: App) -> list[tuple[str, str, str]]:
    """Lookups of live rows that point at nothing, or at something deleted."""
    found = []
    for known in app.org.schema:
        for row in app.org.table(known.name).rows.values():
            for field in known.fields.values():
                target = row.get(field.name) if field.type == "reference" else None
                above = app.org.row(target) if target else None
                if target and not row.get("IsDeleted") and (above is None or above.get("IsDeleted")):
                    found.append((known.name, row["Id"], field.name))
    return found


def _incomplete(app: App) -> list[tuple[str, str, list[str]]]:
    """Live rows without what the describe says is never null."""
    found = []
    for known in app.org.schema:
        never = [
            field.name
            for field in known.fields.values()
            if not field.nillable and (known.name, field.name) not in _COMPUTED and field.type != "boolean"
        ]
        for row in app.org.table(known.name).rows.values():
            missing = [name for name in never if row.get(name) is None]
            if missing and not known.setup:
                found.append((known.name, row["Id"], missing))
    return found


_COMPUTED = {("Campaign", f"NumberOf{what}") for what in (
    "Leads", "ConvertedLeads", "Contacts", "Responses", "Opportunities", "WonOpportunities")} | {
    ("Campaign", "AmountAllOpportunities"), ("Campaign", "AmountWonOpportunities")}  # fmt: skip


def test_every_lookup_leads_somewhere(lived: tuple[App, World, int]) -> None:
    assert _dangling(lived[0]) == []


def test_no_row_lacks_what_describe_promises(lived: tuple[App, World, int]) -> None:
    assert _incomplete(lived[0]) == []


def test_everyone_salesforce_knows_has_their_records(lived: tuple[App, World, int]) -> None:
    app, world, happened = lived
    assert happened > 100
    held = app.identities()
    for person in world.people:
        expected = Counter("Contact" if kind == "Contact" else "Lead" for kind in person.salesforce)
        assert Counter(record["object"] for record in held[person.key]) == expected
        for record, kind in zip(held[person.key], person.salesforce, strict=True):
            row = app.org.row(record["id"])
            assert row is not None
            assert bool(row.get("IsConverted")) == (kind == "ConvertedLead")


def test_nothing_is_dated_after_now(lived: tuple[App, World, int]) -> None:
    app = lived[0]
    now = app.org.now()
    late = [
        row["Id"]
        for _, table in app.org.tables()
        for row in table.rows.values()
        if row.get("SystemModstamp", "") > now
    ]
    assert late == []


def test_the_activities_of_the_world_are_there(lived: tuple[App, World, int]) -> None:
    app, world, _ = lived
    known = [
        event for event in world.events if "salesforce" in event.vendors and app.identities()[event.person]
    ]
    counted = Counter(event.type for event in known)
    assert len(app.org.table("Task").rows) == counted["call"]
    assert len(app.org.table("Event").rows) == counted["meeting"]
    assert (
        0
        < len(app.org.table("CampaignMember").rows)
        <= sum(counted[kind] for kind in counted if kind not in {"call", "meeting"})
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "edit", "delete", "restore", "merge", "convert", "purge"]),
        st.integers(0, 99),
    ),
    max_size=30,
)


def _act(app: App, action: str, number: int) -> None:
    leads = list(app.org.table("Lead").rows)
    contacts = list(app.org.table("Contact").rows)
    everyone = leads + contacts
    if action == "create" or not everyone:
        made = app.do("create", {"object": "Lead", "values": {"LastName": f"L{number}", "Company": "C"}})
        app.do("create", {"object": "Task", "values": {"WhoId": made["id"], "Subject": "Call"}})
        return
    chosen = everyone[number % len(everyone)]
    arguments: dict[str, Any] = {"id": chosen}
    if action == "edit":
        arguments["values"] = {"Title": f"T{number}"}
    if action == "merge":
        same = [one for one in everyone if one[:3] == chosen[:3] and one != chosen]
        arguments = {"master": chosen, "losers": same[number % len(same) :][:1] if same else []}
    app.do(action, arguments)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(STEPS)
def test_whatever_people_do_leaves_a_sound_org(steps: list[tuple[str, int]]) -> None:
    app = SalesforceApp(Clock(NOW))
    for action, number in steps:
        try:
            _act(app, action, number)
        except ValueError:
            continue
        finally:
            app.org.clock.advance(_SECOND)
    dangling = [
        found for found in _dangling(app) if found[2] not in {"ConvertedContactId", "ConvertedAccountId"}
    ]
    assert dangling == []
    assert _indexes_agree(app)


def _indexes_agree(app: App) -> bool:
    """By scan and by index a query finds the same rows, in the same order."""
    access = app.org.system()
    for name in ("Lead", "Contact", "Task"):
        table = app.org.table(name)
        by_stamp = [row["Id"] for row in table.by_stamp(None, None)]
        assert by_stamp == [
            row["Id"]
            for row in sorted(table.rows.values(), key=lambda row: (row["SystemModstamp"], row["Id"]))
        ]
        paged = Runner(app.org, access, every=True).run(parse(_ORDERED.format(name)))
        assert [row["Id"] for row in paged.rows] == by_stamp
    for row in app.org.table("Task").rows.values():
        assert row["Id"] in app.org.table("Task").lookup("WhoId", row["WhoId"])
    return True
