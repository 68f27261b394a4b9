"""A folder of CSV or Parquet files: how a system without a connector comes in.

The files are named as the tables people know (contacts, accounts, activities, survey_responses, deals,
consents) and carry their columns; every reading is the complete listing.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from connectors.base import Capabilities, Page, Stream, Token, Window
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
from core.files import columns
from core.files.columns import SUFFIXES, Columns
from core.tables import LIVE, PULLED

VENDOR = "files"
_PAGE = 50_000
#: Whom a deal is with, while its file is read.
_ROLE = "of_contact"


@dataclass(frozen=True, slots=True)
class _File:
    """table: what the file fills. renamed: its columns that are called otherwise there. fixed: constants.

    listing: a row is somebody or something, once; its further columns are attributes.
    """

    name: str
    table: str
    renamed: Mapping[str, str]
    fixed: Mapping[str, str]
    key: str
    listing: bool = False

    @property
    def stream(self) -> Stream:
        tables = (self.table, "deal_roles") if self.name == "deals" else (self.table,)
        return Stream(self.name, tables, sweep=True, overlap_s=0, lag_s=0)

    @property
    def columns(self) -> Mapping[str, str]:
        """What the file's columns are called → what they are called in the table."""
        given = {ours: name for name, ours in self.renamed.items()}
        own = (name for name in PULLED[self.table].names if name not in self.fixed and name not in _OURS)
        return {given.get(name, name): name for name in own}


#: Columns that no file tells.
_OURS = frozenset({"vendor", "attributes"})
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
            listing=True,
        ),
        _File(
            "contacts",
            "person_records",
            {"contact_id": "record_id", "account_id": "company_record_id"},
            {"object": "contacts", "state": LIVE},
            "contact_id",
            listing=True,
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
        items += [self._checked(file) for file in _FILES.values() if self._find(file)]
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
        path = self._find(file)
        if path is None:
            return
        table = _read(file, path)
        for offset in range(start, table.num_rows, _PAGE):
            rows = table.slice(offset, _PAGE)
            at = offset + rows.num_rows
            yield Page(_tables(file, rows), str(at), rows.num_rows, table.num_rows)

    def _find(self, file: _File) -> Path | None:
        paths = (self._folder / f"{file.name}{suffix}" for suffix in SUFFIXES)
        found = [path for path in paths if path.is_file()]
        if len(found) > 1:
            raise DataError(
                f"is there twice, as {' and '.join(path.suffix for path in found)}", path=found[0]
            )
        return found[0] if found else None

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


def _read(file: _File, path: Path) -> pa.Table:
    """The table that the file fills; whom a deal is with in a column of its own."""
    schema = PULLED[file.table]
    with duckdb.connect() as con:
        raw = columns.load(con, "raw", path)
        raw.refuse_names(file.columns, [file.key])
        chosen = {name: f"'{value}'" for name, value in {"vendor": VENDOR, **file.fixed}.items()}
        known = {column: ours for column, ours in file.columns.items() if column in raw.kinds}
        chosen |= {ours: raw.typed(column, schema.field(ours).type) for column, ours in known.items()}
        if "kind" in chosen:
            chosen["kind"] = f"lower({chosen['kind']})"
        if file.listing:
            chosen["attributes"] = _attributes(raw, known)
        if file.name == "deals":
            schema = schema.append(pa.field(_ROLE, pa.string()))
            chosen[_ROLE] = (
                raw.typed("contact_id", pa.string()) if "contact_id" in raw.kinds else "null::varchar"
            )
        listed = ", ".join(f'{chosen.get(name, "null::varchar")} as "{name}"' for name in schema.names)
        con.execute(f"create table listed as select {listed} from raw")  # noqa: S608  # names are ours or quoted
        columns.refuse_keys(con, "listed", known[file.key], path, named=file.key, twice=file.listing)
        return con.execute("from listed").to_arrow_table().cast(schema)


def _attributes(raw: Columns, known: Mapping[str, str]) -> str:
    """The columns that are none of ours, as JSON without those that are empty."""
    further = [column for column in raw.kinds if column not in known and raw.is_value(column)]
    if not further:
        return "null::varchar"
    named = {column: column.replace("'", "''") for column in further}
    pairs = ", ".join(f"'{name}', {raw.typed(column, None)}" for column, name in named.items())
    return f"json_merge_patch('{{}}', json_object({pairs}))::varchar"


def _tables(file: _File, rows: pa.Table) -> dict[str, pa.Table]:
    if file.name != "deals":
        return {file.table: rows}
    named = rows.filter(pc.is_valid(rows.column(_ROLE)))
    given = {
        "deal_id": named.column("record_id"),
        "record_id": named.column(_ROLE),
        "vendor": pa.repeat(VENDOR, named.num_rows),
        "deal_object": pa.repeat("deals", named.num_rows),
        "object": pa.repeat("contacts", named.num_rows),
    }
    schema = PULLED["deal_roles"]
    arrays = [given.get(field.name, pa.nulls(named.num_rows, field.type)) for field in schema]
    return {file.table: rows.drop_columns(_ROLE), "deal_roles": pa.Table.from_arrays(arrays, schema=schema)}


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
