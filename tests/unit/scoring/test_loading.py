"""Models that are wrong say so: file, line, key and the nearest valid word."""

import json
import re
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import ibis
import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from core.errors import ModelError
from scoring.compiler import compile_model
from scoring.conditions import Place, parse
from scoring.loader import load_model, parse_model
from scoring.schema import model_schema

ROOT = Path(__file__).parents[3]
EXAMPLES = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "models.md").read_text(), re.DOTALL)
RULES = "model: m\nversion: 1\nactivity:\n  rules:\n"
MODELS = sorted((ROOT / "config" / "models").rglob("*.yaml"))


@pytest.mark.parametrize("text", EXAMPLES, ids=lambda text: text.split()[1])
def test_every_example_of_the_page_loads_and_fits_the_schema(text: str) -> None:
    assert parse_model(text).name == text.split()[1]
    jsonschema.validate(YAML(typ="safe").load(text), model_schema())


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_every_shipped_model_loads_and_fits_the_schema(path: Path) -> None:
    assert load_model(path).name == path.stem
    jsonschema.validate(YAML(typ="safe").load(path.read_text()), model_schema())


def test_the_schema_file_is_the_grammar() -> None:
    assert json.loads((ROOT / "config" / "model.schema.json").read_text()) == model_schema()


def test_every_key_of_the_grammar_is_on_the_page() -> None:
    page = (ROOT / "docs" / "models.md").read_text()
    missing = [key for key in _keys(model_schema()) if not re.search(rf"\b{re.escape(key)}\b", page)]
    assert missing == []


def _keys(schema: Any) -> set[str]:
    if isinstance(schema, list):
        return set().union(*(_keys(part) for part in schema)) if schema else set()
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", {}))
    return own.union(*(_keys(part) for part in schema.values()))


@pytest.mark.parametrize(
    ("text", "line", "key", "hint"),
    [
        ("model: m\nversion: 1\nactivty: {}\n", 3, "activty", "did you mean 'activity'?"),
        ("model: m\n", None, None, "'version'"),
        ("model: m\nversion: one\n", 2, "version", "whole number"),
        (f"{RULES}    - {{id: a, evnt: x, points: 1}}\n", 5, "evnt", "'event'"),
        (f"{RULES}    - {{id: a, points: 1}}\n    - {{id: a, points: 1}}\n", 6, "id", "two rules"),
        (f"{RULES}    - {{id: a, points: 1, at_most: 5 a day}}\n", 5, "at_most", "5 in 7d"),
        ("model: m\nversion: 1\nactivity:\n  decay: {halflife: 3d}\n", 4, "halflife", "'half_life'"),
        ("model: m\nversion: 1\nwhere: \"email lik 'x'\"\n", 3, "where", "not a condition"),
        ('model: m\nversion: 1\nwhere: "sqrt(x) = 1"\n', 3, "where", "there is no function 'sqrt'"),
        ('model: m\nversion: 1\nwhere: "a = 1 and lowr(x) = 1"\n', 3, "where", "column 11: there is no"),
        ('model: m\nversion: 1\nwhere: "length(x, 2) = 1"\n', 3, "where", "length takes one text"),
        ('model: m\nversion: 1\nwhere: "x = \\0"\n', 3, "where", r"column 5: '\x00' is no text"),
        ('model: m\nversion: 1\nwhere: "lenght(x) = 1"\n', 3, "where", "length"),
        ('model: m\nversion: 1\nwhere: "x in (select 1)"\n', 3, "where", "list of values"),
        ('model: m\nversion: 1\nwhere: "a = 1; drop table b"\n', 3, "where", "not one condition"),
        ("model: m\nversion: 1\nescalate: {signal: buying, within: 24h}\n", 3, "signal", "signal"),
        ("model: m\nversion: 1\nrating: {levels: [50, 25]}\n", 3, "levels", "rise"),
        ("model: m\nversion: 1\nmodel: n\n", 3, None, "duplicate"),
        ("model: m\nversion: 1\ntime_zone: Europe/Madird\n", 3, "time_zone", "such as Europe/Madrid"),
        ("model: m\nversion: 1\ntime_zone: America/New_Yrok\n", 3, "time_zone", "such as America/New_York"),
        ("model: m\nversion: 1\nfit: {grades: {overal: {A: 5}}}\n", 3, "overal", "did you mean 'overall'?"),
        ("<<: {a: 1}\nmodel: m\nversion: 1\n", 1, None, "merge keys"),
        ('model: m\nversion: 1\nwhere: "a = 1 -- b"\n', 3, "where", "a comment is no part of a condition"),
        ("model: m\nversion: 1_000\n", 2, "version", "whole number"),
        ("model: m\nversion: 1\nfit: {person: [{id: missing, when: x, points: 1}]}\n", 3, "id", "is taken"),
        (f"{RULES}    - {{id: a, points: 1, signal: buying}}\nescalate: {{signal: buyng, within: 1d}}\n", 6,
         "signal", "did you mean 'buying'?"),
        (f"{RULES}    - {{id: total, points: 1}}\n  total: {{max: 5}}\n", 5, "id", "both named 'total'"),
    ],
)  # fmt: skip
def test_errors_name_line_key_and_the_nearest_word(
    text: str, line: int | None, key: str | None, hint: str
) -> None:
    with pytest.raises(ModelError) as raised:
        parse_model(text, Path("there.yaml"))
    assert "there.yaml" in str(raised.value)
    assert line is None or raised.value.line == line
    assert key is None or key in str(raised.value)
    assert hint in str(raised.value)


