from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors.base import Stream, Window
from core.clock import FixedClock
from core.errors import AuthError, ConnectorError, SchemaDrift, TransientError
from sync import stage
from sync.load import Counts, load
from sync.progress import Silent
from sync.pull import PullReport, pull
from sync.warehouse import Warehouse
from tests.unit.sync.memory import MemoryConnector

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PEOPLE = Stream("people", ("person_records", "observed"), overlap_s=600, lag_s=120)
VISITS = Stream("visits", ("activity_records",))
ROSTER = Stream("roster", ("person_records",), sweep=True)
MEMBERS = Stream("members", ("observed",), sweep=True)


class Bench:
    """A warehouse, a clock, and one vendor."""

    def __init__(self, folder: Path, *streams: Stream) -> None:
        self.clock = FixedClock(NOON)
        self.folder = folder
        self.warehouse = Warehouse(folder / "data.duckdb")
        self.acme = MemoryConnector("acme", streams or (PEOPLE,))
        self.reading = ""

    def pull(self, *others: MemoryConnector) -> PullReport:
        stage, reading = self.folder / "stage", {"acme": self.reading}
        return pull([self.acme, *others], self.warehouse, stage, self.clock, Silent(), reading)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.warehouse.read() as con:
            return con.execute(statement).fetchall()

    def person(self, number: int, at: datetime = NOON, stream: str = "people", **row: Any) -> None:
        naive = at.replace(tzinfo=None)
        key = {"object": "Contact", "record_id": str(number), "state": "live"}
        self.acme.put(stream, "person_records", modified_at=naive, **(key | row))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def test_rows_and_watermark_arrive_together(bench: Bench) -> None:
    for number in range(5):
        bench.person(number)
    report = bench.pull()
    assert report.totals() == Counts(changed=5)
    assert (report.streams[0].pages, report.streams[0].records) == (3, 5)
    assert bench.query("select count(*), min(seen_at) from person_records") == [
        (5, NOON.replace(tzinfo=None))
    ]
    proved = NOON.replace(tzinfo=None) - timedelta(seconds=PEOPLE.lag_s)
    assert bench.query("select vendor, stream, until from watermarks") == [("acme", "people", proved)]


def test_loading_holds_no_page_after_its_rows_are_in(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "_ROWS_AT_ONCE", 4)
    staged = stage.Stage(bench.folder / "staged")
    staged.begin(stage.Begun(Window(None, NOON), NOON.replace(tzinfo=None), 0))
    bench.acme.page_size = 4
    for number in range(40):
        bench.person(number, first_name="A" * 1000)
    for page in bench.acme.pull(PEOPLE, Window(None, NOON), None):
        staged.add(page, NOON)
    before = pa.total_allocated_bytes()
    with bench.warehouse.write("loading") as con:
        begun = staged.begun()
        assert begun is not None
        load(con, "acme", PEOPLE, staged, begun, begun.at)
        assert pa.total_allocated_bytes() - before < 8 * 1000
    assert bench.query("select count(*) from person_records") == [(40,)]


def test_next_window_reaches_back_by_the_overlap(bench: Bench) -> None:
    bench.pull()
    bench.clock.advance(timedelta(hours=1))
    bench.pull()
    first, second = (window for _, window, _ in bench.acme.windows)
    assert first.since is None
    assert second.since == NOON - timedelta(seconds=PEOPLE.lag_s + PEOPLE.overlap_s)
    assert second.until == NOON + timedelta(hours=1)


def test_consent_repeated_at_a_later_time_is_no_change(tmp_path: Path) -> None:
    bench = Bench(tmp_path, Stream("people", ("person_records", "consent_records"), overlap_s=600, lag_s=120))
    for said in (NOON, NOON + timedelta(minutes=5)):
        bench.acme.rows["people"].clear()
        bench.person(1, said, first_name="Ann")
        at = said.replace(tzinfo=None)
        key = {"object": "Contact", "record_id": "1", "channel": "email"}
        bench.acme.put("people", "consent_records", **key, status="subscribed", changed_at=at)
        counts = bench.pull().totals()
        bench.clock.advance(timedelta(minutes=5))
    assert counts == Counts(unchanged=1)


