"""What ``score`` prints for people."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import ConfigError
from scoring.files import folder
from sync.scores import as_text

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MODEL = """
model: m
version: 1
where: "contact_id <> 'c3'"
satisfaction: {survey: nps, valid: 90d}
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "contacts.csv").write_text("contact_id,email\nc1,a@b.c\nc2,\nc3,d@e.f\n")
    (tmp_path / "survey_responses.csv").write_text(
        "contact_id,kind,answer,answered_at\nc1,nps,10,2026-11-01\nc2,nps,3,2026-11-01\nc2,nps,9,2026-11-02\n"
    )
    (tmp_path / "m.yaml").write_text(MODEL)
    return tmp_path


def test_what_is_known_of_all_together_stands_below(data: Path) -> None:
    said = as_text(folder.score(data, data / "m.yaml", NOW)).splitlines()
    assert said[0] == "m as of 2026-11-22T00:00:00Z: 2 people"
    assert said[-2:] == ["Satisfaction 100.0: 2 for, 0 neutral, 0 against", "Not scored: 1 where"]


def test_a_satisfaction_that_nobody_told_is_none(data: Path) -> None:
    (data / "survey_responses.csv").write_text("contact_id,kind,answer,answered_at\n")
    said = as_text(folder.score(data, data / "m.yaml", NOW))
    assert "\nSatisfaction of nobody: 0 for, 0 neutral, 0 against\n" in said


def test_a_zone_that_is_none_is_named_by_its_option(data: Path) -> None:
    with pytest.raises(
        ConfigError, match="--time-zone: 'Europe/Madird' is not a time zone such as Europe/Madrid"
    ):
        folder.score(data, data / "m.yaml", NOW, time_zone="Europe/Madird")
