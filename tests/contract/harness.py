"""What the contract asks of the world outside a connector. A harness reads and writes it on its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from connectors.base import Connector
from core.changes import FieldSpec, ListSpec, Ref
from tests.fakes import FakeMeter, FakeSleep


class ReadingHarness(Protocol):
    """A source with people in it."""

    people_stream: str
    meter: FakeMeter
    sleep: FakeSleep

    def connector(self) -> Connector:
        """A fresh connector over the harness's own meter and sleep."""

    def now(self) -> datetime:
        """The vendor's time; windows of the tests end there."""

    def add_people(self, count: int) -> Sequence[Ref]:
        """Create that many live people at the vendor's present second, in its bulk; they accept e-mail."""

    def small_pages(self) -> None:
        """Make a page hold few enough records for 25 people to need several."""

    def close(self) -> None: ...


class ChangingHarness(ReadingHarness, Protocol):
    """A source whose records have modification times, and are edited and deleted."""

    def pass_time(self, seconds: int) -> None: ...

    def edit(self, ref: Ref) -> None:
        """A person changes something that is not ours."""

    def delete(self, ref: Ref) -> None:
        """A person deletes the record, or archives it where that is what deletion means."""


class WritingHarness(ChangingHarness, Protocol):
    """A vendor we write to."""

    text_field: FieldSpec
    number_field: FieldSpec
    list_spec: ListSpec

    def held(self, ref: Ref, field: str) -> object:
        """The value the vendor stores, None when empty."""

    def members(self, list_id: str) -> set[str]:
        """Record ids on the list, as the vendor stores it."""

    def refuse(self, ref: Ref) -> None:
        """From now on an administrator's rule, or the value's form, blocks saving this record.

        Where a vendor has no such rules, writing ``refused_value`` to the text field stands for it.
        """

    refused_value: str

    def opt_out(self, ref: Ref) -> None:
        """The person unsubscribes in this vendor."""

    def writes(self) -> int:
        """Requests so far that changed stored data."""


class HttpHarness(WritingHarness, Protocol):
    """A vendor behind HTTP, whose sandbox can be told to fail."""

    secrets: Sequence[str]
    faults: Mapping[str, Mapping[str, Any]]
    """By name, each vendor's own form of: throttled, throttled_for_7s, unavailable_empty, expired, forbidden,
    not_json, cut (in the middle of an answer), dropped (the handler runs, the connection dies)."""
    read_path: str
    write_path: str
    """Patterns of the paths that pages are read from and fields written to."""

    def fault(self, name: str, *, path: str, nth: int | None = None, times: int | None = 1) -> None: ...

    def with_bad_credentials(self) -> Connector: ...

    def hide_field(self) -> None:
        """Take away a vendor field that the mapping needs."""

    def requests(self) -> Sequence[Mapping[str, Any]]:
        """Every request received, in order."""

    def add_many_people(self, count: int) -> None:
        """As ``add_people``, by the sandbox's own bulk creation, all on one timestamp."""
