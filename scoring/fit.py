"""Fit: points, the ladder of thirds, or weighted percentages; what is missing is said, never zero in
silence.
"""

from collections.abc import Sequence
from operator import add, or_

import ibis
import ibis.expr.types as ir

from scoring.decay import milli
from scoring.frame import ACCOUNT, ATTRIBUTE, Frame
from scoring.grammar.fit import LADDER
from scoring.halves import joined
from scoring.operators import opposite, unknown
from scoring.spec import Fit, FitRule
from scoring.totals import shown
from scoring.truth import NO

_PARTS = ("person", "company")
_ZERO = 0


def fitted(frame: Frame, table: ir.Table, carried: Sequence[str]) -> ir.Table:
    """``carried`` columns, fit, grades, partial, fit_missing, and a ``fit_<id>`` milli column per rule
    (null: unknown).

    table: people with their attribute columns.
    """
    fit = frame.model.fit
    if fit is None:
        return table.select(*carried, **_absent(), partial=ibis.literal(NO), fit_missing=ibis.null("string"))
    points = {f"fit_{rule.id}": _points(frame, table, fit, rule) for rule in fit.rules}
    gone = {name: _column(table, *told).isnull() for told, name in _gone(fit).items()}
    table = table.select(*carried, **points, **gone)
    parts = {"": fit.rules} | {f"{part}_": _part(fit, part) for part in _PARTS}
    found: dict[str, ir.Value] = {
        "partial": _any([table[name].isnull() for name in points]),
        "fit_missing": _missing(table, fit),
    }
    for prefix, rules in parts.items():
        found |= _sums(table, fit, prefix, rules)
    table = table.select(*carried, *points, **found)
    if fit.form == "ladder":
        return table
    grades = {f"{prefix}grade": _letter(table, fit, prefix) for prefix in parts}
    return table.mutate(**grades)


def _absent() -> dict[str, ir.Value]:
    numbers = {name: ibis.null("int64") for name in ("fit", "person_fit", "company_fit")}
    return numbers | {name: ibis.null("string") for name in ("grade", "person_grade", "company_grade")}


def _part(fit: Fit, part: str) -> tuple[FitRule, ...]:
    return tuple(rule for rule in fit.rules if rule.part == part)


def _points(frame: Frame, table: ir.Table, fit: Fit, rule: FitRule) -> ir.Value:
    tests = [frame.spread(condition, table, company=rule.part == "company") for condition in rule.conditions]
    if fit.form == "weights":
        worth = [milli(rule.weight * value.points / 100) for value in rule.values]
        hits = [
            (test.fill_null(NO), ibis.literal(amount, "int64"))
            for test, amount in zip(tests, worth, strict=True)
        ]
        lost = _any([unknown(test) for test in tests])
        return ibis.cases(*hits, (lost, ibis.null("int64")), else_=ibis.literal(_ZERO, "int64"))
    hit, miss = (
        (rule.thirds * 1000, -rule.miss * 1000) if fit.form == "ladder" else (milli(rule.points), _ZERO)
    )
    branches = [(tests[0], ibis.literal(hit, "int64")), (opposite(tests[0]), ibis.literal(miss, "int64"))]
    return ibis.cases(*branches, else_=ibis.null("int64"))


def _any(tests: Sequence[ir.Value]) -> ir.Value:
    return joined(or_, [ibis.literal(NO), *tests])


def _gone(fit: Fit) -> dict[tuple[str, str], str]:
    """By part and column of everything the rules read, the name of what says that it is missing.

    Not the column's own: a person's ``Industry`` and a company's ``industry`` would be one in a database.
    """
    read = [
        (rule.part, name) for rule in fit.rules for condition in rule.conditions for name in condition.columns
    ]
    return {told: f"gone_{place}" for place, told in enumerate(dict.fromkeys(read))}


def _missing(table: ir.Table, fit: Fit) -> ir.Value:
    names, parts = _gone(fit), [ibis.literal("")]
    for name in sorted({name for _, name in names}):
        readers = [
            rule for rule in fit.rules if any(name in condition.columns for condition in rule.conditions)
        ]
        gone = [table[f"fit_{rule.id}"].isnull() & table[names[rule.part, name]] for rule in readers]
        parts.append(ibis.ifelse(_any(gone), f", {name}", ""))
    return joined(add, parts).substr(2).nullif("")


def _column(table: ir.Table, part: str, name: str) -> ir.Value:
    account, attribute = f"{ACCOUNT}{name}", f"{ATTRIBUTE}{name}"
    order = (account, name, attribute) if part == "company" else (name, attribute, account)
    return table[next(found for found in order if found in table.columns)]


def _sums(table: ir.Table, fit: Fit, prefix: str, rules: Sequence[FitRule]) -> dict[str, ir.Value]:
    """The fit of these rules, or on the ladder their letter."""
    nothing = {f"{prefix}fit": ibis.null("int64")}
    if not rules:
        return nothing | ({f"{prefix}grade": ibis.null("string")} if fit.form == "ladder" else {})
    total = joined(add, [table[f"fit_{rule.id}"].fill_null(0) for rule in rules])
    if fit.form != "ladder":
        return {f"{prefix}fit": shown(total)}
    rung = (total / 1000.0).floor().cast("int64") + LADDER.index(fit.start)
    letters = ibis.cases(
        *((rung <= index, letter) for index, letter in enumerate(LADDER[:-1])), else_=LADDER[-1]
    )
    return nothing | {f"{prefix}grade": letters}


def _letter(table: ir.Table, fit: Fit, prefix: str) -> ir.Value:
    grades, number = fit.grades.get(prefix.rstrip("_") or "overall"), table[f"{prefix}fit"]
    if grades is None:
        return ibis.null("string")
    cuts = [(number >= threshold, letter) for letter, threshold in grades.cuts]
    return ibis.cases((number.isnull(), ibis.null("string")), *cuts, else_=grades.below)
