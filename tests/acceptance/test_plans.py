"""A kept plan is sent exactly as it was read, or refused with the reason."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.processes import Ended, Sandbox, Scoreline, small_config
from tests.acceptance.truth import expected
from tests.acceptance.truth.people import Dumps
from tests.acceptance.truth.rows import Key

_SHORT = {"salesforce": ("Scoreline_", "__c"), "hubspot": ("scoreline_", ""), "mailchimp": ("SL_", "")}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(120) as found:
        yield found


@pytest.fixture(scope="module")
def scoreline(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Scoreline:
    folder = tmp_path_factory.mktemp("plans")
    found = Scoreline.at(sandbox, folder / "state", small_config(folder / "config"))
    found.run("fields", "--apply").succeeded()
    return found


class Sent:
    """A plan made and kept, then sent: what the file says and what came of it."""

    def __init__(self, sandbox: Sandbox, scoreline: Scoreline, file: Path) -> None:
        number = sandbox.last_request()
        self.planned = scoreline.run("plan", "--exit-code", "--json", "-o", str(file))
        self.writes_of_plan = sandbox.writes(number)
        self.header, *self.changes = [json.loads(line) for line in file.read_text().splitlines()]
        self.before = sandbox.states()
        self.synced = scoreline.run("sync", "--json", "--plan", str(file)).succeeded()
        self.after = sandbox.states()
        self.file = file


@pytest.fixture(scope="module")
def sent(sandbox: Sandbox, scoreline: Scoreline, tmp_path_factory: pytest.TempPathFactory) -> Sent:
    return Sent(sandbox, scoreline, tmp_path_factory.mktemp("plan") / "first.jsonl")


def _planned_values(changes: list[dict[str, Any]]) -> dict[Key, dict[str, str | None]]:
    found: dict[Key, dict[str, str | None]] = {}
    for one in changes:
        if one["change"] == "SetFields":
            before, after = _SHORT[one["vendor"]]
            found[one["vendor"], one["object"], one["record_id"]] = {
                name.removeprefix(before).removesuffix(after).lower(): value
                for name, value in one["value"].items()
            }
    return found


def _members(dumps: Dumps) -> set[Key]:
    names = ("Scoreline nurture", "Scoreline sales ready")
    return {key for name in names for key in expected.members(dumps, name)}


def test_plan_sends_nothing_and_says_so_by_its_code(sent: Sent) -> None:
    assert sent.planned.code == 4
    assert sent.writes_of_plan == []


def test_plan_tells_scores_stages_lists_and_price(sent: Sent) -> None:
    said = sent.planned.json
    assert said["first"]
    assert said["scores_changed"] > 50
    assert set(said["lists"]) == {"Sales ready"}
    assert "Nurture" in said["quiet"]
    assert set(said["calls"]) == {"salesforce", "hubspot", "mailchimp"}
    assert all(0 < calls < 50 for calls in said["calls"].values())
    assert said["excluded"]


def test_exactly_the_kept_plan_is_sent(sent: Sent) -> None:
    planned = _planned_values(sent.changes)
    stands, before = expected.held(sent.after), expected.held(sent.before)
    assert len(planned) > 100
    for key, values in planned.items():
        for name, value in values.items():
            assert stands[key][name] == (
                int(value) if name in ("score", "account", "people") and value else value
            ), key
    assert {key for key, values in stands.items() if values != before.get(key)} == set(planned)
    joined = {
        (one["vendor"], one["object"], one["record_id"])
        for one in sent.changes
        if one["change"] == "SetMembership"
    }
    assert _members(sent.after) == joined


def test_first_contact_is_quiet(sent: Sent) -> None:
    """Fields are written; the e-mail list and the tasks wait for a person's word."""
    assert expected.members(sent.after, "Scoreline nurture") == set()
    assert [row for row in sent.after["salesforce"]["Task"] if not row["IsClosed"]] == []
    assert "Nurture" in sent.synced.json["plan"]["quiet"]


@pytest.fixture(scope="module")
def later(sandbox: Sandbox, scoreline: Scoreline, sent: Sent) -> Path:
    """A plan made a day later."""
    assert sent.synced.code == 0
    sandbox.act(1)
    file = sent.file.with_name("later.jsonl")
    scoreline.run("plan", "--pull", "-o", str(file)).succeeded()
    assert len(file.read_text().splitlines()) > 1
    return file


def _refused(sandbox: Sandbox, scoreline: Scoreline, *arguments: str) -> Ended:
    number = sandbox.last_request()
    ended = scoreline.run(*arguments)
    assert ended.code == 5, ended
    assert sandbox.writes(number) == []
    return ended


def test_plan_shows_the_largest_moves_and_the_rule_behind_each(scoreline: Scoreline, later: Path) -> None:
    assert later.exists()
    said = scoreline.run("plan", "--json").succeeded().json
    assert said["scores_changed"] > 0
    assert said["largest"]
    for move in said["largest"]:
        assert move["before"] != move["after"]
        assert move["rule"]


def test_plan_is_refused_after_the_model_changed(
    sandbox: Sandbox, scoreline: Scoreline, later: Path, tmp_path: Path
) -> None:
    config = small_config(tmp_path / "config", model=(("points: 40, signal", "points: 41, signal"),))
    ended = _refused(sandbox, scoreline.using(config), "sync", "--no-pull", "--plan", str(later))
    assert "'demand' has changed since the plan was made" in ended.err
    assert "scoreline plan -o" in ended.err


def test_plan_is_refused_after_a_value_it_would_write_was_changed(
    sandbox: Sandbox, scoreline: Scoreline, later: Path
) -> None:
    changes = [json.loads(line) for line in later.read_text().splitlines()[1:]]
    contact = next(
        one for one in changes if one["object"] == "contacts" and "scoreline_score" in one.get("value", ())
    )
    sandbox.advance("10m")
    sandbox.do(
        "hubspot", "edit", object="contacts", id=contact["record_id"], properties={"scoreline_score": "3"}
    )
    ended = _refused(sandbox, scoreline, "sync", "--plan", str(later))
    assert f"hubspot contacts {contact['record_id']} now holds '3'" in ended.err


def test_run_that_moves_too_many_stages_waits_for_approval(
    sandbox: Sandbox, scoreline: Scoreline, later: Path, tmp_path: Path
) -> None:
    assert later.exists()
    config = small_config(
        tmp_path / "config",
        ("guard: {stage_changes: 20%, at_least: 50}", "guard: {stage_changes: 5%, at_least: 5}"),
        model=(("score >= 20", "score >= 1"),),
    )
    before = json.loads(scoreline.run("plan", "--json").out)
    ended = _refused(sandbox, scoreline.using(config), "sync", "--no-pull")
    assert "would change stage" in ended.err
    assert "scoreline sync --approve" in ended.err
    status = scoreline.run("status").out
    assert "people would change stage" in status
    assert "changes planned" in status
    # nobody stays in a stage that was never agreed to
    assert json.loads(scoreline.run("plan", "--json").out)["stages"] == before["stages"]
