"""Satisfaction from survey answers, a second signal from behaviour, and the percentage of a segment."""

import ibis
import ibis.expr.types as ir

from scoring.frame import Frame, exists, typed
from scoring.spec import Satisfaction
from scoring.truth import NO, how_many

_BANDS = {"nps": ("promoter", "passive", "detractor"), "csat": ("satisfied", "neutral", "dissatisfied")}
#: Where the standard's own scale may begin, and where it ends.
NPS_FROM, NPS_TO = (0, 1), 10
_SCALES = {"nps": (0, 10), "csat": (1, 5)}


def answers(frame: Frame) -> ir.Table | None:
    """The survey's answers that exist, with ``valid`` (within the standard scale); None without the table."""
    wanted = frame.model.satisfaction
    if wanted is None or "survey_responses" not in frame.inputs:
        return None
    raw = typed(frame.inputs["survey_responses"], "survey_responses")
    rows = exists(
        raw.filter(raw.kind == wanted.survey), "answered_at", frame.moment, hindsight=frame.hindsight
    )
    low, high = _SCALES[wanted.survey]
    rows = rows.mutate(
        answer=rows.answer.cast("float64"),
        low=rows.scale_min.fill_null(low).cast("float64"),
        high=rows.scale_max.fill_null(high).cast("float64"),
    )
    valid = (rows.answer >= rows.low) & (rows.answer <= rows.high) & (rows.low < rows.high)
    if wanted.survey == "nps":
        valid &= rows.low.isin([float(low) for low in NPS_FROM]) & (rows.high == float(NPS_TO))
    return rows.mutate(valid=valid.fill_null(NO))


def refused(frame: Frame) -> ir.Table | None:
    """response_id and answer of those out of range; None without the table."""
    rows = answers(frame)
    return (
        None
        if rows is None
        else rows.filter(~rows.valid).select("response_id", "answer", "scale_min", "scale_max")
    )


def newest(frame: Frame) -> ir.Table | None:
    """contact_id, satisfaction_answer, satisfaction_band: the newest valid answer; None without any table."""
    wanted, rows = frame.model.satisfaction, answers(frame)
    return None if wanted is None or rows is None else _newest(frame, rows, wanted)


def columns(frame: Frame, table: ir.Table) -> dict[str, ir.Value]:
    """The three satisfaction columns, from a table with ``newest``'s where there are any, and idle_days."""
    wanted = frame.model.satisfaction
    if wanted is None or "satisfaction_band" not in table.columns:
        return {
            "satisfaction_band": ibis.null("string"),
            "satisfaction_answer": ibis.null("float64"),
            "satisfaction_disagrees": ibis.null("boolean"),
        }
    best, _, worst = _BANDS[wanted.survey]
    band, disagrees = table.satisfaction_band, ibis.null("boolean")
    if wanted.activity is not None and "activities" in frame.inputs:
        active = (table.idle_days < wanted.activity).fill_null(NO)
        disagrees = ((band == best) & ~active) | ((band == worst) & active)
    return {
        "satisfaction_band": band,
        "satisfaction_answer": table.satisfaction_answer,
        "satisfaction_disagrees": disagrees,
    }


def _newest(frame: Frame, rows: ir.Table, wanted: Satisfaction) -> ir.Table:
    recent = rows.filter(rows.valid, frame.moment.age(rows.answered_at) < wanted.valid)
    order = ibis.window(group_by="contact_id", order_by=[recent.answered_at.desc(), recent.response_id.asc()])
    ranked = recent.mutate(__rank=ibis.row_number().over(order))
    first = ranked.filter(ranked["__rank"] == 0)
    best, middle, worst = _BANDS[wanted.survey]
    if wanted.survey == "nps":
        top, mid = first.answer >= 9, first.answer >= 7  # the standard's
    else:
        reached, of = first.answer - first.low, first.high - first.low
        top, mid = reached * 4 >= of * 3, reached * 2 >= of
    band = ibis.cases((top, best), (mid, middle), else_=worst)
    return first.select("contact_id", satisfaction_answer="answer", satisfaction_band=band)


def segment(frame: Frame, contacts: ir.Table) -> ir.Table:
    """One row: score (percentage, one decimal; null where nobody answered), promoters, passives,
    detractors.
    """
    survey = frame.model.satisfaction.survey if frame.model.satisfaction else "nps"
    counts = [how_many(contacts.satisfaction_band == band).fill_null(0) for band in _BANDS[survey]]
    one = contacts.agg(promoters=counts[0], passives=counts[1], detractors=counts[2])
    answered = (one.promoters + one.passives + one.detractors).nullif(0).cast("float64")
    lead = one.promoters - one.detractors if survey == "nps" else one.promoters
    return one.mutate(score=((lead * 1000).cast("float64") / answered + 0.5).floor() / 10.0)
