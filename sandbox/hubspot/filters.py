"""Search filters: HubSpot's JSON made into a test on a record."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.hubspot.errors import ApiError, bad_request_detail
from sandbox.hubspot.properties import Property, PropertyBook
from sandbox.hubspot.records import Record, RecordStore
from sandbox.hubspot.values import parse_ms

MAX_GROUPS = 5
MAX_FILTERS_A_GROUP = 6
MAX_FILTERS = 18
OPERATORS = frozenset(
    [
        "EQ",
        "NEQ",
        "LT",
        "LTE",
        "GT",
        "GTE",
        "BETWEEN",
        "IN",
        "NOT_IN",
        "HAS_PROPERTY",
        "NOT_HAS_PROPERTY",
        "CONTAINS_TOKEN",
        "NOT_CONTAINS_TOKEN",
    ]
)
_BARE = frozenset({"HAS_PROPERTY", "NOT_HAS_PROPERTY"})
_LISTS = frozenset({"IN", "NOT_IN"})
_WORD = re.compile(r"[^\W_]+", re.UNICODE)

Comparable = float | str
Test = Callable[[Record], bool]


def check_caps(groups: Sequence[Mapping[str, Any]]) -> None:
    """The stricter of the two documented sets: 5 groups of 6, 18 filters in all."""
    counts = [len(group.get("filters") or []) for group in groups]
    if len(groups) > MAX_GROUPS:
        raise bad_request_detail(f"Too many filter groups: {len(groups)}. The maximum is {MAX_GROUPS}.")
    if any(count > MAX_FILTERS_A_GROUP for count in counts):
        raise bad_request_detail(f"Too many filters in one group. The maximum is {MAX_FILTERS_A_GROUP}.")
    if sum(counts) > MAX_FILTERS:
        raise bad_request_detail(f"Too many filters: {sum(counts)}. The maximum is {MAX_FILTERS}.")


def comparable(definition: Property, text: str) -> Comparable:
    """Numbers and instants compare as numbers, text in lower case. ValueError if it is not one."""
    if definition.type == "number":
        return float(text)
    if definition.type in ("date", "datetime"):
        return float(parse_ms(text))
    return text.lower()


class FilterReader:
    """Turns the filters of one object type into tests."""

    def __init__(self, book: PropertyBook, store: RecordStore) -> None:
        self._book = book
        self._store = store

    def definition(self, given: Mapping[str, Any]) -> Property:
        """Of the filter's property; an unknown one is refused."""
        name = given.get("propertyName")
        known = self._book.live.get(str(name))
        if known is None:
            raise bad_request_detail(f"Property '{name}' does not exist", "PROPERTY_DOESNT_EXIST")
        return known

    def operand(self, given: Mapping[str, Any], key: str = "value") -> Comparable:
        """One side of a comparison, typed as the property is."""
        raw = given.get(key)
        if raw is None or raw == "":
            raise bad_request_detail(
                f"operator {given.get('operator')} requires a {key}", "MISSING_FILTER_VALUE"
            )
        try:
            return comparable(self.definition(given), str(raw))
        except ValueError:
            raise self._unusable(given, raw) from None

    def test(self, given: Mapping[str, Any]) -> Test:
        operator = given.get("operator")
        if operator not in OPERATORS:
            raise bad_request_detail(
                f"operator {operator} is not one of {sorted(OPERATORS)}", "INVALID_OPERATOR"
            )
        definition = self.definition(given)
        if operator in _BARE:
            if given.get("value") is not None:
                raise bad_request_detail(f"operator {operator} does not allow a value")
            return self._presence(definition.name, wanted=operator == "HAS_PROPERTY")
        if operator in _LISTS:
            return self._membership(definition, given, wanted=operator == "IN")
        if operator.endswith("CONTAINS_TOKEN"):
            return self._token(definition.name, str(self.operand(given)), wanted=operator == "CONTAINS_TOKEN")
        return self._comparison(definition, given, operator)

    def _presence(self, name: str, *, wanted: bool) -> Test:
        return lambda record: (self._store.value(record, name) is not None) is wanted

    def _membership(self, definition: Property, given: Mapping[str, Any], *, wanted: bool) -> Test:
        values = given.get("values")
        if not isinstance(values, list) or not values:
            raise bad_request_detail(
                f"operator {given.get('operator')} requires values", "MISSING_FILTER_VALUE"
            )
        allowed = {self._listed(definition, given, value) for value in values}

        def passes(record: Record) -> bool:
            held = self._held(record, definition)
            several = (
                held.split(";") if isinstance(held, str) and definition.field_type == "checkbox" else [held]
            )
            return any(one in allowed for one in several) is wanted

        return passes

    def _listed(self, definition: Property, given: Mapping[str, Any], value: object) -> Comparable:
        """Text values of IN are not folded: one with capitals finds nothing, as live."""
        try:
            if definition.type == "string":
                return str(value)
            return comparable(definition, str(value))
        except ValueError:
            raise self._unusable(given, value) from None

    def _token(self, name: str, token: str, *, wanted: bool) -> Test:
        pattern = re.compile(".*".join(re.escape(part) for part in token.split("*")))

        def passes(record: Record) -> bool:
            held = (self._store.value(record, name) or "").lower()
            found = bool(pattern.fullmatch(held)) or any(pattern.fullmatch(word) for word in words(held))
            return found is wanted

        return passes

    def _comparison(self, definition: Property, given: Mapping[str, Any], operator: str) -> Test:
        low = self.operand(given)
        high = self.operand(given, "highValue") if operator == "BETWEEN" else low
        decide = _DECIDE[operator]

        def passes(record: Record) -> bool:
            held = self._held(record, definition)
            return operator == "NEQ" if held is None else decide(held, low, high)

        return passes

    def _held(self, record: Record, definition: Property) -> Comparable | None:
        if definition.name == self._store.kind.modified:
            return float(record.modified_ms)
        if definition.name == "hs_object_id":
            return float(record.id)
        text = self._store.value(record, definition.name)
        if text is None:
            return None
        try:
            return comparable(definition, text)
        except ValueError:
            return None

    def _unusable(self, given: Mapping[str, Any], raw: object) -> ApiError:
        return bad_request_detail(f"'{raw}' is not usable for property '{given.get('propertyName')}'")


def words(text: str) -> list[str]:
    """What the index splits text into; also split at white space, so that addresses stay findable."""
    return [*_WORD.findall(text), *text.split()]


_DECIDE: dict[str, Callable[[Any, Any, Any], bool]] = {
    "EQ": lambda held, low, _: bool(held == low),
    "NEQ": lambda held, low, _: bool(held != low),
    "LT": lambda held, low, _: bool(held < low),
    "LTE": lambda held, low, _: bool(held <= low),
    "GT": lambda held, low, _: bool(held > low),
    "GTE": lambda held, low, _: bool(held >= low),
    "BETWEEN": lambda held, low, high: bool(low <= held <= high),
}
