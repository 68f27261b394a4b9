"""Three bad rows among ten thousand: the others are written, the three are kept with what to do about it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.changes import Change, Done, Ref, Rejected, SetFields
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import AUDIENCE, MailchimpHarness
from tests.contract.salesforce_harness import SalesforceHarness

_COUNT, _BAD = 10_000, (0, 4_321, 9_999)
_ROOT = Path(__file__).resolve().parents[2]


def _many_leads(harness: SalesforceHarness) -> list[Ref]:
    """All but three have a phone number, which a rule demands."""
    common = {"LastName": "Person", "Company": "Acme"}
    records = [
        {**common, "Email": f"p{n}@acme.test", **({} if n in _BAD else {"Phone": "+34 600"})}
        for n in range(_COUNT)
    ]
    made = harness.do("create_many", object="Lead", records=records, ids=True)
    rule = {"name": "phone", "kind": "validation", "message": "Phone required", "when": "Phone = null"}
    harness.do("add_rule", object="Lead", **rule)
    return [Ref("salesforce", "Lead", record_id) for record_id in made["ids"]]


def _many_contacts(harness: HubSpotHarness) -> list[Ref]:
    harness.do("create_many", object="contacts", count=_COUNT, properties={"lastname": "P {n}"})
    refs = [Ref("hubspot", "contacts", row["id"]) for row in harness.stored("contacts")]
    for number in _BAD:
        harness.refuse(refs[number])
    return refs


def _many_members(harness: MailchimpHarness) -> list[Ref]:
    harness.do("create_many", audience=AUDIENCE, count=_COUNT)
    return [
        Ref("mailchimp", "members", f"{row['list_id']}:{row['contact_id']}", row["email_address"])
        for row in harness.stored("members")
    ]


_MAKERS: dict[str, tuple[Any, Any]] = {
    "salesforce": (SalesforceHarness, _many_leads),
    "hubspot": (HubSpotHarness, _many_contacts),
    "mailchimp": (MailchimpHarness, _many_members),
}


@pytest.fixture(params=list(_MAKERS))
def crowd(request: pytest.FixtureRequest) -> Iterator[tuple[Any, list[Ref]]]:
    harness_type, make = _MAKERS[request.param]
    harness = harness_type()
    harness.connector().create_fields([harness.text_field, harness.number_field])
    yield harness, make(harness)
    harness.close()


def test_three_bad_rows_of_ten_thousand_cost_only_themselves(crowd: tuple[Any, list[Ref]]) -> None:
    harness, refs = crowd
    field = harness.text_field.name
    changes: list[Change] = [
        SetFields(ref, {field: harness.refused_value if number in _BAD else "ok"})
        for number, ref in enumerate(refs)
    ]
    outcomes = harness.connector().push(changes)
    assert len(outcomes) == _COUNT
    refused = {number: one for number, one in enumerate(outcomes) if isinstance(one, Rejected)}
    assert tuple(refused) == _BAD
    assert sum(isinstance(one, Done) for one in outcomes) == _COUNT - len(_BAD)
    for number, one in refused.items():
        assert one.change == changes[number]
        assert one.code
        assert one.reason
        assert one.remedy
    assert harness.held(refs[1], field) == harness.held(refs[-2], field) == "ok"


_MODEL = """
model: demand
version: 1
about: People, by their e-mail address.
activity:
  rules:
    - {id: seen, event: page_view, points: 1, says: looked at us}
fit:
  person:
    - {id: reachable, when: "email is not null", points: 30, says: can be reached}
  grades: {A: 20}
"""
_CONFIG = """
state_dir: state
clock: CONTROL/clock
models: [demand.yaml]
connections:
  salesforce: {url: "URL"}
fields:
  - {name: rating, value: grade, kind: text, length: 4, label: Rating, help: "How well they fit."}
"""


def _scoreline(harness: SalesforceHarness, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    given = {
        f"SCORELINE_SALESFORCE_{key.upper()}": harness.address[key]
        for key in ("consumer_key", "consumer_secret")
    }
    kept = {key: value for key, value in os.environ.items() if not key.startswith("SCORELINE_")}
    return subprocess.run(
        [sys.executable, "-m", "sync.cli", *arguments],
        env={**kept, **given, "SCORELINE_CONFIG": str(folder / "scoreline.yaml")},
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_run_with_three_rejected_writes_the_rest_keeps_the_three_and_exits_3(tmp_path: Path) -> None:
    harness = SalesforceHarness()
    try:
        refs = _many_leads(harness)
        (tmp_path / "demand.yaml").write_text(_MODEL)
        config = _CONFIG.replace("URL", harness.address["url"])
        config = config.replace("CONTROL", harness.sandbox.addresses["control"])
        (tmp_path / "scoreline.yaml").write_text(config)
        fields = _scoreline(harness, tmp_path, "fields", "--apply")
        assert fields.returncode == 0, fields.stdout + fields.stderr
        ended = _scoreline(harness, tmp_path, "sync", "--json")
        assert ended.returncode == 3, ended.stdout[-2000:] + ended.stderr[-2000:]
        held = {row["Id"]: row.get("Scoreline_Rating__c") for row in harness.stored("Lead")}
        assert sum(value is not None for value in held.values()) == _COUNT - len(_BAD)
        bad = {refs[number].record_id for number in _BAD}
        assert {key for key, value in held.items() if value is None} == bad
        letters = json.loads(_scoreline(harness, tmp_path, "failed", "--json").stdout)
        assert {one["record_id"] for one in letters} == bad
        for one in letters:
            assert (one["vendor"], one["payload"].keys()) == ("salesforce", {"Scoreline_Rating__c"})
            assert "Phone required" in one["reason"]
            assert one["remedy"]
    finally:
        harness.close()
