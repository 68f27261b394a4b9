"""Fit: points, the ladder of thirds, or weighted percentages; what is missing is said, never zero in silence."""

from collections.abc import Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from scoring.decay import milli
from scoring.frame import ACCOUNT, ATTRIBUTE, Frame
from scoring.sections_fit import LADDER
from scoring.spec import Fit, FitRule, Grades
from scoring.totals import shown

_PARTS = ("person", "company")
_ZERO = 0


def with_fit(frame: Frame, table: ir.Table) -> ir.Table:
    """Adds fit, grades, partial, fit_missing and one ``fit_<id>`` milli column per rule (null: unknown).

    table: the people, with their attribute columns.
    """
    fit = frame.model.fit
    if fit is None:
        return table.mutate(**_absent(), partial=ibis.literal(False), fit_missing=ibis.null("string"))
    table = table.mutate(**{f"fit_{rule.id}": _points(frame, table, fit, rule) for rule in fit.rules})
    table = _with_missing(frame, table, fit)
    for name, rules in (("", fit.rules), *((f"{part}_", _part(fit, part)) for part in _PARTS)):
        table = _with_grade(table, fit, name, rules)
    return table


def _absent() -> dict[str, ir.Value]:
    numbers = {name: ibis.null("int64") for name in ("fit", "person_fit", "company_fit")}
    return numbers | {name: ibis.null("string") for name in ("grade", "person_grade", "company_grade")}


def _part(fit: Fit, part: str) -> tuple[FitRule, ...]:
    return tuple(rule for rule in fit.rules if rule.part == part)


def _points(frame: Frame, table: ir.Table, fit: Fit, rule: FitRule) -> ir.Value:
    tests = [frame.spread(condition, table, company=rule.part == "company") for condition in rule.conditions]
    if fit.form == "weights":
        worth = [milli(rule.weight * value.points / 100) for value in rule.values]
        hits = [(test.fill_null(False), ibis.literal(amount, "int64")) for test, amount in zip(tests, worth, strict=True)]
        unknown = reduce(lambda left, right: left | right, [test.isnull() for test in tests])
        return ibis.cases(*hits, (unknown, ibis.null("int64")), else_=ibis.literal(_ZERO, "int64"))
    hit, miss = (rule.thirds * 1000, -rule.miss * 1000) if fit.form == "ladder" else (milli(rule.points), _ZERO)
    return ibis.ifelse(
        tests[0].isnull(), ibis.null("int64"), ibis.ifelse(tests[0], ibis.literal(hit, "int64"), ibis.literal(miss, "int64"))
    )


def _with_missing(frame: Frame, table: ir.Table, fit: Fit) -> ir.Table:
    unknown = reduce(lambda left, right: left | right, [table[f"fit_{rule.id}"].isnull() for rule in fit.rules])
    named: dict[str, list[ir.Value]] = {}
    for rule in fit.rules:
        for name in dict.fromkeys(column for condition in rule.conditions for column in condition.columns):
            found = _column(table, name, company=rule.part == "company")
            named.setdefault(name, []).append(table[f"fit_{rule.id}"].isnull() & found.isnull())
    text: ir.Value = ibis.literal("")
    for name in sorted(named):
        gone = reduce(lambda left, right: left | right, named[name])
        text = text + ibis.ifelse(gone, f", {name}", "")
    return table.mutate(partial=unknown, fit_missing=ibis.ifelse(unknown, text.substr(2), ibis.null("string")))


def _column(table: ir.Table, name: str, *, company: bool) -> ir.Value:
    account, attribute = f"{ACCOUNT}{name}", f"{ATTRIBUTE}{name}"
    order = (account, name, attribute) if company else (name, attribute, account)
    return table[next(found for found in order if found in table.columns)]


def _with_grade(table: ir.Table, fit: Fit, prefix: str, rules: Sequence[FitRule]) -> ir.Table:
    number, letter = f"{prefix}fit", f"{prefix}grade"
    if not rules:
        return table.mutate(**{number: ibis.null("int64"), letter: ibis.null("string")})
    total = reduce(lambda left, right: left + right, [table[f"fit_{rule.id}"].fill_null(0) for rule in rules])
    if fit.form == "ladder":
        rung = (ibis.literal(LADDER.index(fit.start), "int64") * 1000 + total) / 1000.0
        held = ibis.least(ibis.greatest(rung.floor().cast("int64"), 0), len(LADDER) - 1)
        letters = ibis.cases(*((held == index, name) for index, name in enumerate(LADDER)), else_=LADDER[0])
        return table.mutate(**{number: ibis.null("int64"), letter: letters})
    table = table.mutate(**{number: shown(total)})
    grades = fit.grades.get(prefix.rstrip("_") or "overall")
    return table.mutate(**{letter: _letter(table[number], grades)})


def _letter(number: ir.Value, grades: Grades | None) -> ir.Value:
    if grades is None:
        return ibis.null("string")
    cuts = [(number >= threshold, letter) for letter, threshold in grades.cuts]
    return ibis.cases(*cuts, else_=grades.below) if cuts else ibis.literal(grades.below)
