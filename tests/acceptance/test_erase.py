"""Somebody asks to be deleted: our words about them leave the vendors, and nothing is left of them here."""

import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sync import crash
from tests.acceptance.processes import SOON_TIRED, Ended, Sandbox, Scoreline, small_config

_OURS = ("scoreline", "sl_")


@dataclass(frozen=True)
class Erased:
    """Who was erased: what told them apart, and what each command said."""

    words: tuple[str, ...]
    email: str
    records: dict[str, str]
    told: Ended
    done: Ended


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(60) as found:
        yield found


@pytest.fixture(scope="module")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("erase") / "state"


@pytest.fixture(scope="module")
def scoreline(sandbox: Sandbox, state_dir: Path) -> Scoreline:
    found = Scoreline.at(sandbox, state_dir, small_config(state_dir.parent / "config"))
    found.run("fields", "--apply").succeeded()
    found.run("sync", "--fire").succeeded()
    return found


@pytest.fixture(scope="module")
def erased(sandbox: Sandbox, scoreline: Scoreline, state_dir: Path) -> Erased:
    """A member of the e-mail list, whom several vendors know."""
    members = scoreline.run("lists", "Nurture", "--json").succeeded().json["members"]
    explained = [
        scoreline.run("explain", one["contact_id"], "--json").succeeded().json for one in members[:6]
    ]
    one = max(explained, key=lambda told: len({record["vendor"] for record in told["records"]}))
    email, who = one["contact"]["email"], one["contact"]["contact_id"]
    records = {record["vendor"]: record["record_id"] for record in one["records"]}
    assert len(records) > 1
    name = f"{one['contact']['first_name']} {one['contact']['last_name']}"
    words = (email, who, name, *(record_id for record_id in records.values() if len(record_id) > 8))
    assert _places(state_dir, words)
    assert [one for one in _places(state_dir, [name]) if "account_texts" in one], (
        "their company tells of them"
    )
    told = scoreline.run("erase", email).succeeded()
    assert sandbox.writes(sandbox.last_request()) == []
    return Erased(words, email, records, told, scoreline.run("erase", email, "--apply"))


def _places(state_dir: Path, words: Sequence[str]) -> list[str]:
    """Tables, published files and stores that have any of the words."""
    said = " or ".join(["contains(lower(t::varchar), lower(?))"] * len(words))
    found = []
    with duckdb.connect(str(state_dir / "scoreline.duckdb"), read_only=True) as con:
        tables = con.execute("select table_name from duckdb_tables()").fetchall()
        sources = {name: f'"{name}"' for (name,) in tables}
        sources |= {str(path): f"read_parquet('{path}')" for path in state_dir.rglob("*.parquet")}
        for name, source in sources.items():
            if con.execute(f"select 1 from {source} t where {said} limit 1", list(words)).fetchone():
                found.append(name)
    for path in state_dir.rglob("*"):
        if path.is_file() and path.suffix not in (".duckdb", ".parquet"):
            found += [str(path)] if any(word.encode() in path.read_bytes() for word in words) else []
    return found


def _held(record: dict[str, Any]) -> dict[str, Any]:
    """Our fields that say something, of a vendor's record."""
    flat = {**record, **record.get("properties", {}), **record.get("merge_fields", {})}
    return {
        key: value for key, value in flat.items() if key.lower().startswith(_OURS) and value not in (None, "")
    }


def test_without_apply_it_only_says_what_would_go(erased: Erased) -> None:
    assert erased.email in erased.told.out
    assert "values of our fields in the vendors: " in erased.told.out
    assert "  on list mailchimp Scoreline nurture" in erased.told.out
    assert "Nothing is erased yet" in erased.told.out


def test_nothing_is_left_here(erased: Erased, state_dir: Path) -> None:
    erased.done.succeeded()
    assert _places(state_dir, erased.words) == []


def test_nothing_of_ours_is_left_in_the_vendors(erased: Erased, sandbox: Sandbox) -> None:
    for vendor, dump in sandbox.states().items():
        theirs = [one for kind in dump.values() for one in kind if erased.email in str(one)]
        assert theirs or vendor not in erased.records
        assert [_held(one) for one in theirs if _held(one)] == []
        assert "Scoreline nurture" not in str(theirs)
        told = [
            row for kind in dump.values() for row in kind if _held(row) and erased.words[2] in str(_held(row))
        ]
        assert told == [], "not of their company either"


def test_they_are_not_read_again(
    erased: Erased, sandbox: Sandbox, scoreline: Scoreline, state_dir: Path
) -> None:
    sandbox.do(
        "hubspot",
        "create",
        object="contacts",
        properties={"email": erased.email.upper(), "firstname": "Again"},
    )
    sandbox.advance("1h")
    sandbox.act(1)
    scoreline.run("sync").succeeded()
    assert _places(state_dir, erased.words) == []
    assert "nobody answers" in scoreline.run("explain", erased.email).err


def test_erasing_again_says_so(erased: Erased, scoreline: Scoreline) -> None:
    assert f"Nobody is known by {erased.email}" in scoreline.run("erase", erased.email).succeeded().out
    assert scoreline.run("erase", "nobody at all").code == 2


def _somebody(state_dir: Path) -> tuple[str, str]:
    """Address and id of the best of those in both CRMs."""
    with duckdb.connect(str(state_dir / "scoreline.duckdb"), read_only=True) as con:
        best = con.execute(
            """select any_value(email), contact_id from contact_scores_demand join people using (contact_id)
            where vendor in ('hubspot', 'salesforce') group by contact_id, score
            having count(distinct vendor) = 2 order by score desc limit 1"""
        )
        ((email, who),) = best.fetchall()
    return email, who


@pytest.mark.parametrize("point", [point for point in crash.POINTS if point.startswith("erase.")])
def test_killed_anywhere_it_is_finished_by_the_next(
    erased: Erased, scoreline: Scoreline, state_dir: Path, point: str
) -> None:
    erased.done.succeeded()
    email, who = _somebody(state_dir)
    killed = scoreline.using(scoreline.config, SCORELINE_CRASH_AT=point).run("erase", email, "--apply")
    assert killed.code == -signal.SIGKILL, "the point was never reached"
    scoreline.run("erase", email, "--apply").succeeded()
    assert _places(state_dir, (email, who)) == []


def test_what_a_vendor_did_not_take_stays_begun_and_is_finished_later(
    erased: Erased, sandbox: Sandbox, scoreline: Scoreline, state_dir: Path, tmp_path: Path
) -> None:
    """Also where the configuration no longer names a field: it is emptied all the same."""
    erased.done.succeeded()
    settings = scoreline.config.read_text(encoding="utf-8")
    reasons = next(line for line in settings.splitlines(keepends=True) if "name: reasons" in line)
    later = scoreline.using(small_config(tmp_path / "config", SOON_TIRED, (reasons, "")))
    email, who = _somebody(state_dir)
    sandbox.control("/faults", {"vendor": "salesforce", "action": {"status": 503, "body": ""}})
    begun = later.run("erase", email, "--apply")
    sandbox.control("/faults", method="DELETE")
    assert begun.code == 1, begun
    assert "Nothing is deleted here" in begun.out
    scoreline.run("sync").succeeded()
    theirs = [one for one in sandbox.state("hubspot")["contacts"] if email in str(one)]
    assert [_held(one) for one in theirs if _held(one)] == []
    later.run("erase", email, "--apply").succeeded()
    assert _places(state_dir, (email, who)) == []
    left = [
        _held(one)
        for dump in sandbox.states().values()
        for kind in dump.values()
        for one in kind
        if email in str(one)
    ]
    assert [one for one in left if one] == []
