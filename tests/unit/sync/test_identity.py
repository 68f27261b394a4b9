from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.unit.sync.records import Records


@pytest.fixture
def records() -> Iterator[Records]:
    records = Records()
    yield records
    records.con.close()


def groups(ids: dict[str, str]) -> set[frozenset[str]]:
    return {frozenset(key for key, value in ids.items() if value == one) for one in set(ids.values())}


def test_same_address_however_typed_is_one_person(records: Records) -> None:
    records.add("sf:Lead:1", email="ann.lee@acme.com")
    records.add("hs:contacts:2", email="  Ann.Lee+news@ACME.com\u00a0")
    records.add("mc:members:3", email="ann.lee@acme.com", first_name="Ann", last_name="Lee")
    assert len(set(records.resolve().values())) == 1


@pytest.mark.parametrize(
    "broken", ["", "ann", "ann@", "@acme.com", "a b@acme.com", "ann@acme", "a..b@acme.com", "a@b@c.de"]
)
def test_malformed_address_joins_nobody(records: Records, broken: str) -> None:
    records.add("sf:Lead:1", email=broken)
    records.add("sf:Lead:2", email=broken)
    assert len(set(records.resolve().values())) == 2


def test_composed_and_decomposed_accents_are_one_address(records: Records) -> None:
    records.add("sf:Lead:1", email="jos\u00e9@acme.com")
    records.add("sf:Lead:2", email="jose\u0301@acme.com")
    assert len(set(records.resolve().values())) == 1


def test_link_joins_whatever_names_and_addresses_say(records: Records) -> None:
    records.add("sf:Contact:1", email="ann@acme.com", first_name="Ann", last_name="Lee")
    records.add(
        "hs:contacts:2", email="bob@other.com", first_name="Bob", last_name="Ray", linked_to="sf:Contact:1"
    )
    assert len(set(records.resolve().values())) == 1


def test_two_records_linked_to_one_we_never_read_are_one_person(records: Records) -> None:
    records.add("hs:contacts:1", linked_to="sf:Contact:404")
    records.add("mc:members:2", linked_to="x:y:1; sf:Contact:404")
    assert len(set(records.resolve().values())) == 1


def test_successors_chain_to_the_survivor(records: Records) -> None:
    for number in range(60):
        records.add(f"hs:contacts:{number}", state="merged", successor=f"hs:contacts:{number + 1}")
    records.add("hs:contacts:60")
    assert len(set(records.resolve().values())) == 1


def test_two_named_people_sharing_a_mailbox_are_two(records: Records) -> None:
    records.add("sf:Lead:1", email="family@home.com", first_name="Ann", last_name="Lee")
    records.add("hs:contacts:2", email="family@home.com", first_name="ANN", last_name="Lee")
    records.add("hs:contacts:3", email="family@home.com", first_name="Bob", last_name="Ray")
    records.add("mc:members:4", email="family@home.com")
    records.add("mc:members:5", email="family@home.com", first_name="Ann")
    assert groups(records.resolve()) == {
        frozenset({"sf:Lead:1", "hs:contacts:2", "mc:members:5"}),
        frozenset({"hs:contacts:3"}),
        frozenset({"mc:members:4"}),
    }


def test_role_mailbox_joins_equal_full_names_alone(records: Records) -> None:
    records.add("sf:Lead:1", email="info@acme.com", first_name="Ann", last_name="Lee")
    records.add("sf:Lead:2", email="info@acme.com", first_name="Ana", last_name="Lee")
    records.add("hs:contacts:3", email="INFO+x@acme.com", first_name="Ánn", last_name="LEE ")
    records.add("mc:members:4", email="info@acme.com")
    assert groups(records.resolve()) == {
        frozenset({"sf:Lead:1", "hs:contacts:3"}),
        frozenset({"sf:Lead:2"}),
        frozenset({"mc:members:4"}),
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Ann", "Lee"), ("Annie", "Lee")),
        (("Ann", "Lee"), ("Ann", "Ray")),
        (("Li", "Wei"), ("Wei", "Li")),
        (("José", "Nuñez"), ("Jose", "NUNEZ")),
        (("Ann", "Lee"), (None, None)),
        (("Ann", "Lee"), (None, "[not provided]")),
    ],
)
def test_personal_mailbox_forgives_one_name(
    records: Records, one: tuple[str, str], other: tuple[str, str]
) -> None:
    records.add("sf:Lead:1", email="al@acme.com", first_name=one[0], last_name=one[1])
    records.add("hs:contacts:2", email="al@acme.com", first_name=other[0], last_name=other[1])
    assert len(set(records.resolve().values())) == 1


