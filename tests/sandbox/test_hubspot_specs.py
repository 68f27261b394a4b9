"""The sandbox held against HubSpot's own descriptions, and against the index of date-versioned addresses."""

import json
import re
from collections import Counter

import pytest
from werkzeug.exceptions import MethodNotAllowed, NotFound

from sandbox.hubspot.app import ADDRESSES
from sandbox.hubspot.paths import canonical
from sandbox.world import World
from tests.sandbox.hubspot_documents import DEVIATIONS, SPECS, Exchange, differences, operation, unexplained
from tests.sandbox.hubspot_served import NOW, Served

_DATED_AREAS = (
    "/account-info/2026-03/details",
    "/communication-preferences/2026-03/statuses",
    "/communication-preferences/2026-03/definitions",
    "/crm/associations/2026-03/{from_object_type}",
    "/crm/lists/2026-03",
    "/crm/objects/2026-03/contacts",
    "/crm/objects/2026-03/companies",
    "/crm/objects/2026-03/deals",
    "/crm/objects/2026-03/{object_type}",
    "/crm/objects/2026-03/carts",
    "/crm/objects/2026-03/orders",
    "/crm/objects/2026-03/feedback_submissions",
    "/crm/objects/2026-03/meetings",
    "/crm/objects/2026-03/calls",
    "/crm/owners/2026-03",
    "/crm/properties/2026-03",
    "/events/event-occurrences/2026-03",
    "/events/2026-03/send",
)
NOT_SERVED = {
    "lists: folders, scheduled conversion, size history, memberships of many records": (
        r".*/lists/2026-03/(folders.*|\{list_id\}/(schedule-conversion|size-and-edits-history).*|records/memberships/.*)"
    ),
    "associations: renaming and deleting labels": r"(PUT|DELETE) .*/labels.*",
}


@pytest.fixture(scope="module")
def toured() -> list[Exchange]:
    """What HubSpot's client exchanges with a grown account on a tour of the endpoints."""
    with Served(World.grow(3, 80, NOW)) as account:
        _tour(account)
        return account.app.exchanges


def _tour(account: Served) -> None:
    client = account.client
    people = client.crm.contacts.basic_api.get_page(limit=20, associations=["companies"]).results
    ids = [one.id for one in people]
    client.crm.contacts.search_api.do_search(
        {"limit": 200, "after": 0, "sorts": [{"propertyName": "createdate"}]}
    )
    client.crm.contacts.batch_api.read(
        {"inputs": [{"id": one} for one in [*ids, "1"]], "properties": ["city"]}
    )
    client.crm.contacts.batch_api.update({"inputs": [{"id": ids[0], "properties": {"city": 5}}]})
    account.post("/crm/v3/objects/contacts/batch/read", {"inputs": [{"id": ids[0]}]})
    account.post("/crm/v3/objects/contacts/merge", {"primaryObjectId": ids[1], "objectIdToMerge": ids[2]})
    for kind in ("companies", "deals", "products", "line_items"):
        getattr(client.crm, kind).basic_api.get_page(limit=5)
    for kind in ("meetings", "calls", "feedback_submissions"):
        getattr(client.crm.objects, kind).basic_api.get_page(limit=5)
    for kind in ("orders", "carts"):
        client.crm.objects.basic_api.get_page(kind, limit=5)
    client.crm.properties.core_api.get_all("contacts")
    client.crm.properties.groups_api.get_all("contacts")
    client.crm.owners.owners_api.get_page()
    client.crm.pipelines.pipelines_api.get_all("deals")
    client.crm.schemas.core_api.get_all()
    made = client.crm.lists.lists_api.create(
        {"name": "Hot", "objectTypeId": "0-1", "processingType": "MANUAL"}
    ).list
    client.crm.lists.memberships_api.add(made.list_id, ids[3:6])
    client.crm.lists.memberships_api.get_page(made.list_id)
    client.crm.lists.lists_api.do_search({})
    branch = {"filterBranchType": "OR", "filterBranches": [], "filters": []}
    body = {"name": "All", "objectTypeId": "0-1", "processingType": "DYNAMIC", "filterBranch": branch}
    client.crm.lists.lists_api.create(body)
    client.crm.associations.v4.batch_api.get_page(
        "contacts", "companies", {"inputs": [{"id": one} for one in ids]}
    )
    account.get("/crm/v4/associations/contacts/companies/labels")
    client.events.events_api.get_page(object_type="contact", limit=100)
    client.events.events_api.get_types()
    client.marketing.forms.forms_api.get_page(limit=20)
    client.communication_preferences.definition_api.get_page()
    client.communication_preferences.status_api.get_email_status("a@acme.io")
    account.post("/crm/v3/objects/feedback_submissions", {"properties": {}})
    account.call("GET", "/crm/v3/objects/contacts?properties=" + ",".join(["city"] * 2000))
    account.post("/oauth/v1/token", {})
    account.do("set_limits", burst=1)
    account.call("GET", "/crm/v3/owners")


def test_everything_exchanged_is_as_described_or_a_listed_deviation(toured: list[Exchange]) -> None:
    used: Counter[str] = Counter()
    assert unexplained(toured, used) == []
    idle = [one.pattern for one in DEVIATIONS if not used[one.pattern]]
    assert idle == [], "deviations that nothing shows any more"


def test_tour_meets_the_documents(toured: list[Exchange]) -> None:
    described = [one for one in toured if operation(one.method, one.path) is not None]
    assert len(described) > 30
    assert {one.status for one in described} >= {200, 207, 400, 405, 429}


def test_a_wrong_answer_would_be_noticed() -> None:
    wrong = Exchange("GET", "/crm/v3/owners/", None, 200, {"results": [{"id": 5}]})
    assert any("is not of type 'string'" in one for one in differences(wrong))
    assert any("'archived' is a required property" in one for one in differences(wrong))


def _dated() -> list[tuple[str, str]]:
    index = json.loads((SPECS / "_date_versioned_2026-03_endpoints.json").read_text())
    return [
        (one["method"], one["path"])
        for one in index["endpoints"]
        if one["path"].startswith(_DATED_AREAS) and "{partner" not in one["path"]
    ]


def test_dated_addresses_of_what_the_loop_uses_are_routed() -> None:
    unrouted = []
    for method, path in _dated():
        try:
            ADDRESSES.match(canonical(re.sub(r"\{[^}]+\}", "contacts", path)), method=method)
        except (NotFound, MethodNotAllowed):
            unrouted.append(f"{method} {path}")
    explained = re.compile("|".join(f"(?:{pattern})" for pattern in NOT_SERVED.values()))
    assert [one for one in unrouted if not explained.fullmatch(one)] == []
    assert len(_dated()) - len(unrouted) > 70
