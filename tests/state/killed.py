"""One run over a world kept in a file, as a process of its own, so that it can be killed."""

import os
import pickle
from dataclasses import dataclass
from pathlib import Path

from sync.warehouse import Warehouse
from tests.state.real import RealLoop
from tests.state.world import Key, Rules, Value, World


@dataclass
class WorldFile(World):
    """A world that outlives the process that writes to it."""

    path: Path = Path()

    def write(self, key: Key, value: Value) -> str:
        outcome = super().write(key, value)
        self.save()
        return outcome

    def save(self) -> None:
        draft = self.path.with_suffix(".draft")
        draft.write_bytes(pickle.dumps(self))
        draft.replace(self.path)


def load(folder: Path) -> WorldFile:
    world = pickle.loads((folder / "world").read_bytes())  # noqa: S301 - written above
    assert isinstance(world, WorldFile)
    return world


def run(folder: Path, crash_at: str = "") -> None:
    """One whole run, that a crash point may end early as kill -9 does."""
    os.environ["SCORELINE_CRASH_AT"] = crash_at
    rules = Rules(scores={"ann": 60, "bob": 20})
    loop = RealLoop(folder, "overwrite", rules, Warehouse(folder / "data.duckdb"))
    loop.run(load(folder), rules, audit=True)
    loop.close()
