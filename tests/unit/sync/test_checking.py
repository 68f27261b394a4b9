"""What ``check`` says of the models: in themselves, with the data, and with what the settings want of them."""  # noqa: E501  # a case reads best on one line

from pathlib import Path
from typing import Any

import pytest

from core.clock import FixedClock
from core.errors import LeaseHeld
from sync.checking import check, check_models
from sync.configuration import load_settings
from sync.wiring import Runtime
from tests.unit.sync.house import START

_MODEL = """model: hot
version: 1
activity: {rules: [{id: demo, event: demo_request, points: 60, signal: buying}]}
stages: [{name: MQL, enter: "score >= 50", stay: "score >= 40"}]
escalate: {signal: buying, within: 24h}
"""
_CONNECTED = "connections: {files: {path: .}, mailchimp: {url: 'https://us1.api.mailchimp.com/3.0'}}\n"


def _runtime(folder: Path, more: str = "", model: str = _MODEL, models: str = "[hot.yaml]") -> Runtime:
    (folder / "hot.yaml").write_text(model, encoding="utf-8")
    (folder / "warm.yaml").write_text(_MODEL.replace("model: hot", "model: warm"), encoding="utf-8")
    (folder / "scoreline.yaml").write_text(f"models: {models}\n{_CONNECTED}{more}", encoding="utf-8")
    return Runtime(load_settings(folder / "scoreline.yaml"), FixedClock(START))


def _told(runtime: Runtime) -> list[str]:
    return check_models(runtime)["hot"]


def _stored(runtime: Runtime, *activities: tuple[str, str]) -> None:
    """One person, who did these: (type, day of the year 2026)."""
    with runtime.warehouse.write("a test") as con:
        con.execute("insert into contacts (contact_id, email) values ('p1', 'ann@acme.com')")
        for number, (kind, at) in enumerate(activities):
            con.execute(
                """insert into activities (activity_id, contact_id, type, occurred_at)
                values (?, 'p1', ?, ?)""",
                [f"e{number}", kind, at],
            )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ("fields: [{name: score, value: scor, kind: integer, label: Score}]\n",
         ["field score: 'scor' is not a column", "did you mean 'score'"]),
        ("account_fields: [{name: score, value: headline, kind: text, label: Score}]\n",
         ["account field score: 'headline' is not a column"]),
        ("fields: [{name: score, value: score, kind: integer, label: S, model: hott}]\n",
         ["field score wants the model 'hott'", "did you mean 'hot'"]),
        ("fields: [{name: s, value: score, kind: integer, label: S, vendors: [hubspot]}]\n",
         ["field s goes to 'hubspot', which is not connected"]),
        ("fields: [{name: s, value: score, kind: integer, label: S, vendors: [files]}]\n",
         ["field s goes to 'files', which is only read"]),
        ('lists: [{name: a, when: "scor > 3", channel: none, targets: {mailchimp: {tag: t}}}]\n',
         ["lists.a.when", "there is no 'scor'", "did you mean 'score'"]),
        ('lists: [{name: a, when: "score > 3", stay: "score >", channel: none, targets: {mailchimp: {tag: t}}}]\n',  # noqa: E501  # a case reads best on one line
         ["lists.a.stay", "is not a condition"]),
        ("lists: [{name: a, when: \"score > 'x'\", channel: none, targets: {mailchimp: {tag: t}}}]\n",
         ["lists.a.when", "compares number with text"]),
        ('lists: [{name: a, when: "score > 3", channel: none, targets: {hubspot: {list: t}}}]\n',
         ["list a goes to 'hubspot', which is not connected"]),
        ("scope: \"regoin = 'x'\"\n", ["scope", "did you mean 'region'"]),
    ],
)  # fmt: skip
def test_settings_that_do_not_fit_the_model_are_told_of(tmp_path: Path, more: str, words: list[str]) -> None:
    (sentence,) = _told(_runtime(tmp_path, more))
    assert all(word in sentence for word in words), sentence


_SALESFORCE = _CONNECTED.replace("files: {path: .}", "salesforce: {url: 'https://acme.my.salesforce.com'}")


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("{on: MQLL, vendor: salesforce, subject: Call}", ["task on MQLL never comes", "did you mean 'MQL'"]),
        (
            "{on: MQL, vendor: hubspot, subject: Call}",
            ["task on MQL goes to 'hubspot', which is not connected"],
        ),
        ("{on: MQL, vendor: salesforce, subject: 'Call {frist_name}'}", ["no {frist_name}", "'first_name'"]),
    ],
)
def test_tasks_that_never_come_are_told_of(tmp_path: Path, task: str, words: list[str]) -> None:
    runtime = _runtime(tmp_path)
    (tmp_path / "scoreline.yaml").write_text(
        f"models: [hot.yaml]\n{_SALESFORCE}tasks: [{task}]\n", encoding="utf-8"
    )
    runtime = Runtime(load_settings(tmp_path / "scoreline.yaml"), FixedClock(START))
    (sentence,) = _told(runtime)
    assert all(word in sentence for word in words), sentence


