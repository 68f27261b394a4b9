"""One person's activities are what they are, however little was written anew."""

from pathlib import Path

import duckdb
import pytest

from sync import schema
from sync.people import changed
from sync.snapshots import history

_COLUMNS = ("activity_id", "contact_id", "type")


@pytest.fixture
def con() -> duckdb.DuckDBPyConnection:
    found = duckdb.connect()
    schema.prepare(found)
    found.execute(
        "insert into activities by name select 'e' || i as activity_id, 'p' || i // 5 as contact_id,"
        " 'page_view' as type from range(100) r(i)"
    )
    return found


def publish(con: duckdb.DuckDBPyConnection, folder: Path, before: Path | None = None) -> Path:
    con.execute(
        "insert into contacts by name select distinct contact_id from activities"
        " anti join contacts using (contact_id)"
    )
    changed.note(con)
    folder.mkdir()
    history.publish(con, folder, before, _COLUMNS)
    return folder


def agrees(con: duckdb.DuckDBPyConnection, folder: Path) -> bool:
    people = [row[0] for row in con.execute("select distinct contact_id from activities").fetchall()]
    return all(
        sorted(con.execute(f"from {history.of(folder, who)}").fetchall())
        == con.execute(
            f"select {', '.join(_COLUMNS)} from activities where contact_id = ? order by all", [who]
        ).fetchall()
        for who in [*people, "p1", "it's"]
    )


def kept(first: Path, second: Path) -> bool:
    return (first / "base.parquet").samefile(second / "base.parquet")


@pytest.mark.parametrize(
    "change",
    [
        "insert into activities (activity_id, contact_id, type) values ('e900', 'p1', 'call')",
        "insert into activities (activity_id, contact_id, type) values ('e900', 'p900', 'call')",
        "delete from activities where activity_id = 'e7'",
        "delete from activities where contact_id = 'p1'",
        "update activities set type = 'call' where activity_id = 'e7'",
        "update activities set contact_id = 'p1' where activity_id = 'e12'",
        "update contacts set title = 'Director' where contact_id = 'p1'",
    ],
)
def test_what_changed_is_read_from_beside_the_base(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, change: str
) -> None:
    first = publish(con, tmp_path / "1")
    assert agrees(con, first)
    con.execute(change)
    second = publish(con, tmp_path / "2", first)
    assert kept(first, second)
    assert agrees(con, second)
    third = publish(con, tmp_path / "3", second)
    assert kept(first, third)
    assert agrees(con, third)


def test_much_that_changed_makes_a_new_base(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first = publish(con, tmp_path / "1")
    con.execute("update activities set type = 'call' where contact_id in ('p1', 'p2', 'p3')")
    second = publish(con, tmp_path / "2", first)
    assert not kept(first, second)
    assert agrees(con, second)
    assert con.execute(f"select count(*) from '{second}/later.parquet'").fetchone() == (0,)


def test_other_columns_make_a_new_base(con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    first = publish(con, tmp_path / "1")
    (tmp_path / "2").mkdir()
    history.publish(con, tmp_path / "2", first, ("activity_id", "contact_id"))
    assert not kept(first, tmp_path / "2")


def test_sorting_leaves_the_memory_there_was(
    con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sync.snapshots.history._SORTING_MB", 50)
    con.execute("set temp_directory = ''")  # nowhere to go beyond a limit
    publish(con, tmp_path / "1")
    con.execute("create temp table large as select hash(i) as a, hash(-i) as b from range(6_000_000) r(i)")


def test_a_disk_without_links_gets_copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_old: Path, _new: Path) -> None:
        raise OSError

    monkeypatch.setattr("os.link", refuse)
    (tmp_path / "a").write_text("a")
    history.link(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "b").read_text() == "a"
