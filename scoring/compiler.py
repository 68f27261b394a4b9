"""Model + tables + instant → lazy Ibis expressions. No I/O, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, reduce
from operator import add

import ibis
import ibis.expr.types as ir

from core.clock import check_zone
from core.errors import ModelError
from scoring import accounts, explain, frame, interest, satisfaction, totals
from scoring.calendar import Moment
from scoring.engines import kept
from scoring.frame import Frame, side_by_side
from scoring.halves import joined
from scoring.people_state import state
from scoring.phrases import LANGUAGES
from scoring.spec import Model
from scoring.truth import NO

_STATE = (
    "grade",
    "person_grade",
    "company_grade",
    "fit",
    "person_fit",
    "company_fit",
    "partial",
    "fit_missing",
    "level",
    "rating",
    "priority",
    "stage",
    "stage_entered_at",
    "escalate",
    "temperature",
    "trend",
    "idle_days",
    "low_interest",
    "satisfaction_band",
    "satisfaction_answer",
    "satisfaction_disagrees",
)


@dataclass(frozen=True)
class Scores:
    """Everything one model says about its people at one instant, as lazy tables.

    numbers: one row a contact: identity, score, state, interest tops, journey and flag columns, and a
    milli-point column for each line (``rule_…``, ``cap_…``, ``ageing_…``, ``fit_…``); no texts.
    contacts: numbers and account_score, headline, reasons, details, fit_reasons.
    Both hold exactly those who are in ``where`` and not excluded.
    """

    frame: Frame
    held: ir.Table | None = None
    held_interest: ir.Table | None = None
    held_lines: ir.Table | None = None

    def stored(self) -> "Scores":
        """The same scores, run step by step: each step's table is kept in the tables' own backend.

        No engine has then to plan more than a step; Spark's planner cannot do all at once. What is read from
        the result (contacts, accounts, contributions, …) is cheap to compile and to run.
        The kept tables are temporary and go with the connection. This is the only I/O of this module.
        """
        steps = replace(self, frame=self.frame.staged(kept))
        return replace(steps, held=kept(steps.detailed), held_interest=kept(steps.interest_all))

    @cached_property
    def excluded(self) -> ir.Table:
        """contact_id, reason: ``where`` or the exclusion's own."""
        return self.frame.excluded

    @cached_property
    def _plain(self) -> ir.Table:
        return state(self.frame, detail=False) if self.held is None else self.held

    @cached_property
    def detailed(self) -> ir.Table:
        """The heavy table behind all others, with ``n_`` and ``t_``: each rule's count and newest instant."""
        return state(self.frame, detail=True) if self.held is None else self.held

    def _shown(self, people: ir.Table, *more: str) -> ir.Table:
        model, moment = self.frame.model, self.frame.moment
        people = _with_tops(self.frame, people, self.interest_all)
        extra = [
            name
            for name in people.columns
            if name.startswith(("rule_", "cap_", "ageing_", "fit_", "journey_", "flag_", *more))
        ]
        extra = [name for name in extra if name not in _STATE]
        return people.select(
            "contact_id",
            "email",
            "account_id",
            as_of=moment.now,
            model=ibis.literal(model.name),
            model_hash=ibis.literal(model.hash),
            **{
                name: people[name]
                for name in ("score", "score_milli", *_STATE, "top_product", "top_category", *extra)
            },
        )

    @cached_property
    def numbers(self) -> ir.Table:
        """As ``contacts`` without texts and account_score: what a full rescore stores."""
        return self._shown(self._plain)

    @cached_property
    def counted_numbers(self) -> ir.Table:
        """``numbers`` with ``n_`` and ``t_`` of the rules that are not in the frame's ``summed``."""
        return self._shown(self.detailed, "n_", "t_")

    @cached_property
    def contacts(self) -> ir.Table:
        """One row a contact with numbers, texts and its account's score."""
        account = self._accounts.accounts.select("account_id", account_score="score")
        table = side_by_side(self._shown(self.detailed), [account], ["account_id"])
        table = side_by_side(table, [self.texts], ["contact_id"])
        table = table.mutate(reasons=table.reasons.fill_null(""), details=table.details.fill_null(""))
        return worded(self.frame.model, table)

    @cached_property
    def texts(self) -> ir.Table:
        """contact_id, reasons, details; nobody without a line of whole points."""
        return explain.texts(self.frame, self.lines, ["contact_id"])

    @cached_property
    def kept_texts(self) -> ir.Table:
        """``texts`` that ``explain.read`` makes readable on any day."""
        return explain.texts(self.frame, self.lines, ["contact_id"], kept=True)

    @cached_property
    def lines(self) -> ir.Table:
        """As ``contributions``, with ord and says in place of line."""
        if self.held_lines is not None:
            return self.held_lines
        found = explain.sources(self.frame.model)
        return self.frame.hold(explain.contributions(self.detailed, ["contact_id"], "score", found))

    @cached_property
    def contributions(self) -> ir.Table:
        """contact_id, id, points, milli, count, newest_at, line; adds up to score. Lines of 0 milli are
        left out.
        """
        worded = explain.worded(self.frame, self.lines)
        return worded.select("contact_id", "id", "points", "milli", "count", "newest_at", "line")

    @cached_property
    def fit_contributions(self) -> ir.Table:
        """contact_id, id, part, points, milli, line; with points or weights adds up to fit. Unknown and 0
        left out.
        """
        return fit_lines(self.frame.model, self._plain)

    @cached_property
    def interest_all(self) -> ir.Table:
        """As ``interest``, with kind and milli."""
        return interest.interest(self.frame) if self.held_interest is None else self.held_interest

    @cached_property
    def interest(self) -> ir.Table:
        """contact_id, kind (product or category), item, points, milli."""
        return self.interest_all

    @cached_property
    def journey(self) -> ir.Table:
        """contact_id, stage, count: one row per stage of the journey."""
        return journey_lines(self.frame.model, self._plain)

    @cached_property
    def nps(self) -> ir.Table:
        """One row: score, promoters, passives, detractors."""
        return satisfaction.segment(self.frame, self._plain)

    @cached_property
    def refused(self) -> ir.Table | None:
        """Survey answers out of range: response_id, answer, scale_min, scale_max; None without surveys."""
        return satisfaction.refused(self.frame)

    @cached_property
    def _accounts(self) -> accounts.AccountScores:
        return accounts.scored(self.frame, self._plain)

    @cached_property
    def account_numbers(self) -> ir.Table:
        """account_id, score, people, grade, fit."""
        return self._accounts.accounts

    @cached_property
    def account_texts(self) -> ir.Table:
        """account_id, reasons, details; none without a line of whole points."""
        lines = self._accounts.lines
        told = lines.mutate(count=ibis.null("int64"), newest_at=ibis.null("timestamp"), says=lines.line)
        return explain.texts(self.frame, told, ["account_id"])

    @cached_property
    def accounts(self) -> ir.Table:
        """account_id, score, grade, fit, people, reasons, details."""
        table = side_by_side(self.account_numbers, [self.account_texts], ["account_id"])
        return table.mutate(reasons=table.reasons.fill_null(""), details=table.details.fill_null(""))

    @cached_property
    def account_contributions(self) -> ir.Table:
        """account_id, id, points, milli, line; adds up to the account's score."""
        return self._accounts.lines.select("account_id", "id", "points", "milli", "line")


