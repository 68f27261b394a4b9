"""Visits to the site: pages, videos, downloads and forms, as keen as the mood is. HubSpot sees them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.world.catalogue import slug
from sandbox.world.chance import Chance
from sandbox.world.diary import Diary
from sandbox.world.model import HUBSPOT, SITE, Form, Person
from sandbox.world.moods import Phase

_PAGES: tuple[dict[str, float], ...] = (
    {
        "/": 30,
        "/blog/{b}": 34,
        "/careers": 6,
        "/products/{p}": 18,
        "/about": 5,
        "/pricing": 1.5,
        "/search?q={p}": 2,
    },
    {
        "/": 12,
        "/blog/{b}": 22,
        "/products/{p}": 34,
        "/resources": 12,
        "/customers": 8,
        "/pricing": 4,
        "/webinars": 5,
    },
    {
        "/products/{p}": 32,
        "/pricing": 14,
        "/customers/{b}": 14,
        "/integrations": 12,
        "/compare": 10,
        "/webinars": 6,
    },
    {
        "/pricing": 32,
        "/products/{p}": 20,
        "/demo/{p}": 12,
        "/security": 10,
        "/docs/{p}": 14,
        "/customers/{b}": 10,
    },
)
_POSTS = (
    "weaving-at-scale",
    "colour-and-code",
    "ten-looms",
    "meet-the-team",
    "pattern-libraries",
    "shop-floor-data",
)
_LENGTH = (2.0, 3.0, 3.8, 4.4)
_VIDEO = (0.012, 0.05, 0.11, 0.10)
_DOWNLOAD = (0.008, 0.05, 0.10, 0.05)
_DEMO = (0.0008, 0.004, 0.03, 0.11)
_CONTACT = (0.002, 0.006, 0.02, 0.05)
_CATEGORY = {
    "pricing": "pricing",
    "demo": "demo",
    "blog": "content",
    "resources": "content",
    "careers": "careers",
}
_STUDENT_DOWNLOADS = 0.25


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person as the site meets them. favourite: the product they look at most."""

    person: Person
    favourite: str
    phases: list[Phase]


def browse(chance: Chance, diary: Diary, visitor: Visitor, forms: list[Form]) -> None:
    """Live the visits of one person through the diary's stretch of time."""
    if not visitor.person.hubspot:
        return
    for phase in visitor.phases:
        start, end = max(phase.start, diary.start), min(phase.end, diary.end)
        days = (end - start).total_seconds() / 86400
        if days <= 0:
            continue
        for _ in range(chance.poisson(phase.rate * days)):
            _visit(chance, diary, visitor, phase.mood, chance.waking(start, end), forms)


def _visit(
    chance: Chance, diary: Diary, visitor: Visitor, mood: int, at: datetime, forms: list[Form]
) -> None:
    person = visitor.person
    for _ in range(1 + chance.poisson(_LENGTH[mood] - 1)):
        path = chance.one(_PAGES[mood])
        product = (
            visitor.favourite
            if chance.often(0.8)
            else chance.choice([f.product or "" for f in forms if f.product])
        )
        category = _CATEGORY.get(path.split("/")[1], "product" if "{p}" in path else "site")
        url = SITE + path.format(p=slug(product), b=chance.choice(_POSTS))
        diary.note(
            person,
            "page_view",
            at,
            HUBSPOT,
            asset=url,
            category=category,
            product=product if "{p}" in path else None,
        )
        at += timedelta(seconds=chance.randrange(12, 240))
    _watch(chance, diary, visitor, mood, at)
    _fill_in(chance, diary, visitor, mood, at, forms)


def _watch(chance: Chance, diary: Diary, visitor: Visitor, mood: int, at: datetime) -> None:
    if not chance.often(_VIDEO[mood]):
        return
    percent = min(100, max(1, round(100 * chance.betavariate(0.7 + 0.5 * mood, 1.4))))
    diary.note(
        visitor.person,
        "video_view",
        at,
        HUBSPOT,
        value=float(percent),
        asset=f"{slug(visitor.favourite)}-tour",
        product=visitor.favourite,
        category="video",
    )


def _fill_in(
    chance: Chance, diary: Diary, visitor: Visitor, mood: int, at: datetime, forms: list[Form]
) -> None:
    student = _STUDENT_DOWNLOADS if visitor.person.kind == "student" else 0.0
    wanted = (
        ("download", _DOWNLOAD[mood] + student),
        ("demo_request", _DEMO[mood]),
        ("form_submit", _CONTACT[mood]),
    )
    for kind, probability in wanted:
        if not chance.often(probability):
            continue
        fitting = [form for form in forms if form.kind == kind and form.product in (None, visitor.favourite)]
        form = chance.choice(fitting)
        at += timedelta(seconds=chance.randrange(20, 120))
        diary.note(
            visitor.person,
            kind,
            at,
            HUBSPOT,
            asset=form.url,
            form=form.key,
            product=form.product,
            category=kind,
        )
