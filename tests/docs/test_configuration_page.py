"""docs/configuration.md says what the settings accept: each key, each default, and examples that load."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from connectors.connection import Budget, Part, PolicySettings, VendorConnection
from connectors.files.connection import FilesConnection
from connectors.hubspot.connection import HubSpotConnection
from connectors.mailchimp.connection import MailchimpConnection
from connectors.salesforce.connection import SalesforceConnection
from sync import settings
from sync.configuration import load_settings
from sync.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "configuration.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
OWN: list[type[BaseModel]] = [
    kind
    for kind in vars(settings).values()
    if isinstance(kind, type) and issubclass(kind, Part) and kind.__module__ == settings.__name__
]
VENDORS: list[type[BaseModel]] = [SalesforceConnection, HubSpotConnection, MailchimpConnection]
PARTS: list[type[BaseModel]] = [*OWN, *VENDORS, VendorConnection, FilesConnection, Budget, PolicySettings]


def _rows(name: str) -> dict[str, list[str]]:
    """Key → cells of the table in the part's section."""
    section = re.search(rf"^## `{name}`.*?(?=^## |\Z)", PAGE, re.DOTALL | re.MULTILINE)
    assert section, f"no section for {name}"
    cells = [line.strip("| ").split(" | ") for line in section[0].splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row for row in cells}


def _keys(part: type[BaseModel]) -> dict[str, FieldInfo]:
    shared = VendorConnection.model_fields if part in VENDORS else {}
    return {field.alias or name: field for name, field in part.model_fields.items() if name not in shared}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_page_names_the_keys_that_are_accepted_and_no_others(part: type[BaseModel]) -> None:
    assert list(_rows(part.__name__)) == list(_keys(part))


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_page_gives_the_defaults(part: type[BaseModel]) -> None:
    rows = _rows(part.__name__)
    for key, field in _keys(part).items():
        expected = _default(field)
        assert expected is None or rows[key][2] == expected, key


def _default(field: FieldInfo) -> str | None:  # noqa: PLR0911  # one return for each kind of default
    """As the page writes it; None for what it describes in words."""
    if field.is_required():
        return "required"
    value: Any = field.get_default(call_default_factory=True)
    if isinstance(value, BaseModel) or (value and isinstance(value, tuple | dict)):
        return None
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        minutes = int(value.total_seconds() // 60)
        return f"{minutes // 1440}d" if minutes % 1440 == 0 else f"{minutes}m"
    if isinstance(value, float):
        return f"{value:.0%}"
    if isinstance(value, str | int | Path):
        return str(value) or '""'
    return None


@pytest.mark.parametrize("text", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_loads(text: str, tmp_path: Path) -> None:
    path = tmp_path / "scoreline.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_settings(path).models


def test_the_examples_use_every_key_of_the_top() -> None:
    used = set(re.findall(r"^(\w+):", "\n".join(EXAMPLES), re.MULTILINE))
    assert used == set(Settings.model_fields)