def test_record_modified_without_new_content_is_no_change(bench: Bench) -> None:
    bench.person(1, first_name="Ann")
    bench.pull()
    bench.acme.rows["people"].clear()
    bench.clock.advance(timedelta(minutes=5))
    bench.person(1, bench.clock.now(), first_name="Ann")
    assert bench.pull().totals() == Counts(unchanged=1)
    naive = NOON.replace(tzinfo=None)
    assert bench.query("select modified_at, seen_at from person_records") == [
        (naive, naive + timedelta(minutes=5))
    ]


def test_newest_of_two_versions_in_one_read_wins(bench: Bench) -> None:
    bench.acme.page_size = 1
    bench.person(1, NOON, title="new")
    bench.person(1, NOON - timedelta(hours=1), title="old")
    assert bench.pull().totals() == Counts(changed=1)
    assert bench.query("select title from person_records") == [("new",)]


def test_later_page_wins_where_times_are_equal(bench: Bench) -> None:
    bench.acme.page_size = 1
    bench.person(1, title="first page")
    bench.person(1, title="second page")
    bench.pull()
    assert bench.query("select title from person_records") == [("second page",)]


def test_interrupted_read_goes_on_from_the_last_page(bench: Bench) -> None:
    for number in range(6):
        bench.person(number)
    bench.acme.fail_after, bench.acme.failure = 2, TransientError("line cut", vendor="acme")
    report = bench.pull()
    assert [failure.stream for failure in report.failures] == ["people"]
    assert bench.query("select count(*) from person_records") == [(0,)]
    assert bench.query("select count(*) from watermarks") == [(0,)]
    bench.acme.heal()
    bench.clock.advance(timedelta(minutes=1))
    assert bench.pull().streams[0].counts == Counts(changed=6)
    assert bench.acme.windows[1][1] == bench.acme.windows[0][1]
    assert bench.acme.windows[1][2] == "3"


def test_interrupted_read_starts_again_where_its_place_is_forgotten(bench: Bench) -> None:
    for number in range(6):
        bench.person(number)
    bench.acme.fail_after, bench.acme.failure = 2, TransientError("line cut", vendor="acme")
    bench.pull()
    bench.acme.fail_after, bench.acme.failure = None, ConnectorError("cursor expired", vendor="acme")
    bench.acme.forgets_tokens = True
    report = bench.pull()
    assert not report.failures
    assert report.totals() == Counts(changed=6)


def test_one_vendor_down_leaves_the_other_done(bench: Bench) -> None:
    bench.person(1)
    bench.acme.fail_after, bench.acme.failure = 0, AuthError("key revoked", vendor="acme")
    other = MemoryConnector("other", (PEOPLE,))
    other.put("people", "person_records", object="Lead", record_id="9", state="live", modified_at=None)
    report = bench.pull(other)
    assert [(failure.vendor, type(failure.error)) for failure in report.failures] == [("acme", AuthError)]
    assert bench.query("select vendor from person_records") == [("other",)]


def test_drifted_stream_leaves_the_next_one_done(tmp_path: Path) -> None:
    bench = Bench(tmp_path, VISITS, PEOPLE)
    bench.acme.put("visits", "activity_records", activity_id=None, type="page_view")
    bench.person(1)
    report = bench.pull()
    assert [(failure.stream, type(failure.error)) for failure in report.failures] == [("visits", SchemaDrift)]
    assert report.totals() == Counts(changed=1)


def test_refused_credentials_skip_the_vendors_other_streams(tmp_path: Path) -> None:
    bench = Bench(tmp_path, VISITS, PEOPLE)
    bench.acme.fail_after, bench.acme.failure = 0, AuthError("key revoked", vendor="acme")
    assert bench.pull().failures[0].skipped == ("people",)


