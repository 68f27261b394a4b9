"""SOQL text to a tree."""

import re
from dataclasses import dataclass
from typing import Any

from sandbox.salesforce.errors import Refused, malformed
from sandbox.salesforce.tree import (
    Aggregate,
    Column,
    Comparison,
    Condition,
    Literal,
    Logic,
    Membership,
    Order,
    Query,
    TypeOf,
)

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
    | (?P<date>\d{4}-\d\d-\d\d)
    | (?P<number>[+-]?\d+(?:\.\d+)?)
    | (?P<name>[A-Za-z_][\w.]*(?::\d+)?)
    | (?P<op><=|>=|!=|<>|=|<|>|\(|\)|,)""",
    re.VERBOSE,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_AGGREGATES = {"count", "count_distinct", "min", "max", "sum", "avg"}
_MAX_LENGTH = 100_000
_MAX_STRING = 4_000


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    at: int


def located(text: str, at: int, message: str, code: str = "MALFORMED_QUERY") -> Refused:
    """An error that points into the query, as the vendor prints it."""
    start = max(0, at - 60)
    excerpt = text[start : at + 40].replace("\n", " ")
    pointer = " " * (at - start) + "^"
    return Refused(code, f"\n{excerpt}\n{pointer}\nERROR at Row:1:Column:{at + 1}\n{message}")


def parse(text: str) -> Query:
    """The tree of a query. Refused (MALFORMED_QUERY) if it is none."""
    if len(text) > _MAX_LENGTH:
        raise malformed("SOQL statements cannot be longer than 100000 characters.")
    parser = _Parser(text)
    query = parser.query()
    parser.expect_end()
    return query


def parse_condition(text: str) -> Condition:
    """Only what may follow WHERE."""
    parser = _Parser(text)
    condition = parser.condition()
    parser.expect_end()
    return condition


def _tokens(text: str) -> list[Token]:
    tokens: list[Token] = []
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise located(text, place, f"unexpected token: '{text[place]}'")
        if found.lastgroup != "space":
            tokens.append(Token(found.lastgroup, found.group(), place))
        place = found.end()
    tokens.append(Token("end", "<EOF>", len(text)))
    return tokens


class _Parser:
    """Recursive descent; keywords in any case."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._place = 0

    def query(self) -> Query:
        start = self._keyword("select").at
        columns = [self._column()]
        while self._taken(","):
            columns.append(self._column())
        self._keyword("from")
        source = self._name()
        query = Query(self._text, columns, source.text, source.at)
        if self._peek().kind == "name" and not self._ahead(
            "where", "group", "order", "limit", "offset", "having", "with", "using", "for", "all"
        ):
            self._next()  # an alias, which nothing here refers to
        self._clauses(query)
        query.text = self._text[start:] if start else self._text
        return query

    def _clauses(self, query: Query) -> None:
        if self._taken_word("using"):
            self._keyword("scope")
            self._name()
        if self._taken_word("where"):
            query.where = self.condition()
        if self._taken_word("group"):
            self._keyword("by")
            query.group = self._listed(self._plain_column)
        if self._taken_word("having"):
            query.having = self.condition()
        if self._taken_word("order"):
            self._keyword("by")
            query.order = self._listed(self._order)
        if self._taken_word("limit"):
            query.limit = self._integer()
        if self._taken_word("offset"):
            query.offset = self._integer()
        if self._taken_word("all"):
            self._keyword("rows")
            query.all_rows = True
        if self._taken_word("for"):
            self._name()

    def condition(self) -> Condition:
        parts = [self._unary()]
        operator = None
        while self._ahead("and", "or"):
            word = self._next()
            if operator not in {None, word.text.lower()}:
                raise self._unexpected(word)
            operator = word.text.lower()
            parts.append(self._unary())
        return parts[0] if operator is None else Logic(operator, tuple(parts))

    def _unary(self) -> Condition:
        if self._taken_word("not"):
            return Logic("not", (self._unary(),))
        if self._taken("("):
            inner = self.condition()
            self._operator(")")
            return inner
        return self._predicate()

    def _predicate(self) -> Condition:
        path, at = self._operand()
        if self._taken_word("not"):
            self._keyword("in")
            return Membership(path, self._members(), negated=True, at=at)
        if self._taken_word("in"):
            return Membership(path, self._members(), negated=False, at=at)
        if self._ahead("like", "includes", "excludes"):
            word = self._next().text.lower()
            if word == "like":
                return Comparison(path, word, self._literal(), at)
            return Membership(path, self._members(), negated=word == "excludes", at=at)
        sign = self._next()
        if sign.kind != "op" or sign.text in {"(", ")", ","}:
            raise self._unexpected(sign)
        return Comparison(path, "!=" if sign.text == "<>" else sign.text, self._literal(), at)

    def _operand(self) -> tuple[str, int]:
        name = self._name()
        if name.text.lower() in _AGGREGATES and self._taken("("):
            inner = "" if self._peek().text == ")" else self._name().text
            self._operator(")")
            return f"{name.text.lower()}({inner})", name.at
        return name.text, name.at

    def _members(self) -> tuple[Literal, ...] | Query:
        self._operator("(")
        if self._ahead("select"):
            inner = self.query()
            self._operator(")")
            return inner
        values = self._listed(self._literal)
        self._operator(")")
        return tuple(values)

    def _literal(self) -> Literal:
        token = self._next()
        if token.kind == "string":
            return Literal("string", self._unescaped(token), token.at)
        if token.kind == "number":
            number = float(token.text) if "." in token.text else int(token.text)
            return Literal("number", number, token.at)
        if token.kind in {"date", "datetime"}:
            return Literal(token.kind, token.text, token.at)
        if token.kind == "name":
            word = token.text.lower()
            if word in {"true", "false"}:
                return Literal("boolean", word == "true", token.at)
            return (
                Literal("null", None, token.at) if word == "null" else Literal("name", token.text, token.at)
            )
        raise self._unexpected(token)

    def _unescaped(self, token: Token) -> str:
        inner = token.text[1:-1]
        if len(inner) > _MAX_STRING:
            raise located(self._text, token.at, "maximum length of a string literal is 4000 characters")

        def plain(found: re.Match[str]) -> str:
            letter = found.group(1)
            if letter in {"%", "_"}:
                return "\\" + letter
            if letter not in _ESCAPES:
                raise located(
                    self._text, token.at, f"Illegal character sequence '\\{letter}' in string literal"
                )
            return _ESCAPES[letter]

        return re.sub(r"\\(.)", plain, inner, flags=re.DOTALL)

    def _column(self) -> "Column | Aggregate | TypeOf | Query":
        if self._taken("("):
            inner = self.query()
            self._operator(")")
            return inner
        if self._ahead("typeof"):
            return self._typeof()
        name = self._name()
        if self._peek().text != "(":
            return Column(name.text, name.at)
        self._next()
        if name.text.lower() == "fields":
            which = self._name()
            self._operator(")")
            return Column(f"FIELDS({which.text.upper()})", name.at)
        if name.text.lower() not in _AGGREGATES:
            raise self._unexpected(name)
        inner_path = None if self._peek().text == ")" else self._name().text
        self._operator(")")
        alias = None
        if self._peek().kind == "name" and not self._ahead("from"):
            alias = self._next().text
        return Aggregate(name.text.lower(), inner_path, alias, name.at)

    def _typeof(self) -> TypeOf:
        at = self._next().at
        relation = self._name().text
        branches: list[tuple[str, tuple[Column, ...]]] = []
        otherwise: tuple[Column, ...] = ()
        while self._taken_word("when"):
            kind = self._name().text
            self._keyword("then")
            branches.append((kind, tuple(self._listed(self._plain_column))))
        if self._taken_word("else"):
            otherwise = tuple(self._listed(self._plain_column))
        self._keyword("end")
        return TypeOf(relation, tuple(branches), otherwise, at)

    def _plain_column(self) -> Column:
        name = self._name()
        return Column(name.text, name.at)

    def _order(self) -> Order:
        path, at = self._operand()
        descending = False
        if self._ahead("asc", "desc"):
            descending = self._next().text.lower() == "desc"
        nulls_last = descending
        if self._taken_word("nulls"):
            nulls_last = self._next().text.lower() == "last"
        return Order(path, descending, nulls_last, at)

    def _listed(self, item: Any) -> list[Any]:
        items = [item()]
        while self._taken(","):
            items.append(item())
        return items

    def _integer(self) -> int:
        token = self._next()
        if token.kind != "number" or not token.text.isdigit():
            raise self._unexpected(token)
        return int(token.text)

    def _name(self) -> Token:
        token = self._next()
        if token.kind != "name":
            raise self._unexpected(token)
        return token

    def _peek(self) -> Token:
        return self._tokens[self._place]

    def _next(self) -> Token:
        token = self._tokens[self._place]
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _ahead(self, *words: str) -> bool:
        token = self._peek()
        return token.kind == "name" and token.text.lower() in words

    def _taken(self, sign: str) -> bool:
        if self._peek().text == sign and self._peek().kind == "op":
            self._next()
            return True
        return False

    def _taken_word(self, word: str) -> bool:
        if self._ahead(word):
            self._next()
            return True
        return False

    def _keyword(self, word: str) -> Token:
        if not self._ahead(word):
            raise self._unexpected(self._peek())
        return self._next()

    def _operator(self, sign: str) -> None:
        if not self._taken(sign):
            raise self._unexpected(self._peek())

    def expect_end(self) -> None:
        if self._peek().kind != "end":
            raise self._unexpected(self._peek())

    def _unexpected(self, token: Token) -> Refused:
        return located(self._text, token.at, f"unexpected token: '{token.text}'")
