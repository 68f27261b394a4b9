"""What the data say about a model's rules: which never fired, and whose inputs were missing or invalid."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from typing import Any

import ibis
import ibis.expr.types as ir
from sqlglot import exp

from scoring import activity
from scoring.compiler import Scores, compile_model
from scoring.frame import ACCOUNT, ATTRIBUTE, Frame
from scoring.operators import unknown
from scoring.spec import FitRule, Model, Rule
from scoring.texts import trimmed
from scoring.truth import NO, how_many

#: Numbers that cannot be below nothing.
_NOT_NEGATIVE = frozenset({"employees", "annual_revenue"})


def found(model: Model, tables: Mapping[str, ir.Table], as_of: datetime, time_zone: str) -> list[str]:
    """A sentence for each doubt the data raise, with the number of records behind it.

    tables: as for ``compile_model``; as_of: aware. Raises ModelError where a model needs what they lack.
    """
    scores = compile_model(model, tables, as_of, time_zone=time_zone).stored()
    people = _number(scores.numbers.count())
    if people == 0:
        return [_nobody(scores)]
    sentences = [*_unusable(scores.frame, tables), *_activity_rules(scores, people)]
    return [*sentences, *_fit_rules(scores, people), *_refused(scores)]


def _number(scalar: Any) -> int:  # noqa: ANN401  # Ibis has no types of its own
    return int(scalar.to_pyarrow().as_py() or 0)


def _rows(table: ir.Table) -> list[dict[str, Any]]:
    return list(table.to_pyarrow().to_pylist())


def _nobody(scores: Scores) -> str:
    reasons = _rows(scores.excluded.group_by("reason").agg(n=lambda table: table.count()).order_by("reason"))
    if not reasons:
        return "nobody is scored: there are 0 contacts; connect a source of contacts"
    out = ", ".join(f"{row['reason']} {row['n']:,}" for row in reasons)
    return f"nobody is scored: {sum(row['n'] for row in reasons):,} contacts are left out ({out}); ease these"


def _unusable(frame: Frame, tables: Mapping[str, ir.Table]) -> Iterator[str]:
    if "activities" not in tables:
        return
    raw = tables["activities"]
    counted = raw.aggregate(
        lost=how_many(raw.contact_id.isnull() | raw.type.isnull() | raw.occurred_at.isnull()),
        ahead=how_many((raw.occurred_at > frame.moment.now).fill_null(NO)),
    )
    (row,) = _rows(counted)
    if row["lost"]:
        yield (
            f"{row['lost']:,} activities have no person, type or time and count for no rule; "
            "look at their source"
        )
    if row["ahead"]:
        yield (
            f"{row['ahead']:,} activities lie in the future and do not count yet; "
            "look at their source's clock"
        )


# --- activity rules


@dataclass(frozen=True, slots=True)
class _Seen:
    """How many activities a rule looked at, matched, and could not judge; ``others``: of its types, but not
    looked at.
    """

    events: int
    others: int
    matched: int
    missing: int
    invalid: int


def _activity_rules(scores: Scores, people: int) -> Iterator[str]:
    model, numbers = scores.frame.model, scores.numbers
    if not model.rules:
        return
    counts_of = {rule.id: how_many(numbers[f"rule_{rule.id}"] != 0) for rule in model.rules}
    (given,) = _rows(numbers.aggregate(**counts_of))
    fired = {name for name, count in given.items() if count}
    seen = _seen(scores.frame, [rule for rule in model.rules if rule.source in ("activity", "tiers")])
    for rule in model.rules:
        if rule.id not in fired and rule.gives_points:
            yield _silent(rule, seen.get(rule.id), people)
        counts = seen.get(rule.id)
        if counts and counts.missing:
            yield (
                f"rule {rule.id}: {counts.missing:,} of {counts.events:,} activities lack what it reads "
                f"({', '.join(_read(rule))}); fill it in at the source, or allow for null in its condition"
            )
        if counts and counts.invalid:
            yield (
                f"rule {rule.id}: {counts.invalid:,} of {counts.events:,} activities have a value that is not "  # noqa: E501  # a sentence reads best in one piece
                "valid; correct it at the source"
            )


def _silent(rule: Rule, seen: _Seen | None, people: int) -> str:
    if seen is None:
        return f"rule {rule.id} never fired: it holds for 0 of {people:,} people; check it, or remove it"
    what = f" of {', '.join(rule.events)}" if rule.events else ""
    if not seen.events and seen.others:
        return (
            f"rule {rule.id} never fired: {seen.others:,} activities{what} are of machines or of people "
            "who are not scored; look at 'where', 'exclude' and 'machine'"
        )
    if not seen.events:
        return (
            f"rule {rule.id} never fired: there are 0 activities{what}; connect a "
            "source of them, or remove it"
        )
    if not seen.matched:
        return f"rule {rule.id} never fired: 0 of {seen.events:,} activities{what} match; check its condition"
    return (
        f"rule {rule.id} gives nobody points now: {seen.matched:,} of {seen.events:,} activities{what} "
        f"match, and come to nothing; check {_takes_points(rule)}"
    )


def _takes_points(rule: Rule) -> str:
    """What can leave nothing of a rule's points."""
    steps, undoing = [step.points for step in rule.steps], [*rule.unless, *rule.unless_after]
    limits = rule.at_least or rule.exactly or rule.at_most or rule.tiers
    taking = {
        "its steps, which can cancel out": steps and min(steps) < 0 < max(steps),
        "its counts": limits or rule.first or rule.again or _items(rule),
        f"what undoes it ({', '.join(undoing)})": undoing,
        "its ageing": rule.decay.form != "none",
    }
    return ", ".join(what for what, is_so in taking.items() if is_so) or "its points"


