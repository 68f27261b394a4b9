"""``check`` tells of the connected account what docs/coverage.md tells of its plan."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from core.activities import ACTIVITY_TYPES
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import MailchimpHarness
from tests.contract.salesforce_harness import SalesforceHarness

_DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "coverage.md"
_HARNESSES: Mapping[str, Any] = {
    "salesforce": SalesforceHarness,
    "hubspot": HubSpotHarness,
    "mailchimp": MailchimpHarness,
}
_EXACT, _APPROXIMATE, _NOT = (
    "activities dated exactly", "activities dated approximately", "activities not to be had",
)  # fmt: skip


def documented(vendor: str, word: str) -> set[str]:
    """Types whose cell for the vendor has the word."""
    column = list(_HARNESSES).index(vendor) + 1
    found: set[str] = set()
    for line in _DOCUMENT.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        kinds = set(re.findall(r"\w+", cells[0])) & set(ACTIVITY_TYPES)
        if len(cells) == 4 and kinds and re.search(word, cells[column]):
            # "signup exact" narrows a row of several types to one
            narrowed = re.match(rf"(\w+) {word}", cells[column])
            found |= {narrowed[1]} if narrowed and narrowed[1] in kinds else kinds
    return found


def told(harness: Any, **settings: Any) -> dict[str, set[str]]:
    items = {item.name: item for item in harness.connector(**settings).check().items}
    assert all(items[name].ok for name in (_EXACT, _APPROXIMATE, _NOT))
    return {name: set(items[name].detail.split(", ")) - {"none"} for name in (_EXACT, _APPROXIMATE, _NOT)}


@pytest.mark.parametrize("vendor", list(_HARNESSES))
def test_an_account_with_everything_gives_what_is_documented(vendor: str) -> None:
    harness = _HARNESSES[vendor]()
    try:
        found = told(harness)
    finally:
        harness.close()
    assert found[_EXACT] == documented(vendor, "exact")
    assert found[_APPROXIMATE] == set()
    assert found[_NOT] == set(ACTIVITY_TYPES) - documented(vendor, "exact")


def test_a_plan_without_events_counts_them() -> None:
    harness = HubSpotHarness()
    try:
        harness.do("set_limits", tier="starter")
        found = told(harness, skip=["analytics_events", "feedback"])
    finally:
        harness.close()
    assert found[_APPROXIMATE] == {"page_view"}
    assert {"video_view", "survey_response"} <= found[_NOT]
    assert "call" in found[_EXACT]


def test_a_stream_that_cannot_be_read_is_not_promised() -> None:
    harness = HubSpotHarness()
    try:
        harness.do("set_limits", tier="starter")
        found = told(harness)
    finally:
        harness.close()
    assert "page_view" in found[_NOT]
    assert "page_view" not in found[_EXACT]
