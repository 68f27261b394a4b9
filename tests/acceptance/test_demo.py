"""The demo: everything from nothing, and what a rep and a marketer would see at its end."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.processes import ROOT


@pytest.fixture(scope="module")
def shown() -> str:
    """What the installed command prints."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("SCORELINE_")}
    command = [str(Path(sys.executable).with_name("scoreline")), "demo", "--people", "300"]
    ended = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout


def test_top_of_the_list_has_score_rating_and_reasons(shown: str) -> None:
    top = shown.partition("What a marketer sees:")[0]
    heads = re.findall(r"^  (\d+) · ([A-D][1-4])(?: · \w+)?   (\S.*), (.+), (.+)$", top, re.MULTILINE)
    assert len(heads) == 5, top
    scores = [int(score) for score, *_ in heads]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > 30
    reasons = re.findall(r"^    ([+-]\d+ .*)$", top, re.MULTILINE)
    fits = re.findall(r"^    ([A-D]: .*)$", top, re.MULTILINE)
    assert len(reasons) == len(fits) == 5


def test_lists_say_where_and_how_many(shown: str) -> None:
    found = re.findall(r"^(Nurture|Sales ready) +(\w+) (\w+) '([^']+)' +(\d+) members$", shown, re.MULTILINE)
    assert [(name, vendor, kind) for name, vendor, kind, *_ in found] == [
        ("Nurture", "mailchimp", "tag"),
        ("Sales ready", "hubspot", "list"),
        ("Sales ready", "salesforce", "campaign"),
    ]
    assert all(int(members) > 0 for *_, members in found)


def test_calls_spent_are_told_per_vendor(shown: str) -> None:
    spent = re.search(r"^Calls spent: (.+)$", shown, re.MULTILINE)
    assert spent
    calls = dict(part.rsplit(" ", 1) for part in spent[1].split(", "))
    assert set(calls) == {"salesforce", "hubspot", "mailchimp"}
    assert all(int(count.replace(",", "")) > 0 for count in calls.values())


def test_it_ends_well(shown: str) -> None:
    assert re.search(r"^Done.*Nothing lost; run 1\.$", shown, re.MULTILINE)
