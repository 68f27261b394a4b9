"""A folder gives the same scores as a connection as through ``score --data``."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.clock import FixedClock
from scoring.files import folder
from sync import jobs
from sync.run import RunReport
from sync.wiring import Runtime, assemble

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
MODEL = """
model: m
version: 1
activity: {rules: [{id: called, event: call, when: "value >= 1.5", points: 1}]}
fit:
  person:
    - {id: vip, when: "vip", points: 2}
    - {id: seats, when: "seats > 2.5", points: 4}
    - {id: ext, when: "ext_id = '1234567890123456789'", points: 8}
    - {id: renewal, when: "days_since(renewal) < 30", points: 16}
    - {id: zip, when: "zip = '08001'", points: 32}
"""
CONTACTS = (
    "contact_id;email;vip;seats;ext_id;renewal;zip\n"
    " 007 ;ana@a.test;yes;3;1234567890123456788;2026-11-01;08001\n"
    "8;leo@b.test;no;2.5;1234567890123456789;2026-09-01T10:00:00+02:00; 8001\n"
    "9;eva@c.test;;;;;\n"
)
ACTIVITIES = (
    "\ufeffactivity_id,contact_id,type,occurred_at,value\r\n"
    "a1, 007 ,call,2026-11-20 10:00,2\r\n"
    "a2,8, call,2026-11-20T10:00:00Z,1\r\n"
)


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    data = tmp_path / "data"
    data.mkdir()
    (data / "contacts.csv").write_text(CONTACTS)
    (data / "activities.csv").write_text(ACTIVITIES)
    (tmp_path / "m.yaml").write_text(MODEL)
    (tmp_path / "scoreline.yaml").write_text(
        f"state_dir: var\nmodels: [m.yaml]\nconnections: {{files: {{path: {data}}}}}\n"
    )
    made = assemble(tmp_path / "scoreline.yaml")
    return Runtime(made.settings, FixedClock(NOW))


def _synced(runtime: Runtime) -> tuple[RunReport, dict[str, tuple[int, int]]]:
    """E-mail → score and fit."""
    report = jobs.sync(runtime)
    with runtime.warehouse.read() as con:
        rows = con.execute("select email, score, fit from contact_scores_m").fetchall()
    return report, {email: (score, fit) for email, score, fit in rows}


def test_numbers_are_the_same(runtime: Runtime, tmp_path: Path) -> None:
    report, found = _synced(runtime)
    assert report.exit_code == 0, report
    read = folder.score(tmp_path / "data", tmp_path / "m.yaml", NOW)["contacts"]
    assert found == {one["email"]: (one["score"], one["fit"]["total"]) for one in read}
    assert found == {"ana@a.test": (1, 54), "leo@b.test": (0, 8), "eva@c.test": (0, 0)}


@pytest.mark.parametrize("contacts", ["", "contact_id;email\n8;a@b.test\n8;c@d.test\n", "Contact_ID\n8\n"])
def test_a_file_that_is_broken_forgets_nobody(runtime: Runtime, tmp_path: Path, contacts: str) -> None:
    before = _synced(runtime)[1]
    (tmp_path / "data" / "contacts.csv").write_text(contacts)
    report, after = _synced(runtime)
    assert report.exit_code == 1
    assert "contacts.csv" in str(report.unread[0])
    assert after == before
