"""A vendor without our fields gets nothing written, and says what to do; the next sync fills them."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.processes import VENDORS, Ended, Sandbox, Scoreline, small_config
from tests.acceptance.truth import expected

_FURTHER = """fields:
  - {name: monday, value: score, kind: integer, label: Score on Monday, vendors: [hubspot]}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(60) as found:
        yield found


@pytest.fixture(scope="module")
def scoreline(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Scoreline:
    folder = tmp_path_factory.mktemp("missing")
    return Scoreline.at(sandbox, folder / "state", small_config(folder / "config"))


@pytest.fixture(scope="module")
def without(scoreline: Scoreline) -> Ended:
    """The first sync of somebody who skipped ``fields --apply``."""
    return scoreline.run("sync")


def _looks_at_fields(sandbox: Sandbox, after: int) -> list[str]:
    paths = ("/crm/v3/properties", "/describe", "/merge-fields")
    return [one["path"] for one in sandbox.requests(after) if any(part in one["path"] for part in paths)]


def test_nothing_is_sent_to_fields_that_are_not_there(without: Ended, scoreline: Scoreline) -> None:
    assert without.code == 1
    for vendor in VENDORS:
        assert f"Left out: fields of {vendor}: nothing is written to" in without.out
    assert "scoreline fields --apply" in without.out
    assert "Nothing failed." in scoreline.run("failed").out


def test_plan_says_so_too(without: Ended, scoreline: Scoreline) -> None:
    assert without.code == 1
    left_out = json.loads(scoreline.run("plan", "--json").succeeded().out)["left_out"]
    assert {(one["vendor"], one["what"]) for one in left_out} == {(vendor, "fields") for vendor in VENDORS}


def test_next_sync_after_they_are_created_fills_them(
    without: Ended, sandbox: Sandbox, scoreline: Scoreline
) -> None:
    assert without.code == 1
    scoreline.run("fields", "--apply").succeeded()
    scoreline.run("sync").succeeded()
    states = sandbox.states()
    now = expected.now(sandbox.control("/clock")["now"])
    assert expected.differences(expected.of(states, scoreline.config, now), states) == {}


def test_only_what_is_missing_is_left_out_of_a_further_field(
    sandbox: Sandbox, scoreline: Scoreline, tmp_path: Path
) -> None:
    config = small_config(tmp_path / "config", ("fields:\n", _FURTHER))
    ended = scoreline.using(config).run("sync", "--no-pull")
    assert ended.code == 1
    assert "hubspot: nothing is written to contacts scoreline_monday (missing)\n" in ended.out
    scoreline.using(config).run("fields", "--apply").succeeded()
    filled = scoreline.using(config).run("sync", "--no-pull").succeeded()
    assert "hubspot" in filled.out
    number = sandbox.last_request()
    scoreline.using(config).run("sync", "--no-pull").succeeded()
    assert _looks_at_fields(sandbox, number) == []