def _read(rule: Rule) -> list[str]:
    names = list(rule.when.columns) if rule.when is not None else []
    names += ["value"] if rule.steps else []
    return list(dict.fromkeys([*names, *_items(rule)]))


def _items(rule: Rule) -> list[str]:
    limits = [limit.per for limit in (rule.at_least, rule.at_most) if limit and limit.per]
    return [item for item in (rule.distinct, rule.per, *limits) if item in ("asset", "product", "category")]


def _seen(frame: Frame, rules: Sequence[Rule]) -> dict[str, _Seen]:
    """Counts of each rule, in one reading of the activities."""
    lone = [rule for rule in rules if not activity.needs_person(rule)]
    joint = [rule for rule in rules if activity.needs_person(rule)]
    acts = frame.acts.semi_join(frame.people, "contact_id")
    found: dict[str, _Seen] = {}
    if not rules:
        return found
    everything = {rule.id: how_many(_named(frame.acts, rule)) for rule in rules}
    (there,) = _rows(frame.acts.aggregate(**everything))
    for group, table in ((lone, acts), (joint, activity.with_people(frame, acts) if joint else acts)):
        if not group:
            continue
        columns: dict[str, ir.Value] = {}
        for rule in group:
            columns |= {
                f"{name}__{rule.id}": how_many(flag) for name, flag in _looked(frame, table, rule).items()
            }
        (row,) = _rows(table.aggregate(**columns))
        for rule in group:
            counts = {
                name: row[f"{name}__{rule.id}"] or 0 for name in ("events", "matched", "missing", "invalid")
            }
            found[rule.id] = _Seen(**counts, others=(there[rule.id] or 0) - counts["events"])
    return found


def _named(table: ir.Table, rule: Rule) -> ir.Value:
    return table.type.isin(rule.events) if rule.events else table.type.notnull()


def _looked(frame: Frame, table: ir.Table, rule: Rule) -> dict[str, ir.Value]:
    events = _named(table, rule)
    events = events if rule.machine else events & ~table.machine
    gone = [unknown(frame.spread(rule.when, table))] if rule.when is not None else []
    gone += [table.value.isnull()] if rule.steps else []
    gone += [table[item].isnull() for item in _items(rule)]
    nothing: ir.Value = ibis.literal(NO)
    return {
        "events": events,
        "matched": activity.match(frame, table, rule),
        "missing": events & reduce(lambda left, right: left | right, gone, nothing),
        "invalid": events & _bad_value(table, rule),
    }


