"""Who is erased, and what comes in of them afterwards."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.base import Stream, Window
from core.clock import naive_utc
from core.errors import ConfigError
from sync import erasing
from sync.load import load
from sync.people import identity, resolve, seals
from sync.stage import Begun, Stage
from tests.unit.sync.records import Choices
from tests.unit.sync.test_pull import NOON, PEOPLE, Bench

ACTS = Stream("acts", ("activity_records",))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    found = Bench(tmp_path, PEOPLE, ACTS)
    found.person(1, email="Ann+news@x.io", first_name="Ann", last_name="Lee")
    found.person(2, email="bob@x.io", first_name="Bob", last_name="Ray")
    found.person(3, email="info@y.io", first_name="Cy", last_name="Fox")
    found.person(4, email="info@y.io", first_name="Di", last_name="Orr")
    for number, row in enumerate(({"object": "Contact", "record_id": "1"}, {"email": "ann@x.io"})):
        found.acme.put("acts", "activity_records", activity_id=f"a{number}", type="page_view", **row)
    _pull(found)
    return found


def _pull(bench: Bench) -> None:
    bench.pull()
    with bench.warehouse.write("resolving") as con:
        identity.resolve(con, NOON)


def _find(bench: Bench, who: str) -> erasing.Person:
    with bench.warehouse.read() as con:
        return erasing.find(con, who)


def _erase(bench: Bench, who: str) -> erasing.Person:
    person = _find(bench, who)
    with bench.warehouse.write("erasing") as con:
        seals.seal(con, person.records, person.addresses, NOON)
    return person


def _records(bench: Bench) -> list[str]:
    return [row[0] for row in bench.query("select record_id from person_records order by 1")]


@pytest.mark.parametrize("who", ["ann@x.io", "ANN@X.IO ", "1", "c-%"])
def test_one_person_is_found_by_address_record_or_our_id(bench: Bench, who: str) -> None:
    if who == "c-%":
        ((who,),) = bench.query("select contact_id from people where record_id = '1'")
    person = _find(bench, who)
    assert (person.records, person.addresses) == ((("acme", "Contact", "1"),), ("ann@x.io",))


def test_people_who_share_a_mailbox_are_told_apart_and_it_stays_open_to_the_others(bench: Bench) -> None:
    with pytest.raises(ConfigError, match=r"2 people answer to 'info@y\.io'"):
        _find(bench, "info@y.io")
    assert _erase(bench, "3").addresses == ()
    bench.person(5, email="info@y.io", first_name="Ed", last_name="Poe")
    _pull(bench)
    assert _records(bench) == ["1", "2", "4", "5"]


def test_nobody_is_an_error_but_an_address_can_be_refused_beforehand(bench: Bench) -> None:
    with pytest.raises(ConfigError, match="nobody answers to 'Zed'"):
        _find(bench, "Zed")
    _erase(bench, "zed@x.io")
    bench.person(9, email="ZED+a@x.io")
    _pull(bench)
    assert "9" not in _records(bench)


def test_a_new_record_under_the_address_is_refused_with_all_that_comes_with_it(bench: Bench) -> None:
    _erase(bench, "ann@x.io")
    assert bench.query("select count(*) from activity_records") == [(0,)]
    bench.person(7, email="ann@x.io")
    bench.acme.put(
        "acts", "activity_records", activity_id="b1", type="page_view", object="Contact", record_id="7"
    )
    bench.acme.put("acts", "activity_records", activity_id="b2", type="page_view", email="Ann@x.io")
    bench.acme.put("acts", "activity_records", activity_id="b3", type="page_view", email="bob@x.io")
    _pull(bench)
    assert _records(bench) == ["2", "3", "4"]
    assert bench.query("select activity_id from activity_records") == [("b3",)]


def test_whoever_has_the_address_by_now_is_read_but_not_written_to(bench: Bench) -> None:
    _erase(bench, "ann@x.io")
    bench.clock.advance(timedelta(hours=1))
    bench.person(2, email="ann@x.io", first_name="Bob", last_name="Ray", at=bench.clock.now())
    _pull(bench)
    assert bench.query("select email from person_records where record_id = '2'") == [("ann@x.io",)]
    with bench.warehouse.write("resolving") as con:
        identity.resolve(con, bench.clock.now())
        resolve.build(con, Choices())
    assert bench.query("select channel, status from consents") == [("email", "erased")]


def test_a_record_that_somebody_else_lives_on_as_is_read(bench: Bench) -> None:
    _erase(bench, "ann@x.io")
    bench.clock.advance(timedelta(hours=1))
    later = bench.clock.now()
    bench.person(8, email="ann@x.io", at=later)
    bench.acme.put(
        "people", "person_records", object="Contact", record_id="2", state="merged",
        successor="acme:Contact:8", modified_at=naive_utc(later),
    )  # fmt: skip
    _pull(bench)
    assert _records(bench) == ["2", "3", "4", "8"]


def test_a_role_mailbox_stays_open(bench: Bench) -> None:
    bench.person(6, email="office@z.io", first_name="Flo", last_name="Kay")
    _pull(bench)
    assert _erase(bench, "6").addresses == ()


def test_pages_read_before_the_erasure_bring_nobody_back(bench: Bench) -> None:
    staged = Stage(bench.folder / "staged")
    staged.begin(Begun(Window(None, NOON), naive_utc(NOON), 0))
    for page in bench.acme.pull(PEOPLE, Window(None, NOON), None):
        staged.add(page, NOON)
    _erase(bench, "ann@x.io")
    with bench.warehouse.write("loading") as con:
        begun = staged.begun()
        assert begun is not None
        load(con, "acme", PEOPLE, staged, begun, begun.at)
    assert _records(bench) == ["2", "3", "4"]


def test_seals_say_nothing_of_whom_they_are(bench: Bench) -> None:
    _erase(bench, "ann@x.io")
    seals = bench.query("select salt, seal from erased")
    assert len(seals) == 2
    assert len({salt for salt, _ in seals}) == 1
    assert not any("ann" in seal or "acme" in seal for _, seal in seals)
