import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import duckdb
import pytest

from core.tables import SCORED
from sync.settings import Asset
from tests.unit.sync.records import Records


@pytest.fixture
def records() -> Iterator[Records]:
    records = Records()
    yield records
    records.con.close()


def instant(day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, second)  # noqa: DTZ001  # tables are naive UTC


def visit(number: int, at: datetime, vendor: str = "sf", **row: Any) -> dict[str, Any]:
    return {"vendor": vendor, "activity_id": str(number), "type": "page_view", "occurred_at": at} | row


def on(key: str) -> dict[str, str]:
    vendor, kind, number = key.split(":")
    return {"vendor": vendor, "object": kind, "record_id": number}


def test_each_column_is_the_first_filled_one_by_precedence(records: Records) -> None:
    records.add("hs:contacts:1", email="ann@acme.com", title="Director", phone="1", country="ES")
    records.add("sf:Lead:2", email="ANN@acme.com ", title="", phone="2", created_at=instant(3))
    records.build()
    person = records.only("select * from contacts")
    assert (person["title"], person["phone"], person["country"]) == ("Director", "2", "ES")
    assert (person["email"], person["created_at"]) == ("ann@acme.com", instant(3))


def test_newest_record_of_a_vendor_speaks_first(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", title="old", modified_at=instant(1))
    records.add("sf:Lead:2", email="ann@acme.com", title="new", modified_at=instant(2))
    records.build()
    assert records.only("select title from contacts") == {"title": "new"}


@pytest.mark.parametrize("silent", ["deleted", "merged", "converted", "archived"])
def test_only_live_records_speak_while_there_is_one(records: Records, silent: str) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", title="gone", phone="1", state=silent)
    records.add("mc:members:2", email="ann@acme.com", title="here")
    records.build()
    assert records.only("select title, phone from contacts") == {"title": "here", "phone": None}


def test_person_whose_every_record_is_deleted_leaves_with_all_they_did(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", state="deleted")
    records.add("sf:Lead:0", state="merged", successor="sf:Lead:1")
    records.add_to("activity_records", visit(1, instant(1), **on("sf:Lead:1")))
    built = records.build()
    assert (built.contacts, built.accounts, built.activities) == (0, 0, 0)


def test_person_of_archived_records_alone_stays(records: Records) -> None:
    records.add("mc:members:1", email="ann@acme.com", state="archived", first_name="Ann")
    records.build()
    assert records.only("select first_name from contacts") == {"first_name": "Ann"}


def test_converted_lead_stands_in_until_its_contact_arrives(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", title="x", state="converted", successor="sf:Contact:9")
    records.build()
    assert records.only("select title from contacts") == {"title": "x"}


def test_tables_have_the_columns_scoring_expects(records: Records) -> None:
    records.build()
    for table, schema in SCORED.items():
        columns = set(records.con.table(table).columns)
        assert columns >= set(schema.names), table


def test_attributes_become_columns_of_the_type_their_values_share(records: Records) -> None:
    records.add(
        "sf:Lead:1",
        attributes='{"seats": 12, "vip": true, "zip": "08001", "since": "2026-01-02T03:04:05.678Z"}',
    )
    records.add(
        "sf:Lead:2",
        attributes='{"seats": 1.5, "vip": null, "zip": "", "O\'Neil \\"x\\"": "a", "TITLE": "no"}',
    )
    records.build()
    rows = records.rows("select seats, vip, zip, since, title from contacts order by seats")
    assert rows == [
        {"seats": 1.5, "vip": None, "zip": None, "since": None, "title": None},
        {"seats": 12.0, "vip": True, "zip": "08001", "since": datetime(2026, 1, 2, 3, 4, 5), "title": None},  # noqa: DTZ001  # naive UTC
    ]
    assert records.rows('select "O\'Neil ""x""" as odd from contacts where odd is not null') == [{"odd": "a"}]


def test_whole_numbers_keep_their_last_digit(records: Records) -> None:
    for number, ext_id in enumerate((1234567890123456789, 1234567890123456788, 7)):
        records.add(f"sf:Lead:{number}", attributes=f'{{"ext_id": {ext_id}, "huge": {10**30 + ext_id}}}')
    records.build()
    one = records.only("select count(*) as n from contacts where ext_id = 1234567890123456789")
    assert one == {"n": 1}
    assert records.only("select count(*) as n from contacts where huge > 1e29") == {"n": 3}


def test_account_is_the_companys_record_before_the_addresss_domain(records: Records) -> None:
    records.add("sf:Account:1", "company_records", name="Acme", domain="acme.com")
    records.add("sf:Account:2", "company_records", name="Beta", domain="beta.com")
    records.add("sf:Contact:1", email="ann@beta.com", company_record_id="1")
    records.add("sf:Lead:2", email="bob@beta.com")
    records.build()
    rows = records.rows(
        "select c.email, a.name from contacts c join accounts a using (account_id) order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [("ann@beta.com", "Acme"), ("bob@beta.com", "Beta")]


def test_work_addresses_alone_make_a_company_and_free_mail_does_not(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", company_name="Acme Inc")
    records.add("mc:members:2", email="bob@acme.com")
    records.add("mc:members:3", email="eve@gmail.com")
    records.build()
    assert records.rows(
        "select name, domain, count(*) as n from accounts join contacts using (account_id) group by all"
    ) == [{"name": "Acme Inc", "domain": "acme.com", "n": 2}]
    before = records.only("select account_id from accounts")
    records.add("sf:Account:9", "company_records", name="Acme", domain="www.acme.com", employees=50)
    records.build()
    after = records.only("select account_id, name, employees from accounts")
    assert after == {**before, "name": "Acme", "employees": 50}


def test_company_name_finds_the_only_company_of_that_name(records: Records) -> None:
    records.add("sf:Account:1", "company_records", name="Acmé, Inc.")
    records.add("sf:Account:2", "company_records", name="Beta")
    records.add("hs:companies:3", "company_records", name="beta")
    records.add("mc:members:1", email="ann@gmail.com", company_name="ACME INC")
    records.add("mc:members:2", email="bob@gmail.com", company_name="Beta")
    records.build()
    rows = records.rows(
        "select c.email, a.name from contacts c left join accounts a using (account_id) order by 1"
    )
    assert [tuple(row.values()) for row in rows] == [("ann@gmail.com", "Acmé, Inc."), ("bob@gmail.com", None)]


def test_parent_is_the_parents_account_and_never_itself(records: Records) -> None:
    records.add("sf:Account:1", "company_records", name="Group", domain="group.com")
    records.add("sf:Account:2", "company_records", name="Part", domain="part.com", parent_record_id="1")
    records.add(
        "sf:Account:3", "company_records", name="Group EMEA", domain="group.com", parent_record_id="1"
    )
    records.build()
    rows = records.rows(
        "select a.name, p.name as parent from accounts a left join accounts p on p.account_id = a.parent_id"
    )
    assert sorted((row["name"], row["parent"]) for row in rows if row["parent"]) == [("Part", "Group")]


def test_person_is_a_customer_by_their_own_records_alone(records: Records) -> None:
    records.add("sf:Account:1", "company_records", name="Acme", is_customer=True)
    records.add("sf:Contact:1", company_record_id="1", is_customer=False)
    records.add("hs:contacts:2", is_customer=True)
    records.add("hs:contacts:3")
    records.build()
    assert [row["is_customer"] for row in records.rows("select is_customer from contacts order by 1")] == [
        False,
        False,
        True,
    ]


def test_activity_goes_to_its_record_or_to_the_owner_of_its_address(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", first_name="Ann")
    records.add("mc:members:2", email="ANN@acme.com")
    records.add_to(
        "activity_records",
        visit(1, instant(1), **on("sf:Lead:1")),
        visit(2, instant(2), "mc", email="Ann+x@acme.com"),
        visit(3, instant(3), "hs", email="ann@acme.com"),
        visit(4, instant(4), "mc", email="stranger@acme.com"),
        visit(5, instant(5), deleted=True, **on("sf:Lead:1")),
    )
    records.build()
    assert [row["activity_id"] for row in records.rows("select activity_id from activities order by 1")] == [
        "mc:2",
        "sf:1",
    ]
    assert records.only("select count(distinct contact_id) as people from activities") == {"people": 1}


def test_activity_of_a_shared_address_is_its_nameless_ones_or_nobodys(records: Records) -> None:
    records.add("mc:members:1", email="info@acme.com")
    for vendor in ("sf", "mc"):
        records.add(f"{vendor}:x:2", email="info@acme.com", first_name="Ann", last_name="Lee")
        records.add(f"{vendor}:x:3", email="info@acme.com", first_name="Bob", last_name="Ray")
        records.add_to("activity_records", visit(1, instant(1), vendor, email="info@acme.com"))
    records.build()
    owner = records.only(
        "select c.first_name, a.activity_id from activities a join contacts c using (contact_id)"
    )
    assert owner == {"first_name": None, "activity_id": "mc:1"}


def test_same_engagement_from_two_vendors_counts_once_by_its_master(records: Records) -> None:
    for vendor, asset in (("sf", "/Pricing"), ("hs", " /pricing"), ("mc", "/PRICING")):
        records.add(f"{vendor}:p:1", email="ann@acme.com")
        records.add_to("activity_records", visit(1, instant(1, 9, 30, 5), asset=asset, **on(f"{vendor}:p:1")))
        records.add_to(
            "activity_records", visit(2, instant(1, 9, 31), asset="/pricing", **on(f"{vendor}:p:1"))
        )
    records.add_to("activity_records", visit(3, instant(1, 9, 30, 40), asset="/pricing", **on("mc:p:1")))
    records.build(masters={"page_view": "mc"})
    assert [row["activity_id"] for row in records.rows("select activity_id from activities order by 1")] == [
        "mc:1",
        "mc:2",
        "mc:3",
    ]


def test_type_without_master_counts_by_precedence_where_the_master_lacks_it(records: Records) -> None:
    for vendor in ("sf", "hs"):
        records.add(f"{vendor}:p:1", email="ann@acme.com")
        records.add_to("activity_records", visit(1, instant(1), **on(f"{vendor}:p:1")))
    records.build(masters={"page_view": "mc"})
    assert records.only("select activity_id from activities") == {"activity_id": "sf:1"}


def test_assets_name_products_where_the_vendor_names_none(records: Records) -> None:
    records.add("sf:Lead:1")
    records.add_to(
        "activity_records",
        visit(1, instant(1), asset="https://x.io/cloud/a", **on("sf:Lead:1")),
        visit(2, instant(2), asset="https://x.io/cloud/a", product="own", **on("sf:Lead:1")),
        visit(3, instant(3), asset="/other", **on("sf:Lead:1")),
    )
    records.build(
        assets=(Asset(match="%/cloud%", product="cloud", category="infra"), Asset(match="%", product="rest"))
    )
    rows = records.rows("select product, category from activities order by activity_id")
    assert [tuple(row.values()) for row in rows] == [("cloud", "infra"), ("own", None), ("rest", None)]


def test_answers_and_deals_follow_their_people(records: Records) -> None:
    records.add("sf:Account:7", "company_records", name="Acme")
    records.add("sf:Contact:1", email="ann@acme.com", company_record_id="7")
    answer = {"vendor": "sf", "response_id": "1", "kind": "nps", "answer": 9.0, "answered_at": instant(1)}
    records.add_to("survey_records", answer | on("sf:Contact:1"))
    records.add_to(
        "deal_records", on("sf:Opportunity:5") | {"state": "live", "company_record_id": "7", "is_won": True}
    )
    records.add_to(
        "deal_roles", on("sf:Contact:1") | {"deal_object": "Opportunity", "deal_id": "5", "role": "Buyer"}
    )
    records.build()
    assert records.only("select answer from survey_responses join contacts using (contact_id)") == {
        "answer": 9.0
    }
    assert records.only("select is_won, name from deals join contacts using (account_id)")["is_won"] is True
    assert records.only("select role from deal_contacts join deals using (deal_id)") == {"role": "Buyer"}


class _Planned:
    """A connection that says how each statement would be run before it is."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        self.joins: set[str] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)

    def execute(self, statement: str, *given: Any) -> duckdb.DuckDBPyConnection:
        if statement.split(maxsplit=1)[0] in ("create", "insert", "delete", "update"):
            for _, plan in self._con.execute(f"explain {statement}", *given).fetchall():
                self.joins |= set(re.findall(r"\b[A-Z_]+_JOIN\b", plan))
        return self._con.execute(statement, *given)


def test_no_step_compares_every_row_with_every_other(records: Records) -> None:
    records.add("sf:Account:7", "company_records", name="Acme", domain="acme.com")
    for number in range(3):
        records.add(f"sf:Contact:{number}", email=f"ann{number}@acme.com", company_record_id="7")
        records.add_to("activity_records", visit(number, instant(1), email=f"ann{number}@acme.com"))
    con = _Planned(records.con)
    records.con = con  # type: ignore[assignment]  # stands in for it
    records.build()
    assert "HASH_JOIN" in con.joins
    assert con.joins <= {"HASH_JOIN", "DELIM_JOIN", "LEFT_DELIM_JOIN", "RIGHT_DELIM_JOIN"}, con.joins
