"""What a compilation works on: who is scored, what they did, and at which instant."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import ibis
import ibis.expr.types as ir

from core.clock import DAY
from core.tables import SCORED
from core.yamlfile import nearest
from scoring.calendar import Moment
from scoring.conditions import Condition
from scoring.spec import Model
from scoring.truth import NO

#: What happens to people, not what they do.
NOT_OWN = ("email_sent", "email_bounce")
#: Prefix of an account's columns beside its people's.
ACCOUNT = "account__"
#: Prefix of the attributes a company added to its contacts, which may bear any name.
ATTRIBUTE = "contact__"
#: A person's id as text, where contact_id is a number that stands for it.
ID = "__contact_id"
_ACTIVITY_COLUMNS = tuple(SCORED["activities"].names)
_CONTACT_COLUMNS = frozenset(SCORED["contacts"].names)
_IDENTITY = ("contact_id", "account_id", "email", "first_name", "last_name")
_ALWAYS = ("contact_id", "activity_id", "type", "occurred_at")
_PLAIN = frozenset({*_CONTACT_COLUMNS, *_ACTIVITY_COLUMNS})


def _lazily(table: ir.Table) -> ir.Table:
    return table


@dataclass(frozen=True)
class Frame:
    """Tables of one compilation.

    people: one row a scored contact, with its own columns and its account's behind ``account__``;
    acts: existing activities with ``age``, ``own`` and ``machine``; keys: what one score row is;
    hold: the rows of one step as a table for the next to start from. As it is, all steps are one expression;
    summed: what ``digest.of_people`` found, where it is known.
    """

    model: Model
    moment: Moment
    people: ir.Table
    acts: ir.Table
    excluded: ir.Table
    accounts: ir.Table | None
    inputs: Mapping[str, ir.Table]
    hindsight: bool
    keys: tuple[str, ...] = ("contact_id",)
    hold: Callable[[ir.Table], ir.Table] = _lazily
    summed: ir.Table | None = None

    def staged(self, hold: Callable[[ir.Table], ir.Table]) -> "Frame":
        """The same with its own tables held now, and those of every step once it is asked for."""
        return replace(self, people=hold(self.people), acts=hold(self.acts), hold=hold)

    def spread(
        self, condition: Condition, table: ir.Table, first: Sequence[str] = (), *, company: bool = False
    ) -> ir.Value:
        """A condition over ``table``: names in ``first``, then contact columns, then account columns.

        company: account columns before contact columns. Raises ModelError for an unknown name.
        """
        own = {name.removeprefix(ATTRIBUTE): name for name in table.columns if name.startswith(ATTRIBUTE)}
        own |= {name: name for name in table.columns if name in _PLAIN}
        account = {name.removeprefix(ACCOUNT): name for name in table.columns if name.startswith(ACCOUNT)}
        known = (own | account if company else account | own) | {name: name for name in first}
        known |= {"contact_id": ID} if ID in table.columns else {}
        for name in condition.columns:
            if name not in known:
                there = {
                    *known,
                    *(_ACTIVITY_COLUMNS if "activity_id" in table.columns else ()),
                    *(column for part in ("contacts", "accounts") for column in self._input_columns(part)),
                }
                is_text = f'"{name}"' in condition.text
                remedy = f"a text stands in single quotes: '{name}'" if is_text else self._remedy(name, there)
                raise condition.lacks(name, remedy)
        ages = {"occurred_at": table.age} if {"age", "occurred_at"}.issubset(table.columns) else {}
        return condition.bind(lambda name: table[known[name]], self.moment, ages)

    def _remedy(self, name: str, there: Collection[str]) -> str:
        if self.accounts is None and name in SCORED["accounts"].names:
            return "it is a column of the table accounts, which is not there"
        return nearest(name, sorted(column for column in there if not column.startswith("__")))

    def _input_columns(self, table: str) -> tuple[str, ...]:
        return tuple(self.inputs[table].columns) if table in self.inputs else ()


def exists(table: ir.Table, instant: str, moment: Moment, *, hindsight: bool) -> ir.Table:
    """The rows known at the moment: dated up to it, and seen by it unless in hindsight."""
    now = moment.now
    kept = table.filter(table[instant] <= now)
    if hindsight or "seen_at" not in table.columns:
        return kept
    return kept.filter(kept.seen_at.isnull() | (kept.seen_at <= now))


def typed(table: ir.Table, name: str) -> ir.Table:
    """The table with every canonical column; absent ones are null."""
    schema = ibis.schema({field.name: ibis.dtype(field.type) for field in SCORED[name]})
    missing = {column: ibis.null(dtype) for column, dtype in schema.items() if column not in table.columns}
    return table.mutate(**missing) if missing else table


def conditions(model: Model) -> list[Condition]:
    """Every condition of the model."""
    found: list[Condition | None] = [model.where, *(out.when for out in model.exclude)]
    found += [rule.when for rule in model.rules] + [flag.when for flag in model.flags]
    found += [condition for rule in (model.fit.rules if model.fit else ()) for condition in rule.conditions]
    found += [condition for stage in model.stages for condition in (stage.enter, stage.stay)]
    found += [model.escalate.when] if model.escalate else []
    found += [when for when, _ in model.account.weights]
    found += [model.account.buyers.when] if model.account.buyers else []
    return [condition for condition in found if condition]


def used_columns(model: Model) -> frozenset[str]:
    """Every column name that some condition of the model reads."""
    return frozenset(name for condition in conditions(model) for name in condition.columns)


def activity_columns(model: Model) -> list[str]:
    """The activity columns that the model reads."""
    names = set(used_columns(model))
    names |= {item for rule in model.rules for item in (rule.distinct, rule.per)}
    names |= {
        limit.per for rule in model.rules for limit in (rule.at_least, rule.at_most) if limit and limit.per
    }
    names |= {flag.per for flag in model.flags if flag.per}
    names |= {"value"} if any(rule.steps for rule in model.rules) else set()
    if model.interest:
        names |= {"product", "category", "asset"}
    return [*_ALWAYS, *(name for name in _ACTIVITY_COLUMNS if name in names and name not in _ALWAYS)]


def activities(model: Model, inputs: Mapping[str, ir.Table], moment: Moment, *, hindsight: bool) -> ir.Table:
    """The activities that exist: what the model reads, with ``age`` in whole days, ``machine`` and
    ``own``.
    """
    if "activities" not in inputs:
        schema = {name: ibis.dtype(SCORED["activities"].field(name).type) for name in _ACTIVITY_COLUMNS}
        raw = _empty(inputs["contacts"], schema)
    else:
        raw = typed(inputs["activities"], "activities")
    kept = exists(
        raw.filter(raw.contact_id.notnull(), raw.type.notnull()), "occurred_at", moment, hindsight=hindsight
    )
    machine = kept.origin.fill_null("") == "machine"
    return kept.select(
        *activity_columns(model),
        age=moment.today - kept[DAY] if DAY in kept.columns else moment.age(kept.occurred_at),
        machine=machine,
        own=~machine & kept.type.notin(NOT_OWN),
    )


def _empty(beside: ir.Table, schema: Mapping[str, ibis.DataType]) -> ir.Table:
    nulls = {name: ibis.null(dtype) for name, dtype in schema.items()}
    return beside.filter(ibis.literal(NO)).select(**nulls)


def people(model: Model, inputs: Mapping[str, ir.Table]) -> ir.Table:
    """Contacts: identity and what the model reads, with their account's columns behind ``account__``."""
    contacts, used = inputs["contacts"], used_columns(model)
    chosen: dict[str, ir.Value] = {}
    if ID in contacts.columns and "contact_id" in used:
        chosen[ID] = contacts[ID]
    for name in dict.fromkeys((*_IDENTITY, *(name for name in contacts.columns if name in used))):
        column = contacts[name] if name in contacts.columns else ibis.null("string")
        chosen[name if name in _CONTACT_COLUMNS else f"{ATTRIBUTE}{name}"] = column
    if "accounts" not in inputs:
        return contacts.select(**chosen)
    accounts = account_columns(inputs["accounts"], used)
    joined = contacts.select(**chosen).left_join(accounts, [("account_id", f"{ACCOUNT}account_id")])
    return joined.drop(f"{ACCOUNT}account_id")


