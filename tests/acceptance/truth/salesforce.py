"""Salesforce as its dump tells it."""

from typing import Any

from tests.acceptance.truth.rows import Key, Known, Record, activity, at, instant, some

_Row = dict[str, Any]
_V = "salesforce"


def known(dump: dict[str, list[_Row]]) -> Known:
    found = Known(_V)
    found.people = [_lead(row) for row in dump["Lead"]] + [_contact(row) for row in dump["Contact"]]
    found.companies = [_account(row) for row in dump["Account"]]
    campaigns = {row["Id"]: row for row in dump["Campaign"]}
    for row in dump["CampaignMember"]:
        if not row["IsDeleted"]:
            found.activities += _membership(row, campaigns[row["CampaignId"]])
    for row in dump["Task"]:
        if not row["IsDeleted"] and row.get("TaskSubtype") == "Call" and row.get("IsClosed"):
            done = instant(row.get("CompletedDateTime") or row.get("ActivityDate") or row["CreatedDate"])
            found.activities += _of(
                row.get("WhoId"), "call", f"task:{row['Id']}", done, some(row.get("Subject"))
            )
    for row in dump["Event"]:
        if not row["IsDeleted"]:
            held = instant(row.get("StartDateTime") or row.get("ActivityDate"))
            found.activities += _of(
                row.get("WhoId"), "meeting", f"event:{row['Id']}", held, some(row.get("Subject"))
            )
    for row in dump["Case"]:
        if not row["IsDeleted"]:
            opened = instant(row["CreatedDate"])
            subject = some(row.get("Subject"))
            found.activities += _of(
                row.get("ContactId"), "support_ticket", f"case:{row['Id']}", opened, subject
            )
    return found


def _key(number: str) -> Key:
    return (_V, {"00Q": "Lead", "003": "Contact", "001": "Account"}[number[:3]], number)


def _record(row: _Row, values: dict[str, Any]) -> Record:
    master = row.get("MasterRecordId")
    state = "live"
    if row["IsDeleted"]:
        state = "merged" if master else "deleted"
    elif row.get("IsConverted"):
        state = "converted"
    successor = master or (row.get("ConvertedContactId") if state == "converted" else None)
    return Record(
        _key(row["Id"]),
        state,
        at(row["SystemModstamp"]),
        {**values, "created_at": instant(row["CreatedDate"])},
        successor=_key(successor) if successor else None,
        consent="unsubscribed" if row.get("HasOptedOutOfEmail") else "none",
    )


def _person(row: _Row, prefix: str) -> dict[str, Any]:
    fields = {
        "email": "Email", "first_name": "FirstName", "last_name": "LastName", "title": "Title",
        "phone": "Phone", "country": f"{prefix}Country", "region": f"{prefix}State",
        "city": f"{prefix}City", "owner": "OwnerId",
    }  # fmt: skip
    return {column: some(row.get(name)) for column, name in fields.items()}


def _lead(row: _Row) -> Record:
    return _record(row, {**_person(row, ""), "company_name": some(row.get("Company"))})


def _contact(row: _Row) -> Record:
    found = _record(row, _person(row, "Mailing"))
    found.company = _key(row["AccountId"]) if row.get("AccountId") else None
    return found


def _account(row: _Row) -> Record:
    employees = row.get("NumberOfEmployees")
    return _record(
        row,
        {
            "name": some(row.get("Name")),
            "domain": row.get("Website"),
            "industry": some(row.get("Industry")),
            "employees": None if employees is None else int(employees),
            "annual_revenue": row.get("AnnualRevenue"),
            "country": some(row.get("BillingCountry")),
            "region": some(row.get("BillingState")),
            "city": some(row.get("BillingCity")),
            "is_customer": (row.get("Type") or "").startswith("Customer"),
        },
    )


def _of(who: str | None, kind: str, number: str, done: Any, asset: str | None) -> list[_Row]:
    if not who or who[:3] not in ("00Q", "003"):
        return []
    return [activity(kind, number, done, record=_key(who), asset=asset)]


def _membership(row: _Row, campaign: _Row) -> list[_Row]:
    """What being in a campaign says somebody did; who attended a webinar had registered for it."""
    who = row.get("ContactId") or row.get("LeadId")
    starts, joined = instant(campaign.get("StartDate")), instant(row["CreatedDate"])
    answered = instant(row.get("FirstRespondedDate")) or starts or joined
    kind, status = campaign.get("Type"), row.get("Status")
    if kind == "Webinar":
        facts = [("webinar_register", joined)] if status in ("Registered", "Attended") else []
        facts += [("webinar_attend", starts or answered)] if status == "Attended" else []
    elif kind in ("Event", "Trade Show", "Conference"):
        facts = [("event_attend", starts or answered)] if row.get("HasResponded") else []
    else:
        facts = [("campaign_response", answered)] if row.get("HasResponded") else []
    name = some(campaign.get("Name"))
    return [one for fact, when in facts for one in _of(who, fact, f"member:{fact}:{row['Id']}", when, name)]
