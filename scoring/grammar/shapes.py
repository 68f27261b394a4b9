"""The shapes a model file may take: one description that both the loader and the JSON Schema use."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from core.durations import parse_duration
from core.errors import ModelError
from core.yamlfile import Keys, YamlFile, nearest

#: What YAML may hold.
Yaml = Any
Schema = dict[str, Any]
_NUMBER_LIMIT = 1_000_000


@dataclass(frozen=True)
class At:
    """A place in one model file."""

    file: YamlFile
    keys: Keys = ()

    def __truediv__(self, key: str | int) -> "At":
        return At(self.file, (*self.keys, key))

    @property
    def line(self) -> int | None:
        return self.file.line(self.keys)

    def error(self, message: str, remedy: str = "") -> ModelError:
        """A ModelError naming file, line and dotted key."""
        dotted = ".".join(str(part) for part in self.keys)
        return ModelError(message, path=self.file.path, line=self.line, key=dotted or None, remedy=remedy)


class Kind(Protocol):
    """What one value may be."""

    def read(self, value: Yaml, at: At) -> Yaml:
        """The checked Python value; raises ModelError."""

    def schema(self) -> Schema:
        """The same as JSON Schema."""


@dataclass(frozen=True)
class Text:
    """Free text, or one that a pattern describes."""

    pattern: str = ""
    named: str = "a text"

    def read(self, value: Yaml, at: At) -> str:
        if not isinstance(value, str) or not value.strip():
            raise at.error(f"must be {self.named}, not {_shown(value)}")
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise at.error(f"{value!r} is not {self.named}")
        return value

    def schema(self) -> Schema:
        found: Schema = {"type": "string", "minLength": 1}
        return found | ({"pattern": f"^({self.pattern})$"} if self.pattern else {})


@dataclass(frozen=True)
class Number:
    """A finite number; ``whole`` refuses decimals."""

    whole: bool = False
    least: float = -_NUMBER_LIMIT
    most: float = _NUMBER_LIMIT

    def read(self, value: Yaml, at: At) -> float:
        kinds = (int,) if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, kinds):
            raise at.error(f"must be a {'whole ' if self.whole else ''}number, not {_shown(value)}")
        if not self.least <= value <= self.most:
            raise at.error(f"must be from {self.least:,.12g} to {self.most:,.12g}, not {value}")
        return value if self.whole else float(value)

    def schema(self) -> Schema:
        return {"type": "integer" if self.whole else "number", "minimum": self.least, "maximum": self.most}


@dataclass(frozen=True)
class Flag:
    """true or false."""

    def read(self, value: Yaml, at: At) -> bool:
        if not isinstance(value, bool):
            raise at.error(f"must be true or false, not {_shown(value)}")
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Words:
    """One of a few words."""

    known: tuple[str, ...]

    def read(self, value: Yaml, at: At) -> str:
        if value not in self.known or not isinstance(value, str):
            raise at.error(f"{_shown(value)} is not one of them", nearest(str(value), list(self.known)))
        return value

    def schema(self) -> Schema:
        return {"enum": list(self.known)}


@dataclass(frozen=True)
class Percent:
    """``25%`` → 25.0, from 0 to 100."""

    def read(self, value: Yaml, at: At) -> float:
        match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,3})?)%", value) if isinstance(value, str) else None
        if match is None or float(match[1]) > 100:  # a percentage ends at 100
            raise at.error(f"{_shown(value)} is not a percentage from 0% to 100%")
        return float(match[1])

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\d{1,3}(\.\d{1,3})?%$"}


@dataclass(frozen=True)
class Duration:
    """``45d`` → a timedelta; ``days`` refuses anything but whole days."""

    days: bool = False

    def read(self, value: Yaml, at: At) -> timedelta:
        try:
            span = parse_duration(value) if isinstance(value, str) else None
        except ValueError:
            span = None
        if span is None:
            raise at.error(f"{_shown(value)} is not a duration such as 45d or 24h")
        if span > timedelta(days=36525) or (self.days and span % timedelta(days=1)):
            raise at.error(f"{value!r} is not a number of whole days such as 45d, up to 36525d")
        return span

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\s*\d{1,6}[dhms]\s*$"}


@dataclass(frozen=True)
class Limit:
    """``"5 in 7d"`` or, with ``groups``, ``"20 per day"`` → (5, 7 days, None) or (20, None, "day")."""

    groups: tuple[str, ...] = ()

    def read(self, value: Yaml, at: At) -> tuple[int, int | None, str | None]:
        text = value if isinstance(value, str) else ""
        if match := re.fullmatch(r"(\d{1,6}) in (\d{1,6})([dh])", text):
            days, rest = (int(match[2]), 0) if match[3] == "d" else divmod(int(match[2]), 24)
            if int(match[1]) and 0 < days <= 36525 and not rest:  # ages end there
                return int(match[1]), days, None
        elif match := re.fullmatch(r"(\d{1,6}) per (\w+)", text):
            if not self.groups or match[2] not in self.groups:
                raise at.error(
                    f"{text!r} cannot be counted", nearest(match[2], list(self.groups) or ["in 7d"])
                )
            if int(match[1]):
                return int(match[1]), None, match[2]
        example = '"5 in 7d"' + (' or "20 per day"' if self.groups else "")
        raise at.error(f"{_shown(value)} is not a count such as {example}")

    def schema(self) -> Schema:
        per = f"|per ({'|'.join(self.groups)})" if self.groups else ""
        return {"type": "string", "pattern": rf"^\d{{1,6}} (in \d{{1,6}}[dh]{per})$"}


@dataclass(frozen=True)
class ListOf:
    """A list of one kind; ``lone`` takes a single value as a list of one."""

    kind: Kind
    lone: bool = False
    least: int = 1

    def read(self, value: Yaml, at: At) -> tuple[Any, ...]:
        if self.lone and not isinstance(value, list):
            return (self.kind.read(value, at),)
        if not isinstance(value, list):
            raise at.error(f"must be a list, not {_shown(value)}")
        if len(value) < self.least:
            raise at.error(f"needs at least {self.least} of them")
        return tuple(self.kind.read(item, at / index) for index, item in enumerate(value))

    def schema(self) -> Schema:
        many: Schema = {"type": "array", "items": self.kind.schema(), "minItems": self.least}
        return {"anyOf": [self.kind.schema(), many]} if self.lone else many


@dataclass(frozen=True)
class MapOf:
    """A mapping from names to one kind."""

    kind: Kind
    name: Text = field(default_factory=Text)

    def read(self, value: Yaml, at: At) -> dict[str, Any]:
        if not isinstance(value, dict) or not value:
            raise at.error(f"must be a mapping, not {_shown(value)}")
        return {self.name.read(key, at / key): self.kind.read(item, at / key) for key, item in value.items()}

    def schema(self) -> Schema:
        names = {"propertyNames": {"pattern": f"^({self.name.pattern})$"}} if self.name.pattern else {}
        return {"type": "object", "additionalProperties": self.kind.schema(), "minProperties": 1} | names


@dataclass(frozen=True)
class OneOf:
    """A shape chosen by the YAML type of the value."""

    text: Kind | None = None
    number: Kind | None = None
    sequence: Kind | None = None
    mapping: Kind | None = None
    named: str = "a value"

    def read(self, value: Yaml, at: At) -> Yaml:
        chosen = {
            str: self.text,
            int: self.number,
            float: self.number,
            list: self.sequence,
            dict: self.mapping,
        }
        kind = chosen.get(type(value))
        if kind is None:
            raise at.error(f"must be {self.named}, not {_shown(value)}")
        return kind.read(value, at)

    def schema(self) -> Schema:
        kinds = (self.text, self.number, self.sequence, self.mapping)
        return {"anyOf": [kind.schema() for kind in kinds if kind is not None]}


@dataclass(frozen=True)
class Key:
    """One key of a section."""

    kind: Kind
    required: bool = False


@dataclass(frozen=True)
class Section:
    """A mapping with known keys; ``build`` makes the value from the keys that are there."""

    keys: Mapping[str, Key]
    build: Callable[[dict[str, Any], At], Any] = lambda values, _at: values

    def read(self, value: Yaml, at: At) -> Yaml:
        if not isinstance(value, dict):
            raise at.error(f"must be a mapping of keys to values, not {_shown(value)}")
        for key in value:
            if key not in self.keys:
                raise (at / str(key)).error("unknown key", nearest(str(key), list(self.keys)))
        for key, known in self.keys.items():
            if known.required and key not in value:
                raise at.error(f"needs the key {key!r}")
        return self.build({key: self.keys[key].kind.read(item, at / key) for key, item in value.items()}, at)

    def schema(self) -> Schema:
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {name: key.kind.schema() for name, key in self.keys.items()},
            "required": [name for name, key in self.keys.items() if key.required],
        }


def _shown(value: Yaml) -> str:
    if value is None:
        return "nothing"
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"  # what fits a terminal line
