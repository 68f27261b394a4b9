"""Folders of our own."""

from pathlib import Path

from core.errors import StateError


def make_folder(folder: Path) -> None:
    """Make the folder where it is not there yet. Raises StateError where that cannot be."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(
            f"the folder {folder} cannot be made: {error.strerror}",
            remedy="point state_dir, or SCORELINE_STATE_DIR, at a folder that can be written",
        ) from error
