"""What explain says will come comes on that day, and not a day before."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core.clock import naive_utc
from scoring.loader import load_model
from sync.configuration import load_settings
from sync.people import identity
from sync.people.resolve import build
from sync.planning.desired import ModelVersion
from sync.planning.lists import ListPlace
from sync.planning.plan import Inputs, make_plan
from sync.rescoring.rescore import rescore
from sync.settings import Settings
from sync.snapshots import foretelling, showing, snapshot
from sync.snapshots.explaining import explain
from sync.snapshots.foretelling import Foretelling
from sync.snapshots.outline import Outline
from sync.store.state import State
from sync.warehouse import Warehouse
from tests.unit.sync.memory import table
from tests.unit.sync.records import Choices

MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 3, 20, 9, tzinfo=MADRID).astimezone(UTC)  # nine days before the clocks change

_HOT = """
model: hot
version: 1
activity:
  decay: {linear: 60d}
  rules:
    - {id: demo, event: demo_request, points: 60}
    - {id: visit, event: page_view, points: 1, decay: none}
  ageing: [{idle: 25d, at_most: 1}]
rating: {levels: [20, 45], best: A3}
stages: [{name: MQL, enter: "score >= 55", stay: "score >= 40 and days_in_stage < 30"}]
"""
_LOYAL = """
model: loyal
version: 1
activity: {rules: [{id: bought, event: purchase, points: 9, decay: {window: 8d}}]}
"""

#: What takes longer to load than somebody to explain.
_SLOW = {
    "apscheduler", "ibis", "numpy", "pandas", "pyarrow", "pydantic", "requests", "rich", "ruamel.yaml",
    "sqlalchemy", "sqlglot", "tenacity",
}  # fmt: skip


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("compiled")


@pytest.fixture(autouse=True)
def _compile_once(tmp_path: Path, compiled: Path) -> None:
    (tmp_path / "compiled").symlink_to(compiled)


class Place:
    """A warehouse and snapshots of one vendor's leads, scored and listed day by day."""

    def __init__(self, folder: Path, *models: str, **settings: Any) -> None:
        self.folder, self.now = folder, NOW
        self.warehouse, self.state = Warehouse(folder / "data.duckdb"), State(folder / "state.sqlite")
        paths = [folder / f"m{number}.yaml" for number in range(len(models))]
        for path, text in zip(paths, models, strict=True):
            path.write_text(text, encoding="utf-8")
        self.settings = Settings.model_validate(
            {"models": paths, "state_dir": folder, "time_zone": "Europe/Madrid", **settings}
        )
        self.put("person_records", record_id="1", email="ann@acme.com", state="live")
        self.put("consent_records", record_id="1", channel="email", status="subscribed")

    def put(self, kind: str, **row: Any) -> None:
        row = {"vendor": "sf", "object": "Lead", **row}
        with self.warehouse.write("test") as con:
            con.register("given", table(kind, [row]))
            con.execute(f"insert into {kind} by name select *, timestamp '2026-01-01' as seen_at from given")

    def did(self, kind: str, days: float, number: str = "1", origin: str | None = None) -> None:
        at = naive_utc(NOW - timedelta(days=days))
        row = {"type": kind, "activity_id": f"{kind}{days}{number}", "occurred_at": at, "origin": origin}
        self.put("activity_records", record_id=number, **row)

    def run(self, ahead: int = 0) -> tuple[Any, ...]:
        """Score some days ahead, publish, and write what lists want; level, stage and lists of the person."""
        if ahead:
            midnight = NOW.astimezone(MADRID).replace(hour=0, minute=10)
            self.now = (midnight + timedelta(days=ahead)).astimezone(UTC)
        models = [load_model(path) for path in self.settings.models]
        places = {one.name: [ListPlace("sf", one.name, "l", ("Lead",))] for one in self.settings.lists}
        if not ahead:
            with self.warehouse.write("test") as con:
                identity.resolve(con, self.now)
                build(con, Choices())
        rescore(self.warehouse, models, self.settings, self.now)
        versions = [ModelVersion(model.name, model.hash) for model in models]
        with self.warehouse.read() as con:
            inputs = Inputs(self.settings, versions, [], places, {}, self.now, fire=True)
            make_plan(con, self.state, inputs, lambda _vendor, _changes: 0)
            wanted = con.execute("select distinct name from moves where wanted").fetchall()
            snapshot.publish(con, self.folder, self.now, Foretelling(models, self.settings, places))
            numbers = [
                row
                for model in models
                for row in con.execute(f"select level, stage from contact_scores_{model.name}").fetchall()
            ]
        with self.warehouse.write("test") as con:
            con.execute("delete from observed")
        for (name,) in wanted:
            self.put("observed", record_id="1", field=f"list:{name}", value="member")
        return (*numbers, sorted(name for (name,) in wanted))

    def next_change(self) -> dict[str, Any]:
        found: dict[str, Any] = explain(self.folder, "ann@acme.com", Outline.of(self.settings))["next_change"]
        return found


def _list(name: str, when: str, stay: str | None = None, channel: str = "none") -> dict[str, Any]:
    return {"name": name, "when": when, "stay": stay, "channel": channel, "targets": {"sf": {"list": name}}}


