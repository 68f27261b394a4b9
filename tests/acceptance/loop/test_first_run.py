"""After the first run the three vendors hold what an independent scorer says they should."""

from collections import Counter

import pytest

from tests.acceptance.loop.runs import FirstRun, keys
from tests.acceptance.truth import expected, words
from tests.acceptance.truth.rows import Key


def _name(target: dict[str, str]) -> str:
    return next(target[kind] for kind in ("tag", "segment", "list", "campaign") if kind in target)


def test_fields_are_created_in_all_three_vendors(first: FirstRun) -> None:
    created = Counter(line.split()[0] for line in first.fields.out.splitlines() if line.endswith("created"))
    assert set(created) == {"salesforce", "hubspot", "mailchimp"}


def test_every_value_is_what_the_slow_scorer_says(first: FirstRun) -> None:
    live = [key for key, record in first.truth.world.records.items() if record.is_live]
    assert len(live) > 500
    assert len({key[:2] for key in live}) == 4, "leads, contacts, HubSpot contacts, members"
    assert expected.differences(first.truth, first.after) == {}


def test_records_that_are_not_live_hold_nothing_of_ours(first: FirstRun) -> None:
    stands = expected.held(first.after)
    others = [key for key, record in first.truth.world.records.items() if not record.is_live]
    assert others
    assert [key for key in others if key in stands and any(stands[key].values())] == []


def test_reasons_and_details_in_the_vendors_add_up_to_the_score(first: FirstRun) -> None:
    stands = expected.held(first.after)
    scored = [
        (key, first.truth.scores[person])
        for key, record in first.truth.world.records.items()
        if record.is_live and (person := first.truth.person(key)) in first.truth.scores
    ]
    assert len(scored) > 500
    for key, found in scored:
        held = stands[key]
        assert expected.points(held["reasons"]) == found["score"], (key, held["reasons"])
        assert held["summary"].startswith(f"{found['score']} · {found['rating']}"), key
        if key[0] != "mailchimp":
            assert expected.points(held["details"], "\n") == found["score"], (key, held["details"])
            assert held["fit"].startswith(f"{found['grade']}:"), (key, held["fit"])


def test_reasons_of_companies_add_up_too(first: FirstRun) -> None:
    stands = expected.held(first.after)
    summed = {
        key: expected.points(stands[key]["reasons"])
        for key, record in first.truth.world.company_records.items()
        if record.is_live and stands[key]["reasons"]
    }
    assert summed
    assert summed == {key: stands[key]["score"] for key in summed}


def test_excluded_are_counted_by_reason(first: FirstRun) -> None:
    counted = Counter(first.truth.excluded.values())
    assert {"where", "employee", "test"} <= set(counted)
    assert first.report["plan"]["excluded"] == dict(counted)
    assert first.report["scored"][0]["excluded"] == dict(counted)


@pytest.mark.parametrize("name", ["Nurture", "Sales ready"])
def test_lists_hold_exactly_who_they_should(first: FirstRun, name: str) -> None:
    setting = first.truth.list_named(name)
    wanted = expected.wanted_members(first.truth, setting, first.after)
    places = {_name(target) for target in setting["targets"].values()}
    assert wanted
    assert {key for place in places for key in expected.members(first.after, place)} == wanted


def test_lists_command_counts_who_is_there(first: FirstRun) -> None:
    said = {(one["vendor"], one["name"]): one["members"] for one in first.lists["lists"]}
    stands = {
        (vendor, name): sum(key[0] == vendor for key in expected.members(first.after, name))
        for vendor, name in said
    }
    assert said == stands


def test_nobody_without_permission_is_on_the_email_list(first: FirstRun) -> None:
    on_it = {first.truth.person(key) for key in expected.members(first.after, "Scoreline nurture")}
    assert on_it
    for key, record in first.truth.world.records.items():
        if first.truth.person(key) in on_it:
            assert record.consent in ("subscribed", "none"), key
    said = {
        first.truth.person(key)
        for key, one in first.truth.world.records.items()
        if one.consent == "subscribed"
    }
    assert on_it <= said


