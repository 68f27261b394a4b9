"""What a long command says on stderr while it works: a live line on a terminal, plain lines off it."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, TaskID, TaskProgressColumn, TextColumn
from rich.progress import Progress as Bars


class Progress(Protocol):
    """Where the work stands; safe to call from any thread."""

    def update(self, verb: str, what: str, done: int, total: int | None = None, note: str = "") -> None:
        """``done`` of ``total`` (None where unknown) of ``verb`` (pull, push) on ``what`` (a vendor)."""

    def finish(self, verb: str, what: str, summary: str) -> None:
        """This part is over; say what came of it in a line."""


class Silent:
    """Says nothing."""

    def update(self, verb: str, what: str, done: int, total: int | None = None, note: str = "") -> None:
        pass

    def finish(self, verb: str, what: str, summary: str) -> None:
        pass


class Lines:
    """One plain line a finished part: for logs, pipes and CI."""

    def update(self, verb: str, what: str, done: int, total: int | None = None, note: str = "") -> None:
        pass

    def finish(self, verb: str, what: str, summary: str) -> None:
        sys.stderr.write(f" {verb:<5} {what:<11} {summary}\n")
        sys.stderr.flush()


class Live:
    """Bars while it works, a line when a part is finished."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Bars(
            TextColumn(" {task.fields[verb]:<5} {task.fields[what]:<11}"),
            BarColumn(bar_width=20),
            TaskProgressColumn(),
            TextColumn("{task.completed:,} {task.fields[note]}"),
            console=console,
            transient=True,
        )
        self._lock = threading.Lock()
        self._tasks: dict[tuple[str, str], TaskID] = {}

    @contextmanager
    def shown(self) -> Iterator["Live"]:
        with self._bars:
            yield self

    def update(self, verb: str, what: str, done: int, total: int | None = None, note: str = "") -> None:
        with self._lock:
            task = self._tasks.get((verb, what))
            if task is None:
                task = self._bars.add_task("", total=total, verb=verb, what=what, note=note)
                self._tasks[verb, what] = task
            self._bars.update(task, completed=done, total=total, note=note)

    def finish(self, verb: str, what: str, summary: str) -> None:
        with self._lock:
            if (task := self._tasks.pop((verb, what), None)) is not None:
                self._bars.remove_task(task)
        self._console.print(f" {verb:<5} {what:<11} {summary}", highlight=False, markup=False)


@contextmanager
def shown_on_stderr(*, quiet: bool = False) -> Iterator[Progress]:
    """Bars on a terminal, lines off it, nothing when quiet."""
    console = Console(stderr=True)
    if quiet:
        yield Silent()
    elif console.is_terminal:
        with Live(console).shown() as live:
            yield live
    else:
        yield Lines()
