"""How ``plan`` ends: 75 where an allowance left something out, 4 where it is asked and something changes."""

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import ConnectorError, QuotaExhausted
from sync import cli
from sync.planning.plan import LeftOut, Plan
from tests.unit.sync.house import House

_SPENT = LeftOut("hubspot", "lists", QuotaExhausted("the budget is spent", vendor="hubspot"))
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
    monkeypatch.setattr("sync.jobs.preview", lambda *_, **__: replace(made, left_out=left_out))
    options = {"output": None, "pull": False, "fire": False, "config": Path("unread.yaml"), "vendor": ()}
    assert cli.COMMANDS["plan"].run(**options, exit_code=exit_code, as_json=True, quiet=True) == ends


def test_nothing_to_change_is_not_all_there_is_to_say(made: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.cli._runtime", _no_runtime)
    nothing = replace(made, changes=(), left_out=(_SPENT,))
    monkeypatch.setattr("sync.jobs.preview", lambda *_, **__: nothing)
    options = {"output": None, "pull": False, "fire": False, "config": Path("unread.yaml"), "vendor": ()}
    assert cli.COMMANDS["plan"].run(**options, exit_code=True, as_json=True, quiet=True) == 75
