"""A run at once sends nothing; a run a day later reads that day and writes what it changed."""

from collections import Counter

from tests.acceptance.loop.runs import FirstRun, Run
from tests.acceptance.truth import expected


def test_second_run_at_once_sends_no_write(second: Run) -> None:
    assert second.writes == []
    assert second.report["plan"]["changes"] == {}


def test_own_echoes_are_counted_apart(first: FirstRun, second: Run) -> None:
    pulled = second.report["pulled"]
    assert {vendor: counts["changed"] for vendor, counts in pulled.items()} == dict.fromkeys(pulled, 0)
    written = Counter(vendor for vendor, part in first.report["applied"].items() if part["done"])
    assert all(pulled[vendor]["unchanged"] for vendor in written)


def test_day_later_every_value_is_right_again(next_day: Run) -> None:
    assert expected.differences(next_day.truth, next_day.after) == {}


def test_records_merged_converted_or_deleted_are_left_alone(second: Run, next_day: Run) -> None:
    """They keep what they held when they were live; who lives on has the score."""
    stands = expected.held(next_day.after)
    before, now = second.truth.world.records, next_day.truth.world.records
    lost = {key for key, record in before.items() if record.is_live and not (key in now and now[key].is_live)}
    assert {key[1] for key in lost} == {"Lead", "Contact", "contacts", "members"}
    named = " ".join(str(one["body"]) for one in next_day.requests if one["write"])
    assert [key for key in lost if key[0] == "salesforce" and key[2] in named] == []
    assert [key for key in lost if key in stands and stands[key] != expected.held(second.after)[key]] == []


def test_day_later_lists_hold_exactly_who_they_should(first: FirstRun, next_day: Run) -> None:
    for setting in next_day.truth.settings["lists"]:
        names = {next(iter(value for key, value in target.items() if key in ("tag", "list", "campaign")))
                 for target in setting["targets"].values()}  # fmt: skip
        before = {key for name in names for key in expected.members(first.after, name)}
        stands = {key for name in names for key in expected.members(next_day.after, name)}
        assert stands == expected.wanted_members(next_day.truth, setting, next_day.after, before), setting[
            "name"
        ]


def test_only_that_day_is_read(first: FirstRun, next_day: Run) -> None:
    changed = sum(counts["changed"] for counts in next_day.report["pulled"].values())
    everything = sum(counts["changed"] for counts in first.report["pulled"].values())
    assert 0 < changed < everything / 10
    spent, before = (sum(run.report["calls"].values()) for run in (next_day, first))
    assert spent < before


def test_only_what_changed_is_written(first: FirstRun, next_day: Run) -> None:
    """A record is written to exactly where a value it should hold is another one."""
    before, after = expected.held(first.after), expected.held(next_day.after)
    moved = {key for key, values in after.items() if values != before.get(key, dict.fromkeys(values))}
    written = sum(part["fields"] for part in next_day.report["applied"].values())
    fields = sum(kinds["records"] for kinds in next_day.report["plan"]["changes"].values())
    everything = sum(kinds["records"] for kinds in first.report["plan"]["changes"].values())
    assert len(moved) == fields
    assert 0 < fields == written < everything