def compile_model(
    model: Model,
    inputs: Mapping[str, ir.Table],
    as_of: datetime,
    *,
    time_zone: str = "UTC",
    hindsight: bool = False,
    told: bool = False,
) -> Scores:
    """One model over one set of tables at one instant.

    inputs: contacts, and where there accounts, activities, survey_responses, stage_history
    (core.tables.SCORED). as_of: aware. told: as in ``Moment``.
    Raises ModelError for names the tables do not have.
    """
    if "contacts" not in inputs or "contact_id" not in inputs["contacts"].columns:
        message = "scoring needs the table 'contacts' with the column 'contact_id'"
        raise ModelError(message)
    try:
        check_zone(time_zone)
    except ValueError as error:
        raise ModelError(str(error), key="time_zone") from error
    moment = Moment(as_of, model.time_zone or time_zone, told)
    return Scores(frame.build(model, inputs, moment, hindsight=hindsight))


def _with_tops(found: Frame, table: ir.Table, items: ir.Table) -> ir.Table:
    if found.model.interest is None:
        return table.mutate(top_product=ibis.null("string"), top_category=ibis.null("string"))
    return side_by_side(table, [interest.tops(items)], ["contact_id"])


def worded(model: Model, numbers: ir.Table) -> ir.Table:
    """``numbers`` with headline and fit_reasons, which follow from its columns."""
    return numbers.mutate(headline=headline(model, numbers), fit_reasons=_fit_reasons(model, numbers))


