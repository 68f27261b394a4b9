"""Folders as other programs write them: what is understood, and which line is named where it is not."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import DataError, ModelError
from scoring.files import folder

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
        "\n  \n" + _CONTACTS + "c1,a@b.c,no\n",
        "sep=;\r\n" + (_CONTACTS + "c1,a@b.c,no\n").replace(",", ";").replace("\n", "\r\n"),
        _CONTACTS + "c1,a@b.c,no\r\n",
        _CONTACTS.replace("\n", "\r\n") + "c1,a@b.c,no\n",
        _CONTACTS + "\tc1,\u00a0a@b.c\t ,\tno\n",
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
        ("2026-11-20T10:00Z", "2026-11-20T10:00:00Z"),
        ("2026-11-20 10:00+0230", "2026-11-20T07:30:00Z"),
        ("2026-11-20t10:00:00z", "2026-11-20T10:00:00Z"),
        ("2026-11-20 10:00:00 UTC", "2026-11-20T10:00:00Z"),
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
        (_CONTACTS + "c1,,\nc1,,\n", r"contacts.csv, line 3, contact_id: 'c1' is there twice"),
        (_CONTACTS + "c1,,\n,a,\n,b,\n", r"contacts.csv, line 3, contact_id: is empty"),
        ("contact_id,email,Email\n", r"contacts.csv, line 1, email: two columns"),
        ("contact,email\n", r"line 1: has no column 'contact_id'\n +did you mean 'contact'"),
        (_CONTACTS.encode() + b"c1,\xe9,no\n", r"contacts.csv, line 2: is not UTF-8 text"),
        ("\n\n" + _CONTACTS + "\nc1,,\nc2,,maybe\n", r"contacts.csv, line 6, is_customer: 'maybe'"),
        ("sep=,\n" + _CONTACTS + "c1,,\nc2,,maybe\n", r"contacts.csv, line 4, is_customer: 'maybe'"),
        ("\ncontact,email\n", r"contacts.csv, line 2: has no column 'contact_id'"),
        ("\ncontact_id,Email\n", r"contacts.csv, line 2: has a column 'Email'\n +did you mean 'email'"),
        ('"contact_id", "email"\n"c1", "a"\n', r'line 1: names a column "email"\n +write quoted'),
        (_CONTACTS + "c1,,\r\nc2,,maybe\n", r"contacts.csv, line 3, is_customer: 'maybe'"),
        (_CONTACTS.encode() + b"c1,,no\r\nc2,\xe9,no\n", r"contacts.csv, line 3: is not UTF-8 text"),
    ],
)
def test_what_is_wrong_is_named_by_line(tmp_path: Path, contacts: str | bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        scored(tmp_path, contacts)


@pytest.mark.parametrize(
    "when",
    [
        "20/11/2026",
        "epoch",
        "2026-11-20T10:00:00+25:00",
        "2026-11-20T24:00:00Z",
        "2026-2-8",
        "2026-11-20 10:00:00 CET",
    ],
)
def test_a_time_that_is_none_is_named_by_line(tmp_path: Path, when: str) -> None:
    said = rf"activities.csv, line 2, occurred_at: '{re.escape(when)}' is not a time\n +write 2026"
    with pytest.raises(DataError, match=said):
        scored(tmp_path, _CONTACTS + "c1,,\n", when)


def test_a_number_has_no_underscore(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,employees\na1,1_000\n")
    with pytest.raises(DataError, match=r"accounts.csv, line 2, employees: '1_000' is not a whole number"):
        scored(tmp_path, _CONTACTS)


@pytest.mark.parametrize(
    "header", ["contact_id,type,occurred_at,value", "activity_id,contact_id,type,occurred_at,value"]
)
def test_activities_without_an_id_come_in_the_order_of_their_place(tmp_path: Path, header: str) -> None:
    # more than one batch of rows: the first of them all is worth 1 point, each other 2
    model = _MODEL.replace("points: 10", "first: true, steps: [{from: 0, points: 1}, {from: 1, points: 2}]")
    (tmp_path / "contacts.csv").write_text(_CONTACTS + "c1,,\n")
    (tmp_path / "model.yaml").write_text(model)
    blank = "," if header.startswith("activity_id") else ""
    rows = [f"{blank}c1,call,2026-11-20T10:00:00Z,{number}" for number in range(5_000)]
    (tmp_path / "activities.csv").write_text("\n".join([header, *rows]))
    (person,) = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert person["score"] == 1


def test_a_copy_of_an_activity_of_nobody_counts(tmp_path: Path) -> None:
    (tmp_path / "contacts.csv").write_text(_CONTACTS + "c1,,\n")
    (tmp_path / "model.yaml").write_text(_MODEL)
    (tmp_path / "activities.csv").write_text(
        "activity_id,contact_id,type,occurred_at\n1,,call,2026-11-20\n1,c1,call,2026-11-20\n1,c1,call,2026-11-20\n"
    )
    assert folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"][0]["score"] == 10


def test_contacts_of_no_account_stand_beside_accounts(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,employees\na1,60\n")
    fit = "fit: {company: [{id: size, when: employees > 5, points: 1}]}\n"
    (person,) = scored(tmp_path, _CONTACTS + "c1,,\n", model=_MODEL + fit)["contacts"]
    assert (person["score"], person["account_id"], person["fit"]["missing"]) == (10, None, ["employees"])


def test_ids_that_a_data_frame_made_numbers_are_the_same_ids(tmp_path: Path) -> None:
    pq.write_table(
        pa.table({"contact_id": [1, 2], "is_customer": [False, None]}), tmp_path / "contacts.parquet"
    )
    acts = {
        "contact_id": [1.0, float("nan")],
        "type": ["call", "call"],
        "occurred_at": ["2026-11-20", "2026-11-20"],
    }
    pq.write_table(pa.table(acts), tmp_path / "activities.parquet")
    (tmp_path / "model.yaml").write_text(_MODEL)
    found = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert [(one["contact_id"], one["score"]) for one in found] == [("1", 10), ("2", 0)]


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ([[1]], "contact_id: is of the type .*, not text"),
        ([{"a": 1}], "contact_id: is of the type struct"),
        ([b"\xff"], "cannot be read: .*UTF"),
    ],
)
def test_what_no_text_is_made_of_is_no_id(tmp_path: Path, ids: list[Any], said: str) -> None:
    pq.write_table(pa.table({"contact_id": ids, "is_customer": [False]}), tmp_path / "contacts.parquet")
    (tmp_path / "model.yaml").write_text(_MODEL)
    (tmp_path / "activities.csv").write_text("contact_id,type,occurred_at\n")
    with pytest.raises(DataError, match=f"contacts.parquet.*{said}"):
        folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)


@pytest.mark.parametrize(
    ("answers", "record", "reason"),
    [
        ("response_id,contact_id,kind,answer,answered_at\nr1,c1,nps,,2026-11-01\n", "r1", "has no answer"),
        ("contact_id,kind,answer,answered_at\nc1,nps,19,2026-11-01\n", "row 1", "answer 19 is out of range"),
        (
            "response_id,contact_id,kind,answer,scale_min,scale_max,answered_at\nr1,c1,nps,5,0,5,2026-11-01\n",
            "r1", "NPS goes from 0 to 10 or from 1 to 10, not 0 to 5",
        ),
    ],
)  # fmt: skip
def test_refused_answers_name_their_record(tmp_path: Path, answers: str, record: str, reason: str) -> None:
    (tmp_path / "survey_responses.csv").write_text(answers)
    found = scored(tmp_path, _CONTACTS + "c1,,\n", model=_MODEL + "satisfaction: {survey: nps, valid: 90d}\n")
    assert found["refused"] == [{"table": "survey_responses", "record": record, "reason": reason}]
    assert found["nps"]["score"] is None


def test_fit_without_rules_counts_nothing(tmp_path: Path) -> None:
    (person,) = scored(tmp_path, _CONTACTS + "c1,,\n", model=_MODEL + "fit: {grades: {A: 5}}\n")["contacts"]
    assert (person["grade"], person["fit"]["total"], person["partial"]) == (None, None, False)


@pytest.mark.parametrize(
    ("there", "said"),
    [
        ("activites.csv", r"has no activities.csv .*\n +is activites.csv it\? then name it activities.csv"),
        ("notes.txt", r"has no activities.csv .*\n +found: contacts.csv, model.yaml, notes.txt"),
    ],
)
def test_a_file_that_is_missing_is_looked_for_under_other_names(
    tmp_path: Path, there: str, said: str
) -> None:
    (tmp_path / "contacts.csv").write_text(_CONTACTS)
    (tmp_path / "model.yaml").write_text(_MODEL)
    (tmp_path / there).write_text("")
    with pytest.raises(DataError, match=said):
        folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)


def test_points_by_a_value_that_only_contacts_have_are_refused(tmp_path: Path) -> None:
    model = _MODEL.replace("points: 10", "steps: [{from: 1, points: 2}]")
    with pytest.raises(DataError, match=r"activities.csv, value: has no column 'value'"):
        scored(tmp_path, "contact_id,is_customer,value\nc1,,5\n", model=model)


def test_a_type_that_nobody_does_is_doubted_where_another_is_near(tmp_path: Path) -> None:
    model = _MODEL.replace("rules: [", "rules: [{id: p, event: [page_veiw, our_own_thing], points: 1}, ")
    (doubt,) = scored(tmp_path, _CONTACTS + "c1,,\n", model=model)["warnings"]
    assert doubt.startswith("rule p waits for 'page_veiw'")
    assert "did you mean 'page_view'?" in doubt


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


def test_texts_in_parquet_that_are_not_marked_as_such_are_texts(tmp_path: Path) -> None:
    pq.write_table(pa.table({"contact_id": [b"c1"], "is_customer": [False]}), tmp_path / "contacts.parquet")
    (tmp_path / "model.yaml").write_text(_MODEL)
    (tmp_path / "activities.csv").write_text("contact_id,type,occurred_at\nc1,call,2026-11-20\n")
    assert folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"][0]["score"] == 10


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


@pytest.mark.parametrize(
    ("when", "points"),
    [
        ("tier >= 10", None),
        ("tier = 'gold'", None),
        ("lower(tier) like '%g%' and tier is null", None),
        ("tier is null", 5),
        ("tier", 0),
        ("days_since(tier) < 30", None),
        ("coalesce(tier, 7) > 6 and other = 'x'", None),
    ],
)
@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_column_nobody_has_a_value_in_fits_any_condition(
    tmp_path: Path, suffix: str, when: str, points: int | None
) -> None:
    if suffix == "csv":
        (tmp_path / "contacts.csv").write_text("contact_id,tier,other\nc1,,\n")
    else:
        pq.write_table(
            pa.table({"contact_id": ["c1"], "tier": pa.nulls(1), "other": pa.nulls(1)}),
            tmp_path / "contacts.parquet",
        )
    model = f'model: m\nversion: 1\nfit: {{person: [{{id: r, when: "{when}", points: 5}}]}}\n'
    (tmp_path / "model.yaml").write_text(model)
    (person,) = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert person["fit"]["total"] == (points or 0)
    assert person["partial"] is (points is None)


def test_empty_column_of_accounts_fits_too(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text("account_id,created_at\n")
    model = (
        "model: m\nversion: 1\nfit: {company: [{id: r, when: 'days_since(created_at) < 30', points: 5}]}\n"
    )
    (person,) = scored(tmp_path, "contact_id,account_id\nc1,a1\n", model=model)["contacts"]
    assert person["fit"]["company"] == 0
    assert person["partial"]


@pytest.mark.parametrize("lacking", ["x1,c1,,2026-11-20", "x1,c1,call,", "x1,,call,2026-11-20"])
def test_row_that_does_not_exist_takes_no_id_from_one_that_does(tmp_path: Path, lacking: str) -> None:
    (tmp_path / "contacts.csv").write_text("contact_id,is_customer\nc1,no\n")
    (tmp_path / "activities.csv").write_text(
        f"activity_id,contact_id,type,occurred_at\n{lacking}\nx1,c1,call,2026-11-20\n"
    )
    (tmp_path / "model.yaml").write_text(_MODEL)
    (person,) = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert person["score"] == 10


_INTEREST = """model: m
version: 1
activity: {rules: [{id: page, event: page_view, points: 10}]}
interest: {by: %s, assets: [{match: "/%%", product: web, category: site}]}
"""


@pytest.mark.parametrize(
    ("by", "product", "interest"),
    [
        ("[category, product]", "", {"web": 10}),
        ("[product, category]", "", {"web": 10}),
        ("category", "", {"site": 10}),
        ("category", " ; ;", {"site": 10}),
        ("product", ";", {"web": 10}),
    ],
)
def test_interest_is_in_products_and_separators_alone_name_none(
    tmp_path: Path, by: str, product: str, interest: dict[str, int]
) -> None:
    (tmp_path / "contacts.csv").write_text("contact_id\nc1\n")
    (tmp_path / "activities.csv").write_text(
        f"contact_id,type,occurred_at,asset,category,product\nc1,page_view,2026-11-20,/a,,{product}\n"
    )
    (tmp_path / "model.yaml").write_text(_INTEREST % by)
    (person,) = folder.score(tmp_path, tmp_path / "model.yaml", AS_OF)["contacts"]
    assert person["interest"] == interest
