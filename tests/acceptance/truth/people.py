"""From what the vendors hold to the tables a scorer reads, one person at a time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.acceptance.truth import hubspot, identity, mailchimp, salesforce, words
from tests.acceptance.truth.rows import Key, Known, Record
from tests.oracle.conditions import like

Row = dict[str, Any]
Dumps = Mapping[str, dict[str, list[Row]]]
_RANK = {"salesforce": 0, "hubspot": 1, "mailchimp": 2}
_TEXTS = (
    "email",
    "first_name",
    "last_name",
    "title",
    "phone",
    "country",
    "region",
    "city",
    "lifecycle",
    "owner",
)
_COMPANY = ("name", "industry", "employees", "annual_revenue", "country", "region", "city")
_REFUSALS = ("cleaned", "unsubscribed", "archived", "pending")


@dataclass
class World:
    """persons, companies: which record is whose. data: the tables of scoring. consent: by person."""

    records: dict[Key, Record]
    company_records: dict[Key, Record]
    persons: dict[Key, str]
    companies: dict[Key, str]
    data: dict[str, list[Row]]
    consent: dict[str, str]


def read(dumps: Dumps, settings: Row) -> World:
    """Everything, from three dumps and the configuration's masters, precedence and assets."""
    known = [
        salesforce.known(dumps["salesforce"]),
        hubspot.known(dumps["hubspot"]),
        mailchimp.known(dumps["mailchimp"]),
    ]
    people = [record for one in known for record in one.people]
    company_records = [record for one in known for record in one.companies]
    persons = identity.people(people)
    companies, domains = identity.companies(company_records, people)
    speaking = _speaking(people, persons)
    accounts = _accounts_of(speaking, company_records, companies, domains)
    contacts = [_contact(person, records, accounts[person]) for person, records in speaking.items()]
    owners = _Owners(people, persons)
    ids = {row["contact_id"] for row in contacts}
    answers = [_owned(row, owners, one.vendor) for one in known for row in one.answers]
    return World(
        {record.key: record for record in people},
        {record.key: record for record in company_records},
        persons,
        companies,
        {
            "contacts": contacts,
            "accounts": _accounts(company_records, companies, set(accounts.values()), domains),
            "activities": [row for row in _activities(known, owners, settings) if row["contact_id"] in ids],
            "survey_responses": [row for row in answers if row["contact_id"] in ids],
            "stage_history": [],
        },
        _consents(people, persons),
    )


def _order(record: Record) -> tuple[int, float, str]:
    """Whose word counts first: the vendor's rank, then the newest, then the key."""
    return _RANK[record.key[0]], -record.modified.timestamp(), ":".join(record.key)


def _speaking(people: Sequence[Record], persons: Mapping[Key, str]) -> dict[str, list[Record]]:
    """A person's records whose values count, the first first; persons without any are left out."""
    known = {record.key for record in people}
    found: dict[str, list[Record]] = defaultdict(list)
    for record in people:
        stands_in = record.state in ("merged", "converted") and record.successor not in known
        if record.state in ("live", "archived") or stands_in:
            found[persons[record.key]].append(record)
    return {
        person: sorted([one for one in records if one.is_live] or records, key=_order)
        for person, records in found.items()
    }


def _first(records: Sequence[Record], column: str) -> Any:
    return next((value for record in records if (value := record.values.get(column)) is not None), None)


def _contact(person: str, records: Sequence[Record], account: str | None) -> Row:
    row = {column: _first(records, column) for column in _TEXTS}
    emails = [text for record in records if words.address(text := record.values.get("email"))]
    customer = any(record.values.get("is_customer") for record in records)
    born = [born for record in records if (born := record.values.get("created_at"))]
    return {
        **row,
        "contact_id": person,
        "account_id": account,
        "email": words.plain(emails[0]) if emails else None,
        "is_customer": customer,
        "created_at": min(born, default=None),
    }


def _accounts_of(
    speaking: Mapping[str, Sequence[Record]],
    records: Sequence[Record],
    companies: Mapping[Key, str],
    domains: Mapping[str, str],
) -> dict[str, str | None]:
    """Person → company: of the record's own company, else the address's domain, else an unmistakable name."""
    standing = {record.key for record in records if record.state in ("live", "archived")}
    named: dict[str, set[str]] = defaultdict(set)
    for record in records:
        name = words.name(record.values.get("name"))
        if name and record.key in standing:
            named[name].add(companies[record.key])
    found: dict[str, str | None] = {}
    for person, theirs in speaking.items():
        own = [companies[one.company] for one in theirs if one.company in standing and one.company]
        at = [words.work_domain(words.address(one.values.get("email"))) for one in theirs]
        told = [words.name(one.values.get("company_name")) for one in theirs]
        known = [
            *own,
            *(domains[domain] for domain in at if domain),
            *(min(named[name]) for name in told if name and len(named.get(name, ())) == 1),
        ]
        found[person] = known[0] if known else None
    return found


