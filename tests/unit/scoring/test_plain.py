"""Conditions in plain words: what they say is what they compute, in both languages."""

import pytest

from core.tables import SCORED
from scoring.conditions import Place, parse
from scoring.page.plain import said
from scoring.page.plain_words import ENGLISH, SPANISH
from scoring.stages import SHOWN


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (
            "lower(title) like '%director%' or lower(title) like 'vp %'",
            "title (any case) contains 'director' or begins with 'vp '",
        ),
        ("email like '%@x.io'", "email ends with '@x.io'"),
        ("email like '%a_b%'", "email looks like '%a_b%' (% is any text, _ is any one character)"),
        ("a = 1 and (b <> 'x' or c is null)", "a is 1 and (b is not 'x' or c is not known)"),
        ("a = 1 and b = 2 or c = 3", "(a is 1 and b is 2) or c is 3"),
        ("not flag", "flag is not yes"),
        ("flag is true", "flag is yes"),
        ("country not in ('ES', 'FR')", "country is none of 'ES', 'FR'"),
        ("employees between 5 and 9", "number of employees is from 5 to 9"),
        ("employees not between 5 and 9", "number of employees is not from 5 to 9"),
        ("email not like '%x%'", "email does not contain 'x'"),
        ("days_since(created_at) < 30", "days since created at is less than 30"),
        ("length(phone) >= 9", "length of phone is at least 9"),
        ("annual_revenue / employees > 10", "annual revenue / number of employees is more than 10"),
        ("coalesce(idle_days, 0) < 90", "days without activity (if not known, 0) is less than 90"),
        (
            "coalesce(country, region, 'ES') = 'ES'",
            "country (if not known, region (if not known, 'ES')) is 'ES'",
        ),
        ("(employees + 10) * 2 > 100", "(number of employees + 10) * 2 is more than 100"),
        ("(country = 'ES') is not true", "it is not so that (country is 'ES')"),
        ("abs(n - 3) * 2 >= 5", "(size of (n - 3)) * 2 is at least 5"),
        ("abs(n) * abs(m + 1) > 2", "(size of n) * (size of (m + 1)) is more than 2"),
        ("length(title) + 1 > 5", "(length of title) + 1 is more than 5"),
        ("3 - days_since(created_at) > 2", "3 - (days since created at) is more than 2"),
        ("coalesce(n - 3, 1) * 2 > 5", "((n - 3) (if not known, 1)) * 2 is more than 5"),
        ("length(trim(title)) > 5", "length of title is more than 5"),
        ("(n > 3) is not false", "n is more than 3, or that is not known"),
        ("(country = 'ES') is false", "it is not so that (country is 'ES')"),
        ("title = 'a' or title ilike 'b%'", "title is 'a' or title (any case) begins with 'b'"),
        ("is_customer", "is a customer"),
        ("country = 'ES' and not is_customer", "country is 'ES' and is not a customer"),
        ("is_customer = true", "being a customer is yes"),
        ("flag is not true", "flag is not yes"),
        ("flag is false", "flag is no"),
        ("true", "always"),
        ("country = 'ES' or false", "country is 'ES' or never"),
        ("email like '%@%.x.io'", "email looks like '%@%.x.io' (% is any text)"),
        ("title not like 'vp%'", "title does not begin with 'vp'"),
        ("email not ilike '%@x.io'", "email (any case) does not end with '@x.io'"),
    ],
)
def test_conditions_in_plain_words(condition: str, words: str) -> None:
    assert _told(condition) == words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("lower(title) = 'vp'", "title (any case) is 'vp'"),
        ("lower(title) = 'VP'", "title in small letters is 'VP'"),
        ("'VP' <> upper(title)", "'VP' is not title (any case)"),
        ("upper(title) <> 'vp'", "title in capitals is not 'vp'"),
        ("lower(title) like '%Director%'", "title in small letters contains 'Director'"),
        ("lower(title) not like '%Director%'", "title in small letters does not contain 'Director'"),
        ("upper(title) like '%DIRECTOR%'", "title (any case) contains 'DIRECTOR'"),
        ("lower(title) ilike '%Director%'", "title (any case) contains 'Director'"),
        ("lower(industry) in ('retail', 'media')", "industry (any case) is one of 'retail', 'media'"),
        ("lower(industry) in ('retail', 'Media')", "industry in small letters is one of 'retail', 'Media'"),
        ("lower(title) = lower(lifecycle)", "title in small letters is lifecycle in small letters"),
        ("length(lower(title)) > 3", "length of title in small letters is more than 3"),
    ],
)
def test_any_case_is_said_only_where_case_decides_nothing(condition: str, words: str) -> None:
    assert _told(condition) == words


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("is_customer or employees > 5", "es cliente o número de empleados es más de 5"),
        ("not is_customer", "no es cliente"),
        ("email not like '%x%'", "correo no contiene 'x'"),
        ("asset like '/pricing%' and value >= 3", "página o archivo empieza por '/pricing' y valor es al menos 3"),  # noqa: E501  # a case reads best on one line
        ("score >= 50 and coalesce(idle_days, 0) < 90", "puntuación es al menos 50 y días sin actividad (si no se conoce, 0) es menos de 90"),  # noqa: E501  # a case reads best on one line
        ("favourite_colour = 'red'", "favourite colour es 'red'"),
    ],
)  # fmt: skip
def test_standard_columns_have_spanish_names(condition: str, words: str) -> None:
    assert _told(condition, "es") == words


@pytest.mark.parametrize("table", ["contacts", "accounts", "activities"])
def test_every_column_a_condition_may_read_has_a_spanish_name(table: str) -> None:
    for column in (*SCORED[table].names, *SHOWN, "stage"):
        assert f"column {column}" in SPANISH


def test_both_languages_have_the_same_words_for_conditions() -> None:
    english, spanish = ({key for key in one if not key.startswith("column ")} for one in (ENGLISH, SPANISH))
    assert english == spanish


def _told(condition: str, language: str = "en") -> str:
    return said(parse(condition, None, Place()), language)