def test_plan_counts_who_was_withheld_for_want_of_permission(first: FirstRun) -> None:
    nurture = first.truth.list_named("Nurture")
    audience = {key[2].split(":")[0] for key in expected.members(first.after, "Scoreline nurture")}
    consents = first.truth.world.consent
    withheld = Counter(
        f"consent {consents[person]}"
        for person in first.truth.meeting(nurture["when"])
        if consents[person] != "subscribed"
        and any(
            record.is_live and first.truth.person(key) == person and key[2].split(":")[0] in audience
            for key, record in first.truth.world.records.items()
        )
    )
    said = {
        reason: count for reason, count in first.report["plan"]["withheld"].items() if "consent" in reason
    }
    assert {"consent cleaned", "consent unsubscribed"} <= set(withheld)
    assert said == dict(withheld)


def test_owner_gets_one_task_for_each_who_entered_sql(first: FirstRun) -> None:
    truth = first.truth
    in_salesforce = {
        truth.person(key)
        for key, record in truth.world.records.items()
        if key[0] == "salesforce" and record.is_live
    }
    due = {
        person
        for person in in_salesforce
        if person in truth.scores and truth.scores[person]["stage"] == "SQL"
    }
    tasks = [
        row
        for row in first.after["salesforce"]["Task"]
        if row["Subject"].startswith("Call ") and not row["IsClosed"]
    ]
    told = Counter(truth.person(_who(row["WhoId"])) for row in tasks)
    assert due
    assert told == Counter(due)


def _who(number: str) -> Key:
    return ("salesforce", "Lead" if number.startswith("00Q") else "Contact", number)


def test_person_in_all_three_vendors_has_one_score(first: FirstRun) -> None:
    """Who is whom is the world's own word here, not worked out from links or addresses."""
    stands = expected.held(first.after)
    records = first.truth.world.records
    in_all = 0
    for person in _truthful_people(first):
        keys = [key for key in person if key in records and records[key].is_live]
        in_all += len({key[0] for key in keys}) == 3
        assert len({stands[key]["score"] for key in keys}) <= 1, keys
        assert len({stands[key]["rating"] for key in keys}) <= 1, keys
    assert in_all > 30


def test_both_records_of_a_duplicate_carry_the_score(first: FirstRun) -> None:
    stands = expected.held(first.after)
    records = first.truth.world.records
    twice = 0
    for person in _truthful_people(first):
        for kind in {key[:2] for key in person}:
            same = [key for key in person if key[:2] == kind and key in records and records[key].is_live]
            scores = [stands[key]["score"] for key in same]
            twice += len(same) > 1 and None not in scores and kind[1] in ("Lead", "Contact", "contacts")
            assert len(set(scores)) <= 1, same
    assert twice


def test_shared_mailbox_of_two_named_people_is_not_one_person(first: FirstRun) -> None:
    shared = [one for one in first.people if one["kind"] == "shared_mailbox"]
    by_address: dict[str, set[str]] = {}
    for one in shared:
        persons = {first.truth.person(key) for key in keys(one) if key in first.truth.world.persons}
        explained = {
            first.explanations[name]["contact"]["contact_id"]
            for name in persons
            if name in first.explanations
        }
        by_address.setdefault(words.address(one["email"]) or "", set()).add("|".join(sorted(explained)))
    several = {
        address: ids
        for address, ids in by_address.items()
        if sum(words.address(p["email"]) == address for p in shared) > 1
    }
    assert several
    for address, ids in several.items():
        assert len(ids) > 1, f"{address} is one person: {ids}"


def _truthful_people(first: FirstRun) -> list[list[Key]]:
    """Records by person, as the sandbox knows them; people whose records nothing could tie together aside."""
    known = first.truth.world.persons
    everybody = [[key for key in keys(person) if key in known] for person in first.people]
    return [keys for keys in everybody if len({known[key] for key in keys}) == 1]
