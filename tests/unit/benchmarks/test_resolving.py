"""What is resolved to be timed is one person again for each that three vendors were given."""

import pytest

from benchmarks import resolving


def test_everybody_is_one_person_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCORELINE_SHARED", "/nowhere")
    activities, _, said = resolving.measured(300, 9_000)
    assert activities == 9_000
    assert said[0] == "300 contacts, 9,000 activities in three vendors: 300 people, 9,000 activities"
