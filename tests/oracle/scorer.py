"""A slow scorer, written from docs/models.md alone: no Ibis, no table engine, one person at a time.

``score(model, data, as_of)`` takes a model as parsed YAML and tables as lists of dictionaries with UTC-aware
times, every column present, and answers the numbers and letters of ``scoreline score --data --json``.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle import accounts, activity, flags, interest, satisfaction, stages
from tests.oracle.ageing import Moment, shown
from tests.oracle.conditions import Scope, holds
from tests.oracle.fit import Scopes, fit
from tests.oracle.totals import total

Row = dict[str, Any]
Data = Mapping[str, list[Row]]


def score(model: Row, data: Data, as_of: datetime, *, zone: str = "UTC", hindsight: bool = False) -> Row:
    """Every number of the model for every contact, account and the whole; ``excluded`` by contact id."""
    now = Moment(as_of, ZoneInfo(model.get("time_zone", zone)))
    companies = {row["account_id"]: row for row in data.get("accounts", [])}
    nobody = dict.fromkeys(next(iter(companies.values()), {}))
    seen = {name: _seen(data.get(name, []), instant, as_of, hindsight) for name, instant in _INSTANTS.items()}
    blank = dict.fromkeys(next(iter(data["contacts"]), {}))
    people, excluded = [], {}
    for contact in data["contacts"]:
        company = companies.get(contact["account_id"], nobody)
        reason = _left_out(model, [contact, company], now)
        if reason:
            excluded[contact["contact_id"]] = reason
        else:
            theirs = {name: rows[contact["contact_id"]] for name, rows in seen.items()}
            people.append(_person(model, contact, company, theirs, now))
    return {
        "contacts": people,
        "excluded": excluded,
        "accounts": accounts.accounts(model, people, list(companies.values()), blank, now),
        "nps": satisfaction.nps(model.get("satisfaction"), [p["satisfaction"] for p in people]),
    }


_INSTANTS = {"activities": "occurred_at", "survey_responses": "answered_at", "stage_history": "entered_at"}


def _seen(rows: list[Row], instant: str, as_of: datetime, hindsight: bool) -> dict[str, list[Row]]:  # noqa: FBT001 - as the caller's
    """Rows that exist at the instant scored, by contact."""
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        seen_at = row.get("seen_at")
        known = hindsight or seen_at is None or seen_at <= as_of
        if (
            row["contact_id"]
            and row[instant]
            and row.get("type", "") is not None
            and known
            and row[instant] <= as_of
        ):
            found[row["contact_id"]].append(row)
    return found


def _left_out(model: Row, scopes: Sequence[Scope], now: Moment) -> str | None:
    if not holds(model.get("where"), scopes, now.age):
        return "where"
    exclude = model.get("exclude") or []
    named = [{"reason": "exclude", "when": exclude}] if isinstance(exclude, str) else exclude
    return next((rule["reason"] for rule in named if holds(rule["when"], scopes, now.age)), None)


def _person(model: Row, contact: Row, company: Row, theirs: dict[str, list[Row]], now: Moment) -> Row:
    scopes = [contact, company]
    known = activity.behaviour(model, theirs["activities"], now)
    rules = {
        rule["id"]: activity.line(rule, model, known, scopes, now)
        for rule in model.get("activity", {}).get("rules", [])
    }
    sums = total(model.get("activity", {"rules": []}), rules, known.idle_days)
    fits = fit(model.get("fit"), Scopes([contact, company], [company, contact]), now.age)
    items = interest.interest(model, known.events, scopes, now)
    person = {
        "contact_id": contact["contact_id"],
        "account_id": contact["account_id"],
        "score": sums.score,
        "score_milli": sums.thousandths,
        "contributions": sums.points,
        "lines": sums.lines,
        "counts": {name: line.count for name, line in rules.items()},
        "newest": {name: line.newest for name, line in rules.items()},
        "grade": fits.grades["overall"],
        "person_grade": fits.grades["person"],
        "company_grade": fits.grades["company"],
        "fit": fits.fits["overall"],
        "person_fit": fits.fits["person"],
        "company_fit": fits.fits["company"],
        "partial": bool(fits.missing),
        "fit_missing": fits.missing,
        "fit_contributions": fits.points,
        "idle_days": known.idle_days,
        "trend": known.trend,
        "low_interest": known.low_interest,
        "temperature": stages.temperature(model.get("temperature", {}), known.idle_days),
        "interest": {
            item: shown(amount) for item, amount in items.get("product", items.get("category", {})).items()
        },
        "interest_milli": items,
        "top_product": _top(items.get("product")),
        "top_category": _top(items.get("category")),
        "satisfaction": satisfaction.satisfaction(
            model.get("satisfaction"), theirs["survey_responses"], known.events, now
        ),
        "journey": activity.counts(model["journey"], known.events) if "journey" in model else None,
    }
    person |= stages.rating(model.get("rating"), person)
    person |= stages.stage(model, person, scopes, theirs["stage_history"], now)
    person["escalate"] = stages.escalate(model, person, scopes, known.events, now)
    person["flags"] = flags.flags(model.get("flags", []), scopes, known.events, now)
    person["row"] = {**company, **contact, **person}
    return person


def _top(items: dict[str, int] | None) -> str | None:
    return min(items, key=lambda item: (-items[item], item)) if items else None
