"""What ``explain`` reads of the configuration, kept with a snapshot: it is done before the settings are made.

What is kept holds while the configuration's file, and what the environment says on top of it, are the same.
"""

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sync.settings import Settings

_KEPT = Path("snapshots/current/ahead/outline.json")
_VARIABLES = {
    "clock": "SCORELINE_CLOCK",
    "state_dir": "SCORELINE_STATE_DIR",
    "language": "SCORELINE_LANGUAGE",
}


@dataclass(frozen=True, slots=True)
class Outline:
    """models: their files; lists: what decides who is on which."""

    state_dir: Path
    models: tuple[Path, ...]
    lists: str

    @classmethod
    def of(cls, settings: "Settings") -> "Outline":
        lists = [[own.name, own.when, own.stay, own.channel] for own in settings.lists]
        return cls(settings.state_dir, settings.models, json.dumps([settings.scope, lists]))


def overrides() -> dict[str, str]:
    """Keys at the configuration's top that the environment sets."""
    return {key: value for key, variable in _VARIABLES.items() if (value := os.environ.get(variable))}


def origin(configuration: Path) -> str:
    """Which configuration this is, in short. Raises OSError where it cannot be read."""
    said = [str(configuration.resolve()), digest(configuration), overrides()]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()


def digest(path: Path) -> str:
    """A file's bytes in short."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def keep(settings: "Settings", folder: Path) -> None:
    """Write the outline into the snapshot's folder for the days ahead."""
    told = Outline.of(settings)
    kept = {"origin": settings.origin, "models": [str(path) for path in told.models], "lists": told.lists}
    (folder / _KEPT.name).write_text(json.dumps(kept), encoding="utf-8")


def outline(configuration: Path) -> Outline:
    """As the last run kept it, else of the settings. Raises ConfigError as ``load_settings`` does."""
    try:
        state_dir = _state_dir(configuration)
        kept = json.loads((state_dir / _KEPT).read_text(encoding="utf-8"))
        if kept["origin"] == origin(configuration):
            return Outline(state_dir, tuple(map(Path, kept["models"])), kept["lists"])
    except OSError:
        pass  # nothing is kept, or there is no such configuration
    from sync.configuration import load_settings  # noqa: PLC0415  # slow to load

    return Outline.of(load_settings(configuration))


def _state_dir(configuration: Path) -> Path:
    named = overrides().get("state_dir")
    if named is None:
        from core.yamlfile import load  # noqa: PLC0415  # slow to load

        named = str(load(configuration).content.get("state_dir", ""))
    return (configuration.parent / named).resolve()
