"""What scoring a folder says beside the numbers: what comes next, and which cell is in the way."""

import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import ConfigError, ModelError
from scoring.files import folder
from tests.unit.scoring.test_files_of_others import AS_OF, scored

_CALLS = "model: m\nversion: 1\nactivity: {rules: [{id: a, event: call, points: 10}]}\n"


def test_what_comes_next_reads_the_contacts_own_date_beside_an_account_with_one(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,created_at\na1,2020-01-01\n")
    model = """model: m
version: 1
fit: {person: [{id: new, when: "days_since(created_at) < 5", points: 50}], grades: {A: 40}}
stages: [{name: New, enter: "fit >= 40"}]
"""
    contacts = "contact_id,account_id,created_at\nc1,a1,2026-11-20\n"
    (person,) = scored(tmp_path, contacts, model=model)["contacts"]
    assert person["next_change"] == {"at": "2026-11-25T00:00:00Z", "becomes": "lead", "score": 0}


def test_what_comes_next_counts_a_stage_dated_ahead_from_its_day(tmp_path: Path) -> None:
    (tmp_path / "stage_history.csv").write_text(
        "contact_id,model,stage,entered_at\nc1,m,S1,2026-12-02T12:00:00Z\n"
    )
    model = """model: m
version: 1
activity: {rules: [{id: r, event: call, points: 10}]}
stages: [{name: S1, enter: "score > 3 and coalesce(days_in_stage, 0) < 20"}]
"""
    (person,) = scored(tmp_path, "contact_id\nc1\n", model=model)["contacts"]
    assert person["next_change"]["at"] == "2026-12-22T00:00:00Z"


def test_what_comes_next_may_be_that_somebody_is_no_longer_scored(tmp_path: Path) -> None:
    model = "model: m\nversion: 1\nwhere: days_since(created_at) < 5\n"
    (person,) = scored(tmp_path, "contact_id,created_at\nc1,2026-11-20\n", model=model)["contacts"]
    expected = {"at": "2026-11-25T00:00:00Z", "becomes": "no longer scored", "score": None}
    assert person["next_change"] == expected


def test_refused_answers_come_in_the_order_of_their_ids(tmp_path: Path) -> None:
    answers = "".join(f"r{n},c1,nps,11,2026-11-01\n" for n in (5, 2, 0, 4, 1, 3))
    (tmp_path / "survey_responses.csv").write_text(
        f"response_id,contact_id,kind,answer,answered_at\n{answers}"
    )
    model = f"{_CALLS}satisfaction: {{survey: nps, valid: 90d}}\n"
    found = scored(tmp_path, "contact_id\nc1\n", model=model)["refused"]
    assert [one["record"] for one in found] == [f"r{n}" for n in range(6)]


def test_without_activities_nobody_is_said_to_disagree(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text("contact_id\nc1\n")
    (tmp_path / "survey_responses.csv").write_text(
        "contact_id,kind,answer,answered_at\nc1,nps,9,2026-11-01\n"
    )
    (tmp_path / "model.yaml").write_text(
        "model: m\nversion: 1\nsatisfaction: {survey: nps, valid: 90d, activity: 30d}\n"
    )
    (person,) = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert person["satisfaction"] == {"band": "promoter", "answer": 9.0, "disagrees": None}


@pytest.mark.parametrize(
    ("contacts", "name"),
    [
        ("contact_id\nc1\n", "contacts"),
        ("contact_id\nc1\n", "activities"),
        ("contact_id,account_id\nc1,a1\n", "accounts"),
        ("contact_id,seen_at\nc1,web\n", "m"),
        ("contact_id,seen_at\nc1,2027-01-01\n", "m"),
        ('contact_id,"a""b"\nc1,7\n', "m"),
    ],
)
def test_what_comes_next_takes_any_name(tmp_path: Path, contacts: str, name: str) -> None:
    (tmp_path / "accounts.csv").write_text('account_id,contact_id,"x""y"\na1,c1,2\n')
    model = _CALLS.replace("model: m", f"model: {name}").replace(
        "points: 10", "points: 10, decay: {window: 5d}"
    )
    (person,) = scored(tmp_path, contacts, model=f"{model}stages: [{{name: S, enter: score > 3}}]\n")[
        "contacts"
    ]
    assert person["next_change"] == {"at": "2026-11-25T00:00:00Z", "becomes": "lead", "score": 0}


@pytest.mark.parametrize(
    ("when", "named"),
    [
        ("seats > 20", "contacts.csv, line 3, seats: 'n/a' is not a number"),
        ("vip", "contacts.csv, line 4, vip: 'maybe' is not true or false"),
        ("days_since(renewal) > 2", "contacts.csv, line 2, renewal: 'soon' is not a time"),
        ("email > 20", None),
        ("note > 20", "contacts.csv, line 2, note: 'good' is not a number"),
        ("20 < note", "contacts.csv, line 2, note: 'good' is not a number"),
        ("not note", "contacts.csv, line 2, note: 'good' is not true or false"),
        ("share > 1", "contacts.csv, line 2, share: '3,5' is not a number"),
        ("code > 1", "contacts.csv, line 3, code: '1234567890123456789' is read as text: more digits"),
    ],
)
def test_cell_that_makes_a_column_text_is_named(tmp_path: Path, when: str, named: str | None) -> None:
    contacts = (
        "contact_id;email;seats;vip;renewal;note;share;code\n"
        "c1;a@b.c;10;yes;soon;good;3,5;1\nc2;;n/a;no;2026-01-01;7;2,5;1234567890123456789\n"
        "c3;;30;maybe;2026-02-01;bad;1,0;3\n"
    )
    model = (
        f'model: m\nversion: 1\nfit: {{person: [{{id: r, when: "{when}", points: 1}}], grades: {{A: 1}}}}\n'
    )
    with pytest.raises(ModelError) as raised:
        scored(tmp_path, contacts, model=model)
    assert (named in str(raised.value)) if named else ("contacts.csv" not in str(raised.value))


@pytest.mark.parametrize(("each", "doubts"), [(50, 0), (51, 1)])
def test_who_is_not_told_what_comes_next_is_said(tmp_path: Path, each: int, doubts: int) -> None:
    people = [f"c{number}" for number in range(60)]
    (tmp_path / "contacts.csv").write_text("\n".join(["contact_id", *people]) + "\n")
    calls = [f"{who},call,2026-11-01" for who in people for _ in range(each)]
    (tmp_path / "activities.csv").write_text("\n".join(["contact_id,type,occurred_at", *calls]) + "\n")
    (tmp_path / "model.yaml").write_text(_CALLS)
    said = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["warnings"]
    assert [one for one in said if "for the 50 highest scores alone" in one] == said
    assert len(said) == doubts


def test_the_engine_draws_nothing_on_stdout_however_python_was_started() -> None:
    code = """
from scoring import engines
with engines.connected("duckdb") as backend:
    print(backend.raw_sql("select current_setting('enable_progress_bar')").fetchone())
"""
    root = Path(__file__).parents[3]
    ended = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True)
    assert ended.stdout == b"(False,)\n"


def test_a_folder_that_cannot_be_looked_into_is_named(tmp_path: Path) -> None:
    (tmp_path / "model.yaml").write_text(_CALLS)
    for data, said in (
        (tmp_path / ("x" * 300), "x: cannot be read: File name too long"),
        (tmp_path / "model.yaml", "model.yaml: is not a folder"),
        (tmp_path / "nowhere", "nowhere: cannot be read: No such file or directory"),
    ):
        with pytest.raises(ConfigError, match=said):
            folder.score(data, tmp_path / "model.yaml", AS_OF)


def test_a_model_that_is_too_large_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def too_deep(*_: object, **__: object) -> None:
        too_deep()

    monkeypatch.setattr(folder, "compile_model", too_deep)
    with pytest.raises(ModelError, match=r"model.yaml.*: has too many parts to be computed"):
        scored(tmp_path, "contact_id\nc1\n")
