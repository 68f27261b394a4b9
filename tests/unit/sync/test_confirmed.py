"""Acknowledgements move from the journal into the warehouse exactly once, whatever happens."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from core.clock import naive_utc
from sync.confirmed import fold
from sync.store import operational
from sync.store.state import State
from tests.unit.sync.house import START, Died, dying_at
from tests.unit.sync.open_warehouse import OpenWarehouse


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path / "state.sqlite")


@pytest.fixture
def warehouse() -> OpenWarehouse:
    return OpenWarehouse()


def _acknowledge(state: State, value: str | None, minute: int = 0, record: str = "L1") -> None:
    row = {
        "run_id": 1, "vendor": "salesforce", "object": "Lead", "record_id": record, "field": "score",
        "value": value, "acked_at": naive_utc(START + timedelta(minutes=minute)),
    }  # fmt: skip
    with state.write() as con:
        con.execute(insert(operational.journal).values(row))


def _confirmed(warehouse: OpenWarehouse) -> list[tuple[str, str | None]]:
    with warehouse.read() as con:
        return con.execute("select record_id, value from confirmed order by 1").fetchall()


def test_last_acknowledgement_counts(state: State, warehouse: OpenWarehouse) -> None:
    for value in ("1", "2", None, "3"):
        _acknowledge(state, value)
    assert fold(warehouse, state) == 4
    assert _confirmed(warehouse) == [("L1", "3")]
    assert fold(warehouse, state) == 0


def test_cleared_field_is_confirmed_as_empty(state: State, warehouse: OpenWarehouse) -> None:
    _acknowledge(state, None)
    fold(warehouse, state)
    assert _confirmed(warehouse) == [("L1", None)]


def test_fold_that_dies_is_repeated(state: State, warehouse: OpenWarehouse) -> None:
    _acknowledge(state, "1")
    with dying_at("fold.before_commit"), pytest.raises(Died):
        fold(warehouse, state)
    assert _confirmed(warehouse) == []
    assert fold(warehouse, state) == 1


def test_state_restored_alone_from_a_backup_loses_no_later_acknowledgement(
    state: State, warehouse: OpenWarehouse, tmp_path: Path
) -> None:
    for minute in range(3):
        _acknowledge(state, str(minute), minute)
    fold(warehouse, state)
    older = State(tmp_path / "older.sqlite")
    _acknowledge(older, "new", 10, "L2")
    fold(warehouse, older)
    assert _confirmed(warehouse) == [("L1", "2"), ("L2", "new")]
