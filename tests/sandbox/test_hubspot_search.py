"""Search: operators, limits, the wall, the lag; and that it finds exactly what a plain scan finds."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.clock import Clock
from sandbox.hubspot import HubSpotApp
from tests.sandbox.hubspot_served import NOW, Served, served

SEARCH = "/crm/v3/objects/contacts/search"


@pytest.fixture
def account() -> Iterator[Served]:
    with served() as one:
        yield one


def asked(*filters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"filterGroups": [{"filters": list(filters)}] if filters else [], **more}


def one(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"propertyName": name, "operator": operator, **({} if value is None else {"value": value}), **more}


def found(account: Served, body: dict[str, Any]) -> list[str]:
    answer = account.post(SEARCH, body)
    assert answer.status_code == 200, answer.text
    return [record["properties"].get("firstname") for record in answer.json()["results"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (one("city", "EQ", "ulm"), ["a"]),
        (one("city", "NEQ", "Ulm"), ["b", "c"]),
        (one("city", "IN", values=["ulm", "bonn"]), ["a", "b"]),
        (one("city", "IN", values=["Ulm"]), []),
        (one("city", "NOT_IN", values=["ulm"]), ["b", "c"]),
        (one("city", "HAS_PROPERTY"), ["a", "b"]),
        (one("city", "NOT_HAS_PROPERTY"), ["c"]),
        (one("hs_email_open", "GTE", "9"), ["a", "b"]),
        (one("hs_email_open", "LT", "10"), ["a"]),
        (one("hs_email_open", "BETWEEN", "9", highValue="10"), ["a", "b"]),
        (one("email", "CONTAINS_TOKEN", "*@acme.io"), ["a"]),
        (one("email", "CONTAINS_TOKEN", "acme"), ["a"]),
        (one("email", "NOT_CONTAINS_TOKEN", "acme"), ["b", "c"]),
        (one("lastmodifieddate", "GTE", "1795334400000"), ["a", "b", "c"]),
        (one("lastmodifieddate", "GT", "2026-11-22T08:00:00Z"), []),
    ],
)
def test_operator_finds(account: Served, condition: dict[str, Any], expected: list[str]) -> None:
    account.contact(firstname="a", city="Ulm", hs_email_open=9, email="a@acme.io")
    account.contact(firstname="b", city="Bonn", hs_email_open=10, email="b@home.org")
    account.contact(firstname="c")
    assert found(account, asked(condition, properties=["firstname"])) == expected


def test_groups_are_alternatives_and_filters_in_a_group_hold_together(account: Served) -> None:
    for name, city, phone in (("a", "Ulm", "1"), ("b", "Ulm", "2"), ("c", "Bonn", "3")):
        account.contact(firstname=name, city=city, phone=phone)
    both = {"filters": [one("city", "EQ", "Ulm"), one("phone", "EQ", "2")]}
    other = {"filters": [one("phone", "EQ", "3")]}
    assert found(account, {"filterGroups": [both, other], "properties": ["firstname"]}) == ["b", "c"]


def test_ids_compare_as_numbers(account: Served) -> None:
    made = [int(account.contact()) for _ in range(160)]
    assert made[0] < 1000 < made[-1]
    body = asked(one("hs_object_id", "GT", "998"), sorts=[{"propertyName": "hs_object_id"}], limit=200)
    ids = [int(record["id"]) for record in account.post(SEARCH, body).json()["results"]]
    assert ids == [record_id for record_id in made if record_id > 998]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": "many"},
        {"after": 10_000, "limit": 1},
        {"after": 9_900, "limit": 200},
        {"sorts": ["city", "phone"]},
        {"sorts": [{"propertyName": "nope"}]},
        {"query": "x" * 3001},
        asked(one("nope", "EQ", "1")),
        asked(one("city", "LIKE", "1")),
        asked(one("city", "EQ")),
        asked(one("city", "IN", "Ulm")),
        asked(one("city", "HAS_PROPERTY", "Ulm")),
        asked(one("hs_email_open", "GT", "many")),
        asked(*[one("city", "HAS_PROPERTY")] * 7),
        {"filterGroups": [{"filters": [one("city", "HAS_PROPERTY")]}] * 6},
        {"filterGroups": [{"filters": [one("city", "HAS_PROPERTY")] * 5}] * 4},
    ],
)
def test_what_live_refuses_is_refused(account: Served, body: dict[str, Any]) -> None:
    answer = account.post(SEARCH, body)
    assert answer.status_code == 400
    assert answer.json()["category"] == "VALIDATION_ERROR"


def test_newest_sort_and_query(account: Served) -> None:
    for name in ("Anna", "Annegret", "Bo"):
        account.contact(firstname=name)
        account.later(minutes=1)
    newest = asked(
        sorts=[{"propertyName": "createdate", "direction": "DESCENDING"}], properties=["firstname"]
    )
    assert found(account, newest) == ["Bo", "Annegret", "Anna"]
    assert found(account, {"query": "ann", "properties": ["firstname"]}) == ["Anna", "Annegret"]


def test_archived_records_are_never_found(account: Served) -> None:
    made = account.contact(firstname="a")
    account.do("delete", id=made)
    assert found(account, asked()) == []


@pytest.fixture
def unchecked() -> Iterator[Served]:
    """Not held against the documents: 25,000 records take long to compare."""
    with Served() as one:
        yield one


def test_walk_of_25000_on_one_instant_by_id(unchecked: Served) -> None:
    account = unchecked
    account.do(
        "create_many", count=25_000, properties={"firstname": "n{n}"}, modified_at="2026-11-20T00:00:00Z"
    )
    window = [
        one("lastmodifieddate", "GTE", "1795132800000"),
        one("lastmodifieddate", "LTE", "1795132800000"),
    ]
    last, seen, started = "0", 0, time.monotonic()
    while True:
        filters = [*window, one("hs_object_id", "GT", last)]
        page = account.post(
            SEARCH, asked(*filters, sorts=[{"propertyName": "hs_object_id"}], limit=200)
        ).json()
        if not page["results"]:
            break
        assert page["total"] == 25_000 - seen
        assert int(page["results"][0]["id"]) > int(last)
        last, seen = page["results"][-1]["id"], seen + len(page["results"])
    assert seen == 25_000
    assert time.monotonic() - started < 20


def test_offset_paging_ends_at_the_wall_with_a_next_link_that_fails(account: Served) -> None:
    account.do("create_many", count=10_200, properties={"firstname": "n"})
    last_page = account.post(SEARCH, {"limit": 200, "after": 9_800}).json()
    assert last_page["total"] == 10_200
    assert last_page["paging"]["next"]["after"] == "10000"
    assert account.post(SEARCH, {"limit": 200, "after": 10_000}).status_code == 400


def test_index_lag_hides_new_records_and_shows_old_values(account: Served) -> None:
    made = account.contact(firstname="old")
    account.do("set_limits", search_lag_s=30)
    account.call("PATCH", f"/crm/v3/objects/contacts/{made}", {"properties": {"firstname": "new"}})
    account.post("/crm/v3/objects/contacts", {"properties": {"firstname": "fresh"}})
    assert found(account, asked(properties=["firstname"])) == ["old"]
    assert (
        account.get(f"/crm/v3/objects/contacts/{made}?properties=firstname")["properties"]["firstname"]
        == "new"
    )
    account.later(seconds=30)
    assert found(account, asked(properties=["firstname"])) == ["new", "fresh"]


def test_fault_hides_what_one_request_wrote(account: Served) -> None:
    account.fault(method="POST", path="contacts$", times=1, action={"hide_for_s": 60})
    account.post("/crm/v3/objects/contacts", {"properties": {"firstname": "hidden"}})
    account.post("/crm/v3/objects/contacts", {"properties": {"firstname": "seen"}})
    assert found(account, asked(properties=["firstname"])) == ["seen"]
    account.later(seconds=60)
    assert found(account, asked(properties=["firstname"])) == ["hidden", "seen"]


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "edit", "archive", "restore", "later"]),
        st.integers(0, 9),
        st.integers(0, 3),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=_STEPS, low=st.integers(0, 40), span=st.integers(0, 40))
def test_window_search_equals_a_scan(steps: list[tuple[str, int, int]], low: int, span: int) -> None:
    """The modified index, the cache and the id cut must not change what is found."""
    app = HubSpotApp(Clock(NOW))
    store = app.portal.stores["contacts"]
    start = app.portal.now_ms
    ids: list[int] = []
    for step, which, city in steps:
        record_id = ids[which % len(ids)] if ids else 0
        if step == "create":
            ids.append(
                int(app.do("create", {"object": "contacts", "properties": {"city": f"c{city}"}})["id"])
            )
        elif step == "edit" and record_id in store.live:
            app.do("edit", {"id": record_id, "properties": {"city": f"c{city}"}})
        elif step == "archive" and record_id in store.live:
            app.do("delete", {"id": record_id})
        elif step == "restore" and record_id in store.archived:
            app.do("restore", {"object": "contacts", "id": record_id})
        elif step == "later":
            app.portal.clock.set(app.portal.clock.now().replace(second=which))
        body = asked(
            one("lastmodifieddate", "GTE", str(start + low * 1000)),
            one("lastmodifieddate", "LTE", str(start + (low + span) * 1000)),
            one("hs_object_id", "GT", str(record_id)),
            sorts=[{"propertyName": "hs_object_id"}],
            limit=200,
        )
        searched = [
            record.id for record in app.portal.searchers["contacts"].search(body, app.portal.now_ms).records
        ]
        scanned = sorted(
            record.id
            for record in store.live.values()
            if low * 1000 <= record.modified_ms - start <= (low + span) * 1000 and record.id > record_id
        )
        assert searched == scanned
