"""A model as a page: nothing of it is left out, in both languages."""

from pathlib import Path

import pytest

from scoring.loader import load_model, parse_model
from scoring.page import legend, page
from scoring.page_words import ENGLISH, SPANISH
from tests.unit.scoring.people import model

ROOT = Path(__file__).parents[3]
MODELS = sorted((ROOT / "config" / "models").rglob("*.yaml"))
_FIT = 'fit: {person: [{id: title, when: "title is not null", points: 50}], grades: {A: 50, B: 20}}\n'


def _page(more: str, rule: str = "id: click, event: email_click, points: 3") -> str:
    return page(parse_model(model([rule], more)))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("id: a, event: email_click, points: 3", "+3  clicked in an e-mail: clicked in an e-mail; never ages"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: page_view, points: -1.5, says: our jobs", "-1.5  our jobs: visited a page"),
        ("id: a, event: video_view, steps: [{from: 10, points: 2}, {from: 75, points: 8}]", "+2 from 10, +8 from 75"),  # noqa: E501  # a case reads best on one line
        ('id: a, event: call, tiers: [{at_least: "3 in 7d", points: 9}]', "+9 from 3 in 7 days"),
        ("id: a, idle: 45d, points: -5", "nothing for 45 days"),
        ("id: a, idle: 1d, points: -5", "nothing for 1 day"),
        ('id: a, event: call, points: 1, at_least: "2 in 21d", decay: {window: 1d}', "from 2 in 21 days; counts for 1 day"),  # noqa: E501  # a case reads best on one line
        ("id: a, trend: falling, points: -5", "activity is falling"),
        ('id: a, event: call, points: 1, at_most: "5 in 7d"', "at most 5 in 7 days"),
        ('id: a, event: call, points: 1, at_most: "5 per day"', "at most 5 per day"),
        ('id: a, event: call, points: 1, exactly: "5 in 7d"', "at exactly 5 in 7 days"),
        ("id: a, event: call, points: 1, first: true", "only the first time"),
        ("id: a, event: call, points: 1, again: 9d", "only when repeated within 9 days"),
        ("id: a, event: call, points: 1, per: contact", "counted once"),
        ("id: a, event: call, points: 1, per: day", "once per day"),
        ('id: a, event: call, points: 1, at_least: "2 in 7d", distinct: visit', "counting each visit once"),
        ("id: a, event: call, points: 1, unless: meeting", "not if the person had a meeting"),
        ('id: a, event: call, points: 1, at_least: "2 in 7d", unless: meeting', "not if the person had a meeting in those 7 days"),  # noqa: E501  # a case reads best on one line
        ('id: a, event: call, points: 1, at_least: "2 in 7d", at_most: "1 in 1d", unless: meeting', "not if the person had a meeting on that day"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, unless_after: meeting", "not if the person had a meeting afterwards"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, machine: true", "machines count too"),
        ("id: a, event: call, points: 1, cap: 7, floor: -2", "limited to 7 points up or down; never below -2 points"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, signal: buying", "a sign of buying"),
        ("id: a, event: call, points: 1, decay: {half_life: 30d, after: 7d}", "half is left after 30 days, after 7 days of grace"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, decay: {linear: 30d}", "fades to nothing in 30 days"),
        ("id: a, event: call, points: 1, decay: {lose: 25%, every: 30d}", "loses 25 % of what is left every 30 days"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, decay: {lose: 25%, every: 30d, compound: false}", "loses 25 % of its points every 30 days"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 123456.75, group: talk", "+123456.75  had a call: had a call; one of talk"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, again: 9d, first: true", "only when repeated within 9 days; only the first time"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, decay: {window: 30d}", "counts for 30 days"),
        ('id: a, event: call, points: 1, when: "value > 3"', "value is more than 3"),
    ],
)  # fmt: skip
def test_what_a_rule_says_is_on_the_page(rule: str, line: str) -> None:
    assert line in _page("", rule)


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("", "Everybody."),
        ('where: "not is_customer"\n', "Only people who are not customers."),
        ('where: "is_customer"\n', "Only customers."),
        ('where: "country = 1 and not is_customer"\n', "Only people who meet this: country is 1 and is not a customer."),  # noqa: E501  # a case reads best on one line
        ("exclude: [{reason: test, when: \"email like 'test%'\"}]\n", "Left out as test: email begins with 'test'."),  # noqa: E501  # a case reads best on one line
        ("  total: {min: 0}\n", "The score is at least 0."),
        ("  total: {max: 1000000}\n", "The score is at most 1000000."),
        ("time_zone: Europe/Madrid\non_leave: freeze\n", "keeps the last values.\n  Days begin and end in the time zone Europe/Madrid."),  # noqa: E501  # a case reads best on one line
        ("  ageing: [{idle: 30d, lose: 15%, every: 14d, over: 3}]\n",
         "Quiet for 30 days: the score loses 15 %, every 14 days, if above 3."),
        (_FIT, "+50  title: title is known"),
        (_FIT, "Grade: A from 50, B from 20, D below"),
        ('fit: {ladder: thirds, company: [{id: big, when: "employees >= 50", thirds: 2, miss: 1}]}\n',
         "big: employees is at least 50; 2 thirds of a letter up, 1 down if not"),
        ('fit: {ladder: thirds, start: B, company: [{id: big, when: "employees >= 50", thirds: 2}]}\n', "Everybody starts at B."),  # noqa: E501  # a case reads best on one line
        ("rating: {levels: [25.2, 25.8, 1000000]}\n",
         "Levels of activity: 1 = below 26, 2 = -, 3 = 26 to 999999, 4 = from 1000000."),
        ("satisfaction: {survey: csat, valid: 180d, activity: 20d}\n", "satisfied without activity in 20 days"),  # noqa: E501  # a case reads best on one line
        ("account: {buyers: {when: \"grade = 'A'\", at_least: 1, bonus: 10%}}\n", "10 % more where somebody has this"),  # noqa: E501  # a case reads best on one line
        ("fit: {weights: percent, person: [{id: a, weight: 100%, values: [{when: \"city = 'x'\", points: 50}]}]}\n",  # noqa: E501  # a case reads best on one line
         "a: 100 % of the fit: 50 for city is 'x'"),
        (f"{_FIT}rating: {{levels: [25, 50], cells: {{A3: P1, A2: P1}}}}\n", "P1: A3, A2"),
        ('stages: [{name: MQL, enter: "score >= 50", stay: "score >= 40"}]\n',
         "MQL: enters when score is at least 50; stays while score is at least 40."),
        ('stages: [{name: MQL, enter: "score >= 50"}]\nbase_stage: new\n', "Everybody begins as new."),
        ("interest: {by: product}\n", "Interest in products is measured by the points of the same activities; never ages."),  # noqa: E501  # a case reads best on one line
        ("interest: {by: product, weights: {page_view: 1.25}, window: 40d}\n",
         "measured by visited a page 1.25; counts for 40 days."),
        ("interest: {by: product, assets: [{match: '%/cloud%', product: Cloud, category: IT}], categories: {Cloud: IT}}\n",  # noqa: E501  # a case reads best on one line
         "Assets like %/cloud%: Cloud · IT.\n  Cloud belongs to IT."),
        ("satisfaction: {survey: nps, valid: 180d, activity: 20d}\n",
         "promoters without activity in 20 days"),
        ("account: {weights: [{when: \"grade = 'A'\", weight: 1.5}], roll_up: true}\n",
         "of its people's.\n  A person's score counts 1.5 times where grade is 'A'.\n  Companies count for the company they belong to."),  # noqa: E501  # a case reads best on one line
        ("account: {weights: [{when: \"grade = 'A'\", weight: 1.5}, {when: \"grade = 'B'\", weight: 1.2}]}\n",
         "the first that holds counts.\n  A person's score counts 1.5 times"),
        ("trend: {days: 1d}\n", "Rising or falling: the last day beside the day before."),
        ("trend: {days: 14d}\ntemperature: {hot: 2d, warm: 15d}\n",
         "the last 14 days beside the 14 days before.\n  Hot: something done in less than 2 days; warm: in less than 15 days."),  # noqa: E501  # a case reads best on one line
        ("satisfaction: {survey: nps, valid: 180d}\n", "NPS answers of 180 days"),
        ("journey: {first: [page_view, download]}\n", "Journey, first: visited a page or downloaded something."),  # noqa: E501  # a case reads best on one line
        ("account: {score: max, top: 3}\n", "the highest (the 3 best)"),
        ("flags: [{id: cart, event: cart_update}]\n", "List condition cart: filled a cart."),
        ("flags: [{id: cart, event: cart_update, since: 1h, until: 24h, unless_after: purchase}]\n",
         "cart: filled a cart; the last at least 1 hour ago; the last less than 24 hours ago; not if the person bought afterwards."),  # noqa: E501  # a case reads best on one line
        ('flags: [{id: big, event: purchase, when: "value >= 100", at_least: "2 in 180d", per: product}]\n',
         "big: bought; value is at least 100; from 2 in 180 days; of one and the same product."),
        ("flags: [{id: first, event: purchase, exactly: 1}]\n", "first: bought; at exactly 1 in all."),
        ('low_interest: {event: email_open, at_least: "5 in 90d", unless: email_click}\n',
         "Low interest: opened an e-mail; from 5 in 90 days; and never clicked in an e-mail in those 90 days."),  # noqa: E501  # a case reads best on one line
        ("about: For the north.\n", "For the north."),
    ],
)  # fmt: skip
def test_what_the_model_says_is_on_the_page(more: str, line: str) -> None:
    assert line in _page(more)


