"""What explain reads of the configuration is what the settings say, however it comes by it."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from sync import configuration
from sync.configuration import load_settings
from sync.snapshots.outline import Outline, keep, outline

_SAID = """
models: [m.yaml]
state_dir: state
lists: [{name: Warm, when: score >= 50, channel: email, targets: {hubspot: {list: Warm}}}]
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    """A configuration, after a run."""
    path = tmp_path / "scoreline.yaml"
    path.write_text(_SAID, encoding="utf-8")
    _run(path)
    return path


def _run(path: Path) -> None:
    settings = load_settings(path)
    folder = settings.state_dir / "snapshots/current/ahead"
    folder.mkdir(parents=True)
    keep(settings, folder)


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings that nobody is to make."""
    monkeypatch.setattr(configuration, "load_settings", None)


def test_it_is_what_the_settings_say(written: Path) -> None:
    told = outline(written)
    assert told == Outline.of(load_settings(written))
    assert told.models == (written.parent / "m.yaml",)


@pytest.mark.usefixtures("unread")
def test_after_a_run_no_settings_are_made(written: Path) -> None:
    assert outline(written).state_dir == written.parent / "state"


def test_an_edit_counts_at_once(written: Path) -> None:
    before = outline(written)
    written.write_text(_SAID.replace(">= 50", ">= 51"), encoding="utf-8")
    assert outline(written) == Outline.of(load_settings(written)) != before


@pytest.mark.parametrize(
    ("text", "words"), [(_SAID + "scop: a\n", "did you mean 'scope'"), ("models: [\n", "not valid YAML")]
)
def test_a_mistake_is_named_as_ever(written: Path, text: str, words: str) -> None:
    written.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=words):
        outline(written)


def test_a_mistake_in_the_environment_is_named(written: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORELINE_LANGUAGE", "xx")
    with pytest.raises(ConfigError, match="language"):
        outline(written)


def test_another_configuration_over_the_same_state_is_read_itself(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other" / "scoreline.yaml"
    other.parent.mkdir()
    other.write_text(_SAID, encoding="utf-8")
    monkeypatch.setenv("SCORELINE_STATE_DIR", str(outline(written).state_dir))
    assert outline(other).models == (other.parent / "m.yaml",)


def test_a_missing_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        outline(tmp_path / "scoreline.yaml")
