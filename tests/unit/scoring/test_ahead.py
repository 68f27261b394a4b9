"""What is foretold of a person comes true on that day, and not a day before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import ibis
import ibis.expr.operations as ops
import pytest

from core.clock import naive_utc
from scoring import outlook
from scoring.ahead import DATED
from scoring.calendar import Moment
from scoring.compiler import compile_model
from scoring.files import folder
from scoring.loader import parse_model
from tests.unit.scoring.people import Row, World, did

MADRID = ZoneInfo("Europe/Madrid")
#: Five weeks before the clocks change, and late enough to be another day in UTC.
NOW = datetime(2026, 9, 20, 23, 30, tzinfo=MADRID).astimezone(UTC)

_MODEL = """
model: m
version: 1
activity:
  decay: {half_life: 30d}
  rules:
    - {id: demo, event: demo_request, points: 60, decay: {half_life: 30d, after: 14d}}
    - {id: page, event: page_view, points: 2, at_most: "3 in 30d"}
    - {id: visits, event: page_view, at_least: "2 in 21d", per: contact, points: 12}
    - {id: quiet, idle: 20d, points: -5}
  ageing:
    - {idle: 40d, at_most: 30}
    - {idle: 70d, at_most: 0}
fit:
  person: [{id: old, when: "days_since(created_at) < 25", points: 30}]
  grades: {A: 30}
rating: {levels: [20, 45], best: A3}
stages:
  - {name: MQL, enter: "score >= 40", stay: "score >= 25 and days_in_stage < 33"}
  - {name: SQL, enter: "score >= 60 and grade = 'A'", stay: "grade = 'A'"}
"""


def at(days: float) -> datetime:
    return naive_utc(NOW - timedelta(days=days))


def foretold(world: World, model: str, columns: Sequence[str], now: datetime = NOW) -> list[tuple[Any, ...]]:
    """One row a day and person from tomorrow on, by the one text."""
    con = duckdb.connect()
    for name, table in world.tables().items():
        con.register(f"given_{name}", table)
        con.execute(f"create table {name} as from given_{name}")
    sources = {name: name for name in DATED}
    ahead = outlook.compiled(con, parse_model(model), sources, "Europe/Madrid", columns)
    con.execute("create or replace temp table asked as select contact_id from contacts")
    ahead.run(con, sources, now)
    rows = con.execute(
        f"select ahead, {', '.join(columns)} from days_of_m order by ahead, contact_id"
    ).fetchall()
    return [(naive_utc(ahead.midnight(now, row[0]).replace(tzinfo=UTC)), *row[1:]) for row in rows]


def comes(
    world: World, model: str, columns: Sequence[str], days: Sequence[int], first: datetime = NOW
) -> list[tuple[Any, ...]]:
    """The same by scoring at those midnights. first: the day they are counted from."""
    midnights = [
        datetime(first.year, first.month, first.day, tzinfo=MADRID) + timedelta(days=day) for day in days
    ]
    backend = ibis.duckdb.connect()
    inputs = {name: backend.create_table(name, table) for name, table in world.tables().items()}
    spec = replace(parse_model(model), time_zone="Europe/Madrid")
    last = max(midnights).astimezone(UTC)
    table = compile_model(spec, inputs, last, told=True).numbers.order_by("contact_id").select(*columns)
    text = ibis.to_sql(table, dialect="duckdb")
    for literal in table.op().find(ops.InMemoryTable):
        backend.con.register(literal.name, literal.data.to_pyarrow(literal.schema))
    found = []
    for midnight in midnights:
        moment = Moment(midnight.astimezone(UTC), "Europe/Madrid")
        backend.con.execute(f"create or replace temp macro scored_at() as timestamp '{moment.naive}'")
        backend.con.execute(f"create or replace temp macro scored_today() as {moment.date}::bigint")
        found += [(naive_utc(midnight), *row) for row in backend.con.execute(str(text)).fetchall()]
    return found


def person(*activities: Row, **tables: Any) -> World:
    created = [{"contact_id": "p1", "account_id": "a1", "created_at": at(3)}]
    return World(activities, contacts=created, **tables)


_BUSY = (
    did("demo_request", occurred_at=at(2)),
    *(did("page_view", occurred_at=at(days)) for days in (0, 0.1, 1.2, 6, 12, 25)),
)


def test_every_day_ahead_is_what_scoring_says_that_day() -> None:
    stages = ("lead", "MQL", "SQL")
    world = World(
        [
            {**act, "contact_id": who, "activity_id": f"{who}{n}"}
            for who in stages
            for n, act in enumerate(_BUSY)
        ],
        contacts=[{"contact_id": who, "created_at": at(3)} for who in stages],
        stage_history=[
            {"contact_id": who, "model": "m", "stage": who, "entered_at": at(4)} for who in stages
        ],
    )
    columns = ("score", "level", "stage", "grade", "idle_days", "trend", "temperature", "rule_visits")
    told = foretold(world, _MODEL, columns)
    assert len(told) == 366 * len(stages)
    days = (*range(1, 48, 2), *range(20, 40, 2), 69, 70, 71, 366)
    assert [row for day in days for row in told[3 * day - 3 : 3 * day]] == comes(world, _MODEL, columns, days)
    assert {row[3] for row in told} == set(stages)


def test_what_lists_may_read_is_foretold_too() -> None:
    more = """