def test_complete_listing_marks_the_absent_as_deleted(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ROSTER)
    for number in range(3):
        bench.person(number, stream="roster")
    bench.pull()
    del bench.acme.rows["roster"][0]
    bench.clock.advance(timedelta(hours=1))
    assert bench.pull().totals() == Counts(unchanged=2, removed=1)
    assert bench.query("select record_id from person_records where state = 'deleted'") == [("0",)]
    assert bench.pull().totals() == Counts(unchanged=2)


def test_suddenly_empty_listing_is_a_failure_and_removes_nothing(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ROSTER)
    for number in range(20):
        bench.person(number, stream="roster")
    bench.pull()
    bench.acme.rows["roster"].clear()
    bench.clock.advance(timedelta(hours=1))
    report = bench.pull()
    assert "came back empty" in str(report.failures[0].error)
    assert bench.query("select count(*) from person_records where state = 'live'") == [(20,)]


def test_activity_keeps_the_first_instant_it_was_seen(tmp_path: Path) -> None:
    bench = Bench(tmp_path, VISITS)
    visit = {"activity_id": "1", "object": "Contact", "record_id": "1", "type": "page_view"}
    bench.acme.put("visits", "activity_records", **visit)
    bench.pull()
    bench.acme.rows["visits"].clear()
    bench.acme.put("visits", "activity_records", **visit, asset="/pricing")
    bench.clock.advance(timedelta(days=1))
    assert bench.pull().totals() == Counts(changed=1)
    assert bench.query("select asset, seen_at from activity_records") == [
        ("/pricing", NOON.replace(tzinfo=None))
    ]


def test_value_read_again_is_as_new_as_the_reading(bench: Bench) -> None:
    key = {"object": "Contact", "record_id": "1"}
    bench.acme.put("people", "observed", **key, field="score", value="64")
    bench.pull()
    bench.clock.advance(timedelta(hours=2))
    bench.pull()
    later = NOON.replace(tzinfo=None) + timedelta(hours=2)
    assert bench.query("select value, seen_at from observed") == [("64", later)]


def test_membership_no_longer_listed_is_seen_to_have_ended(tmp_path: Path) -> None:
    bench = Bench(tmp_path, MEMBERS)
    for number in ("1", "2"):
        bench.acme.put(
            "members", "observed", object="Contact", record_id=number, field="list:hot", value="member"
        )
    bench.pull()
    with bench.warehouse.write("acknowledge") as con:
        con.execute("insert into confirmed by name select * exclude (stream, seen_at, folded_through),"
                    " seen_at as acked_at, 1 as run_id from observed")  # fmt: skip
        con.execute(
            "insert into confirmed by name select * replace ('3' as record_id) from confirmed limit 1"
        )
    del bench.acme.rows["members"][0]
    bench.clock.advance(timedelta(hours=1))
    bench.pull()
    later = NOON.replace(tzinfo=None) + timedelta(hours=1)
    assert bench.query("select record_id, value, seen_at from observed order by 1") == [
        ("1", None, later),
        ("2", "member", later),
        ("3", None, later),
    ]


@pytest.mark.parametrize("rows", [[None, "member"], ["member", None]])
def test_who_left_a_list_and_came_back_is_on_it(tmp_path: Path, rows: list[str | None]) -> None:
    bench = Bench(tmp_path, Stream("members", ("observed",)))
    for value in rows:
        bench.acme.put("members", "observed", object="Contact", record_id="1", field="list:hot", value=value)
    bench.pull()
    assert bench.query("select value from observed") == [("member",)]


def test_clock_set_back_a_little_does_not_move_the_watermark_back(bench: Bench) -> None:
    bench.pull()
    bench.clock.advance(timedelta(minutes=-5))
    bench.pull()
    proved = NOON.replace(tzinfo=None) - timedelta(seconds=PEOPLE.lag_s)
    assert bench.query("select until from watermarks") == [(proved,)]


