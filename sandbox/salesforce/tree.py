"""A SOQL query as a tree. ``at`` is where in the text a part begins."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Column:
    """A selected field; ``path`` may step up through parents."""

    path: str
    at: int


@dataclass(frozen=True, slots=True)
class Aggregate:
    function: str
    path: str | None
    alias: str | None
    at: int


@dataclass(frozen=True, slots=True)
class TypeOf:
    """``TYPEOF What WHEN Account THEN … ELSE … END``."""

    relation: str
    branches: tuple[tuple[str, tuple[Column, ...]], ...]
    otherwise: tuple[Column, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Literal:
    """kind: string, number, boolean, null, date, datetime, or name (a date literal)."""

    kind: str
    value: Any
    at: int


@dataclass(frozen=True, slots=True)
class Comparison:
    path: str
    operator: str
    literal: Literal
    at: int


@dataclass(frozen=True, slots=True)
class Membership:
    path: str
    values: "tuple[Literal, ...] | Query"
    negated: bool
    at: int


@dataclass(frozen=True, slots=True)
class Logic:
    """operator: and, or, not."""

    operator: str
    parts: "tuple[Condition, ...]"


Condition = Comparison | Membership | Logic


@dataclass(frozen=True, slots=True)
class Order:
    path: str
    descending: bool
    nulls_last: bool
    at: int


@dataclass(slots=True)
class Query:
    text: str
    columns: "list[Column | Aggregate | TypeOf | Query]"
    source: str
    source_at: int
    where: Condition | None = None
    group: list[Column] = field(default_factory=list)
    having: Condition | None = None
    order: list[Order] = field(default_factory=list)
    limit: int | None = None
    offset: int = 0
    all_rows: bool = False
