"""A folder of CSV or Parquet files: how a system without a connector comes in.

The files are named as the tables people know (contacts, accounts, activities, survey_responses, deals,
consents) and carry their columns; every reading is the complete listing.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Capabilities, Page, Stream, Token, Window
from connectors.files import tabular
from connectors.files.connection import FilesConnection
from connectors.transport import CallMeter
from core.changes import (
    AskConsent,
    Change,
    CheckItem,
    CheckReport,
    FieldSpec,
    FieldState,
    ListSpec,
    Outcome,
    Ref,
    Rejected,
)
from core.clock import Clock
from core.errors import ConfigError, ConnectorError, DataError, ScorelineError
from core.tables import LIVE, PULLED

VENDOR = "files"
_PAGE = 50_000


@dataclass(frozen=True, slots=True)
class _File:
    """table: what the file fills. renamed: its columns that are called otherwise there. fixed: constants."""

    name: str
    table: str
    renamed: Mapping[str, str]
    fixed: Mapping[str, str]
    key: str
    attributes: bool = False

    @property
    def stream(self) -> Stream:
        tables = (self.table, "deal_roles") if self.name == "deals" else (self.table,)
        return Stream(self.name, tables, sweep=True, overlap_s=0, lag_s=0)


_OF_CONTACT = {"contact_id": "record_id"}
_FILES = {
    file.name: file
    for file in (
        _File(
            "accounts",
            "company_records",
            {"account_id": "record_id", "parent_id": "parent_record_id"},
            {"object": "accounts", "state": LIVE},
            "account_id",
            attributes=True,
        ),
        _File(
            "contacts",
            "person_records",
            {"contact_id": "record_id", "account_id": "company_record_id"},
            {"object": "contacts", "state": LIVE},
            "contact_id",
            attributes=True,
        ),
        _File("activities", "activity_records", _OF_CONTACT, {"object": "contacts"}, "activity_id"),
        _File("survey_responses", "survey_records", _OF_CONTACT, {"object": "contacts"}, "response_id"),
        _File(
            "deals",
            "deal_records",
            {"deal_id": "record_id", "account_id": "company_record_id"},
            {"object": "deals", "state": LIVE},
            "deal_id",
        ),
        _File("consents", "consent_records", _OF_CONTACT, {"object": "contacts"}, "contact_id"),
    )
}


CAPABILITIES = Capabilities(
    streams=tuple(file.stream for file in _FILES.values()),
    person_objects=("contacts",),
    company_objects=("accounts",),
    writes=False,
)


class FilesConnector:
    """Reads only; nothing is ever written into the folder."""

    name = VENDOR
    capabilities = CAPABILITIES

    def __init__(self, connection: FilesConnection) -> None:
        self._folder = connection.path

    def check(self) -> CheckReport:
        if not self._folder.is_dir():
            remedy = "Set connections.files.path to the folder with the files."
            return CheckReport(
                VENDOR, (CheckItem("folder", ok=False, detail=str(self._folder), remedy=remedy),)
            )
        items = [CheckItem("folder", ok=True, detail=str(self._folder))]
        items += [self._checked(file) for file in _FILES.values() if tabular.find(self._folder, file.name)]
        if len(items) == 1:
            known = ", ".join(_FILES)
            items.append(
                CheckItem("files", ok=False, detail="no file is there", remedy=f"Known names: {known}.")
            )
        return CheckReport(VENDOR, tuple(items))

    def _checked(self, file: _File) -> CheckItem:
        try:
            rows = sum(page.records for page in self._pages(file, 0))
        except ScorelineError as error:
            return CheckItem(file.name, ok=False, detail=error.message, remedy=error.remedy)
        return CheckItem(file.name, ok=True, detail=f"{rows:,} rows")

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        """The whole file, whatever the window: ``sweep`` says so."""
        del window
        if not self._folder.is_dir():
            raise ConnectorError(
                "the folder is not there", vendor=VENDOR, operation=stream.name, remedy="Check its path."
            )
        if resume is not None and not resume.isdigit():
            raise ConnectorError("the resume token is damaged", vendor=VENDOR, operation=stream.name)
        yield from self._pages(_FILES[stream.name], int(resume or 0))

    def _pages(self, file: _File, start: int) -> Iterator[Page]:
        path = tabular.find(self._folder, file.name)
        if path is None:
            return
        table = self._read(file, path)
        for offset in range(start, table.num_rows, _PAGE):
            rows = table.slice(offset, _PAGE)
            at = offset + rows.num_rows
            yield Page(_tables(file, rows, path), str(at), rows.num_rows, table.num_rows)

    def _read(self, file: _File, path: Path) -> pa.Table:
        known = {**{name: name for name in PULLED[file.table].names}, **file.renamed}
        texts = tuple(column for column, ours in known.items() if ours in PULLED[file.table].names)
        table = tabular.read(path, texts)
        if table.num_columns and file.key not in table.column_names:
            raise DataError("the column is missing", path=path, field=file.key)
        if table.num_columns and table.column(file.key).null_count:
            row = pc.index(pc.is_null(table.column(file.key)), value=True).as_py() + 2
            raise DataError("is empty", path=path, record=f"row {row}", field=file.key)
        return table

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return [FieldState(spec, "failed", "files are only read") for spec in specs]

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        return self.field_states(specs)

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        del create
        return [None for _ in specs]

    def list_scope(self, spec: ListSpec) -> str:  # noqa: ARG002  # the protocol's
        return ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        del changes
        return 0

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        """Nobody: consents are read with everything else, whole each time."""
        del refs
        return {}

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        remedy = "Remove files from the field's or list's vendors."
        return [Rejected(change, "READ_ONLY", "files are only read", remedy) for change in changes]

    def close(self) -> None:
        """Nothing is held open."""


def _tables(file: _File, rows: pa.Table, path: Path) -> dict[str, pa.Table]:
    tables = {file.table: _filled(file, rows, path)}
    if file.name == "deals" and "contact_id" in rows.column_names:
        tables["deal_roles"] = _roles(rows, path)
    return tables


def _filled(file: _File, rows: pa.Table, path: Path) -> pa.Table:
    """The rows in the pulled schema; columns it does not know become attributes."""
    source = {ours: column for column, ours in file.renamed.items() if column in rows.column_names}
    fixed = {"vendor": VENDOR, **file.fixed}
    arrays, used = [], set(source.values())
    for field in PULLED[file.table]:
        column = source.get(field.name, field.name)
        if field.name in fixed:
            arrays.append(pa.repeat(pa.scalar(fixed[field.name], field.type), rows.num_rows))
        elif column in rows.column_names and field.name != "attributes":
            arrays.append(tabular.typed(rows.column(column), field.type, path=path, name=column))
            used.add(column)
        else:
            arrays.append(pa.nulls(rows.num_rows, field.type))
    table = pa.Table.from_arrays(arrays, schema=PULLED[file.table])
    further = [name for name in rows.column_names if name not in used and name not in fixed]
    if not file.attributes or not further:
        return table
    place = table.schema.get_field_index("attributes")
    return table.set_column(place, PULLED[file.table].field("attributes"), _attributes(rows.select(further)))


def _attributes(rows: pa.Table) -> pa.Array:
    texts = [
        json.dumps(
            {name: value for name, value in row.items() if value is not None}, ensure_ascii=False, default=str
        )
        for row in rows.to_pylist()
    ]
    return pa.array(texts, pa.string())


def _roles(rows: pa.Table, path: Path) -> pa.Table:
    named = rows.filter(pc.is_valid(rows.column("contact_id")))
    given = {
        "deal_id": tabular.typed(named.column("deal_id"), pa.string(), path=path, name="deal_id"),
        "record_id": tabular.typed(named.column("contact_id"), pa.string(), path=path, name="contact_id"),
        "vendor": pa.repeat(VENDOR, named.num_rows),
        "deal_object": pa.repeat("deals", named.num_rows),
        "object": pa.repeat("contacts", named.num_rows),
    }
    schema = PULLED["deal_roles"]
    arrays = [given.get(field.name, pa.nulls(named.num_rows, field.type)) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def open_connector(
    connection: object,
    *,
    clock: Clock,
    meter: CallMeter,
    observe: Mapping[str, Sequence[str]],
    lists: Sequence[ListSpec],
    sleep: Callable[[float], None] = time.sleep,
) -> FilesConnector:
    """Raises ConfigError for settings of another vendor."""
    del clock, meter, observe, lists, sleep  # nothing is called, written or waited for
    if not isinstance(connection, FilesConnection):
        raise ConfigError("expected the settings of a files connection", key="connections.files")
    return FilesConnector(connection)
