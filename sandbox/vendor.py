"""What every vendor's server offers to the sockets, the control port and the world."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from werkzeug import Request, Response

if TYPE_CHECKING:
    from sandbox.world import Event, World

_WRITE = "sandbox.write"
_RECORDS = "sandbox.records"
_HIDE_FOR = "sandbox.hide_for_s"
_IN_FLIGHT = "sandbox.in_flight"


class VendorApp(Protocol):
    """One vendor. Everything is called under that vendor's own lock."""

    @property
    def name(self) -> str:
        """``salesforce``, ``hubspot`` or ``mailchimp``."""

    @property
    def credentials(self) -> Mapping[str, str]:
        """What a client needs besides the address; printed when ready, masked in the request log."""

    def handle(self, request: Request) -> Response:
        """Answer one HTTP request as the vendor would, errors included."""

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Every stored record by object name, with exactly the values stored; fit for JSON."""

    def do(self, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """A person acts in the vendor's own screens. ValueError if the action or a record is unknown."""

    def seed(self, world: "World") -> None:
        """Fill an empty vendor from the neutral world."""

    def live(self, world: "World", events: "Sequence[Event]") -> None:
        """Take in what has happened in the world since."""


@runtime_checkable
class Identifies(Protocol):
    """A vendor that remembers whose records it was seeded with, so that a checker can know who is who."""

    def identities(self) -> Mapping[int, Sequence[Mapping[str, str]]]:
        """Person key → ``{"object", "id"}`` of each of that person's records."""


def note(request: Request, *, write: bool | None = None, records: int | None = None) -> None:
    """Tell the request log what a request did.

    Without it a successful POST, PUT, PATCH or DELETE counts as a write of one record.
    """
    if write is not None:
        request.environ[_WRITE] = write
    if records is not None:
        request.environ[_RECORDS] = records


def noted(request: Request, status: int) -> tuple[bool, int]:
    """``(write, records)`` for the log."""
    changed = request.method in {"POST", "PUT", "PATCH", "DELETE"} and status < 400
    write = bool(request.environ.get(_WRITE, changed))
    return write, int(request.environ.get(_RECORDS, 1 if write else 0))


def hide_for(request: Request) -> dt.timedelta | None:
    """How long what this request writes stays out of queries and searches; set by a fault."""
    seconds = request.environ.get(_HIDE_FOR)
    return None if seconds is None else dt.timedelta(seconds=float(seconds))


def set_hide_for(request: Request, seconds: float) -> None:
    request.environ[_HIDE_FOR] = seconds


def in_flight(request: Request) -> int:
    """How many requests this vendor had open when this one arrived, itself included."""
    return int(request.environ.get(_IN_FLIGHT, 1))


def set_in_flight(request: Request, count: int) -> None:
    request.environ[_IN_FLIGHT] = count
