"""The one protocol every vendor is behind."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import pyarrow as pa

from core.changes import AskConsent, Change, CheckReport, FieldSpec, FieldState, ListSpec, Outcome, Ref

Token = str


@dataclass(frozen=True, slots=True)
class Stream:
    """One thing that can be read from a vendor.

    tables: the tables of ``core.tables.PULLED`` its pages may carry.
    sweep: True when every read is a complete listing, so that what is absent from it is gone.
    overlap_s, lag_s: how far a window reaches back before the watermark, and stops short of now.
    """

    name: str
    tables: tuple[str, ...]
    sweep: bool = False
    overlap_s: int = 600
    lag_s: int = 120


@dataclass(frozen=True, slots=True)
class Window:
    """``since`` ≤ modified ≤ ``until``, UTC-aware; ``since`` None reads from the beginning."""

    since: datetime | None
    until: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """Some records of a stream.

    tables: rows by name, in the schemas of ``core.tables.PULLED``.
    token: opaque; resuming from it may repeat records, never skips one. None: cannot resume here.
    records: vendor records read for it; total: how many the window holds, where the vendor says.
    """

    tables: Mapping[str, pa.Table]
    token: Token | None
    records: int
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a connector can do: streams in reading order, objects, batch sizes; ``writes``: not only read."""

    streams: tuple[Stream, ...]
    person_objects: tuple[str, ...] = ()
    company_objects: tuple[str, ...] = ()
    fields_per_call: int = 1
    members_per_call: int = 1
    writes: bool = True


class Connector(Protocol):
    """One vendor, translated. Raises the errors of ``core.errors`` and nothing else.

    ``check``, ``pull`` and what else only reads stop where a budget's reserve begins; the other methods serve
    writes and may use all of it.
    """

    name: str
    capabilities: Capabilities

    def check(self) -> CheckReport:
        """Prove credentials, scopes and mapped fields; a failed step is an item, not an exception."""

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        """Pages of records changed in ``window``, in whatever order the vendor can keep.

        Each page carries an opaque token; resuming from any of them may repeat records, never skips one.
        The window is complete when the iterator ends.
        """

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        """What the vendor has for each wanted field, in the same order."""

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        """Create what is missing, visible to whoever needs it; an existing field is never changed."""

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        """The vendor's id for each list, creating missing ones when told; None where it is missing."""

    def list_scope(self, spec: ListSpec) -> str:
        """How the ids of all records begin that can be on the list; empty where any can."""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        """Calls that ``push`` and ``denied`` of these will cost when nothing goes wrong."""

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        """Which of these records refuse e-mail as the vendor has it this moment, with its word for it.

        Who says nothing, or is gone, is left out.
        """

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """One outcome per change, same order; safe to repeat.

        A bad record is a ``Rejected`` value. Only whole-batch trouble raises.
        """

    def close(self) -> None: ...
