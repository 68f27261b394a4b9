"""What people do to our fields is noticed and counted, and what is not worth a call is said."""

import pytest

from tests.acceptance.loop.runs import Loop, Run
from tests.acceptance.processes import edited_config
from tests.acceptance.truth import expected
from tests.acceptance.truth.expected import Truth
from tests.acceptance.truth.people import Dumps
from tests.acceptance.truth.rows import Key


def _idle(truth: Truth, vendor: str, kind: str, *, but: tuple[str, ...] = ()) -> Key:
    """A live record of somebody whose score stays what it is: nothing happened for long."""
    return next(
        key
        for key, record in truth.world.records.items()
        if key[:2] == (vendor, kind)
        and record.is_live
        and (person := truth.person(key)) not in but
        and person in truth.scores
        and (truth.scores[person]["idle_days"] or 0) > 200
    )


def _run(loop: Loop, before: Run, stamps: Dumps) -> tuple[Run, tuple[Key, Key]]:
    contact = _idle(before.truth, "salesforce", "Contact")
    other = _idle(before.truth, "hubspot", "contacts", but=(before.truth.person(contact),))
    loop.sandbox.advance("10m")
    loop.sandbox.do("salesforce", "edit", object="Contact", id=contact[2], values={"Scoreline_Score__c": 97})
    loop.sandbox.do("hubspot", "edit", object="contacts", id=other[2], properties={"scoreline_rating": "A4"})
    run = loop.run(history=before.truth.stage_history(), stamps=stamps)
    return run, (contact, other)


@pytest.fixture(scope="module")
def overwritten(loop: Loop, next_day: Run) -> tuple[Run, tuple[Key, Key]]:
    """The default policy."""
    return _run(loop, next_day, next_day.stamps)


@pytest.fixture(scope="module")
def kept(
    loop: Loop, overwritten: tuple[Run, tuple[Key, Key]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Run, tuple[Key, Key]]:
    """``on_edit: keep``, and scores that move by less than 30 are not worth a call; a day later."""
    before, _ = overwritten
    config = edited_config(
        tmp_path_factory.mktemp("patient") / "config",
        ("on_edit: overwrite", "on_edit: keep"),
        ("worth: {change: 1}", "worth: {change: 30}"),
    )
    patient = Loop(loop.sandbox, loop.scoreline.using(config), loop.state_dir)
    loop.sandbox.act(1)
    return _run(patient, before, before.stamps)


def test_edited_values_are_counted_and_overwritten(overwritten: tuple[Run, tuple[Key, Key]]) -> None:
    run, edited = overwritten
    found = {
        (one["ref"]["vendor"], one["ref"]["object"], one["ref"]["record_id"]): one
        for one in run.report["plan"]["edits"]
    }
    assert set(found) == set(edited)
    assert all(one["overwritten"] for one in found.values())
    assert expected.differences(run.truth, run.after) == {}


def test_edited_values_stand_where_the_policy_says_keep(kept: tuple[Run, tuple[Key, Key]]) -> None:
    run, (contact, other) = kept
    stands = expected.held(run.after)
    assert stands[contact]["score"] == 97
    assert stands[other]["rating"] == "A4"
    found = {one["ref"]["record_id"]: one["overwritten"] for one in run.report["plan"]["edits"]}
    assert found == {contact[2]: False, other[2]: False}
    assert run.report["plan"]["withheld"]["edited"] == 2


def test_explain_shows_both_numbers_where_one_is_not_worth_a_call(
    loop: Loop, kept: tuple[Run, tuple[Key, Key]]
) -> None:
    run, _ = kept
    stands = expected.held(run.after)
    different = {
        run.truth.person(key)
        for key, record in run.truth.world.records.items()
        if record.is_live and stands[key]["score"] != expected.person_fields(run.truth, key)["score"]
    }
    others = set(list(run.truth.scores)[:20])
    explained = loop.explained(run.truth, different | others)
    small = 0
    for person, found in explained.items():
        for row in found["fields"]:
            key = (row["vendor"], row["object"], row["record_id"])
            if row["label"] != "score":
                continue
            wanted = run.truth.scores[person]["score"] if person in run.truth.scores else None
            assert row["desired"] == (None if wanted is None else str(wanted)), key
            assert row["held"] == (None if stands[key]["score"] is None else str(stands[key]["score"])), key
            assert (row["why"] is None) == (row["desired"] == row["held"]), row
            small += (row["why"] or "").startswith("not worth a call")
    assert small


def test_explain_says_on_the_screen_why_the_crm_holds_another(
    loop: Loop, kept: tuple[Run, tuple[Key, Key]]
) -> None:
    run, (contact, _) = kept
    score = run.truth.scores[run.truth.person(contact)]["score"]
    text = loop.scoreline.run("explain", contact[2]).succeeded().out
    assert f"97 → {score}" in text
    assert "edited by a person" in text


def test_vendors_of_one_person_never_show_two_numbers(kept: tuple[Run, tuple[Key, Key]]) -> None:
    """Not worth a call is so for a person, not for a record: but for what was edited by hand."""
    run, edited = kept
    stands = expected.held(run.after)
    shown: dict[str, set[object]] = {}
    for key, record in run.truth.world.records.items():
        if record.is_live and key not in edited:
            shown.setdefault(run.truth.person(key), set()).add(stands[key]["score"])
    assert {person: scores for person, scores in shown.items() if len(scores) > 1} == {}
