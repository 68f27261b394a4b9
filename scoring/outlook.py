"""What happens to a score if nothing more happens: the next day a level or stage changes."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from scoring import frame, people_state
from scoring.calendar import Moment
from scoring.frame import Frame
from scoring.spec import Model
from scoring.truth import NO

#: How far ahead to look.
DAYS = 366


def next_changes(
    model: Model,
    inputs: Mapping[str, ir.Table],
    as_of: datetime,
    *,
    time_zone: str = "UTC",
    hindsight: bool = False,
    only: ir.Table | None = None,
) -> ir.Table:
    """contact_id, next_change_at (naive UTC), next_change, score: the first change of level or stage ahead.

    People who stay as they are for a year have no row. Every activity is looked at once for each day ahead:
    meant for one person or a few (``only``: contact_id). The stage someone is in is that of
    ``stage_history``.
    """
    plain = replace(model, escalate=None, satisfaction=None, interest=None, flags=(), journey={})
    moment = Moment(as_of, model.time_zone or time_zone)
    now = frame.build(plain, inputs, moment, hindsight=hindsight, only=only)
    wanted = now.people if only is None else now.people.semi_join(only.select("contact_id"), "contact_id")
    state = people_state.state(_ahead(replace(now, people=wanted), moment), detail=False)
    return _first(model, state.select("contact_id", "ahead", "at", "score", "level", "stage"))


def _ahead(now: Frame, moment: Moment) -> Frame:
    days = ibis.memtable(_days(moment))
    acts = now.acts.semi_join(now.people, "contact_id").cross_join(days.select("ahead"))
    return replace(
        now,
        people=now.people.cross_join(days),
        acts=acts.mutate(age=acts.age + acts.ahead),
        keys=("contact_id", "ahead"),
        ahead=days.select("ahead"),
    )


def _days(moment: Moment) -> pa.Table:
    zone = ZoneInfo(moment.zone)
    today = moment.as_of.astimezone(zone).date()
    midnights = [
        datetime.combine(today + timedelta(days=ahead), time(), zone).astimezone(UTC).replace(tzinfo=None)
        for ahead in range(1, DAYS + 1)
    ]
    starts = [moment.naive, *midnights]
    return pa.table(
        {"ahead": pa.array(range(DAYS + 1), pa.int64()), "at": pa.array(starts, pa.timestamp("us"))}
    )


def _first(model: Model, days: ir.Table) -> ir.Table:
    today = days.filter(days.ahead == 0).select("contact_id", level_now="level", stage_now="stage")
    later = days.filter(days.ahead > 0).join(today, "contact_id")
    moves = (later.level != later.level_now).fill_null(NO)
    steps = (later.stage != later.stage_now).fill_null(NO)
    changed = later.filter(moves | steps)
    order = ibis.window(group_by="contact_id", order_by=changed.ahead)
    ranked = changed.mutate(__rank=ibis.row_number().over(order))
    first = ranked.filter(ranked["__rank"] == 0)
    word = {"en": "level", "es": "nivel"}[model.language]
    level = ibis.literal(f"{word} ") + first.level.cast("string")
    stage = first.stage
    moved = first.level != first.level_now
    stepped = (first.stage != first.stage_now).fill_null(NO)
    text = ibis.cases((stepped & moved.fill_null(NO), stage + ", " + level), (stepped, stage), else_=level)
    return first.select("contact_id", next_change_at="at", next_change=text, score="score")
