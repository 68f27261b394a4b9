"""The configuration that comes with the program, as a folder of one's own to edit."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from core.errors import ConfigError

_SHIPPED = Path(__file__).parent.with_name("config")


@dataclass(frozen=True, slots=True)
class Started:
    """configuration: what to edit first; files: all that was written."""

    configuration: Path
    files: tuple[Path, ...]


def start(folder: Path) -> Started:
    """Write the configuration, its model, the presets and the schemas that editors read: all of it or none.

    Raises ConfigError where something has the folder's name, or it cannot be written.
    """
    if folder.exists():
        raise ConfigError(
            f"{folder} is there already and is left as it is", remedy="name a folder that is not there yet"
        )
    draft = folder.with_name(f".{folder.name}.draft")
    try:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.copytree(_SHIPPED, draft)
        draft.rename(folder)
    except OSError as error:
        shutil.rmtree(draft, ignore_errors=True)
        raise ConfigError(
            f"{folder} cannot be written: {error.strerror}", remedy="name a folder where you may write"
        ) from error
    files = tuple(sorted(path for path in folder.rglob("*") if path.is_file()))
    return Started(folder / "scoreline.yaml", files)
