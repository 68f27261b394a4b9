"""Settings of a folder of files."""

from pathlib import Path

from connectors.connection import Part


class FilesConnection(Part):
    """A folder of CSV or Parquet files; relative to where the program runs."""

    path: Path