def _bad_value(table: ir.Table, rule: Rule) -> ir.Value:
    if not (rule.steps or (rule.when is not None and "value" in rule.when.columns)):
        return ibis.literal(NO)
    bad = table.value.isnan() | table.value.isinf()
    bad |= (table.type == "video_view") & ((table.value < 0) | (table.value > 100))  # percent
    return bad.fill_null(NO)


# --- fit rules


def _fit_rules(scores: Scores, people: int) -> Iterator[str]:
    model, frame = scores.frame.model, scores.frame
    rules = model.fit.rules if model.fit else ()
    if not rules:
        return
    table, columns = frame.people, dict[str, ir.Value]()
    somebody = table.contact_id.notnull()  # what depends on nobody is counted for everybody
    for rule in rules:
        tests = [frame.spread(c, table, company=rule.part == "company") for c in rule.conditions]
        hit = reduce(lambda left, right: left | right, [test.fill_null(NO) for test in tests])
        lost = reduce(lambda left, right: left | right, [*map(unknown, tests), *_unsaid(table, rule)])
        counts = {"hit": hit, "lost": lost & ~hit, "bad": _invalid(table, rule)}
        columns |= {f"{name}__{rule.id}": how_many(somebody & flag) for name, flag in counts.items()}
    (row,) = _rows(table.aggregate(**columns))
    for rule in rules:
        names = ", ".join(dict.fromkeys(name for c in rule.conditions for name in c.columns))
        hits, lost, bad = (row[f"{kind}__{rule.id}"] or 0 for kind in ("hit", "lost", "bad"))
        if not hits:
            yield f"fit rule {rule.id} never fired: it holds for 0 of {people:,} people; check its condition"
        if lost:
            yield (
                f"fit rule {rule.id}: {lost:,} of {people:,} people lack what it reads "
                f"({names}); fill it in at the source"
            )
        if bad:
            yield (
                f"fit rule {rule.id}: {bad:,} of {people:,} people have a blank text or an impossible number in "  # noqa: E501  # a sentence reads best in one piece
                f"what it reads ({names}); correct it at the source"
            )


def _unsaid(table: ir.Table, rule: FitRule) -> Iterator[ir.Value]:
    """Of conditions that are a flag alone, and so never null: whether it is not known."""
    for condition in rule.conditions:
        if isinstance(condition.tree.unnest(), exp.Column):
            yield _column(table, condition.columns[0], company=rule.part == "company").isnull()


def _invalid(table: ir.Table, rule: FitRule) -> ir.Value:
    found: ir.Value = ibis.literal(NO)
    for name in dict.fromkeys(name for condition in rule.conditions for name in condition.columns):
        column = _column(table, name, company=rule.part == "company")
        kind = column.type()
        if kind.is_string():
            found |= (trimmed(column) == "").fill_null(NO)
        elif kind.is_floating():
            below = column < 0 if name in _NOT_NEGATIVE else ibis.literal(NO)
            found |= (column.isnan() | column.isinf() | below).fill_null(NO)
        elif kind.is_integer() and name in _NOT_NEGATIVE:
            found |= (column < 0).fill_null(NO)
    return found


def _column(table: ir.Table, name: str, *, company: bool) -> ir.Value:
    account, own = f"{ACCOUNT}{name}", [name, f"{ATTRIBUTE}{name}"]
    order = [account, *own] if company else [*own, account]
    return table[next(known for known in order if known in table.columns)]


# --- answers


def _refused(scores: Scores) -> Iterator[str]:
    if scores.frame.model.satisfaction is None or scores.refused is None:
        return
    rows = _rows(scores.refused.order_by("response_id").limit(3))
    count = _number(scores.refused.count())
    if count:
        names = ", ".join(str(row["response_id"]) for row in rows)
        more = ", …" if count > len(rows) else ""
        yield (
            f"satisfaction: {count:,} answers are out of range and do not count "
            f"({names}{more}); correct them at the source"
        )
