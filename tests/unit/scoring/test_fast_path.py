"""Activities with codes give the same numbers as activities without."""

from pathlib import Path
from typing import Any

import ibis

from scoring import coded
from scoring.compiler import compile_model
from scoring.loader import load_model
from tests.engines.world import NOW, tables

MODEL = Path(__file__).parents[3] / "config" / "models" / "demand.yaml"


def test_coded_activities_give_the_same_numbers() -> None:
    backend = ibis.duckdb.connect()
    inputs: dict[str, Any] = {name: backend.create_table(name, table) for name, table in tables().items()}
    model = load_model(MODEL)
    plain = compile_model(model, inputs, NOW, time_zone="Europe/Madrid").numbers
    acts, codes = coded.prepared(inputs["activities"])
    inputs["activities"] = backend.create_table("coded", acts)
    inputs[coded.CODES] = backend.create_table("codes", codes)
    fast = compile_model(model, inputs, NOW, time_zone="Europe/Madrid").numbers
    order = [("contact_id", "ascending")]
    assert fast.to_pyarrow().sort_by(order).equals(plain.to_pyarrow().sort_by(order))
