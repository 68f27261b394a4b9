"""A deterministic small world for comparing engines: every activity type, odd values, ties, several zones'
midnights.
"""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from core.activities import ACTIVITY_TYPES
from core.tables import SCORED

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
_EXTRA_TYPES = (
    "form_error",
    "redirect_click",
    "chat",
    "chat_declined",
    "video_conversion",
    "spam_report",
    "no_show",
    "donation",
)
_TITLES = (
    "Director of Sales",
    "VP Marketing",
    "Manager of Sales",
    "Student",
    "Chief Data Officer",
    None,
    "Müller, Leiter",
)
_FLAGS = (False, False, True)
_PEOPLE, _COMPANIES, _ACTS = 120, 30, 2_500


def _pick(dice: random.Random, *values: Any) -> Any:
    return values[dice.randrange(len(values))]


def tables() -> dict[str, pa.Table]:
    """Contacts (with further columns), accounts, activities, survey_responses, stage_history."""
    dice = random.Random(20261122)  # noqa: S311  # a seeded world, not cryptography
    found = {
        "contacts": (
            [_contact(dice, index) for index in range(_PEOPLE)],
            {"department": pa.string(), "manual_review": pa.float64()},
        ),
        "accounts": (
            [_account(dice, index) for index in range(_COMPANIES)],
            {"current_solution": pa.string()},
        ),
        "activities": ([_activity(dice, index) for index in range(_ACTS)], {}),
        "survey_responses": ([_answer(dice, index) for index in range(60)], {}),
        "stage_history": ([_stage(dice, index) for index in range(40)], {}),
    }
    return {name: _arrow(name, rows, extra) for name, (rows, extra) in found.items()}


def _arrow(name: str, rows: list[dict[str, Any]], extra: dict[str, pa.DataType]) -> pa.Table:
    schema = SCORED[name]
    for column, kind in extra.items():
        schema = schema.append(pa.field(column, kind))
    micro = [
        pa.field(f.name, pa.timestamp("us") if pa.types.is_timestamp(f.type) else f.type) for f in schema
    ]
    return pa.Table.from_pylist(rows, schema=pa.schema(micro))


def _contact(dice: random.Random, index: int) -> dict[str, Any]:
    return {
        "contact_id": f"p{index}",
        "account_id": _pick(dice, None, f"a{dice.randrange(_COMPANIES)}"),
        "email": _pick(dice, None, f"p{index}@c.example", f"p{index}@gmail.com", "x@brightloom.io"),
        "title": _pick(dice, *_TITLES),
        "phone": _pick(dice, None, "+34 600 000 000"),
        "country": _pick(dice, None, "ES", "US", "JP"),
        "is_customer": _pick(dice, None, *_FLAGS),
        "department": _pick(dice, None, "Marketing", "IT"),
        "manual_review": _pick(dice, None, 5.0, 20.0, 30.0),
        "created_at": _before(dice),
        "first_name": _pick(dice, None, "Ana", "Zoë"),
    }


def _account(dice: random.Random, index: int) -> dict[str, Any]:
    return {
        "account_id": f"a{index}",
        "name": f"Company {index}",
        "employees": _pick(dice, None, 10, 50, 800, 5000),
        "industry": _pick(dice, None, "software", "Software", "Pharmaceutical"),
        "country": _pick(dice, None, "ES", "FR"),
        "annual_revenue": _pick(dice, None, 1e8, 1e9, 5.5),
        "current_solution": _pick(dice, None, "Competitor 1", "Competitor 2"),
        "parent_id": _pick(dice, None, None, "a1"),
    }


def _activity(dice: random.Random, index: int) -> dict[str, Any]:
    return {
        "activity_id": f"e{index}",
        "contact_id": f"p{int(dice.random() ** 2 * _PEOPLE)}",
        "type": _pick(dice, *ACTIVITY_TYPES, *_EXTRA_TYPES, "page_view", "page_view", "email_open"),
        "occurred_at": _before(dice),
        "seen_at": _pick(dice, None, None, _before(dice, -2)),
        "product": _pick(dice, None, "core", "cloud", " core ;cloud;core"),
        "category": _pick(dice, None, None, "contact", "conference", "product reviews"),
        "asset": _pick(dice, None, "/pricing", "/products/core", "/careers", "demo"),
        "value": _pick(dice, None, 10.0, 75.0, 120.5),
        "campaign": _pick(dice, None, "sales", "website"),
        "origin": _pick(dice, None, None, None, "machine"),
    }


def _answer(dice: random.Random, index: int) -> dict[str, Any]:
    return {
        "response_id": f"s{index}",
        "contact_id": f"p{dice.randrange(_PEOPLE)}",
        "kind": "nps",
        "answer": float(dice.randrange(12)),
        "scale_min": 0,
        "scale_max": 10,
        "answered_at": _before(dice),
    }


def _stage(dice: random.Random, index: int) -> dict[str, Any]:
    return {
        "contact_id": f"p{index}",
        "model": "demand",
        "stage": _pick(dice, "lead", "MQL", "SQL"),
        "entered_at": _before(dice),
    }


def _before(dice: random.Random, least: float = 0) -> datetime:
    days = least + dice.random() ** 3 * 400
    return (NOW - timedelta(seconds=int(days * 86_400))).replace(tzinfo=None)
