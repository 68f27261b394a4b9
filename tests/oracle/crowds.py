"""Random people and what they did: small vocabularies, so that rules do match, and the dirt of real data."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

Row = dict[str, Any]
Tables = dict[str, list[Row]]

AS_OF = datetime(2026, 3, 31, 9, 30, 15, tzinfo=UTC)
TYPES = (
    "page_view",
    "page_view",
    "email_open",
    "email_click",
    "email_sent",
    "email_bounce",
    "video_view",
    "purchase",
    "demo_request",
)
ASSETS = ("/pricing", "/pricing_eu", "/docs", "/careers", "", None)
PRODUCTS = ("cloud", "core", "cloud; core", " core;;cloud;core", "", None)
VALUES = (None, 0.0, -3.0, 9.5, 10.0, 75.0, 100.0, 120.5)
TITLES = ("Sales Director", "VP Marketing", "student", " student ", "O'Brien 100%", "", None)


def crowds(dice: random.Random) -> Tables:
    """Tables of up to six people, every column present."""
    people = [f"p{number}" for number in range(dice.randint(1, 6))]
    many = dice.choice((0, 5, 60, 120, 180, 240))
    return {
        "contacts": [_contact(dice, name) for name in people],
        "accounts": [_account(dice, name) for name in ("a1", "a2", "a3")],
        "activities": [_activity(dice, f"e{number:03}", people) for number in range(many)],
        "survey_responses": [_answer(dice, f"r{number}", people) for number in range(dice.randint(0, 12))],
        "stage_history": [_stage(dice, people) for _ in range(dice.randint(0, 8))],
    }


def _instant(dice: random.Random) -> datetime:
    """Mostly before the instant scored, clustered within visits and around midnights; a few after it."""
    days = dice.choice((dice.randint(0, 12), dice.randint(0, 130)))
    seconds = dice.choice((0, dice.randint(-4000, 4000), dice.randint(0, 86_399), 34_215, 34_216))
    return AS_OF - timedelta(days=days, seconds=seconds)


def _contact(dice: random.Random, name: str) -> Row:
    return {
        "contact_id": name,
        "account_id": dice.choice(("a1", "a2", "a2", "a9", None)),
        "email": dice.choice((f"{name}@acme.test", f"{name}@brightloom.io", None)),
        "title": dice.choice(TITLES),
        "phone": dice.choice(("+34 600 000 000", None)),
        "country": dice.choice(("US", "DE", None)),
        "is_customer": dice.choice((True, False, None)),
        "created_at": dice.choice((_instant(dice), None)),
    }


def _account(dice: random.Random, name: str) -> Row:
    return {
        "account_id": name,
        "industry": dice.choice(("software", "retail", None)),
        "country": dice.choice(("US", "DE", None)),
        "employees": dice.choice((10, 49, 50, 1000, None)),
        "annual_revenue": dice.choice((0.0, 5e5, 2e7, None)),
        "parent_id": dice.choice((None, "a1", "a3", name)),
    }


def _activity(dice: random.Random, name: str, people: list[str]) -> Row:
    return {
        "activity_id": name,
        "contact_id": dice.choice((*people, *people, *people, None, "stranger")),
        "type": dice.choice((*TYPES, *TYPES, None)),
        "occurred_at": _instant(dice),
        "seen_at": dice.choice((None, None, AS_OF - timedelta(days=200), AS_OF, AS_OF + timedelta(days=1))),
        "product": dice.choice(PRODUCTS),
        "category": dice.choice(("platform", " platform ", "", None, None)),
        "asset": dice.choice(ASSETS),
        "value": dice.choice(VALUES),
        "origin": dice.choice((None, None, None, "machine", "approximate")),
    }


def _answer(dice: random.Random, name: str, people: list[str]) -> Row:
    low, high = dice.choice(((None, None), (0, 10), (1, 10), (1, 5), (1, 7), (0, 1), (5, 5), (0, None)))
    return {
        "response_id": name,
        "contact_id": dice.choice((*people, None)),
        "kind": dice.choice(("nps", "csat")),
        "answer": dice.choice((None, 11.0, *(float(number) for number in range(11)))),
        "scale_min": low,
        "scale_max": high,
        "answered_at": dice.choice((_instant(dice), _instant(dice), None)),
        "seen_at": dice.choice((None, None, AS_OF + timedelta(days=1))),
    }


def _stage(dice: random.Random, people: list[str]) -> Row:
    return {
        "contact_id": dice.choice(people),
        "model": dice.choice(("random", "random", "other")),
        "stage": dice.choice(("lead", "MQL", "SQL", "retired")),
        "entered_at": dice.choice(
            (_instant(dice), AS_OF - timedelta(days=3), AS_OF - timedelta(days=30_000))
        ),
    }