def test_id_survives_when_groups_join_and_the_other_becomes_its_alias(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com")
    older = records.resolve()["sf:Lead:1"]
    records.add("hs:contacts:2", email="ann@home.com")
    newer = records.resolve()["hs:contacts:2"]
    records.add("hs:contacts:2", email="ann@home.com", linked_to="sf:Lead:1")
    assert set(records.resolve().values()) == {older}
    assert records.aliases() == {newer: older}
    assert set(records.resolve().values()) == {older}
    assert records.aliases() == {newer: older}


def test_parted_groups_take_their_own_ids_back(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com")
    records.resolve()
    records.add("hs:contacts:2", email="ann@home.com")
    apart = records.resolve()
    records.add("hs:contacts:2", email="ann@acme.com")
    records.resolve()
    records.add("hs:contacts:2", email="ann@home.com")
    assert records.resolve() == apart
    assert records.aliases() == {}


def test_founder_keeps_the_id_when_later_joined_records_leave(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", created_at=datetime(2020, 1, 1))  # noqa: DTZ001  # naive UTC
    records.add("sf:Lead:2", email="ann@acme.com", created_at=datetime(2021, 1, 1))  # noqa: DTZ001  # naive UTC
    together = records.resolve()["sf:Lead:1"]
    records.add("sf:Lead:2", email="bob@acme.com")
    apart = records.resolve()
    assert apart["sf:Lead:1"] == together
    assert apart["sf:Lead:2"] != together


def test_id_survives_the_erasure_of_its_founder(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", created_at=datetime(2020, 1, 1))  # noqa: DTZ001  # naive UTC
    records.add("mc:members:2", email="ann@acme.com")
    before = records.resolve()["mc:members:2"]
    records.forget("sf:Lead:1")
    assert records.resolve() == {"mc:members:2": before}
    records.add("sf:Lead:1", email="ann@acme.com")
    assert set(records.resolve().values()) == {before}


def test_erased_founder_that_comes_back_as_somebody_else_gets_another_id(records: Records) -> None:
    records.add("sf:Lead:1", email="ann@acme.com", created_at=datetime(2020, 1, 1))  # noqa: DTZ001  # naive UTC
    records.add("mc:members:2", email="ann@acme.com")
    before = records.resolve()["mc:members:2"]
    records.forget("sf:Lead:1")
    records.resolve()
    records.add("sf:Lead:1", email="bob@acme.com")
    after = records.resolve()
    assert after["mc:members:2"] == before
    assert after["sf:Lead:1"] != before


def test_companies_join_by_domain_but_not_by_free_mail(records: Records) -> None:
    records.add("sf:Account:1", "company_records", domain="https://www.Acme.com/about")
    records.add("hs:companies:2", "company_records", domain="acme.com")
    records.add("hs:companies:3", "company_records", domain="gmail.com")
    records.add("hs:companies:4", "company_records", domain="gmail.com")
    records.add("hs:companies:5", "company_records", linked_to="sf:Account:1")
    assert groups(records.companies()) == {
        frozenset({"sf:Account:1", "hs:companies:2", "hs:companies:5"}),
        frozenset({"hs:companies:3"}),
        frozenset({"hs:companies:4"}),
    }