def headline(model: Model, table: ir.Table) -> ir.Value:
    """``87 · A4 · rising``: what is null is left out. table: with score, rating and trend."""
    trend = LANGUAGES[model.language].trend_word
    word = ibis.cases(*((table.trend == key, said) for key, said in trend.items()), else_=ibis.null("string"))
    text = table.score.cast("string")
    for part in (table.rating, word):
        text = text + ibis.coalesce(" · " + part, "")
    return text


def fit_lines(model: Model, table: ir.Table) -> ir.Table:
    """As ``Scores.fit_contributions``, from the columns of ``numbers``."""
    rules = sorted(model.fit.rules if model.fit else (), key=lambda rule: rule.id)
    sources = [
        explain.Source(rule.id, rule.says or rule.id.replace("_", " "), f"fit_{rule.id}") for rule in rules
    ]
    score = "fit"
    if model.fit is not None and model.fit.form == "ladder":
        thirds = [table[f"fit_{rule.id}"].fill_null(0) for rule in rules]
        total = joined(add, [ibis.literal(0, "int64"), *thirds])
        table, score = table.mutate(thirds=totals.shown(total)), "thirds"
    long = explain.contributions(table, ["contact_id"], score, sources)
    parts = (
        ibis.cases(*((long.id == rule.id, rule.part) for rule in rules), else_="person")
        if rules
        else ibis.literal("")
    )
    return long.select("contact_id", "id", "points", "milli", part=parts, line="says")


def journey_lines(model: Model, table: ir.Table) -> ir.Table:
    """As ``Scores.journey``, from the columns of ``numbers``."""
    if not model.journey:
        return table.filter(ibis.literal(NO)).select(
            "contact_id", stage=ibis.literal(""), count=ibis.literal(0, "int64")
        )
    parts = [
        table.select("contact_id", stage=ibis.literal(name), count=f"journey_{name}")
        for name in model.journey
    ]
    return reduce(lambda left, right: left.union(right), parts)


def _fit_reasons(model: Model, table: ir.Table) -> ir.Value:
    """``A: Director, right size, against: free mail``, at most 255 characters."""
    if model.fit is None:
        return ibis.null("string")
    words, ladder = LANGUAGES[model.language], model.fit.form == "ladder"
    parts: list[ir.Value] = [ibis.literal("")]
    for rule in model.fit.rules:
        said, amount = rule.says or rule.id.replace("_", " "), table[f"fit_{rule.id}"]
        # points are taken for what holds, thirds for what does not
        down = f", {words.lacking if ladder else words.against}: {said}"
        parts.append(ibis.cases((amount > 0, f", {said}"), (amount < 0, down), else_=""))
    text = joined(add, parts)
    partial = ibis.ifelse(table.partial, ibis.coalesce(" (?: " + table.fit_missing + ")", ""), "")
    whole = ibis.coalesce(table.grade, "-") + ":" + ibis.ifelse(text == "", " -", text.substr(1)) + partial
    return whole.substr(0, explain.SHORT)