flags:
  - {id: cart, event: cart_update, since: 24h, until: 7d}
  - {id: keen, event: page_view, at_least: "2 in 9d"}
satisfaction: {survey: nps, valid: 20d, activity: 10d}
interest: {by: product, linear: 20d, weights: {page_view: 1}}
escalate: {signal: buying, within: 72h}
"""
    model = _MODEL.replace("points: 60,", "points: 60, signal: buying,") + more
    answer = {"response_id": "r", "contact_id": "p1", "kind": "nps", "answer": 3.0, "answered_at": at(5)}
    seen = did("page_view", occurred_at=at(1), product="loom")
    world = person(*_BUSY, seen, did("cart_update", occurred_at=at(0.2)), survey_responses=[answer])
    columns = (
        "flag_cart",
        "flag_keen",
        "satisfaction_band",
        "satisfaction_disagrees",
        "top_product",
        "escalate",
    )
    told = foretold(world, model, columns)
    assert told[:24] == comes(world, model, columns, range(1, 25))
    assert len({row[1:] for row in told}) > 5


_NIGHT = """
model: m
version: 1
time_zone: Europe/Madrid
activity:
  rules:
    - {id: cart, event: cart_update, unless_after: purchase, per: contact, points: 30, decay: none}
    - {id: visits, event: page_view, per: visit, points: 15, decay: none}
    - {id: deep, event: video_view, at_least: "2 per visit", points: 4, decay: none}
    - {id: recent, event: call, when: "days_since(occurred_at) < 9", points: 7, decay: none}
