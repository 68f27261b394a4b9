"""The JSON Schema of a model file, made from the same grammar as the loader: ``python -m scoring.schema``."""

import json
import sys
from typing import Any

from scoring.grammar.top import TOP


def model_schema() -> dict[str, Any]:
    """The schema as plain JSON values."""
    found = TOP.schema() | {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Scoreline model, version 1 of the grammar",
        "description": "What each key means: docs/models.md",
    }
    plain: dict[str, Any] = json.loads(json.dumps(found))
    return plain


if __name__ == "__main__":
    sys.stdout.write(json.dumps(model_schema(), indent=2) + "\n")
