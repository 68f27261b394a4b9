"""Every YAML block of docs/models.md loads, compiles to sentences, and prints as a page."""

import re
from pathlib import Path

import pytest

from scoring.checks.validation import warnings
from scoring.loader import parse_model
from scoring.page.page import page

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


def test_the_page_has_examples() -> None:
    assert len(BLOCKS) > 15


@pytest.mark.parametrize("text", BLOCKS, ids=lambda text: text.split()[1])
def test_a_block_loads_and_can_be_checked_and_shown(text: str) -> None:
    model = parse_model(text)
    assert f"{model.name}, " in page(model)
    assert all(len(sentence.split()) > 5 for sentence in warnings(model))