escalate: {signal: buying, within: 30h}
flags: [{id: left, event: cart_update, since: 20h, until: 60h}]
rating: {levels: [20], best: A2}
stages: [{name: MQL, enter: "score >= 20"}]
""".replace("per: visit, points: 15", "per: visit, signal: buying, points: 15")


@pytest.mark.parametrize("night", ["2026-10-25", "2026-03-29"])
def test_a_night_in_which_clocks_change_is_foretold_too(night: str) -> None:
    def then(kind: str, time: str) -> Row:
        return did(kind, occurred_at=datetime.fromisoformat(f"{night}T{time}"))

    world = person(
        then("cart_update", "00:40"), then("purchase", "01:10"), then("page_view", "00:50"),
        then("page_view", "01:10"), then("video_view", "00:50"), then("video_view", "01:15"),
        then("call", "00:30"), then("call", "22:30"),
    )  # fmt: skip
    now = datetime.fromisoformat(f"{night}T20:00:00+00:00")
    columns = ("score", "stage", "idle_days", "escalate", "flag_left", "rule_visits", "rule_recent")
    told = foretold(world, _NIGHT, columns, now)
    assert told[:12] == comes(world, _NIGHT, columns, range(1, 13), datetime.fromisoformat(night))
    assert len({row[1:] for row in told[:12]}) > 3


def test_what_is_dated_ahead_happens_on_its_day() -> None:
    world = person(did("demo_request", occurred_at=at(-3.5)))
    told = foretold(world, _MODEL, ("score",))
    assert told[:5] == comes(world, _MODEL, ("score",), range(1, 6))
    assert told[2][1] < told[4][1]


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("created_at >= '2026-01-01' and days_since(created_at) > 3", "created_at with a fixed time"),
        ("contact_id <> 'p9'", "contact_id"),
        ("days_since(founded) > 3", "founded"),
    ],
)
def test_what_cannot_be_foretold_is_said(condition: str, reason: str) -> None:
    con = duckdb.connect()
    con.execute("create table contacts (contact_id varchar, created_at timestamp)")
    con.execute("create table accounts (account_id varchar, founded timestamp)")
    model = parse_model(f'model: m\nversion: 1\nwhere: "{condition}"\n')
    with pytest.raises(outlook.Unforeseen, match=reason):
        outlook.compiled(con, model, {"contacts": "contacts", "accounts": "accounts"}, "UTC")


def test_a_fixed_day_of_a_contact_stays_that_day() -> None:
    model = _MODEL.replace("days_since(created_at) < 25", "created_at >= '2026-09-01'")
    told = foretold(person(*_BUSY), model, ("grade",))
    assert {row[1] for row in told} == {"A"}


_LINEAR = """
model: m
version: 1
activity:
  decay: {linear: 60d}
  rules: [{id: demo, event: demo_request, points: 60}]
rating: {levels: [50], best: A2}
stages: [{name: MQL, enter: "score >= 58", stay: "score >= 55"}]
"""


@pytest.mark.parametrize("since", ["2026-11-01", "1995-06-01", "1899-12-30"])
@pytest.mark.parametrize(
    ("stage", "day", "score"),
    [("MQL", 6, 54), ("lead", 6, 54), ("another", 6, 54), (None, 3, 57)],
)
def test_a_folder_says_the_next_boundary(
    tmp_path: Path, stage: str | None, day: int, score: int, since: str
) -> None:
    # a point a day is lost: 55 after 5 days, 57 after 3; with a history, who is MQL stays so from 55 on
    (tmp_path / "m.yaml").write_text(_LINEAR)
    (tmp_path / "contacts.csv").write_text("contact_id,email\np1,a@b.example\np2,b@b.example\n")
    (tmp_path / "activities.csv").write_text(
        "activity_id,contact_id,type,occurred_at\ne1,p1,demo_request,2026-11-22\n"
    )
    if stage:
        (tmp_path / "stage_history.csv").write_text(
            f"contact_id,model,stage,entered_at\np1,m,{stage},{since}\n"
        )
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    first, second = folder.score(tmp_path, tmp_path / "m.yaml", now)["contacts"]
    at = f"{datetime(2026, 11, 22) + timedelta(days=day):%Y-%m-%dT%H:%M:%S}Z"  # noqa: DTZ001  # as tables keep time
    assert first["next_change"] == {"at": at, "becomes": "lead", "score": score}
    assert second["next_change"] is None


def test_a_folder_whose_dates_cannot_be_moved_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(_LINEAR + "where: \"contact_id <> 'p9'\"\n")
    (tmp_path / "contacts.csv").write_text("contact_id,email\np1,a@b.example\n")
    (tmp_path / "activities.csv").write_text(
        "activity_id,contact_id,type,occurred_at\ne1,p1,demo_request,2026-11-22\n"
    )
    (found,) = folder.score(tmp_path, tmp_path / "m.yaml", NOW + timedelta(days=80))["contacts"]
    assert found["next_change"] is None


def test_words_name_what_is_another() -> None:
    row = {"score": 3, "level": 2, "level_now": 3, "stage": "lead", "stage_now": "MQL"}
    assert outlook.words("en", row) == "lead, level 2"
    assert outlook.words("es", {**row, "stage_now": "lead"}) == "nivel 2"
    assert outlook.words("en", {**row, "score": None}) == "no longer scored"
