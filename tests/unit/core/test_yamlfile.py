"""Strict YAML: what is refused, and where the reader is sent."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.yamlfile import nearest, parse

HERE = Path("model.yaml")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2\n", "model.yaml:2: duplicate key"),
        ("a: [1\n", "model.yaml:2: is not valid YAML"),
        ("a: {1: b}\n", "model.yaml:1: key 1 must be text"),
        ("", "model.yaml:1: must be a mapping"),
        ("a: &x [*x]\n", "model.yaml:1: anchors"),
        ("a: !!python/object:os.system b\n", "model.yaml:1: tags"),
        ("a: 1\n---\nb: 2\n", "model.yaml:2: is not valid YAML"),
        ("\x00", "model.yaml"),
        ("%YAML 1.3\n---\na: 1\n", "model.yaml:1: directives"),
        ("%YAML 1.1\n---\na: no\n", "model.yaml:1: directives"),
        ('a: 1\nb: "\\UFFFFFFFF"\n', "model.yaml:2: is not valid YAML: an escape"),
        ('a: 1\nb: "\\U00110000"\n', "model.yaml:2: is not valid YAML: an escape"),
        ('a: 1\nb: "\\ud83d"\n', "model.yaml:2: halves of a character"),
        ("a: 1\nb: " + "9" * 5000, "model.yaml:2: is not valid YAML: 5,000 digits"),
        ("a:\n  " + "[" * 3000, "model.yaml:2: more than 50 levels, one within the other, are not accepted"),
        ("".join(" " * n + "a:\n" for n in range(60)), "model.yaml:51: more than 50 levels"),
    ],
)
def test_anything_else_than_plain_yaml_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as raised:
        parse(text, HERE)
    assert str(raised.value).startswith(message)


def test_yaml_1_2_words_stay_words() -> None:
    assert parse("country: NO\nswitch: off\nyes: 010\n", HERE).content == {
        "country": "NO",
        "switch": "off",
        "yes": 10,
    }


def test_yaml_1_2_has_no_dates_and_no_underscores_in_numbers() -> None:
    text = "on: 2026-13-41\nat: 2026-01-31\nmany: 1_000\nhalf: 1_0.5\n"
    assert parse(text, HERE).content == {
        "on": "2026-13-41", "at": "2026-01-31", "many": "1_000", "half": "1_0.5",
    }  # fmt: skip


def test_json_writes_a_character_as_two_halves() -> None:
    assert parse('{"says \\ud83d\\ude00": "\\ud83d\\ude00"}', HERE).content == {"says 😀": "😀"}


def test_the_nearest_word_is_offered() -> None:
    assert nearest("ponts", ["points", "event"]) == "did you mean 'points'?"
    assert nearest("zzz", ["points", "event"]) == "known: event, points"
