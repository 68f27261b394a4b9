"""Pages on disk, from the moment a vendor gave them until they are loaded.

A stage is the folder of one stream. A page counts once its ``.json`` is there; the tables beside it were
written before, so a kill between the two leaves a page that is read again.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import feather

from connectors.base import Page, Token, Window
from core.clock import naive_utc
from core.tables import PULLED

_WINDOW = "window.json"

#: DuckDB holds more than its limit says of a stream without end.
_ROWS_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Begun:
    """What is being read: the window, when reading began (naive UTC), and what had been folded by then."""

    window: Window
    at: datetime
    folded_through: int


class Stage:
    """The staged pages of one stream of one vendor."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._last: int | None = None

    def begun(self) -> Begun | None:
        """The read that was interrupted here, None where there is none."""
        try:
            content = json.loads((self._folder / _WINDOW).read_text(encoding="utf-8"))
            window = Window(_instant(content["since"]), datetime.fromisoformat(content["until"]))
            return Begun(window, datetime.fromisoformat(content["at"]), content["folded_through"])
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def begin(self, begun: Begun) -> None:
        """Empty the folder and note what is about to be read."""
        self.clear()
        self._folder.mkdir(parents=True)
        since = begun.window.since.isoformat() if begun.window.since else None
        self._write(
            _WINDOW,
            {
                "since": since,
                "until": begun.window.until.isoformat(),
                "at": begun.at.isoformat(),
                "folded_through": begun.folded_through,
            },
        )

    def add(self, page: Page, read_at: datetime) -> None:
        """Keep one page; read_at: an instant not later than the vendor's answer."""
        number = (max(self._numbers(), default=0) if self._last is None else self._last) + 1
        for name, table in page.tables.items():
            if table.num_rows:
                staged = _with_provenance(_conformed(name, table), number, read_at)
                feather.write_feather(staged, self._table_path(number, name), compression="lz4")
        self._write(f"{number:08}.json", {"token": page.token, "records": page.records})
        self._last = number

    def resume_token(self) -> Token | None:
        """Where to go on reading; pages after it are dropped. None: from the beginning."""
        for number in sorted(self._numbers(), reverse=True):
            token = self._page(number).get("token")
            if token is not None:
                self._last = number
                return str(token)
            self._drop(number)
        self._last = None
        return None

    def pages(self) -> int:
        """How many pages are here."""
        return len(self._numbers())

    def records(self) -> int:
        """How many vendor records were read for them."""
        return sum(int(self._page(number)["records"]) for number in self._numbers())

    def rows(self, table: str) -> Iterator[pa.Table]:
        """All staged rows of a table, with ``page`` and ``seen_at``, some tens of thousands at a time."""
        numbers = set(self._numbers())
        held: list[pa.Table] = []
        for path in sorted(self._folder.glob(f"*-{table}.arrow")):
            if int(path.name[:8]) in numbers:
                held.append(feather.read_table(path, memory_map=False))
            if sum(one.num_rows for one in held) >= _ROWS_AT_ONCE:
                yield pa.concat_tables(held)
                held = []
        if held:
            yield pa.concat_tables(held)

    def clear(self) -> None:
        """Forget everything that is staged."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._last = None

    def _numbers(self) -> list[int]:
        return [int(path.stem) for path in self._folder.glob("[0-9]*.json")]

    def _page(self, number: int) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self._folder / f"{number:08}.json").read_text(encoding="utf-8"))
        return content

    def _drop(self, number: int) -> None:
        (self._folder / f"{number:08}.json").unlink()
        for path in self._folder.glob(f"{number:08}-*.arrow"):
            path.unlink()

    def _table_path(self, number: int, table: str) -> str:
        return str(self._folder / f"{number:08}-{table}.arrow")

    def _write(self, name: str, content: dict[str, object]) -> None:
        draft = self._folder / f"{name}.draft"
        draft.write_text(json.dumps(content), encoding="utf-8")
        draft.rename(self._folder / name)


def _conformed(name: str, table: pa.Table) -> pa.Table:
    """The table in the columns and types of ``core.tables``; ValueError for one that is not."""
    wanted = PULLED[name]
    if table.schema.equals(wanted):
        return table
    missing = [column for column in wanted.names if column not in table.column_names]
    if missing:
        raise ValueError(f"{name} rows lack {', '.join(missing)}")
    return table.select(wanted.names).cast(wanted)


def _with_provenance(table: pa.Table, number: int, read_at: datetime) -> pa.Table:
    rows = table.num_rows
    page = pa.repeat(pa.scalar(number, pa.int64()), rows)
    seen_at = pa.repeat(pa.scalar(naive_utc(read_at), pa.timestamp("s")), rows)
    return table.append_column("page", page).append_column("seen_at", seen_at)


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
