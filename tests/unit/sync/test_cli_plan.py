"""How ``plan`` ends: 1 where a vendor could not be read, 75 where an allowance left something out, 4 where it
is asked and something changes.
"""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.errors import ConnectorError, QuotaExhausted, TransientError
from sync import cli
from sync.planning.plan import LeftOut, Plan
from sync.pull import Failure, PullReport
from sync.run import RunReport
from tests.unit.sync.house import House

_SPENT = LeftOut("hubspot", "lists", QuotaExhausted("the budget is spent", vendor="hubspot"))
_DOWN = Failure("hubspot", "contacts", TransientError("503", vendor="hubspot"))
_UNREAD = Failure("hubspot", "contacts", QuotaExhausted("the budget is spent", vendor="hubspot"))
_LACKING = LeftOut("salesforce", "fields", ConnectorError("nothing is written", vendor="salesforce"))


@pytest.fixture
def made(tmp_path: Path) -> Plan:
    house = House(tmp_path)
    house.person("ann", "salesforce:Lead:L1")
    house.score("ann", 64)
    plan = house.plan()
    assert plan.changes
    return plan


@contextlib.contextmanager
def _no_runtime(*_given: object, **_named: object) -> Iterator[None]:
    yield


def _previewed(monkeypatch: pytest.MonkeyPatch, plan: Plan, *failures: Failure) -> None:
    report = RunReport("plan", pulled=PullReport((), failures), plan=plan)
    monkeypatch.setattr("sync.jobs.preview", lambda *_, **__: report)


@pytest.mark.parametrize(("failures", "ends"), [((_DOWN,), 1), ((_UNREAD, _DOWN), 1), ((_UNREAD,), 75)])
def test_what_was_not_read_is_said(
    made: Plan,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    failures: tuple[Failure, ...],
    ends: int,
) -> None:
    monkeypatch.setattr("sync.cli._runtime", _no_runtime)
    _previewed(monkeypatch, made, *failures)
    options = {"output": None, "pull": True, "fire": False, "config": Path("unread.yaml"), "vendor": ()}
    plan = partial(cli.COMMANDS["plan"].run, **options, exit_code=False, quiet=True)
    assert plan(as_json=False) == ends
    assert f"hubspot contacts: {failures[0].error}" in capsys.readouterr().out
    plan(as_json=True)
    assert len(json.loads(capsys.readouterr().out)["failures"]) == len(failures)


@pytest.mark.parametrize(
    ("left_out", "exit_code", "ends"),
    [
        ((), False, 0),
        ((_LACKING,), False, 0),
        ((_SPENT,), False, 75),
        ((_LACKING, _SPENT), False, 75),
        ((_SPENT,), True, 4),
    ],
)
def test_exit_code(
    made: Plan, monkeypatch: pytest.MonkeyPatch, *, left_out: tuple[LeftOut, ...], exit_code: bool, ends: int
) -> None:
    monkeypatch.setattr("sync.cli._runtime", _no_runtime)
    _previewed(monkeypatch, replace(made, left_out=left_out))
    options = {"output": None, "pull": False, "fire": False, "config": Path("unread.yaml"), "vendor": ()}
    assert cli.COMMANDS["plan"].run(**options, exit_code=exit_code, as_json=True, quiet=True) == ends


def test_nothing_to_change_is_not_all_there_is_to_say(made: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.cli._runtime", _no_runtime)
    _previewed(monkeypatch, replace(made, changes=(), left_out=(_SPENT,)))
    options = {"output": None, "pull": False, "fire": False, "config": Path("unread.yaml"), "vendor": ()}
    assert cli.COMMANDS["plan"].run(**options, exit_code=True, as_json=True, quiet=True) == 75