def test_unknown_columns_are_named_with_the_nearest_one() -> None:
    contacts = ibis.table({"contact_id": "string", "title": "string"}, name="contacts")
    model = parse_model("model: m\nversion: 1\nwhere: \"tittle = 'x'\"\n")
    with pytest.raises(ModelError, match=r"column 1: there is no 'tittle'\n.*did you mean 'title'") as raised:
        compile_model(model, {"contacts": contacts}, datetime(2026, 1, 1, tzinfo=UTC))
    assert raised.value.line == 3


@pytest.mark.parametrize(
    ("condition", "column"),
    [("lower(title) = 'x' or tit = 'y'", 23), ("title <> 'tit' and tit = 'y'", 20), ("tit = 1", 1)],
)
def test_the_place_in_a_condition_is_that_of_the_whole_name(condition: str, column: int) -> None:
    contacts = ibis.table({"contact_id": "string", "title": "string"}, name="contacts")
    model = parse_model(f'model: m\nversion: 1\nwhere: "{condition}"\n')
    with pytest.raises(ModelError, match=rf"column {column}: there is no 'tit'"):
        compile_model(model, {"contacts": contacts}, datetime(2026, 1, 1, tzinfo=UTC))


def test_a_model_that_says_no_language_has_the_one_given(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("model: m\nversion: 1\n")
    english, spanish = load_model(path), load_model(path, language="es")
    assert (english.language, spanish.language) == ("en", "es")
    assert english.hash != spanish.hash
    path.write_text("model: m\nversion: 1\nlanguage: en\n")
    assert load_model(path, language="es") == load_model(path)


def test_text_in_double_quotes_is_told_from_a_column() -> None:
    contacts = ibis.table({"contact_id": "string", "title": "string"}, name="contacts")
    model = parse_model("model: m\nversion: 1\nwhere: 'title = \"Director\"'\n")
    with pytest.raises(ModelError, match=r"there is no 'Director'\n.*single quotes: 'Director'"):
        compile_model(model, {"contacts": contacts}, datetime(2026, 1, 1, tzinfo=UTC))


def test_types_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ModelError, match="compares text with number"):
        parse("title > 3", {"title": "string"}, Place(key="where"))
    with pytest.raises(ModelError, match="neither true nor false"):
        parse("title", {"title": "string"}, Place(key="where"))


def test_the_hash_is_of_what_is_said_not_of_its_layout() -> None:
    spread = "model: m\n# a remark\nversion:   1\nactivity:\n  rules:\n    - id: a\n      points: 1\n"
    flat = "version: 1\nmodel: m\nactivity: {rules: [{points: 1, id: a}]}\n"
    assert parse_model(spread).hash == parse_model(flat).hash
    assert parse_model(spread).hash != parse_model(flat.replace("points: 1", "points: 2")).hash


_SCRAPS = st.sampled_from(
    [
        "model",
        ":",
        " ",
        "\n",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "id",
        "points",
        "1",
        "'",
        '"',
        "&a",
        "*a",
        "!!x",
        "activity",
    ]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.one_of(st.text(max_size=60), st.lists(_SCRAPS, max_size=25).map("".join)))
def test_no_text_raises_anything_but_a_model_error(text: str) -> None:
    with pytest.raises(ModelError):
        parse_model(text)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "not",
                "is",
                "null",
                "(",
                ")",
                "=",
                "'x'",
                "1",
                "and",
                "in",
                "like",
                "between",
                ",",
                "lower",
            ]
        ),
        max_size=12,
    )
)
def test_no_condition_raises_anything_but_a_model_error(words: list[str]) -> None:
    with suppress(ModelError):
        assert parse(" ".join(words), {"a": "string"}, Place(key="where")).columns in {(), ("a",)}
