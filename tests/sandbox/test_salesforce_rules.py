"""What the org refuses, row by row, and what it does by itself."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.sandbox.salesforce_served import Json, Served, served


@pytest.fixture
def org() -> Iterator[Served]:
    with served() as running:
        yield running


def _patched(
    org: Served, rows: list[Json], *, all_or_none: bool = False, allow_save: bool = False
) -> list[Json]:
    records = [{"attributes": {"type": "Lead"}, **row} for row in rows]
    headers = {"Sforce-Duplicate-Rule-Header": f"allowSave={allow_save}"}
    reply = org.call(
        "PATCH", "/composite/sobjects", {"allOrNone": all_or_none, "records": records}, **headers
    )
    assert reply.status_code == 200, reply.text
    return list(reply.json())


def _codes(outcomes: list[Json]) -> list[str]:
    return ["ok" if outcome["success"] else outcome["errors"][0]["statusCode"] for outcome in outcomes]


def _leads(org: Served, count: int, **values: Any) -> list[str]:
    return [org.make("Lead", LastName=f"L{n}", Company="C", **values) for n in range(count)]


def test_each_row_has_its_own_outcome_in_request_order(org: Served) -> None:
    leads = _leads(org, 5)
    converted = _leads(org, 1)[0]
    org.do("convert", id=converted)
    org.do("delete", id=leads[1])
    org.do("lock", ids=[leads[2]], times=1)
    org.do(
        "add_rule", name="no", object="Lead", when="Title = 'bad'", message="Not this title", field="Title"
    )
    titles = ["fine", "gone", "locked", "bad", "x" * 129]
    rows = [{"id": lead, "Title": title} for lead, title in zip(leads, titles, strict=True)]
    rows += [
        {"id": converted, "Title": "late"},
        {"id": "00Q5f00000zzzzz", "Title": "none"},
        {"id": "nonsense", "Title": "-"},
    ]
    outcomes = _patched(org, rows)
    assert _codes(outcomes) == [
        "ok",
        "ENTITY_IS_DELETED",
        "UNABLE_TO_LOCK_ROW",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "STRING_TOO_LONG",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "INVALID_CROSS_REFERENCE_KEY",
        "MALFORMED_ID",
    ]
    assert outcomes[3]["errors"][0] == {
        "statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "message": "Not this title",
        "fields": ["Title"],
    }
    assert _codes(_patched(org, [rows[2]])) == ["ok"]


def test_all_or_none_rolls_back(org: Served) -> None:
    good, bad = _leads(org, 2)
    rows = [{"id": good, "Title": "new"}, {"id": bad, "Title": "x" * 500}]
    assert _codes(_patched(org, rows, all_or_none=True)) == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "STRING_TOO_LONG",
    ]
    assert org.record("Lead", good)["Title"] is None


def test_an_unknown_column_refuses_the_whole_request(org: Served) -> None:
    good, bad = _leads(org, 2)
    rows: list[Json] = [{"id": good, "Title": "new"}, {"id": bad, "Nope__c": 1}]
    records = [{"attributes": {"type": "Lead"}, **row} for row in rows]
    reply = org.call("PATCH", "/composite/sobjects", {"records": records})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert org.record("Lead", good)["Title"] is None


def test_collections_take_two_hundred_rows(org: Served) -> None:
    rows = [{"attributes": {"type": "Lead"}, "LastName": "A", "Company": "B"}] * 201
    assert org.call("POST", "/composite/sobjects", {"records": rows}).status_code == 400
    made = org.call("POST", "/composite/sobjects", {"records": rows[:200]}).json()
    assert len({row["id"] for row in made if row["success"]}) == 200


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("validation", "FIELD_CUSTOM_VALIDATION_EXCEPTION"),
        ("trigger", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"),
        ("flow", "CANNOT_EXECUTE_FLOW_TRIGGER"),
    ],
)
def test_administrators_rules_refuse(org: Served, kind: str, code: str) -> None:
    lead = _leads(org, 1)[0]
    org.do("add_rule", name="r", kind=kind, object="Lead", when="Title != null")
    assert _codes(_patched(org, [{"id": lead, "Title": "x"}])) == [code]
    org.do("remove_rule", name="r")
    assert _codes(_patched(org, [{"id": lead, "Title": "x"}])) == ["ok"]


def test_duplicates_are_refused_unless_allowed(org: Served) -> None:
    org.do("add_rule", name="twins", kind="duplicate", object="Lead", match=["Email"])
    org.make("Lead", LastName="A", Company="B", Email="a@b.co")
    other = org.make("Lead", LastName="C", Company="D")
    row = {"id": other, "Email": "A@B.co"}
    assert _codes(_patched(org, [row])) == ["DUPLICATES_DETECTED"]
    assert _codes(_patched(org, [row], allow_save=True)) == ["ok"]


def test_restricted_picklists_and_required_fields(org: Served) -> None:
    values = [{"fullName": "A", "label": "A"}, {"fullName": "B", "label": "B"}]
    metadata = {
        "label": "Grade",
        "type": "Picklist",
        "valueSet": {"restricted": True, "valueSetDefinition": {"value": values}},
    }
    org.do("create_field", object="Lead", field="Grade__c", metadata=metadata)
    lead = _leads(org, 1)[0]
    rows = [{"id": lead, "Grade__c": "Z"}, {"id": lead, "Grade__c": "b"}, {"id": lead, "LastName": None}]
    assert _codes(_patched(org, rows)) == [
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "ok",
        "REQUIRED_FIELD_MISSING",
    ]
    assert org.rows("SELECT Grade__c FROM Lead")[0]["Grade__c"] == "B"


def test_an_inactive_user_cannot_become_owner(org: Served) -> None:
    gone = org.do("create_user", email="gone@brightloom.io", last="Gone", active=False)["id"]
    lead = _leads(org, 1)[0]
    assert _codes(_patched(org, [{"id": lead, "OwnerId": gone}])) == ["INACTIVE_OWNER_OR_USER"]


def test_a_locked_account_locks_its_contacts(org: Served) -> None:
    account = org.make("Account", Name="A")
    contact = org.make("Contact", LastName="B", AccountId=account)
    org.do("lock", ids=[account])
    reply = org.call("PATCH", f"/sobjects/Contact/{contact}", {"Title": "x"})
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    org.do("unlock")
    assert org.call("PATCH", f"/sobjects/Contact/{contact}", {"Title": "x"}).status_code == 204


def test_conversion_moves_activities_and_leaves_the_lead_read_only(org: Served) -> None:
    lead = org.make("Lead", LastName="A", Company="B", Email="a@b.co")
    campaign = org.make("Campaign", Name="Mail")
    org.make("Task", WhoId=lead, Subject="Call")
    member = org.make("CampaignMember", CampaignId=campaign, LeadId=lead)
    org.clock.advance(timedelta(hours=1))
    made = org.do("convert", id=lead, opportunity="Deal")
    held = org.record("Lead", lead)
    assert (held["ConvertedContactId"], held["ConvertedAccountId"]) == (
        made["contactId"],
        made["accountId"],
    )
    assert held["ConvertedOpportunityId"] == made["opportunityId"]
    moved = org.rows("SELECT WhoId, Who.Type, SystemModstamp, CreatedDate FROM Task")[0]
    assert (moved["WhoId"], moved["Who"]["Type"]) == (made["contactId"], "Contact")
    assert moved["SystemModstamp"] > moved["CreatedDate"]
    both = org.record("CampaignMember", member)
    assert (both["LeadId"], both["ContactId"]) == (lead, made["contactId"])
    assert org.record("Contact", made["contactId"])["Email"] == "a@b.co"


def test_a_merge_leaves_a_deleted_loser_that_names_its_master(org: Served) -> None:
    kept, lost = org.make("Contact", LastName="A"), org.make("Contact", LastName="B")
    task = org.make("Task", WhoId=lost, Subject="Call")
    org.do("merge", master=kept, losers=[lost])
    assert [row["Id"] for row in org.rows("SELECT Id FROM Contact")] == [kept]
    everything = org.call(
        "GET", f"/queryAll?q=SELECT+IsDeleted,MasterRecordId+FROM+Contact+WHERE+Id='{lost}'"
    ).json()
    assert (everything["records"][0]["IsDeleted"], everything["records"][0]["MasterRecordId"]) == (True, kept)
    assert org.record("Task", task)["WhoId"] == kept


def test_the_bin_gives_back_with_children_and_forgets_after_fifteen_days(org: Served) -> None:
    account = org.make("Account", Name="A")
    contact = org.make("Contact", LastName="B", AccountId=account)
    org.do("delete", id=account)
    assert org.rows("SELECT Id FROM Contact") == []
    org.do("restore", id=account)
    assert [row["Id"] for row in org.rows("SELECT Id FROM Contact")] == [contact]
    org.do("delete", id=account)
    org.clock.advance(timedelta(days=16))
    gone = org.call("GET", "/queryAll?q=SELECT+Id+FROM+Contact")
    org._token = ""
    gone = org.call("GET", "/queryAll?q=SELECT+Id+FROM+Contact") if gone.status_code == 401 else gone
    assert gone.json()["records"] == []


def test_old_activities_are_seen_by_query_all_only(org: Served) -> None:
    who = org.make("Contact", LastName="A")
    org.make("Task", WhoId=who, Status="Completed", ActivityDate="2025-06-01", Subject="Old")
    org.make("Task", WhoId=who, Status="Completed", ActivityDate="2026-11-01", Subject="New")
    assert [row["Subject"] for row in org.rows("SELECT Subject FROM Task")] == ["New"]
    every = org.call("GET", "/queryAll?q=SELECT+Subject,IsArchived+FROM+Task+ORDER+BY+ActivityDate").json()[
        "records"
    ]
    assert [(row["Subject"], row["IsArchived"]) for row in every] == [("Old", True), ("New", False)]


def test_campaign_members_are_unique_and_follow_their_statuses(org: Served) -> None:
    campaign = org.make("Campaign", Name="Webinar")
    person, lead = org.make("Contact", LastName="A"), org.make("Lead", LastName="B", Company="C")
    statuses = org.rows("SELECT Label, IsDefault, HasResponded FROM CampaignMemberStatus ORDER BY SortOrder")
    assert [(row["Label"], row["IsDefault"], row["HasResponded"]) for row in statuses] == [
        ("Sent", True, False),
        ("Responded", False, True),
    ]
    body = {"CampaignId": campaign, "ContactId": person, "LeadId": lead, "Status": "responded"}
    member = org.call("POST", "/sobjects/CampaignMember", body).json()["id"]
    held = org.record("CampaignMember", member)
    assert (held["LeadId"], held["ContactId"], held["Status"], held["Name"]) == (
        None,
        person,
        "Responded",
        "A",
    )
    assert (held["HasResponded"], held["FirstRespondedDate"]) == (True, "2026-11-22")
    again = org.call("POST", "/sobjects/CampaignMember", {"CampaignId": campaign, "ContactId": person})
    assert again.json() == [{"message": "Already a campaign member.", "errorCode": "DUPLICATE_VALUE"}]
    unknown = org.call(
        "POST", "/sobjects/CampaignMember", {"CampaignId": campaign, "LeadId": lead, "Status": "Nope"}
    ).json()["id"]
    assert org.record("CampaignMember", unknown)["Status"] == "Sent"
    org.do(
        "edit", id=org.app.org.integration_id, object="User", values={"UserPermissionsMarketingUser": False}
    )
    assert org.call("GET", "/query?q=SELECT+Id+FROM+CampaignMember").json()[0]["errorCode"] == "INVALID_TYPE"


def test_what_an_administrator_takes_away_is_refused(org: Served) -> None:
    lead = _leads(org, 1)[0]
    org.do("deny", what="CustomizeApplication")
    field = {"FullName": "Lead.X__c", "Metadata": {"label": "X", "type": "Text", "length": 2}}
    assert org.call("POST", "/tooling/sobjects/CustomField", field).status_code == 403
    org.do("deny", what="Lead.edit")
    assert _codes(_patched(org, [{"id": lead, "Title": "x"}])) == ["INSUFFICIENT_ACCESS_OR_READONLY"]
    org.do("deny", what="Case")
    assert org.call("GET", "/query?q=SELECT+Id+FROM+Case").json()[0]["errorCode"] == "INVALID_TYPE"
    org.do("hide_field", object="Lead", field="Email")
    assert org.call("GET", "/query?q=SELECT+Email+FROM+Lead").json()[0]["errorCode"] == "INVALID_FIELD"
    org.do("deny", what="ApiEnabled")
    assert org.call("GET", "/limits").json()[0]["errorCode"] == "API_DISABLED_FOR_ORG"


def test_long_text_is_not_for_filters(org: Served) -> None:
    reply = org.call("GET", "/query?q=SELECT+Id+FROM+Lead+WHERE+Description='x'")
    assert "can not be filtered in a query call" in reply.json()[0]["message"]


def test_an_address_too_long_is_answered_in_html(org: Served) -> None:
    reply = org.call("GET", "/query?q=" + "x" * 17_000)
    assert (reply.status_code, reply.headers["Content-Type"]) == (414, "text/html; charset=UTF-8")


def test_composite_refers_to_earlier_replies(org: Served) -> None:
    body = {
        "allOrNone": True,
        "compositeRequest": [
            {
                "method": "POST",
                "url": "/services/data/v66.0/sobjects/Account",
                "referenceId": "a",
                "body": {"Name": "A"},
            },
            {
                "method": "POST",
                "url": "/services/data/v66.0/sobjects/Contact",
                "referenceId": "c",
                "body": {"LastName": "B", "AccountId": "@{a.id}"},
            },
        ],
    }
    replies = org.call("POST", "/composite", body).json()["compositeResponse"]
    assert [reply["httpStatusCode"] for reply in replies] == [201, 201]
    assert org.rows("SELECT Account.Name FROM Contact")[0]["Account"]["Name"] == "A"
    body["compositeRequest"][1]["body"].pop("LastName")  # type: ignore[index]  # a literal of mixed types
    replies = org.call("POST", "/composite", body).json()["compositeResponse"]
    assert [reply["httpStatusCode"] for reply in replies] == [400, 400]
    assert len(org.rows("SELECT Id FROM Account")) == 1


def test_a_person_account_and_its_contact_are_one(org: Served) -> None:
    org.do("enable_person_accounts")
    metadata = {"label": "Score", "type": "Number", "precision": 5, "scale": 2}
    org.do("create_field", object="Contact", field="Score__c", metadata=metadata)
    made = org.call("POST", "/sobjects/Account", {"LastName": "Woolf", "PersonEmail": "v@woolf.uk"}).json()[
        "id"
    ]
    account = org.record("Account", made)
    assert (account["Name"], account["IsPersonAccount"]) == ("Woolf", True)
    assert org.call("PATCH", f"/sobjects/Account/{made}", {"Score__pc": 64}).status_code == 204
    contact = org.record("Contact", account["PersonContactId"])
    assert (contact["Email"], contact["IsPersonAccount"], contact["Score__c"]) == ("v@woolf.uk", True, 64.0)
    company = org.record("Account", org.make("Account", Name="Hogarth"))
    assert (company["IsPersonAccount"], company["PersonContactId"]) == (False, None)
