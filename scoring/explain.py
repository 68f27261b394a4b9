"""Explanations: lines that add up exactly to the number shown, and the texts made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from scoring.frame import Frame
from scoring.phrases import LANGUAGES, rule_text, singular
from scoring.spec import Model
from scoring.totals import Line, lines
from scoring.truth import NO, how_many, one

#: What a short CRM text field holds, and a long one.
SHORT, LONG = 255, 4000
_TAIL = 30
_GAP = " · "
#: Days ago for which a short line leaves room: of what happened since 2010, and from then back.
_OLD, _OLDER = "9999", "999999"
_OF_LATE = datetime(2010, 1, 1)  # noqa: DTZ001  # tables are naive UTC
#: Around the date in a kept line, in days since 1970-01-01.
_FROM, _TO = "\x1e", "\x1f"
#: The sign for how many times.
TIMES = "\u00d7"


@dataclass(frozen=True)
class Source:
    """One possible line: its id and text, and the columns its numbers come from. raised: where it adds."""

    id: str
    text: str
    milli: str
    count: str | None = None
    newest: str | None = None
    raised: str | None = None


def sources(model: Model) -> list[Source]:
    """Every line of a model's score, ordered by id, in the model's language."""
    return [_source(model, line) for line in lines(model)]


def _source(model: Model, line: Line) -> Source:
    words = LANGUAGES[model.language]
    if (rule := line.rule) is not None:
        counted = rule.source in {"activity", "tiers"}
        return Source(
            line.id, rule_text(rule, model), line.column,
            f"n_{rule.id}", f"t_{rule.id}" if counted else None,
        )  # fmt: skip
    kind, _, name = line.id.partition(":")
    if kind == "cap":
        said = {rule.id: f'"{rule_text(rule, model)}"' for rule in model.rules}.get(name, name)
        raised = words.raised.format(name=said)
        return Source(line.id, words.cap.format(name=said), line.column, raised=raised)
    if kind == "ageing":
        idle = model.activity.ageing[int(name) - 1].idle
        return Source(line.id, singular(words.ageing.format(days=idle)), line.column)
    return Source(line.id, words.total, line.column, raised=words.raised_total)


def contributions(table: ir.Table, keys: Sequence[str], score: str, found: Sequence[Source]) -> ir.Table:
    """Long form: keys, id, ord, points, milli, count, newest_at, says. Lines of 0 milli are left out.

    table: one row per keys, with ``score`` and every column the sources name.
    Source: largest remainder, ties by id.
    """
    if not found:
        found = [Source("none", "none", score)]  # a model without rules: all its lines are 0
    names = pa.table(
        {
            "ord": pa.array(range(len(found)), pa.int64()),
            "id": [s.id for s in found],
            "says": [s.text for s in found],
            "raised": [s.raised or s.text for s in found],
        }
    )
    crossed = table.cross_join(ibis.memtable(names))
    long = crossed.select(
        *keys, "id", "ord", "says", "raised",
        shown=crossed[score],
        milli=_picked(crossed, [s.milli for s in found], "int64"),
        count=_picked(crossed, [s.count for s in found], "int64"),
        newest_at=_picked(crossed, [s.newest for s in found], "timestamp"),
    )  # fmt: skip
    long = long.filter(long.milli.fill_null(0) != 0)
    said = long.mutate(says=ibis.ifelse(long.milli > 0, long.raised, long.says)).drop("raised")
    return shared_out(said, keys)


def _picked(table: ir.Table, columns: Sequence[str | None], dtype: str) -> ir.Value:
    branches = [(table.ord == index, table[name].cast(dtype)) for index, name in enumerate(columns) if name]
    return ibis.cases(*branches, else_=ibis.null(dtype)) if branches else ibis.null(dtype)


def shared_out(long: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Whole ``points`` from ``milli`` by largest remainder, so that they add up to ``shown`` for each of
    keys.
    """
    whole = (long.milli / 1000.0).floor().cast("int64")
    parted = long.mutate(whole=whole)
    parted = parted.mutate(rest=parted.milli - parted.whole * 1000)
    order = ibis.window(group_by=list(keys), order_by=[parted.rest.desc(), parted.ord.asc()])
    parted = parted.mutate(
        place=ibis.row_number().over(order),
        missing=parted.shown - parted.whole.sum().over(group_by=list(keys)).cast("int64"),
    )
    given = parted.mutate(points=parted.whole + one(parted.place < parted.missing))
    return given.drop("whole", "rest", "place", "missing", "shown")


def worded(frame: Frame, long: ir.Table) -> ir.Table:
    """Adds ``line``: what happened, how often, when: "asked for a demo, 2 days ago"."""
    return long.mutate(line=long.says + _times(long) + _when(frame, frame.moment.age(long.newest_at)))


def _times(long: ir.Table) -> ir.Value:
    count = long["count"]
    return ibis.ifelse((count > 1).fill_null(NO), " (" + count.cast("string") + f"{TIMES})", "")


