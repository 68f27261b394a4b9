"""Rating matrix, stages with hysteresis, escalation."""

from operator import add, or_

import ibis
import ibis.expr.types as ir

from scoring import activity
from scoring.frame import Frame, exists
from scoring.halves import joined
from scoring.spec import Model
from scoring.truth import NO, YES, one

_MOST_STAGES = 1_000
#: What a stage condition sees beside the person's and account's columns; these win.
SHOWN = (
    "score", "grade", "person_grade", "company_grade", "fit", "person_fit", "company_fit", "partial", "level",
    "rating", "priority", "idle_days", "trend", "temperature", "low_interest", "days_in_stage",
)  # fmt: skip


def with_rating(model: Model, table: ir.Table) -> ir.Table:
    """Adds level, rating and priority to a table with score and grade."""
    rating = model.rating
    if rating is None:
        return table.mutate(
            level=ibis.null("int64"), rating=ibis.null("string"), priority=ibis.null("string")
        )
    passed = joined(add, [one(table.score >= cut) for cut in rating.levels])
    digit = len(rating.levels) + 1 - passed if rating.one_is_best else passed + 1
    table = table.mutate(level=passed + 1, rating=table.grade + digit.cast("string"))
    named = [(table.rating == cell, name) for cell, name in rating.cells.items()]
    return table.mutate(
        priority=ibis.cases(*named, else_=ibis.null("string")) if named else ibis.null("string")
    )


def beside(frame: Frame) -> list[ir.Table]:
    """What stages and escalation need of each person, as tables by key: current stage, fresh buying
    signals.
    """
    found = []
    if frame.model.stages and (history := _history(frame)) is not None:
        found.append(history)
    if frame.model.escalate is not None:
        found.append(_signals(frame))
    return found


def with_stage(frame: Frame, table: ir.Table) -> ir.Table:
    """Adds stage and stage_entered_at (null without stages in the model), then escalate.

    table: with ``beside``'s columns where there are any.
    """
    model = frame.model
    if not model.stages:
        found = {"stage": ibis.null("string"), "stage_entered_at": ibis.null("timestamp")}
    else:
        reached = _reached(frame, table)
        table = table.mutate(reached=reached)
        names = [(table.reached == index, stage.name) for index, stage in enumerate(model.stages, 1)]
        now = frame.moment.now
        found = {
            "stage": ibis.cases(*names, else_=model.base_stage),
            "stage_entered_at": ibis.ifelse(table.reached == table.current, table.entered_before, now),
        }
    table = table.mutate(**found)
    when = model.escalate and model.escalate.when
    if when and "stage" in when.columns:
        # kept, it compares by code point; a CASE of literals, as the locale of a database has it
        table = frame.hold(table)
    return table.mutate(escalate=_escalates(frame, table))


def _reached(frame: Frame, table: ir.Table) -> ir.Value:
    places: list[ir.Value] = [ibis.literal(0, "int64")]
    for index, stage in enumerate(frame.model.stages, 1):
        holds = frame.spread(stage.enter, table, SHOWN).fill_null(NO)
        holds |= (table.current >= index) & frame.spread(stage.stay, table, SHOWN).fill_null(NO)
        places.append(ibis.ifelse(holds, ibis.literal(index, "int64"), places[0]))
    return ibis.greatest(*places)


def _escalates(frame: Frame, table: ir.Table) -> ir.Value:
    escalate = frame.model.escalate
    if escalate is None:
        return ibis.null("boolean")
    found = table.signalled.fill_null(NO)
    if escalate.when is None:
        return found
    return found & frame.spread(escalate.when, table, (*SHOWN, "stage")).fill_null(NO)


def _history(frame: Frame) -> ir.Table | None:
    if "stage_history" not in frame.inputs:
        return None
    model, raw = frame.model, frame.inputs["stage_history"]
    rows = exists(raw.filter(raw.model == model.name), "entered_at", frame.moment, hindsight=frame.hindsight)
    known = [(rows.stage == stage.name, index) for index, stage in enumerate(model.stages, 1)]
    rows = rows.mutate(place=ibis.cases(*known, else_=0).cast("int64"))
    # the newest, then the highest of those entered at once, as one number
    newest = rows.entered_at.epoch_seconds().cast("int64") * _MOST_STAGES + rows.place
    current = rows.group_by("contact_id").agg(newest=newest.max(), entered_before=rows.entered_at.max())
    return current.select(
        "contact_id",
        "entered_before",
        # the remainder of what is before 1970 is negative
        current=(current.newest % _MOST_STAGES + _MOST_STAGES) % _MOST_STAGES,
        days_in_stage=frame.moment.age(current.entered_before),
    )


def _signals(frame: Frame) -> ir.Table:
    escalate = frame.model.escalate
    if escalate is None:
        message = "no escalation in this model"  # beside asks first
        raise ValueError(message)
    acts = frame.acts.filter(frame.acts.occurred_at > frame.moment.ago(escalate.within))
    rules = [rule for rule in frame.model.rules if rule.signal == escalate.signal]
    if any(activity.needs_person(rule) for rule in rules):
        acts = activity.with_people(frame, acts)
    hits = [activity.match(frame, acts, rule) for rule in rules]
    kept = acts.filter(joined(or_, hits))
    return kept.select(*frame.keys).distinct().mutate(signalled=ibis.literal(YES))
