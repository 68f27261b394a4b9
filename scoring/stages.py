"""Rating matrix, stages with hysteresis, escalation."""

from functools import reduce

import ibis
import ibis.expr.types as ir

from scoring import activity
from scoring.calendar import Moment
from scoring.frame import Frame, exists
from scoring.spec import Model

#: What a stage condition sees beside the person's and account's columns; these win.
SHOWN = (
    "score", "grade", "person_grade", "company_grade", "fit", "person_fit", "company_fit", "partial", "level",
    "rating", "priority", "idle_days", "trend", "temperature", "low_interest", "days_in_stage",
)  # fmt: skip


def with_rating(model: Model, table: ir.Table) -> ir.Table:
    """Adds level, rating and priority to a table with score and grade."""
    rating = model.rating
    if rating is None:
        return table.mutate(level=ibis.null("int64"), rating=ibis.null("string"), priority=ibis.null("string"))
    passed = [(table.score >= cut).cast("int64") for cut in rating.levels]
    table = table.mutate(level=reduce(lambda left, right: left + right, passed) + 1)
    digit = len(rating.levels) + 2 - table.level if rating.one_is_best else table.level
    table = table.mutate(rating=table.grade + digit.cast("string"))
    named = [(table.rating == cell, name) for cell, name in rating.cells.items()]
    return table.mutate(priority=ibis.cases(*named, else_=ibis.null("string")) if named else ibis.null("string"))


def with_stage(frame: Frame, table: ir.Table) -> ir.Table:
    """Adds stage, stage_entered_at and days_in_stage; null without stages in the model."""
    model = frame.model
    if not model.stages:
        nulls = {"stage": ibis.null("string"), "stage_entered_at": ibis.null("timestamp")}
        return table.mutate(**nulls, days_in_stage=ibis.null("int64"))
    table = _with_current(frame, table)
    target: ir.Value = ibis.literal(0, "int64")
    for index, stage in enumerate(model.stages, 1):
        enters = frame.spread(stage.enter, table, SHOWN).fill_null(False)
        stays = (table.current >= index) & frame.spread(stage.stay, table, SHOWN).fill_null(False)
        target = ibis.ifelse(enters | stays, ibis.literal(index, "int64"), target)
    table = table.mutate(reached=target)
    names = [(table.reached == index, stage.name) for index, stage in enumerate(model.stages, 1)]
    unchanged = table.reached == table.current
    entered = ibis.cases(
        (unchanged, table.entered_before),
        else_=ibis.literal(frame.moment.naive, "timestamp"),
    )
    named = table.mutate(stage=ibis.cases(*names, else_=model.base_stage), stage_entered_at=entered)
    return named.drop("reached", "current", "entered_before")


def _with_current(frame: Frame, table: ir.Table) -> ir.Table:
    history = _history(frame)
    if history is None:
        return table.mutate(
            current=ibis.literal(0, "int64"), entered_before=ibis.null("timestamp"), days_in_stage=ibis.null("int64")
        )
    joined = table.left_join(history, "contact_id", rname="{name}_right")
    return joined.mutate(current=joined.current.fill_null(0)).select(
        *table.columns, "current", "entered_before", "days_in_stage"
    )


def _history(frame: Frame) -> ir.Table | None:
    if "stage_history" not in frame.inputs:
        return None
    model, raw = frame.model, frame.inputs["stage_history"]
    rows = exists(raw.filter(raw.model == model.name), "entered_at", frame.moment, hindsight=frame.hindsight)
    known = [(rows.stage == stage.name, index) for index, stage in enumerate(model.stages, 1)]
    rows = rows.mutate(place=ibis.cases(*known, else_=0).cast("int64"))
    newest = ibis.window(group_by="contact_id", order_by=[rows.entered_at.desc(), rows.place.desc()])
    ranked = rows.mutate(__rank=ibis.row_number().over(newest))
    current = ranked.filter(ranked["__rank"] == 0)
    return current.select(
        "contact_id",
        current="place",
        entered_before=current.entered_at,
        days_in_stage=frame.moment.age(current.entered_at),
    )


def with_escalation(frame: Frame, table: ir.Table) -> ir.Table:
    """Adds escalate: a buying signal within the time allowed, by someone who fits."""
    escalate = frame.model.escalate
    if escalate is None:
        return table.mutate(escalate=ibis.null("boolean"))
    signals = _signals(frame)
    joined = table.left_join(signals, list(frame.keys), rname="{name}_right")
    found = joined.signalled.fill_null(False)
    kept = joined.mutate(signalled=found).select(*table.columns, "signalled")
    fits = ibis.literal(True)
    if escalate.when is not None:
        fits = frame.spread(escalate.when, kept, (*SHOWN, "stage")).fill_null(False)
    return kept.mutate(escalate=kept.signalled & fits).drop("signalled")


def _signals(frame: Frame) -> ir.Table:
    escalate = frame.model.escalate
    if escalate is None:
        message = "no escalation in this model"  # with_escalation asks first
        raise ValueError(message)
    since = Moment(frame.moment.as_of - escalate.within).naive
    acts = frame.acts.filter(frame.acts.occurred_at > ibis.literal(since, "timestamp"))
    rules = [rule for rule in frame.model.rules if rule.signal == escalate.signal]
    if any(activity.needs_person(rule) for rule in rules):
        acts = activity.with_people(frame, acts)
    hits = [activity.match(frame, acts, rule) for rule in rules]
    kept = acts.filter(reduce(lambda left, right: left | right, hits))
    return kept.select(*frame.keys).distinct().mutate(signalled=ibis.literal(True))
