"""Data and model of a run: the shared ones where they are, else our own of the same shape."""

import os
import subprocess
import sys
from pathlib import Path

from benchmarks.generate import generate

_OWN_MODEL = Path(__file__).with_name("model.yaml")


def prepare(folder: Path, contacts: int, activities: int) -> Path:
    """Fill the folder with tables; the model to score them with.

    Reads ``$SCORELINE_SHARED/bench`` (generate.py, model.yaml), or ``../shared/bench``.
    """
    shared = Path(os.environ.get("SCORELINE_SHARED", "../shared")) / "bench"
    if not (shared / "generate.py").is_file():
        generate(folder, contacts, activities)
        return _OWN_MODEL
    numbers = (str(max(1, contacts // 3)), str(contacts), str(activities))
    command = [sys.executable, str(shared / "generate.py"), str(folder), *numbers]
    subprocess.run(command, check=True)  # noqa: S603  # our own interpreter and the named script
    return shared / "model.yaml"
