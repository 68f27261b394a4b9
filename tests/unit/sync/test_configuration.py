"""Settings from YAML and environment, and errors a person can act on."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import ConfigError
from core.yamlfile import load
from sync.configuration import json_schema, load_settings, place
from sync.wiring import assemble

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "config/scoreline.yaml"


@pytest.fixture
def written(tmp_path: Path) -> Path:
    return tmp_path / "scoreline.yaml"


def test_shipped_configuration_loads_with_paths_beside_its_file() -> None:
    settings = load_settings(SHIPPED)
    assert settings.models == (ROOT / "config/models/demand.yaml",)
    assert settings.state_dir == ROOT / "var"
    assert settings.schedules.pull == timedelta(minutes=15)
    assert set(settings.connections.present()) == {"salesforce", "hubspot", "mailchimp"}


def test_language_is_that_of_models_that_do_not_say_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORELINE_LANGUAGE", "es")
    assert [model.language for model in assemble(SHIPPED).models] == ["es"]


def test_environment_sets_addresses_and_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORELINE_SALESFORCE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("SCORELINE_SALESFORCE_CONSUMER_SECRET", "canary")
    salesforce = load_settings(SHIPPED).connections.salesforce
    assert salesforce is not None
    assert salesforce.url == "http://127.0.0.1:9"
    assert salesforce.consumer_secret is not None
    assert salesforce.consumer_secret.get_secret_value() == "canary"
    assert "canary" not in repr(salesforce)


def test_secrets_are_read_from_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "scoreline_hubspot_access_token").write_text("from-a-file\n")
    monkeypatch.setenv("SCORELINE_SECRETS_DIR", str(tmp_path))
    hubspot = load_settings(SHIPPED).connections.hubspot
    assert hubspot is not None
    assert hubspot.access_token is not None
    assert hubspot.access_token.get_secret_value() == "from-a-file"


def test_the_environment_wins_over_a_file_unless_it_is_empty(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("url", "access_token"):
        (tmp_path / f"scoreline_hubspot_{name}").write_text("https://from-a-file.test")
    monkeypatch.setenv("SCORELINE_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("SCORELINE_HUBSPOT_URL", "https://set.test")
    monkeypatch.setenv("SCORELINE_HUBSPOT_ACCESS_TOKEN", "")
    hubspot = load_settings(SHIPPED).connections.hubspot
    assert hubspot is not None
    assert hubspot.access_token is not None
    assert (hubspot.url, hubspot.access_token.get_secret_value()) == (
        "https://set.test",
        "https://from-a-file.test",
    )


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("models: [m.yaml]\nshedules: {}\n", 2, ["shedules", "did you mean 'schedules'"]),
        ("models: [m.yaml]\nschedules:\n  pull: soon\n", 3, ["schedules.pull", "'soon' is not a duration"]),
        ("models: []\n", 1, ["models"]),
        ("time_zone: Mars/Olympus\nmodels: [m.yaml]\n", 1, ["time_zone", "Mars/Olympus"]),
        ("models: [m.yaml]\nmodels: [n.yaml]\n", 2, ["duplicate key"]),
        (
            "models: [m.yaml]\nconnections:\n  hubspot: {access_token: x}\n",
            3,
            ["SCORELINE_HUBSPOT_ACCESS_TOKEN"],
        ),
        (
            "models: [m.yaml]\nclock: http://evil.test/clock\n",
            2,
            ["clock", "'http://evil.test/clock' is not system, or a"],
        ),
        (
            "models: [m.yaml]\nschedules: {rescore: '6:00'}\n",
            2,
            ["'6:00' is not a local time such as '06:00'"],
        ),
        (
            "models: [m.yaml]\nlists:\n  - {name: a, when: b, channel: none, targets: {files: {tag: t}}}\n",
            3,
            ["lists.0.targets", "files are only read"],
        ),
        (
            "models: [m.yaml]\nlists:\n  - {name: a, when: b, channel: fax, targets: {}}\n",
            3,
            ["lists.0.channel", "'none', 'email', 'phone' or 'ads'"],
        ),
        ("models: [m.yaml]\nschedules: {pull: 15}\n", 2, ["schedules.pull", "'15' is not a duration"]),
        (
            "models: [m.yaml]\nlists:\n  - {name: a, when: b, channel: none, targets: {hubspot: {tag: t}}}\n",
            3,
            ["lists.0.targets", "a list in hubspot is a list, not a tag"],
        ),
        (
            """models: [m.yaml]
lists:
  - {name: a, when: b, channel: email, targets: {mailchimp: {tag: t}}}
  - {name: c, when: b, channel: none, targets: {mailchimp: {tag: t}}}
""",
            2,
            ["'a' and 'c' are both the mailchimp tag 't'"],
        ),
        ("models: [m.yaml]\nfields: [\n", 3, ["not valid YAML"]),
        ("- a\n", 1, ["must be a mapping"]),
    ],
)
def test_a_mistake_is_named_with_file_line_and_key(
    written: Path, text: str, line: int, words: list[str]
) -> None:
    written.write_text(text)
    with pytest.raises(ConfigError) as raised:
        load_settings(written)
    message = str(raised.value)
    assert message.startswith(f"{written}:{line}: ")
    assert all(word in message for word in words), message


def test_a_missing_file_is_named(written: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load_settings(written)


def test_lines_are_those_of_the_keys(written: Path) -> None:
    written.write_text("# comment\nmodels:\n  - m.yaml\nguard:\n  at_least: 3\n")
    file = load(written)
    assert file.line(("guard", "at_least")) == 5
    assert file.line(("guard", "nonsense", "deeper")) == 4


def test_committed_schema_is_the_settings_own() -> None:
    committed = json.loads((ROOT / "config/scoreline.schema.json").read_text())
    assert committed == json_schema(), "run: python -m sync.configuration > config/scoreline.schema.json"


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("scope", 2),
        ("lists.A v1.2.when", 4),
        ("lists.A v1.2.stay", 5),
        ("tasks.SQL.subject", 7),
        ("lists.B.when", None),
        ("elsewhere", None),
    ],
)
def test_a_key_of_a_named_item_is_found_in_the_file(written: Path, key: str, line: int | None) -> None:
    written.write_text(
        "models: [m.yaml]\nscope: a\nlists:\n  - {name: A v1.2, when: a,\n     stay: b}\ntasks:\n"
        "  - {on: SQL, subject: c}\n"
    )
    assert place(written, key) == (f"{written}:{line}: " if line else "")
