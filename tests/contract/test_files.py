"""A folder of files keeps the reading part of the contract."""

import csv
import json
import shutil
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.base import Window
from connectors.files import connector as files
from connectors.files.connection import FilesConnection
from connectors.files.connector import FilesConnector
from core.changes import Ref, Rejected, SetFields
from core.errors import ConnectorError, DataError
from tests.contract.suite import ReadingContract
from tests.fakes import FakeMeter, FakeSleep

_NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
_ALL = Window(None, _NOW)


class FilesHarness:
    people_stream = "contacts"

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.meter, self.sleep = FakeMeter(), FakeSleep()
        self._page = files._PAGE

    def connector(self) -> FilesConnector:
        return FilesConnector(FilesConnection(path=self.folder))

    def now(self) -> datetime:
        return _NOW

    def add_people(self, count: int) -> Sequence[Ref]:
        rows = [{"contact_id": f"c{n}", "email": f"c{n}@acme.test"} for n in range(count)]
        write_csv(self.folder / "contacts.csv", rows)
        return [Ref("files", "contacts", row["contact_id"]) for row in rows]

    def small_pages(self) -> None:
        files._PAGE = 10

    def close(self) -> None:
        files._PAGE = self._page
        shutil.rmtree(self.folder)


class TestFiles(ReadingContract):
    harness_type = FilesHarness


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def read(folder: Path, name: str) -> dict[str, pa.Table]:
    connector = FilesConnector(FilesConnection(path=folder))
    stream = next(stream for stream in connector.capabilities.streams if stream.name == name)
    (page,) = connector.pull(stream, _ALL, None)
    return dict(page.tables)


def test_types_zones_and_further_columns_of_a_csv(tmp_path: Path) -> None:
    row = {
        "contact_id": "007",
        "account_id": "12",
        "email": "Ana@Acme.test",
        "is_customer": "yes",
        "created_at": "2026-11-01T10:00:00+02:00",
        "seats": "40",
        "note": 'a "quoted"\nline',
    }
    write_csv(tmp_path / "contacts.csv", [row])
    (found,) = read(tmp_path, "contacts")["person_records"].to_pylist()
    assert found["record_id"] == "007"
    assert found["company_record_id"] == "12"
    assert found["is_customer"] is True
    assert found["created_at"] == datetime(2026, 11, 1, 8, tzinfo=UTC).replace(tzinfo=None)
    assert json.loads(found["attributes"]) == {"seats": 40, "note": 'a "quoted"\nline'}
    assert found["state"] == "live"


def test_parquet_reads_like_csv(tmp_path: Path) -> None:
    table = pa.table(
        {
            "activity_id": ["a1"],
            "contact_id": ["c1"],
            "type": ["page_view"],
            "occurred_at": pa.array(
                [datetime(2026, 11, 1, 8, 0, 0, 999_000, tzinfo=UTC)], pa.timestamp("us", "UTC")
            ),
            "value": pa.array([3], pa.int32()),
        }
    )
    pq.write_table(table, tmp_path / "activities.parquet")
    (found,) = read(tmp_path, "activities")["activity_records"].to_pylist()
    assert found["record_id"] == "c1"
    assert found["occurred_at"] == datetime(2026, 11, 1, 8, tzinfo=UTC).replace(tzinfo=None)
    assert found["value"] == 3.0


def test_deals_name_the_people_in_them(tmp_path: Path) -> None:
    write_csv(
        tmp_path / "deals.csv", [{"deal_id": "d1", "account_id": "a1", "contact_id": "c1", "amount": "9.5"}]
    )
    tables = read(tmp_path, "deals")
    assert tables["deal_records"].column("amount").to_pylist() == [9.5]
    (role,) = tables["deal_roles"].to_pylist()
    assert (role["deal_id"], role["object"], role["record_id"]) == ("d1", "contacts", "c1")


@pytest.mark.parametrize(
    ("rows", "names"),
    [
        (
            [{"contact_id": "c1", "created_at": "yesterday"}],
            ["contacts.csv", "line 2", "created_at", "yesterday"],
        ),
        (
            [{"contact_id": "c1", "email": "a"}, {"contact_id": "", "email": "b"}],
            ["line 3", "contact_id", "is empty"],
        ),
        ([{"email": "a"}], ["line 1", "has no column 'contact_id'"]),
        ([{"contact_id": "c1", "Email": "a"}], ["line 1", "did you mean 'email'"]),
        ([{"contact_id": "c1"}, {"contact_id": " c1 "}], ["line 3", "contact_id", "'c1' is there twice"]),
    ],
)
def test_bad_data_names_file_row_and_column(
    tmp_path: Path, rows: list[dict[str, str]], names: list[str]
) -> None:
    write_csv(tmp_path / "contacts.csv", rows)
    with pytest.raises(DataError) as raised:
        read(tmp_path, "contacts")
    assert all(name in str(raised.value) for name in names)


def test_a_folder_that_is_not_there_is_no_empty_source(tmp_path: Path) -> None:
    connector = FilesConnector(FilesConnection(path=tmp_path / "elsewhere"))
    with pytest.raises(ConnectorError):
        list(connector.pull(connector.capabilities.streams[0], _ALL, None))
    assert not connector.check().ok


def test_nothing_is_written_into_the_folder(tmp_path: Path) -> None:
    connector = FilesConnector(FilesConnection(path=tmp_path))
    (outcome,) = connector.push([SetFields(Ref("files", "contacts", "c1"), {"score": 1})])
    assert isinstance(outcome, Rejected)
    assert not list(tmp_path.iterdir())