def test_a_task_on_escalation_needs_a_model_that_escalates(tmp_path: Path) -> None:
    calm = _MODEL.replace("escalate: {signal: buying, within: 24h}\n", "")
    _runtime(tmp_path, model=calm)
    tasks = "tasks: [{on: escalate, vendor: salesforce, subject: Now}]\n"
    (tmp_path / "scoreline.yaml").write_text(f"models: [hot.yaml]\n{_SALESFORCE}{tasks}", encoding="utf-8")
    (sentence,) = _told(Runtime(load_settings(tmp_path / "scoreline.yaml"), FixedClock(START)))
    assert "task on escalate never comes" in sentence


def test_settings_that_fit_raise_no_doubt(tmp_path: Path) -> None:
    more = (
        "scope: \"region = 'x'\"\n"
        "fields: [{name: s, value: headline, kind: text, label: S}, "
        "{name: w, value: score, kind: integer, label: W, model: warm}]\n"
        "account_fields: [{name: p, value: people, kind: integer, label: P}]\n"
        'lists: [{name: a, when: "score > 3 and warm_score > 1", channel: none, targets: {mailchimp: {tag: t}}}]\n'  # noqa: E501  # a case reads best on one line
    )
    assert check_models(_runtime(tmp_path, more, models="[hot.yaml, warm.yaml]")) == {"hot": [], "warm": []}


def test_a_doubtful_model_is_told_of_without_data(tmp_path: Path) -> None:
    runtime = _runtime(tmp_path, model=_MODEL.replace("demo_request", "demo_reqest"))
    (sentence,) = _told(runtime)
    assert "did you mean 'demo_request'?" in sentence
    assert not runtime.warehouse.path.exists()


def test_a_model_with_a_companys_own_columns_is_checked_without_data(tmp_path: Path) -> None:
    more = "fields: [{name: score, value: scor, kind: integer, label: Score}]\n"
    (sentence,) = _told(_runtime(tmp_path, more, _MODEL + 'where: "shoe_size > 40"\n'))
    assert "'scor' is not a column" in sentence


def test_data_tell_which_rule_never_fired(tmp_path: Path) -> None:
    runtime = _runtime(tmp_path)
    _stored(runtime, ("page_view", "2026-02-20"))
    assert _told(runtime) == [
        "rule demo never fired: there are 0 activities of demo_request; connect a source of them, or remove it"  # noqa: E501  # a case reads best on one line
    ]


def test_who_is_on_a_list_that_is_no_longer_named_is_told_of(tmp_path: Path) -> None:
    """Nobody would take them off it."""
    lists = 'lists: [{name: a, when: "score > 3", channel: none, targets: {mailchimp: {tag: Now}}}]\n'
    runtime = _runtime(tmp_path, lists)
    _stored(runtime, ("demo_request", "2026-02-01"))
    with runtime.warehouse.write("a test") as con:
        for number, name in enumerate(("Now", "Before", "Before")):
            con.execute(
                """insert into confirmed (vendor, object, record_id, field, value, acked_at, seq)
                values ('mailchimp', 'members', ?, ?, 'member', '2026-02-01', ?)""",
                [str(number), f"list:{name}", number],
            )
    (said,) = [sentence for sentence in _told(runtime) if "list of ours" in sentence]
    assert said.startswith("'Before' in mailchimp")
    assert "still has members (2)" in said


def test_types_that_are_stored_have_a_source(tmp_path: Path) -> None:
    runtime = _runtime(tmp_path, model=_MODEL.replace("demo_request", "chat"))
    _stored(runtime, ("chat", "2026-02-20"))
    assert _told(runtime) == []


def test_a_column_the_data_lack_is_one_sentence(tmp_path: Path) -> None:
    runtime = _runtime(tmp_path, model=_MODEL + 'where: "tittle is not null"\n')
    _stored(runtime)
    told = _told(runtime)
    assert any("there is no 'tittle'" in sentence and "'title'" in sentence for sentence in told)


def test_nothing_is_changed_by_looking(tmp_path: Path) -> None:
    runtime = _runtime(tmp_path)
    _stored(runtime, ("demo_request", "2026-02-20"))
    with runtime.warehouse.read() as con:
        before = con.execute("select table_name from information_schema.tables order by 1").fetchall()
    assert _told(runtime) == []
    with runtime.warehouse.read() as con:
        assert con.execute("select table_name from information_schema.tables order by 1").fetchall() == before


def test_a_busy_store_leaves_the_rest_of_the_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runtime = _runtime(tmp_path)
    _stored(runtime)

    def busy(*_: Any) -> None:
        raise LeaseHeld("the file is open in process 7", holder="PID 7")

    monkeypatch.setattr(runtime.warehouse, "read", busy)
    (sentence,) = _told(runtime)
    assert "the data were not looked at: the file is open in process 7" in sentence


def test_check_asks_each_connected_system(tmp_path: Path) -> None:
    assert [report.vendor for report in check(_runtime(tmp_path), only=("files",))] == ["files"]