@pytest.mark.parametrize(
    ("lists", "activities", "day", "becomes"),
    [
        # a point a day: 44 after 16 days; nobody permitted the other list
        ([_list("Phone", "score < 58", channel="phone")], [("demo_request", 0)], 16, "level 3 → 2"),
        # quiet for 25 days: at most 1 is left
        ([], [("demo_request", 24)], 1, "level 2 → 1"),
        ([_list("Warm", "score >= 58", "score >= 50")], [("demo_request", 0)], 11, "leaves the list Warm"),
        ([_list("Cool", "score < 58", channel="email")], [("demo_request", 0)], 3, "joins the list Cool"),
        (
            [_list("Both", "level = 3 and stage = 'MQL'")],
            [("demo_request", 0)],
            16,
            "level 3 → 2, leaves the list Both",
        ),
    ],
)
def test_it_happens_on_the_day_foretold(
    tmp_path: Path, lists: list[Any], activities: list[tuple[str, int]], day: int, becomes: str
) -> None:
    place = Place(tmp_path, _HOT, lists=lists)
    for kind, days in activities:
        place.did(kind, days)
    before = place.run()
    told = place.next_change()
    assert (told["becomes"], told["on"]) == (becomes, NOW.date() + timedelta(days=day))
    assert day == 1 or place.run(day - 1) == before
    assert place.run(day) != before


def test_what_machines_did_does_not_count_ahead_either(tmp_path: Path) -> None:
    place = Place(tmp_path, _HOT)
    place.did("page_view", 1)
    place.did("demo_request", 1, origin="machine")
    place.run()
    assert place.next_change()["at"] is None


def test_a_stage_ends_after_its_days(tmp_path: Path) -> None:
    place = Place(tmp_path, _HOT.replace("linear: 60d", "window: 90d").replace("idle: 25d", "idle: 60d"))
    place.did("demo_request", 0)
    before = place.run()
    told = place.next_change()
    # 60 points would let them enter again at once, so nothing changes before they are quiet
    assert (told["becomes"], told["score"]) == ("stage MQL → lead, level 3 → 1", 1)
    assert told["on"] == NOW.date() + timedelta(days=60)
    assert told["models"] == {"hot": {"score": 1, "level": 1, "stage": "lead"}}
    assert place.run(59) == before
    assert place.run(60) == ((1, "lead"), [])


def test_lists_of_several_models(tmp_path: Path) -> None:
    place = Place(tmp_path, _HOT, _LOYAL, lists=[_list("Fans", "loyal_score > 5")])
    place.did("purchase", 2)
    place.did("demo_request", 0)
    place.run()
    told = place.next_change()
    assert (told["becomes"], told["on"]) == ("leaves the list Fans", NOW.date() + timedelta(days=6))
    assert [place.run(day)[-1] for day in range(1, 7)] == [["Fans"]] * 5 + [[]]


def test_nothing_for_a_year(tmp_path: Path) -> None:
    place = Place(tmp_path, _HOT)
    place.run()
    told = place.next_change()
    assert (told["at"], told["becomes"], told["unsaid"]) == (None, None, [])


def test_an_edited_model_is_said_and_a_comment_is_not(tmp_path: Path) -> None:
    place = Place(tmp_path, _HOT)
    place.did("demo_request", 0)
    place.run()
    path = tmp_path / "m0.yaml"
    path.write_text(_HOT + "# reviewed\n", encoding="utf-8")
    assert place.next_change()["at"] is not None
    path.write_text(_HOT.replace("points: 60", "points: 61"), encoding="utf-8")
    told = place.next_change()
    assert told["at"] is None
    assert told["unsaid"] == ["the model hot was edited since: the next sync scores with it"]


def test_edited_lists_are_said_and_the_rest_still_told(tmp_path: Path) -> None:
    place = Place(tmp_path, _HOT, lists=[_list("Warm", "score >= 50")])
    place.did("demo_request", 0)
    place.run()
    place.settings = Settings.model_validate(
        place.settings.model_dump() | {"lists": [_list("Warm", "score >= 51")]}
    )
    told = place.next_change()
    assert (told["becomes"], told["unsaid"]) == ("level 3 → 2", ["lists: they were edited since"])


def test_a_list_that_nobody_can_foretell_is_said(tmp_path: Path) -> None:
    place = Place(tmp_path, _HOT, lists=[_list("Big", "account_score > 10")])
    place.did("demo_request", 0)
    place.run()
    assert place.next_change()["unsaid"] == ["list Big: its condition reads account_score"]


def test_models_are_compiled_once_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = Place(tmp_path, _HOT)
    place.did("demo_request", 0)
    place.run()
    monkeypatch.setattr(foretelling, "compiled", None)
    place.did("page_view", 0)
    place.run()
    assert place.next_change()["becomes"] == "level 3 → 2"
    assert place.next_change()["on"] == NOW.date() + timedelta(days=17)


@pytest.mark.parametrize("shown", [(), ("--json",)])
def test_explaining_loads_nothing_slow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shown: tuple[str, ...]
) -> None:
    config = tmp_path / "scoreline.yaml"
    config.write_text("models: [m0.yaml]\n", encoding="utf-8")
    monkeypatch.setenv("SCORELINE_STATE_DIR", str(tmp_path))
    place = Place(tmp_path, _HOT)
    place.settings = load_settings(config)
    place.did("demo_request", 0)
    place.run()
    code = "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr))"
    command = [sys.executable, "-c", f"{code}; from sync.cli import main; main()"]
    ended = subprocess.run(
        [*command, "explain", "ann@acme.com", "-c", config, *shown],
        check=True,
        capture_output=True,
        text=True,
    )
    assert "level 3 → 2" in ended.stdout
    assert set(ended.stderr.split()).isdisjoint(_SLOW)


def test_words_on_the_screen() -> None:
    change = {"at": NOW, "on": NOW.date(), "becomes": "level 3 → 2", "score": 44, "unsaid": ["list Big: why"]}
    assert showing.next_change(change) == [
        "Next, if nothing happens: on 2026-03-20 level 3 → 2 (score 44)",
        "Not foretold: list Big: why",
    ]
    assert showing.next_change(change | {"at": None, "unsaid": []}) == [
        "Next, if nothing happens: nothing changes for a year"
    ]