def account_columns(accounts: ir.Table, used: frozenset[str]) -> ir.Table:
    """The accounts' columns that are used, and their id, behind ``account__``."""
    names = [name for name in accounts.columns if name in used or name == "account_id"]
    return accounts.select(**{f"{ACCOUNT}{name}": accounts[name] for name in names})


def side_by_side(table: ir.Table, extras: Sequence[ir.Table], keys: Sequence[str]) -> ir.Table:
    """``table`` left-joined with each of ``extras`` on keys, in one chain; their other columns do not
    clash.
    """
    joined, names = table, list(table.columns)
    for index, extra in enumerate(extras):
        renamed = extra.rename({f"{key}__{index}": key for key in keys})
        joined = joined.left_join(renamed, [(key, f"{key}__{index}") for key in keys])
        names += [name for name in extra.columns if name not in keys]
    return joined.select(*names)


def build(
    model: Model,
    inputs: Mapping[str, ir.Table],
    moment: Moment,
    *,
    hindsight: bool,
) -> Frame:
    """Everything the compiler starts from."""
    everybody = people(model, inputs)
    acts = activities(model, inputs, moment, hindsight=hindsight)
    bare = Frame(model, moment, everybody, acts, everybody, inputs.get("accounts"), inputs, hindsight)
    reasons = [] if model.where is None else [(~bare.spread(model.where, everybody).fill_null(NO), "where")]
    reasons += [(bare.spread(out.when, everybody).fill_null(NO), out.reason) for out in model.exclude]
    nobody = ibis.null("string")
    reason = ibis.cases(*reasons, else_=nobody) if reasons else nobody
    marked = everybody.mutate(__reason=reason)
    kept = marked.filter(marked["__reason"].isnull()).drop("__reason")
    excluded = marked.filter(marked["__reason"].notnull()).select("contact_id", reason="__reason")
    return Frame(model, moment, kept, acts, excluded, inputs.get("accounts"), inputs, hindsight)
