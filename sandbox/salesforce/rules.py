"""What administrators made the org refuse: validation rules, triggers, flows, duplicate rules."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.conditions import Conditions
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.paths import Paths
from sandbox.salesforce.store import Row
from sandbox.salesforce.syntax import parse_condition
from sandbox.salesforce.tree import Condition

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_CODES = {
    "validation": "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    "trigger": "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
    "flow": "CANNOT_EXECUTE_FLOW_TRIGGER",
    "duplicate": "DUPLICATES_DETECTED",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuses a row for which ``when`` (what may follow WHERE) is true after the change.

    A duplicate rule has ``match`` instead: fields that no other row may share.
    """

    name: str
    owner: str
    kind: str
    message: str
    when: Condition | None
    text: str
    field: str | None
    match: tuple[str, ...]

    @classmethod
    def parse(cls, given: dict[str, Any]) -> "Rule":
        """From an action's arguments. ValueError if the kind is unknown."""
        kind = str(given.get("kind", "validation"))
        if kind not in _CODES:
            message = f"a rule's kind is one of {', '.join(sorted(_CODES))}, not {kind!r}"
            raise ValueError(message)
        text = str(given.get("when", ""))
        return cls(
            name=str(given.get("name", kind)),
            owner=str(given["object"]),
            kind=kind,
            message=str(given.get("message", "This record breaks a rule.")),
            when=parse_condition(text) if text else None,
            text=text,
            field=given.get("field"),
            match=tuple(given.get("match", ())),
        )


class RuleBook:
    """The rules in force."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []

    def add(self, rule: Rule) -> None:
        self._rules.append(rule)

    def remove(self, name: str) -> int:
        """Take out the rules of a name; how many there were."""
        before = len(self._rules)
        self._rules = [rule for rule in self._rules if rule.name != name]
        return before - len(self._rules)

    def check(self, org: "Org", owner: str, row: Row, *, duplicates_allowed: bool) -> None:
        """Refused if any rule takes offence at the row as it would be stored."""
        for rule in self._rules:
            if rule.owner != owner:
                continue
            if rule.kind == "duplicate":
                if not duplicates_allowed and _has_twin(org, rule, row):
                    raise Refused(_CODES[rule.kind], "Use one of these records?")
            elif rule.when is None or _true_of(org, rule, row):
                raise _refusal(rule)


def _true_of(org: "Org", rule: Rule, row: Row) -> bool:
    paths = Paths(org, org.system(), org.schema.get(rule.owner), rule.text)
    conditions = Conditions(org, paths, rule.text, lambda _query: set())
    return rule.when is not None and conditions.compile(rule.when)(row)


def _has_twin(org: "Org", rule: Rule, row: Row) -> bool:
    table = org.table(rule.owner)
    first = rule.match[0]
    value = row.get(first)
    if value is None:
        return False
    candidates = table.lookup(first, value) if table.indexed(first) else list(table.rows)
    return any(
        key != row["Id"]
        and not table.rows[key].get("IsDeleted")
        and all(_same(table.rows[key].get(name), row.get(name)) for name in rule.match)
        for key in candidates
    )


def _same(left: Any, right: Any) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        return left.lower() == right.lower()
    return bool(left == right)


def _refusal(rule: Rule) -> Refused:
    if rule.kind == "trigger":
        message = (
            f"{rule.name}: execution of BeforeUpdate\n\ncaused by: System.DmlException: {rule.message}\n\n"
            f"Trigger.{rule.name}: line 12, column 1"
        )
        return Refused(_CODES["trigger"], message)
    if rule.kind == "flow":
        message = (
            "We can't save this record because the "
            f"“{rule.name}” process failed. Give your Salesforce admin these details. {rule.message}"
        )
        return Refused(_CODES["flow"], message)
    return Refused(_CODES[rule.kind], rule.message, [rule.field] if rule.field else [])