@pytest.mark.parametrize(
    ("cap", "line"),
    [
        ("20", "All of x together give from -20 to 20 points."),
        ("{max: 5}", "All of x together give at most 5 points."),
        ("{min: -3}", "All of x together give at least -3 points."),
    ],
)
def test_both_ends_of_a_group_are_on_the_page(cap: str, line: str) -> None:
    assert line in _page(f"  caps: {{x: {cap}}}\n", "id: a, event: call, points: 1, group: x")


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
@pytest.mark.parametrize("language", ["en", "es"])
def test_every_shipped_model_has_a_page(path: Path, language: str) -> None:
    text = path.read_text(encoding="utf-8").replace("language: en\n", "").replace("language: es\n", "")
    found = page(parse_model(f"{text}\nlanguage: {language}\n"))
    assert found.splitlines()[0].startswith({"en": "Model ", "es": "Modelo "}[language])
    assert "{" not in found


def test_both_languages_have_the_same_words() -> None:
    assert ENGLISH.keys() == SPANISH.keys()


def test_a_spanish_page_is_spanish() -> None:
    found = _page(f"language: es\n{_FIT}")
    for line in (
        "A todo el mundo.",
        "hizo clic en un correo",
        "no envejece",
        "Nota: A desde 50",
        "cargo se conoce",
    ):
        assert line in found


