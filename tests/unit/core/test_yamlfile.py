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


def test_the_nearest_word_is_offered() -> None:
    assert nearest("ponts", ["points", "event"]) == "did you mean 'points'?"
    assert nearest("zzz", ["points", "event"]) == "known: event, points"
