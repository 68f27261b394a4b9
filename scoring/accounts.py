"""Account scores: people's displayed scores, weights, a buying group's bonus, subsidiaries."""

from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from scoring import fit as fits
from scoring.explain import shared_out
from scoring.frame import ACCOUNT, Frame, account_columns, side_by_side, used_columns
from scoring.phrases import LANGUAGES
from scoring.spec import Account
from scoring.stages import SHOWN
from scoring.texts import trimmed
from scoring.totals import shown
from scoring.truth import NO


@dataclass(frozen=True)
class AccountScores:
    """accounts: account_id, score, people, grade, fit; lines: account_id, id, points, milli, line."""

    accounts: ir.Table
    lines: ir.Table


def scored(frame: Frame, contacts: ir.Table) -> AccountScores:
    """Accounts from the people's shown scores. contacts: the compiled people with stage and attributes."""
    wanted = frame.model.account
    people = contacts.filter(contacts.account_id.notnull())
    lines = _people_lines(frame, people, wanted)
    if wanted.buyers is not None:
        lines = lines.union(_buyers_line(frame, people, lines))
    if wanted.roll_up and frame.accounts is not None and "parent_id" in frame.accounts.columns:
        lines = lines.union(_children_lines(frame, lines))
    lines = frame.hold(lines)
    totals = lines.group_by("account_id").agg(score_milli=lines.milli.sum().cast("int64"))
    counts = people.group_by("account_id").agg(people=people.count())
    base = side_by_side(_everyone(frame, people), [totals, counts], ["account_id"])
    base = base.select(
        "account_id", score=shown(base.score_milli.fill_null(0)), people=base.people.fill_null(0)
    )
    accounts = frame.hold(_graded(frame, base))
    return AccountScores(accounts, frame.hold(_shared(lines, accounts)))


def _people_lines(frame: Frame, people: ir.Table, wanted: Account) -> ir.Table:
    weighted = people.score * 1000
    if wanted.weights:
        branches = [
            (frame.spread(when, people, (*SHOWN, "stage")).fill_null(NO), ibis.literal(weight, "float64"))
            for when, weight in wanted.weights
        ]
        weight = ibis.cases(*branches, else_=ibis.literal(1.0, "float64"))
        weighted = ((people.score * 1000).cast("float64") * weight + 0.5).floor().cast("int64")
    named = _named(people)
    rows = people.select("account_id", id="contact_id", milli=weighted.cast("int64"), says=named)
    keep = 1 if wanted.score == "max" else wanted.top
    if keep is not None:
        order = ibis.window(group_by="account_id", order_by=[rows.milli.desc(), rows.id.asc()])
        ranked = rows.mutate(__rank=ibis.row_number().over(order))
        rows = ranked.filter(ranked["__rank"] < keep).drop("__rank")
    if wanted.score == "mean":
        counted = rows.mutate(kept=rows.count().over(group_by="account_id"))
        rows = counted.mutate(
            milli=(counted.milli / counted.kept.cast("float64") + 0.5).floor().cast("int64")
        ).drop("kept")
    return rows


def _named(people: ir.Table) -> ir.Value:
    """First and last name, else the address, else the id."""
    parts = [people[name].fill_null("") for name in ("first_name", "last_name") if name in people.columns]
    name = ibis.literal("")
    for part in parts:
        name = name + " " + part
    name = trimmed(name) if parts else name
    return ibis.ifelse(name != "", name, people.email.fill_null(people.contact_id))


def _buyers_line(frame: Frame, people: ir.Table, lines: ir.Table) -> ir.Table:
    buyers = frame.model.account.buyers
    if buyers is None:
        message = "no buying group in this model"  # scored asks first
        raise ValueError(message)
    meets = frame.spread(buyers.when, people, (*SHOWN, "stage")).fill_null(NO)
    counts = people.filter(meets).group_by("account_id").agg(buyers=people.filter(meets).count())
    enough = counts.filter(counts.buyers >= buyers.at_least)
    sums = lines.group_by("account_id").agg(total=shown(lines.milli.sum().cast("int64")))
    joined = sums.semi_join(enough, "account_id")
    bonus = (joined.total.cast("float64") * buyers.bonus / 100.0).floor().cast("int64")
    bonus = ibis.greatest(bonus, ibis.literal(0, "int64"))
    text = LANGUAGES[frame.model.language].buyers
    return joined.select("account_id", id=ibis.literal("buyers"), milli=bonus * 1000, says=ibis.literal(text))


def _children_lines(frame: Frame, lines: ir.Table) -> ir.Table:
    parents = frame.accounts
    if parents is None:
        message = "no accounts to roll up"  # scored asks first
        raise ValueError(message)
    sums = lines.group_by("account_id").agg(total=shown(lines.milli.sum().cast("int64")))
    links = parents.filter(parents.parent_id != parents.account_id).select("account_id", "parent_id")
    joined = sums.join(links, "account_id")
    child = LANGUAGES[frame.model.language].child
    return joined.select(
        account_id="parent_id", id=ibis.literal("child:") + joined.account_id, milli=joined.total * 1000,
        says=ibis.literal(f"{child} ") + joined.account_id,
    )  # fmt: skip


def _everyone(frame: Frame, people: ir.Table) -> ir.Table:
    named = people.select("account_id").distinct()
    if frame.accounts is None:
        return named
    listed = frame.accounts.filter(frame.accounts.account_id.notnull()).select("account_id")
    return named.union(listed, distinct=True)


def _graded(frame: Frame, table: ir.Table) -> ir.Table:
    """Adds grade and fit by the company rules on the account's own data alone."""
    fit = frame.model.fit
    if fit is None or frame.accounts is None:
        return table.mutate(grade=ibis.null("string"), fit=ibis.null("int64"))
    data = account_columns(frame.accounts, used_columns(frame.model))
    joined = table.left_join(data, [("account_id", f"{ACCOUNT}account_id")])
    absent = {
        name: ibis.null(dtype)
        for name, dtype in frame.people.schema().items()
        if name not in joined.columns and not name.startswith(ACCOUNT)
    }
    graded = fits.fitted(frame, joined.mutate(**absent), table.columns)
    return graded.select(*table.columns, grade="company_grade", fit="company_fit")


def _shared(lines: ir.Table, accounts: ir.Table) -> ir.Table:
    joined = lines.filter(lines.milli != 0).join(accounts.select("account_id", shown="score"), "account_id")
    order = ibis.window(group_by="account_id", order_by=[joined.id])
    numbered = joined.mutate(ord=ibis.row_number().over(order))
    return shared_out(numbered, ["account_id"]).rename(line="says")
