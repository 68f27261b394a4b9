"""What the contract does with a connector and its harness, and what it finds in what comes back."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from connectors.base import Connector, Page, Stream, Window
from core.changes import Ref, SetMembership
from core.tables import KEYS


def prepared(harness: Any) -> Connector:
    """A connector to a vendor that has our fields, where it can have any."""
    connector: Connector = harness.connector()
    if hasattr(harness, "text_field"):
        connector.create_fields([harness.text_field, harness.number_field])
    return connector


def listed(harness: Any) -> str:
    (list_id,) = harness.connector().ensure_lists([harness.list_spec], create=True)
    assert list_id is not None
    return str(list_id)


def membership(
    harness: Any, ref: Ref, list_id: str, *, member: bool = True, channel: str = "none"
) -> SetMembership:
    return SetMembership(ref, harness.list_spec.name, list_id, member, channel)


def everything(harness: Any) -> Window:
    return Window(None, harness.now())


def people_stream(connector: Connector, harness: Any) -> Stream:
    return next(one for one in connector.capabilities.streams if one.name == harness.people_stream)


def pull(connector: Connector, harness: Any, window: Window | None = None) -> Iterator[Page]:
    return connector.pull(people_stream(connector, harness), window or everything(harness), None)


def people(connector: Connector, harness: Any, window: Window | None = None) -> list[dict[str, Any]]:
    return rows_of(connector, harness, "person_records", window)


def rows_of(
    connector: Connector, harness: Any, table: str, window: Window | None = None
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for page in pull(connector, harness, window):
        if table in page.tables:
            rows += page.tables[table].to_pylist()
    return rows


def ids(pages: Iterator[Page] | Sequence[Page]) -> set[str]:
    return {
        str(key) for page in pages for key in page.tables["person_records"].column("record_id").to_pylist()
    }


def gathered(connector: Connector, stream: Stream, window: Window) -> dict[str, pa.Table]:
    found: dict[str, list[pa.Table]] = {}
    for page in connector.pull(stream, window, None):
        for name, table in page.tables.items():
            found.setdefault(name, []).append(table)
    return {name: pa.concat_tables(tables) for name, tables in found.items()}


def assert_keys_unique(name: str, table: pa.Table) -> None:
    keys = [tuple(row.values()) for row in table.select(list(KEYS[name])).to_pylist()]
    assert len(keys) == len(set(keys))
    required = [key for key in KEYS[name] if key not in {"object", "record_id"} or name != "activity_records"]
    assert all(table.column(key).null_count == 0 for key in required)


def messages(error: BaseException) -> Iterator[str]:
    """The message, and those of everything it was raised from."""
    current: BaseException | None = error
    while current is not None:
        yield str(current)
        yield repr(current)
        current = current.__cause__
