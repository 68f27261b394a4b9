"""A model as a page: nothing of it is left out, in both languages."""

from pathlib import Path

import pytest

from scoring.loader import load_model, parse_model
from scoring.page.page import legend, page
from scoring.page.words import ENGLISH, SPANISH
from tests.unit.scoring.people import World, did, model

ROOT = Path(__file__).parents[3]
MODELS = sorted((ROOT / "config" / "models").rglob("*.yaml"))
_FIT = 'fit: {person: [{id: title, when: "title is not null", points: 50}], grades: {A: 50, B: 20}}\n'
_ASKED = ", except where a rule asks for just that or says what stands in for it"
_NO = "; a yes or no that is not known counts as no"


def _page(more: str, rule: str = "id: click, event: email_click, points: 3") -> str:
    return page(parse_model(model([rule], more)))


@pytest.mark.parametrize(
    ("rule", "line"),
    [
        ("id: a, event: email_click, points: 3", "+3  clicked in an e-mail: clicked in an e-mail; never ages"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: page_view, points: -1.5, says: our jobs", "-1.5  our jobs: visited a page"),
        ("id: a, event: video_view, steps: [{from: 10, points: 2}, {from: 75, points: 8}]", "by how much of it was watched: +2 from 10 %, +8 from 75 %; never ages"),  # noqa: E501  # a case reads best on one line  # noqa: E501  # a case reads best on one line
        ('id: a, event: call, tiers: [{at_least: "3 in 7d", points: 9}]', "+9 for at least 3 in the last 7 days"),  # noqa: E501  # a case reads best on one line
        ("id: a, idle: 45d, points: -5", "the last activity is 45 days or more ago"),
        ("id: a, idle: 1d, points: -5", "the last activity is 1 day or more ago"),
        ('id: a, event: call, points: 1, at_least: "2 in 21d", decay: {window: 1d}', "at least 2 in the last 21 days; counts for 1 day"),  # noqa: E501  # a case reads best on one line
        ("id: a, trend: falling, points: -5", "activity is falling"),
        ('id: a, event: call, points: 1, at_most: "5 in 7d"', "only the newest 5 of the last 7 days"),
        ('id: a, event: call, points: 1, at_most: "5 per day"', "at most 5 per day"),
        ('id: a, event: call, points: 1, exactly: "5 in 7d"', "exactly 5 in the last 7 days"),
        ("id: a, event: call, points: 1, first: true", "only the first time"),
        ("id: a, event: call, points: 1, again: 9d", "only when repeated in less than 9 days"),
        ("id: a, event: call, points: 1, per: contact", "points only once"),
        ("id: a, event: call, points: 1, per: day", "once per day"),
        ('id: a, event: call, points: 1, at_least: "2 in 7d", distinct: visit', "at least 2 visits in the last 7 days"),  # noqa: E501  # a case reads best on one line
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
        ("id: a, event: call, points: 123456.75, group: talk", "+123456.75  had a call: had a call; in the group talk"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, again: 9d, first: true", "only when repeated in less than 9 days; only the first time"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, decay: {window: 30d}", "counts for 30 days"),
        ('id: a, event: call, points: 1, when: "value > 3"', "value is more than 3"),
        ('id: a, event: call, points: 1, at_least: "2 in 7d", at_most: "1 in 1d"', "at least 2 in the last day; only the newest of the last day"),  # noqa: E501  # a case reads best on one line
        ('id: a, event: call, points: 1, at_least: "2 per day", distinct: asset', "at least 2 per day; counting each asset once"),  # noqa: E501  # a case reads best on one line
        ('id: a, event: email_open, points: 1, at_least: "1 in 30d", unless: [email_sent, email_bounce]', "opened an e-mail: opened an e-mail; at least 1 in the last 30 days; never ages\n"),  # noqa: E501  # a case reads best on one line
        ('id: a, event: email_open, points: 1, at_least: "1 in 30d", unless: [email_sent, email_click, call]', "not if the person clicked in an e-mail or had a call in those 30 days"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: cart_update, points: 1, unless_after: email_bounce", "filled a cart: filled a cart; never ages\n"),  # noqa: E501  # a case reads best on one line
        ('id: a, event: call, tiers: [{at_least: "3 in 7d", points: 9}, {exactly: "1 in 9d", points: 2}]', "+9 for at least 3 in the last 7 days, else +2 for exactly 1 in the last 9 days"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: [video_view, call], steps: [{from: 10, points: 2}]", "by its value: +2 from 10; never ages"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, cap: 1, floor: 0.5", "limited to 1 point up or down; at least 0.5 points for everybody"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, decay: {half_life: 100000s}", "half is left after 27 hours 46 minutes 40 seconds"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, decay: {lose: 25%, every: 1d}", "loses 25 % of what is left every day"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: page_view, points: 1, when: \"asset = '1 days'\"", "asset is '1 days'"),
        ("id: a, event: page_view, points: 1, says: the 1 days offer", "the 1 days offer: visited a page"),
        ('id: a, event: page_view, points: 1, when: "true"', "visited a page; always; never ages"),
        ("id: a, event: [page_view, call, search], points: 1", "visited a page, had a call or searched the site; never ages"),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1", "What machines do, such as opening an e-mail to check it, never counts."),  # noqa: E501  # a case reads best on one line
        ("id: a, event: call, points: 1, machine: true", "counts only where a rule says so."),
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
         "30 days after the last activity: the score loses 15 %, and again every 14 days, if the score was above 3."),  # noqa: E501  # a case reads best on one line
        (_FIT, "+50  title: title is known"),
        (_FIT, "Grade: A from 50, B from 20, D below"),
        ('fit: {ladder: thirds, company: [{id: big, when: "employees >= 50", thirds: 2, miss: 1}]}\n',
         "big: number of employees is at least 50; 2 thirds of a letter up, 1 down if not"),
        ('fit: {ladder: thirds, start: B, company: [{id: big, when: "employees >= 50", thirds: 2}]}\n', "Everybody starts at B."),  # noqa: E501  # a case reads best on one line
        ("rating: {levels: [25.2, 25.8, 1000000]}\n",
         "Levels of activity: 1 = below 26, 2 = never, 3 = 26 to 999999, 4 = from 1000000."),
        ("satisfaction: {survey: csat, valid: 180d, activity: 20d}\n", "satisfied without activity in the last 20 days"),  # noqa: E501  # a case reads best on one line
        ("account: {buyers: {when: \"grade = 'A'\", at_least: 1, bonus: 10%}}\n", "10 % more where somebody has this"),  # noqa: E501  # a case reads best on one line
        ("fit: {weights: percent, person: [{id: a, weight: 100%, values: [{when: \"city = 'x'\", points: 50}]}]}\n",  # noqa: E501  # a case reads best on one line
         "a: 100 % of the fit: 50 where city is 'x'"),
        (f"{_FIT}rating: {{levels: [25, 50], cells: {{A3: P1, A2: P1}}}}\n", "P1: A3, A2"),
        ('stages: [{name: MQL, enter: "score >= 50", stay: "score >= 40"}]\n',
         "MQL: enters when score is at least 50; stays while score is at least 40.\n\n"),
        ('stages: [{name: MQL, enter: "score >= 50"}, {name: SQL, enter: "score >= 90"}]\n',
         "SQL: while score is at least 90.\n  Of several the highest counts."),
        ('stages: [{name: MQL, enter: "score >= 50"}]\nbase_stage: new\n', "Everybody begins as new."),
        ("interest: {by: product}\n", "Interest in products is measured by what the rules above give for each activity, limits and minus points aside; never ages."),  # noqa: E501  # a case reads best on one line
        ("interest: {by: product, weights: {page_view: 1.25}, window: 40d}\n",
         "measured by what people do (visited a page 1.25 points); counts for 40 days."),
        ("interest: {by: product, assets: [{match: '%/cloud%', product: Cloud, category: IT}], categories: {Cloud: IT}}\n",  # noqa: E501  # a case reads best on one line
         "Where the asset contains '/cloud': Cloud · IT.\n  Cloud belongs to IT."),
        ("satisfaction: {survey: nps, valid: 180d, activity: 20d}\n",
         "promoters without activity in the last 20 days, or detractors with some."),
        ("account: {weights: [{when: \"grade = 'A'\", weight: 1.5}], roll_up: true}\n",
         "of its people's.\n  A person's score counts 1.5 times where grade is 'A'.\n  The people of a company also count for the company it belongs to, one step up."),  # noqa: E501  # a case reads best on one line
        ("account: {weights: [{when: \"grade = 'A'\", weight: 1.5}, {when: \"grade = 'B'\", weight: 1.2}]}\n",
         "the first that holds counts.\n  A person's score counts 1.5 times"),
        ("trend: {days: 1d}\n", "Trend: rising where over a quarter more was done on the last day than on the day before, falling where over a quarter less, else steady; none where nothing was done on either."),  # noqa: E501  # a case reads best on one line
        ("trend: {days: 14d}\ntemperature: {hot: 2d, warm: 15d}\n",
         "in the last 14 days than in the 14 days before, falling where over a quarter less, else steady; none where nothing was done in either.\n  Temperature: hot where something was done in the last 2 days, warm where in the last 15 days, else cold."),  # noqa: E501  # a case reads best on one line
        ("satisfaction: {survey: nps, valid: 180d}\n", "the newest NPS answer of the last 180 days."),
        ("journey: {first: [page_view, download]}\n", "Journey, first: visited a page, downloaded something."),  # noqa: E501  # a case reads best on one line
        ("account: {score: max, top: 3}\n", "the highest of its people's."),
        ("flags: [{id: cart, event: cart_update}]\n", "List condition cart: filled a cart."),
        ("flags: [{id: cart, event: cart_update, since: 1h, until: 24h, unless_after: purchase}]\n",
         "cart: filled a cart; the last at least 1 hour ago; the last less than 24 hours ago; not if the person bought afterwards."),  # noqa: E501  # a case reads best on one line
        ('flags: [{id: big, event: purchase, when: "value >= 100", at_least: "2 in 180d", per: product}]\n',
         "big: bought; value is at least 100; at least 2 in the last 180 days; of one and the same product."),
        ("flags: [{id: first, event: purchase, exactly: 1}]\n", "first: bought; exactly 1 in all."),
        ('low_interest: {event: email_open, at_least: "5 in 90d", unless: email_click}\n',
         "Low interest: opened an e-mail; at least 5 in the last 90 days; and never clicked in an e-mail in those 90 days."),  # noqa: E501  # a case reads best on one line
        ("about: For the north.\n", "For the north."),
        ('exclude: "country = 1"\n', "Left out: country is 1."),
        ('where: "not flag"\n', "meet this: flag is not yes.\n  A yes or no that is not known counts as no."),
        ("rating: {levels: [0.5, 1.2, 1.4, 50]}\n", "1 = below 1, 2 = 1, 3 = never, 4 = 2 to 49, 5 = from 50."),  # noqa: E501  # a case reads best on one line
        ("journey: {first: [page_view, download, call]}\n", "first: visited a page, downloaded something, had a call."),  # noqa: E501  # a case reads best on one line
        ("interest: {by: [product, category], weights: {page_view: 1, download: 5}}\n", "products and categories is measured by what people do (visited a page 1 point, downloaded something 5 points)"),  # noqa: E501  # a case reads best on one line
        ("interest: {assets: [{match: '%a', product: x}, {match: 'a%b', product: y}]}\n", "ends with 'a': x.\n  Where the asset looks like 'a%b' (% is any text): y.\n  Of these the first that fits counts."),  # noqa: E501  # a case reads best on one line
        ("account: {score: mean, top: 1}\n", "the highest of its people's."),
        ("account: {score: mean, top: 3}\n", "the mean of its 3 best people's."),
        ("account: {weights: [{when: \"grade = 'A'\", weight: 1}, {when: \"grade = 'B'\", weight: 0}]}\n", "score counts once where grade is 'A'.\n  A person's score does not count where grade is 'B'."),  # noqa: E501  # a case reads best on one line
        ("account: {buyers: {when: \"grade = 'A'\", at_least: 2, bonus: 10%}}\n", "10 % more where at least 2 people have this"),  # noqa: E501  # a case reads best on one line
        ("flags: [{id: cart, event: cart_update, until: 100000s}]\n", "the last less than 27 hours 46 minutes 40 seconds ago."),  # noqa: E501  # a case reads best on one line
        ("flags: [{id: cart, event: cart_update, since: 90m, until: 7d, unless_after: email_sent}]\n", "cart: filled a cart; the last at least 1 hour 30 minutes ago; the last less than 7 days ago."),  # noqa: E501  # a case reads best on one line
        ("flags: [{id: cart, event: cart_update, until: 45s}]\n", "the last less than 45 seconds ago."),
        ('low_interest: {event: email_open, at_least: "5 in 90d", unless: email_sent}\n', "Low interest: opened an e-mail; at least 5 in the last 90 days."),  # noqa: E501  # a case reads best on one line
        ("  ageing: [{idle: 1d, lose: 15%, every: 1d}]\n", "1 day after the last activity: the score loses 15 %, and again every day."),  # noqa: E501  # a case reads best on one line
        ("  total: {min: 0, max: 90}\n  ageing: [{idle: 30d, points: -5}]\n", "Before what follows, the score goes from 0 to 90.\n  30 days after the last activity: -5 points."),  # noqa: E501  # a case reads best on one line
        ("  total: {min: 0, max: 90}\n  ageing: [{idle: 30d, at_most: 5}]\n", "  The score goes from 0 to 90."),  # noqa: E501  # a case reads best on one line
    ],
)  # fmt: skip
def test_what_the_model_says_is_on_the_page(more: str, line: str) -> None:
    assert line in _page(more)


@pytest.mark.parametrize(
    ("cap", "line"),
    [
        ("20", "All of the group x together give from -20 to 20 points."),
        ("{max: 5}", "All of the group x together give at most 5 points."),
        ("{min: -3}", "All of the group x together give at least -3 points."),
    ],
)
def test_both_ends_of_a_group_are_on_the_page(cap: str, line: str) -> None:
    assert line in _page(f"  caps: {{x: {cap}}}\n", "id: a, event: call, points: 1, group: x")


def test_a_group_without_bounds_has_no_line() -> None:
    assert "All of" not in _page("  caps: {x: {}}\n", "id: a, event: call, points: 1, group: x")


@pytest.mark.parametrize(
    ("rules", "line"),
    [
        ('person: [{id: a, when: "title = 1 or city is not null", points: 5}]', "."),
        ('person: [{id: a, when: "is_customer and (not (title = 1) or flag is true)", points: 5}]', "."),
        ('person: [{id: a, when: "phone is null", points: -5}]', f"{_ASKED}."),
        ('person: [{id: a, when: "not (phone is not null and city = 1)", points: -5}]', f"{_ASKED}."),
        ("person: [{id: a, when: \"coalesce(city, 'x') = 'x'\", points: 5}]", f"{_ASKED}."),
        ('person: [{id: a, when: "(city = 1) is not true", points: 5}]', f"{_ASKED}."),
        ('person: [{id: a, when: "flag is not false", points: 5}]', f"{_ASKED}."),
        ('person: [{id: a, when: "not is_customer", points: 10}]', f"{_NO}."),
        ('person: [{id: a, when: "flag is not true", points: 10}]', f"{_NO}."),
        ('person: [{id: a, when: "(not is_customer) = true", points: 10}]', f"{_NO}."),
        ('company: [{id: a, when: "not is_customer or phone is null", points: 10}]', f"{_ASKED}{_NO}."),
        ('weights: percent, person: [{id: a, weight: 100%, values: [{when: "city is null", points: 5}]}]', f"{_ASKED}."),  # noqa: E501  # a case reads best on one line
        ('ladder: thirds, person: [{id: a, when: "city = 1", thirds: 2}]', "."),
        ('ladder: thirds, person: [{id: a, when: "is_customer", thirds: 2}]', f"{_NO}."),
        ('ladder: thirds, person: [{id: a, when: "is_customer", thirds: 2, miss: 0}]', "."),
        ('ladder: thirds, person: [{id: a, when: "city is not null", thirds: 2}]', f"{_ASKED}."),
        ('ladder: thirds, person: [{id: a, when: "(city = 1) is true", thirds: 2}]', f"{_ASKED}."),
    ],
)  # fmt: skip
def test_what_is_not_known_moves_nothing_is_said_where_it_is_so(rules: str, line: str) -> None:
    assert f"  What is not known moves nothing{line}\n" in _page(f"fit: {{{rules}}}\n")


def test_steps_of_ageing_are_told_as_they_are_scored() -> None:
    """Of 40 points 15 go, and the second step does not look at the 25 left."""
    steps = "[{idle: 30d, points: -15, over: 30}, {idle: 30d, points: -5, from: 0, to: 30}]"
    text = model(["id: call, event: call, points: 40"], f"  ageing: {steps}\n")
    assert World([did("call", 40)]).contact(text)["score"] == 25
    assert (
        page(parse_model(text))
        .partition("30 days after")[2]
        .startswith(
            " the last activity: -15 points, if the score was above 30.\n"
            "  30 days after the last activity: -5 points, if the score was at least 0 and at most 30.\n"
            "  Each of these looks at what the score was before all of them.\n"
        )
    )


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
satisfaction: {survey: nps, valid: 1d}
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
        "el último día se hizo más de un cuarto más que el día anterior",
        "cuenta lo primero que se cumple.",
        "sube 1 tercio de letra, baja 1 si no",
        "Satisfacción: la última respuesta de NPS del último día.",
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