def _when(frame: Frame, age: ir.Value) -> ir.Value:
    words = LANGUAGES[frame.model.language]
    return ibis.cases(
        (age.isnull(), ""),
        (age == 0, f", {words.today}"),
        (age == 1, f", {words.yesterday}"),
        else_=ibis.literal(f", {words.ago[0]}") + age.cast("string") + ibis.literal(words.ago[1]),
    )


def signed(points: ir.Value) -> ir.Value:
    """``+30`` or ``-15``."""
    return ibis.ifelse(points > 0, "+", "") + points.cast("string")


def texts(frame: Frame, long: ir.Table, keys: Sequence[str], *, kept: bool = False) -> ir.Table:
    """keys, reasons (≤ 255 characters, positive first) and details (dated, a line each, ≤ 4,000); others in
    one line at the end.

    long: contributions. kept: reasons are to stand for days; whoever reads them asks ``read``.
    """
    told = long.filter(long.points != 0)
    short = signed(told.points) + " " + told.says + _times(told)
    late, early = (len(", " + old.join(LANGUAGES[frame.model.language].ago)) for old in (_OLD, _OLDER))
    when = _marked(frame, told) if kept else _when(frame, frame.moment.age(told.newest_at))
    told = told.mutate(
        short=short + when,
        width=short.length()
        + ibis.cases((told.newest_at.isnull(), 0), (told.newest_at < _OF_LATE, early), else_=late)
        + len(_GAP),
        long=signed(told.points) + " " + told.says + _dated(frame, told),
    )
    first = one(told.points < 0)
    order = [first, told.points.abs().desc(), told.ord]
    running = ibis.window(group_by=list(keys), order_by=order, preceding=None, following=0)
    ranked = told.mutate(
        place=ibis.row_number().over(ibis.window(group_by=list(keys), order_by=order)),
        upto=told.width.sum().over(running),
        upto_long=(told.long.length() + 1).sum().over(running),
        whole=told.width.sum().over(group_by=list(keys)),
        whole_long=(told.long.length() + 1).sum().over(group_by=list(keys)),
    )
    ranked = ranked.mutate(
        fits=(ranked.whole <= SHORT + len(_GAP)) | (ranked.upto <= SHORT - _TAIL),
        fits_long=(ranked.whole_long <= LONG + 1) | (ranked.upto_long <= LONG - _TAIL),
    )
    join = _by_aggregate if _is_postgres(long) else _by_list
    wide = ranked.group_by(*keys).agg(
        more=how_many(~ranked.fits),
        rest=ranked.points.sum(where=~ranked.fits).cast("int64"),
        short=join(ranked.short, ranked.place, ranked.fits, _GAP),
        more_long=how_many(~ranked.fits_long),
        rest_long=ranked.points.sum(where=~ranked.fits_long).cast("int64"),
        long=join(ranked.long, ranked.place, ranked.fits_long, "\n"),
    )
    more = LANGUAGES[frame.model.language].more
    return wide.select(
        *keys,
        reasons=_with_rest(wide.short, _GAP, wide.more, more, wide.rest),
        details=_with_rest(wide.long, "\n", wide.more_long, more, wide.rest_long),
    )


def _with_rest(text: ir.Value, gap: str, count: ir.Value, more: str, points: ir.Value) -> ir.Value:
    """What found room, and how many others there are and what they sum to."""
    shown = text.fill_null("")
    tail = count.cast("string") + f" {more}, " + signed(points.fill_null(0))
    return shown + ibis.ifelse(count > 0, ibis.ifelse(shown == "", "", gap) + tail, "")


def _is_postgres(table: ir.Table) -> bool:
    """Whether it is PostgreSQL, which has no lists of pairs. Tables of no engine yet are DuckDB's."""
    try:
        return bool(table.get_backend().name == "postgres")
    except ibis.IbisError:
        return False


def _by_aggregate(text: ir.Value, place: ir.Value, fits: ir.Value, gap: str) -> ir.Value:
    return text.group_concat(gap, where=fits, order_by=place)


def _by_list(text: ir.Value, place: ir.Value, fits: ir.Value, gap: str) -> ir.Value:
    pairs = ibis.struct({"place": place, "text": text}).collect(where=fits)
    return pairs.sort().map(lambda pair: pair.text).join(gap)


def _dated(frame: Frame, told: ir.Table) -> ir.Value:
    day = frame.moment.date_of(told.newest_at)
    return _times(told) + ibis.ifelse(told.newest_at.isnull(), "", ibis.coalesce(", " + day, ""))


def _marked(frame: Frame, told: ir.Table) -> ir.Value:
    day = frame.moment.day(told.newest_at).cast("string")
    return ibis.coalesce(_FROM + day + _TO, "")


def read(frame: Frame, kept: ir.Table) -> ir.Table:
    """``kept`` texts as they are to be read on the day of their column ``today``. DuckDB's alone."""

    def said(piece: ir.Value) -> ir.Value:
        parts = piece.split(_TO)
        age = kept.today - parts[0].try_cast("int64")
        return ibis.ifelse(piece.contains(_TO), _when(frame, age) + parts[1], piece)

    dated = kept.reasons.contains(_FROM)
    reasons = ibis.ifelse(dated, kept.reasons.split(_FROM).map(said).join(""), kept.reasons)
    return kept.select("contact_id", "details", reasons=reasons)
