"""Folders as other programs write them: what is understood, and which line is named where it is not."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError, ModelError
from scoring import folder

AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
_MODEL = (
    "model: m\nversion: 1\nwhere: not is_customer\nactivity: {rules: [{id: a, event: call, points: 10}]}\n"
)
_CONTACTS = "contact_id,email,is_customer\n"


def scored(at: Path, contacts: str | bytes, when: str = "2026-11-20", model: str = _MODEL) -> dict[str, Any]:
    """``score --data`` of these contacts and one call of c1."""
    text = contacts if isinstance(contacts, bytes) else contacts.encode()
    (at / "contacts.csv").write_bytes(text)
    (at / "activities.csv").write_text(f"contact_id,type,occurred_at\nc1,call,{when}\n")
    (at / "model.yaml").write_text(model)
    return folder.score(at, at / "model.yaml", AS_OF)


@pytest.mark.parametrize(
    "contacts",
    [
        "\ufeff" + _CONTACTS + "c1,a@b.c,no\n",
        (_CONTACTS + "c1,a@b.c,off\n").replace(",", ";"),
        (_CONTACTS + "c1,a@b.c,0\n").replace(",", "\t"),
        (_CONTACTS + "c1,a@b.c,FALSE\n").replace("\n", "\r\n"),
        "contact_id, email, is_customer,\nc1, a@b.c, n,\n",
    ],
)
def test_csv_of_other_programs_is_understood(tmp_path: Path, contacts: str) -> None:
    (person,) = scored(tmp_path, contacts)["contacts"]
    assert (person["contact_id"], person["email"], person["score"]) == ("c1", "a@b.c", 10)


@pytest.mark.parametrize(
    ("when", "newest"),
    [
        ("2026-11-20T10:00:00+02:00", "2026-11-20T08:00:00Z"),
        ("2026-11-20 10:00:00.999", "2026-11-20T10:00:00Z"),
        ("2026-11-20T10:00:00Z", "2026-11-20T10:00:00Z"),
        ("2026-11-20", "2026-11-20T00:00:00Z"),
    ],
)
def test_times_are_read_as_utc_unless_they_say_otherwise(tmp_path: Path, when: str, newest: str) -> None:
    (person,) = scored(tmp_path, _CONTACTS + "c1,,\n", when)["contacts"]
    assert person["contributions"][0]["newest_at"] == newest


@pytest.mark.parametrize(
    ("contacts", "said"),
    [
        ("", r"contacts.csv, line 1: is empty"),
        (_CONTACTS + "c1,a\n", r"contacts.csv, line 2: has 2 cells, not the 3"),
        (_CONTACTS + 'c1,"a\nb",no\nc2,a,no,x\n', r"contacts.csv, line 4: has 4 cells"),
        (_CONTACTS + "c1,,\nc2,,maybe\n", r"contacts.csv, line 3, is_customer: 'maybe' is not true or false"),
        (_CONTACTS + "c1,,\nc1,,\n", r"contacts.csv, line 3, c1, contact_id: is there twice"),
        ("contact_id,email,Email\n", r"contacts.csv, line 1, email: two columns"),
        ("contact,email\n", r"line 1: has no column 'contact_id'\n +did you mean 'contact'"),
        (_CONTACTS.encode() + b"c1,\xe9,no\n", r"contacts.csv, line 2: is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_named_by_line(tmp_path: Path, contacts: str | bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        scored(tmp_path, contacts)


def test_a_time_that_is_none_is_named_by_line(tmp_path: Path) -> None:
    with pytest.raises(
        DataError, match=r"activities.csv, line 2, occurred_at: '20/11/2026' is not a time\n +write 2026"
    ):
        scored(tmp_path, _CONTACTS + "c1,,\n", "20/11/2026")


def test_interest_by_category_alone_is_the_interest_shown(tmp_path: Path) -> None:
    model = _MODEL + "interest: {by: category, weights: {call: 3}}\n"
    (tmp_path / "contacts.csv").write_text(_CONTACTS + "c1,,\n")
    (tmp_path / "model.yaml").write_text(model)
    (tmp_path / "activities.csv").write_text(
        "contact_id,type,occurred_at,category\nc1,call,2026-11-20,cloud\n"
    )
    (person,) = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert person["interest"] == {"cloud": 3}


def test_a_table_that_the_model_does_not_read_may_be_wrong(tmp_path: Path) -> None:
    (tmp_path / "survey_responses.csv").write_text("nothing,of,use\n")
    (tmp_path / "stage_history.csv").write_text("")
    assert scored(tmp_path, _CONTACTS + "c1,,\n")["contacts"][0]["score"] == 10


def test_a_survey_without_its_kind_is_refused_where_the_model_reads_it(tmp_path: Path) -> None:
    (tmp_path / "survey_responses.csv").write_text("contact_id,answer,answered_at\nc1,9,2026-11-01\n")
    with pytest.raises(DataError, match=r"survey_responses.csv, line 1: has no column 'kind'"):
        scored(tmp_path, _CONTACTS, model=_MODEL + "satisfaction: {survey: nps, valid: 90d}\n")


def test_not_a_number_in_parquet_is_no_value(tmp_path: Path) -> None:
    accounts = pa.table({"account_id": ["a1"], "employees": [float("nan")], "annual_revenue": [float("nan")]})
    pq.write_table(accounts, tmp_path / "accounts.parquet")
    fit = "fit: {company: [{id: size, when: employees > 5 or annual_revenue > 5, points: 1}]}\n"
    found = scored(tmp_path, "contact_id,account_id,is_customer\nc1,a1,\n", model=_MODEL + fit)
    assert found["contacts"][0]["fit"]["missing"] == ["annual_revenue", "employees"]


def test_a_survey_may_call_itself_nps_in_capitals(tmp_path: Path) -> None:
    (tmp_path / "survey_responses.csv").write_text(
        "contact_id,kind,answer,answered_at\nc1,NPS,9,2026-11-01\n"
    )
    found = scored(tmp_path, _CONTACTS + "c1,,\n", model=_MODEL + "satisfaction: {survey: nps, valid: 90d}\n")
    assert found["nps"] == {"score": 100.0, "promoters": 1, "passives": 0, "detractors": 0}


def test_a_company_column_without_companies_says_so(tmp_path: Path) -> None:
    fit = "fit: {company: [{id: size, when: employees > 5, points: 1}]}\n"
    with pytest.raises(
        ModelError,
        match=r"model.yaml:5: fit.company.0.when: .*'employees'\n +it is a column of the table accounts",
    ):
        scored(tmp_path, _CONTACTS, model=_MODEL + fit)