def test_what_happened_while_a_clock_was_ahead_is_read_when_it_is_put_right(bench: Bench) -> None:
    bench.clock.advance(timedelta(days=1))
    bench.pull()
    bench.clock.advance(timedelta(days=-1))
    bench.person(1, NOON + timedelta(hours=1))
    bench.clock.advance(timedelta(hours=2))
    bench.pull()
    assert bench.query("select record_id from person_records") == [("1",)]
    proved = NOON.replace(tzinfo=None) + timedelta(hours=2) - timedelta(seconds=PEOPLE.lag_s)
    assert bench.query("select until from watermarks") == [(proved,)]


_STATES = "select record_id, state from person_records order by 1"


def _audit(bench: Bench) -> PullReport:
    with bench.warehouse.write("auditing") as con:
        con.execute("delete from watermarks")
    return bench.pull()


def test_who_was_deleted_for_good_is_found_by_reading_from_the_beginning(bench: Bench) -> None:
    for number in range(5):
        bench.person(number)
    bench.person(5, state="archived")
    bench.pull()
    del bench.acme.rows["people"][5], bench.acme.rows["people"][1]
    for days in (1, 7):
        bench.clock.advance(timedelta(days=days))
        bench.pull()
    assert {state for _, state in bench.query(_STATES)} == {"live", "archived"}
    _audit(bench)
    for minutes, removed in ((30, 0), (31, 1), (60, 0)):
        bench.clock.advance(timedelta(minutes=minutes))
        assert bench.pull().totals().removed == removed
    found = dict(bench.query(_STATES))
    assert (found.pop("1"), found.pop("5")) == ("deleted", "archived")
    assert set(found.values()) == {"live"}


def test_who_is_changed_while_it_reads_is_not_gone(bench: Bench) -> None:
    for number in range(5):
        bench.person(number)
    bench.pull()
    del bench.acme.rows["people"][1]
    bench.clock.advance(timedelta(days=1))
    _audit(bench)
    bench.person(1, bench.clock.now() + timedelta(seconds=1))
    bench.clock.advance(timedelta(hours=2))
    assert bench.pull().totals().removed == 0
    bench.clock.advance(timedelta(hours=2))
    assert bench.pull().totals().removed == 0
    assert {state for _, state in bench.query(_STATES)} == {"live"}


def test_a_reading_that_names_less_than_half_is_not_believed(bench: Bench) -> None:
    for number in range(5):
        bench.person(number)
    bench.pull()
    del bench.acme.rows["people"][2:]
    bench.clock.advance(timedelta(days=1))
    _audit(bench)
    bench.clock.advance(timedelta(hours=2))
    assert bench.pull().totals().removed == 0


def test_other_settings_of_reading_read_everything_again(bench: Bench) -> None:
    bench.person(1, title="Clerk")
    bench.reading = "before"
    bench.pull()
    bench.clock.advance(timedelta(days=1))
    bench.acme.rows["people"].clear()
    bench.person(1, NOON - timedelta(days=9), title="Chief")
    bench.pull()
    assert bench.query("select title from person_records") == [("Clerk",)]
    bench.reading = "after"
    bench.pull()
    assert bench.query("select title from person_records") == [("Chief",)]


def test_a_listing_that_other_settings_empty_is_believed(tmp_path: Path) -> None:
    bench = Bench(tmp_path, ROSTER)
    for number in range(20):
        bench.person(number, stream="roster")
    bench.reading = "before"
    bench.pull()
    bench.acme.rows["roster"].clear()
    bench.clock.advance(timedelta(hours=1))
    assert len(bench.pull().failures) == 1
    bench.reading = "after"
    assert bench.pull().failures == ()
    assert bench.query("select distinct state from person_records") == [("deleted",)]
