"""Pages as columns: nothing lost, nothing half."""

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.salesforce.columns import CsvColumns, RestColumns
from connectors.transport import AnswerLost

_TYPES = {
    "Id": "id",
    "Name": "string",
    "Employees": "int",
    "Active": "boolean",
    "At": "datetime",
    "Day": "date",
}
_RECORD = {
    "attributes": {"type": "Account"},
    "Id": "001A",
    "Name": "Ünï 🙂 مرحبا",
    "Employees": 12,
    "Active": True,
    "At": "2026-11-22T08:00:00.000+0000",
    "Day": "2026-11-22",
}
_CSV = b""""Id","Name","Employees","Active","At","Day"
"001A","say ""hi"",
there","12","true","2026-11-22T08:00:00.000Z","2026-11-22"
"001B","","","false","",""
"""


def test_rest_records_become_typed_columns() -> None:
    empty = {**dict.fromkeys(_RECORD), "Id": "001B"}
    page = RestColumns([_RECORD, empty], _TYPES)
    assert page.of("Name").to_pylist() == ["Ünï 🙂 مرحبا", None]
    assert page.of("Employees").to_pylist() == [12.0, None]
    assert page.of("Active").to_pylist() == [True, None]
    assert page.of("At").to_pylist() == [datetime(2026, 11, 22, 8), None]  # noqa: DTZ001 - tables are naive UTC
    assert page.of("Day").to_pylist() == [datetime(2026, 11, 22), None]  # noqa: DTZ001 - tables are naive UTC


def test_parents_are_one_step_away_and_may_be_missing() -> None:
    page = RestColumns(
        [{"Id": "1", "Campaign": {"Type": "Webinar"}}, {"Id": "2", "Campaign": None}],
        {"Id": "id", "Campaign.Type": "picklist"},
    )
    assert page.of("Campaign.Type").to_pylist() == ["Webinar", None]


def test_bulk_results_become_the_same_columns() -> None:
    page = CsvColumns(_CSV, _TYPES, 2)
    assert page.of("Name").to_pylist() == ['say "hi",\nthere', None]
    assert page.of("Employees").to_pylist() == [12.0, None]
    assert page.of("Active").to_pylist() == [True, False]
    assert page.of("At").to_pylist() == [datetime(2026, 11, 22, 8), None]  # noqa: DTZ001 - tables are naive UTC


def test_results_cut_at_any_byte_are_not_taken() -> None:
    for length in range(len(_CSV)):
        with pytest.raises(AnswerLost):
            CsvColumns(_CSV[:length], _TYPES, 2)


def test_no_results_are_a_header_and_no_rows() -> None:
    page = CsvColumns(b'"Id","Name"\n', {"Id": "id", "Name": "string"}, 0)
    assert page.rows == 0
    assert page.of("Name").to_pylist() == []


@given(st.lists(st.text(st.characters(), min_size=1), min_size=1))
def test_any_text_survives_but_for_nul_and_half_pairs(texts: list[str]) -> None:
    records = [{"Id": str(n), "Name": text} for n, text in enumerate(texts)]
    kept = [text.replace("\0", "").encode("utf-8", "ignore").decode() for text in texts]
    assert RestColumns(records, {"Id": "id", "Name": "string"}).of("Name").to_pylist() == kept


def test_half_a_surrogate_pair_is_dropped() -> None:
    page = RestColumns([{"Id": "1", "Name": "a\ud800b\0c"}], {"Id": "id", "Name": "string"})
    assert page.of("Name").to_pylist() == ["abc"]
