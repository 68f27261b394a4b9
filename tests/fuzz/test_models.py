"""Any text given as a model: either it loads, or it is refused with the file named; nothing else."""

from pathlib import Path

import ibis
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.errors import ModelError
from core.tables import SCORED
from scoring.conditions import Place, parse
from scoring.loader import load_model, parse_model

_MODEL = """\
model: demand
version: 1
where: "not is_customer"
exclude: [{reason: employee, when: "email like '%@acme.com'"}]
activity:
  decay: {half_life: 30d}
  caps: {email: 20}
  rules:
    - {id: open, event: email_open, points: 1, group: email, at_most: "5 in 7d"}
    - {id: video, event: video_view, steps: [{from: 10, points: 2}, {from: 75, points: 8}]}
    - {id: forms, event: form_submit, tiers: [{at_least: "1 in 7d", points: 35}]}
    - {id: quiet, idle: 45d, points: -15}
  ageing:
    - {idle: 90d, at_most: 0}
fit:
  person: [{id: boss, when: "lower(title) like '%director%'", points: 25}]
  grades: {A: 70, B: 45, C: 20}
rating: {levels: [25, 50, 75], best: A4}
stages: [{name: MQL, enter: "score >= 50", stay: "score >= 40"}]
interest: {by: product, half_life: 60d}
satisfaction: {survey: nps, valid: 180d}
journey: {awareness: [page_view]}
account: {score: sum, buyers: {when: "score > 5", at_least: 2, bonus: 10%}}
"""
_PARTS = (
    *_MODEL.replace("{", " { ").replace("}", " } ").split(),
    "null",
    "~",
    "[]",
    "{}",
    "- ",
    "1e400",
    ".nan",
    "-.inf",
    "0x10",
    "1_000",
    "2026-01-01",
    "true",
    "!!python/object:os.system",
    "&a",
    "*a",
    "<<:",
    "? x",
    "|",
    "\t",
    "\u2028",
    "\ufeff",
    "é",
    "'",
    '"',
    "#",
    "%YAML 1.1",
    "---",
    "...",
    "5 in 0d",
    "0 in 5d",
    "-1d",
    "9" * 400,
)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """The model with a few words replaced, put in or taken out, or a few lines moved."""
    words = _MODEL.split(" ")
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(words) - 1))
        put = draw(st.one_of(st.sampled_from(_PARTS), st.text(max_size=6)))
        words[at : at + draw(st.integers(0, 2))] = [put] * draw(st.integers(0, 1))
    lines = " ".join(words).split("\n")
    if draw(st.booleans()):
        lines.insert(draw(st.integers(0, len(lines))), lines.pop(draw(st.integers(0, len(lines) - 1))))
    return "\n".join(lines)


@settings(max_examples=150, deadline=None)
@given(text=st.one_of(damaged(), st.text(max_size=80)))
@example(text="model: m\nversion: 1\nactivity: {rules: [{id: a, points: .nan}]}\n")
@example(text="model: m\nversion: 1\nactivity: {rules: [{id: a, points: " + "9" * 400 + "}]}\n")
@example(text="model: m\nversion: 1\ntime_zone: ../../etc/passwd\n")
@example(text="model: m\nversion: 1\nwhere: " + "(" * 5_000 + "\n")
@example(text="model: m\nversion: 1\nfit: " + "[" * 5_000 + "\n")
@example(text="model: m\nversion: 1\nwhere: '" + "not " * 5_000 + "is_customer'\n")
def test_a_model_loads_or_is_refused_by_name(text: str) -> None:
    try:
        parse_model(text, Path("fuzzed.yaml"))
    except ModelError as error:
        assert "fuzzed.yaml" in str(error)  # noqa: PT017 - that it raises is not required


@settings(max_examples=100, deadline=None)
@given(content=st.binary(max_size=60))
def test_any_bytes_are_a_model_or_refused_by_name(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "fuzzed.yaml"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"fuzzed\.yaml"):
        load_model(path)


_WORDS = (
    "title",
    "value",
    "is_customer",
    "created_at",
    "titel",
    "'x'",
    "'2026-01-31'",
    "5",
    "1e999",
    "0.5",
    "null",
    "true",
    "(",
    ")",
    "and",
    "or",
    "not",
    "=",
    "<>",
    "<",
    "is",
    "in",
    "like",
    "ilike",
    "between",
    "+",
    "-",
    "/",
    "*",
    "||",
    ",",
    "lower(title)",
    "coalesce(value, 0)",
    "days_since(created_at)",
    "abs(",
    "length(",
    "case when",
    "then 1 end",
    "select 1",
    ";",
    "--",
    "/*",
    "x.y",
    '"title"',
    "$1",
    "?",
    "::int",
    "cast(value as int)",
    "exists",
    "interval '1 day'",
    "[1]",
    "{'a': 1}",
    "@",
    "\\",
    "now()",
    "random()",
    "distinct",
    "over ()",
    "escape '\\'",
)
_TYPES = {field.name: ibis.dtype(field.type) for name in ("contacts", "activities") for field in SCORED[name]}


@settings(max_examples=250, deadline=None)
@given(words=st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=4)), min_size=1, max_size=9))
def test_a_condition_is_understood_or_refused_where_it_stands(words: list[str]) -> None:
    try:
        parse(" ".join(words), _TYPES, Place("fuzzed.yaml", 3, "where"))
    except ModelError as error:
        assert "fuzzed.yaml:3: where" in str(error)  # noqa: PT017 - that it raises is not required