def _accounts(
    records: Sequence[Record],
    companies: Mapping[Key, str],
    mentioned: set[str | None],
    domains: Mapping[str, str],
) -> list[Row]:
    groups: dict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.state in ("live", "archived"):
            groups[companies[record.key]].append(record)
    for account in mentioned & set(domains.values()):
        groups.setdefault(str(account), [])
    return [
        {
            **{column: _first(ordered, column) for column in _COMPANY},
            "account_id": account,
            "domain": next((at for one in ordered if (at := words.domain(one.values.get("domain")))), None),
            "is_customer": any(one.values.get("is_customer") for one in ordered) if ordered else None,
            "parent_id": None,
        }
        for account, found in groups.items()
        if (ordered := sorted(found, key=_order)) is not None
    ]


class _Owners:
    """Whose an activity is: its record's person, else the only user of its address in that vendor."""

    def __init__(self, people: Sequence[Record], persons: Mapping[Key, str]) -> None:
        self._persons = persons
        self._users: dict[tuple[str, str], dict[str, bool]] = defaultdict(dict)
        for record in people:
            if mailbox := words.address(record.values.get("email")):
                nameless = not any(
                    words.name(record.values.get(part)) for part in ("first_name", "last_name")
                )
                users = self._users[record.key[0], mailbox]
                person = persons[record.key]
                users[person] = users.get(person, True) and nameless

    def of(self, row: Row, vendor: str) -> str | None:
        if row["record"] in self._persons:
            return self._persons[row["record"]]
        users = self._users.get((vendor, words.address(row["email"]) or ""), {})
        if len(users) == 1:
            return next(iter(users))
        nameless = [person for person, is_nameless in users.items() if is_nameless]
        return nameless[0] if len(nameless) == 1 else None


def _owned(row: Row, owners: _Owners, vendor: str) -> Row:
    return {**row, "contact_id": owners.of(row, vendor)}


def _activities(known: Sequence[Known], owners: _Owners, settings: Row) -> list[Row]:
    """Everybody's activities, with products by their assets, and copies between vendors left out."""
    kept: dict[tuple[object, ...], list[tuple[str, Row]]] = defaultdict(list)
    for one in known:
        for row in one.activities:
            mine = _with_product(_owned(row, owners, one.vendor), settings["assets"])
            if mine["contact_id"] and mine["occurred_at"]:
                minute = mine["occurred_at"].replace(second=0)
                asset = None if mine["asset"] is None else mine["asset"].strip(" ").lower()
                kept[mine["contact_id"], mine["type"], asset, minute].append((one.vendor, mine))
    found = []
    for (_, kind, *_), same in kept.items():
        vendors = {vendor for vendor, _ in same}
        master = min(vendors, key=lambda vendor: (settings["masters"].get(kind) != vendor, _RANK[vendor]))
        found += [
            {**row, "activity_id": f"{vendor}:{row['activity_id']}"}
            for vendor, row in same
            if vendor == master
        ]
    return found


def _with_product(row: Row, assets: Sequence[Row]) -> Row:
    rule = next(
        (one for one in assets if row["asset"] is not None and like(row["asset"], one["match"])), None
    )
    if rule is None:
        return row
    product = row["product"] or rule["product"]
    category = row["category"] or (rule.get("category") if product == rule["product"] else None)
    return {**row, "product": product, "category": category}


def _consents(people: Sequence[Record], persons: Mapping[Key, str]) -> dict[str, str]:
    """Person → ``subscribed`` where somebody says so and nobody forbids it; else what keeps them off."""
    said: dict[str, set[str]] = defaultdict(set)
    for record in people:
        lasting = record.state == "deleted" and record.consent in ("cleaned", "unsubscribed")
        left = record.state in ("merged", "converted") and record.successor is None
        if record.state in ("live", "archived") or lasting or left:
            said[persons[record.key]].add(record.consent)
    return {
        person: next((word for word in (*_REFUSALS, "subscribed") if word in words_), "none")
        for person, words_ in said.items()
    }