_SPANISH = """language: es
low_interest: {event: email_open, at_least: "5 in 90d", unless: email_click}
trend: {days: 1d}
fit: {ladder: thirds, person: [{id: title, when: "title is not null", thirds: 1}]}
account: {weights: [{when: "grade = 'A'", weight: 1.5}, {when: "grade = 'B'", weight: 1.2}]}
"""


@pytest.mark.parametrize(
    "line",
    [
        "no si la persona tuvo una reunión en esos 7 días",
        "y nunca hizo clic en un correo en esos 90 días.",
        "el último día frente al anterior.",
        "cuenta lo primero que se cumple.",
        "sube 1 tercio de letra, baja 1 si no",
    ],
)
def test_a_spanish_page_says_spans_and_order(line: str) -> None:
    rule = 'id: a, event: call, points: 1, at_least: "2 in 7d", unless: meeting'
    assert line in _page(_SPANISH, rule)


@pytest.mark.parametrize(
    ("language", "events", "text"),
    [
        ("en", "[email_sent, email_open]", "gets mail and does nothing with it"),
        ("en", "[email_sent, page_view]", "much reaches them, and nothing comes of it"),
        ("es", "email_sent", "recibe correos y no hace nada con ellos"),
        ("es", "page_view", "le llega mucho y no sale nada de ello"),
    ],
)
def test_low_interest_is_of_mail_only_where_mail_is_counted(language: str, events: str, text: str) -> None:
    more = f'language: {language}\nlow_interest: {{event: {events}, at_least: "5 in 90d"}}\n'
    assert f"-5  {text}: {text}" in _page(more, "id: deaf, low_interest: true, points: -5")


def test_the_legend_is_one_line_for_a_help_text() -> None:
    shipped = load_model(ROOT / "config" / "models" / "demand.yaml")
    assert legend(shipped) == (
        "Letter = fit (A to D, A best); digit = activity: 1 = below 25, 2 = 25 to 49, 3 = 50 to 74, 4 = from 75."  # noqa: E501  # a case reads best on one line
    )


def test_the_legend_turns_with_the_rating() -> None:
    turned = parse_model(
        model(["id: a, event: call, points: 1"], f"{_FIT}rating: {{levels: [10], best: A1}}\n")
    )
    assert legend(turned).endswith("digit = activity: 2 = below 10, 1 = from 10.")


def test_a_model_without_rating_has_a_legend_of_its_score() -> None:
    text = model(["id: a, event: call, points: 1"], "  total: {min: 0, max: 90}\n")
    assert legend(parse_model(text)) == "Score = activity points, 0 to 90."


def test_a_long_legend_ends_at_255_characters() -> None:
    levels = ", ".join(str(number * 10) for number in range(1, 40))
    text = model(["id: a, event: call, points: 1"], f"{_FIT}rating: {{levels: [{levels}]}}\n")
    assert len(legend(parse_model(text))) == 255
