"""Strict YAML 1.2: line numbers, no duplicate keys, no tags, no anchors that surprise."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.tokens import (
    AliasToken,
    AnchorToken,
    BlockEndToken,
    BlockMappingStartToken,
    BlockSequenceStartToken,
    DirectiveToken,
    FlowMappingEndToken,
    FlowMappingStartToken,
    FlowSequenceEndToken,
    FlowSequenceStartToken,
    KeyToken,
    ScalarToken,
    TagToken,
)

from core.errors import ConfigError

Keys = tuple[str | int, ...]
_VERSION = (1, 2)
_DEEPEST = 50
_OPENING = (BlockMappingStartToken, BlockSequenceStartToken, FlowMappingStartToken, FlowSequenceStartToken)
_CLOSING = (BlockEndToken, FlowMappingEndToken, FlowSequenceEndToken)
_MAGIC = {AnchorToken: "anchors", AliasToken: "aliases", TagToken: "tags"}


class _Constructor(RoundTripConstructor):
    """Scalars as YAML 1.2 has them: there are no dates, and what has an underscore is no number."""

    def whole_number(self, node: ScalarNode) -> object:
        return self._number(node, self.construct_yaml_int)

    def fraction(self, node: ScalarNode) -> object:
        return self._number(node, self.construct_yaml_float)

    def _number(self, node: ScalarNode, made: Callable[[ScalarNode], object]) -> object:
        if "_" in node.value:
            return node.value
        try:
            return made(node)
        except ValueError as error:
            message = f"{len(node.value):,} digits are too many"
            raise ConstructorError(None, None, message, node.start_mark) from error


for _tag, _made in (
    ("int", _Constructor.whole_number),
    ("float", _Constructor.fraction),
    ("timestamp", _Constructor.construct_yaml_str),
):
    _Constructor.add_constructor(f"tag:yaml.org,2002:{_tag}", _made)


@dataclass(frozen=True)
class YamlFile:
    """One parsed file: plain Python values, and the line each of them stands on."""

    path: Path
    content: dict[str, Any]
    lines: Mapping[Keys, int]

    def line(self, keys: Keys) -> int | None:
        """Line (from 1) of the value at ``keys``, or of its nearest parent."""
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return self.lines.get(keys)

    @property
    def digest(self) -> str:
        """What the file says, in short: comments, order of keys and layout do not count."""
        text = json.dumps(self.content, sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def error(self, message: str, keys: Keys, *, remedy: str = "") -> ConfigError:
        """A ConfigError that names this file, the line and the dotted key."""
        dotted = ".".join(str(part) for part in keys)
        return ConfigError(message, path=self.path, line=self.line(keys), key=dotted or None, remedy=remedy)


def load(path: Path) -> YamlFile:
    """Read one YAML file whose top is a mapping.

    Raises ConfigError with file and line for anything unreadable, malformed or duplicated.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", path=path) from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise ConfigError("cannot be read: is not UTF-8 text", path=path, line=line) from error
    return parse(text, path)


def parse(text: str, path: Path) -> YamlFile:
    """As ``load``, from text; ``path`` is only named in errors."""
    reader = YAML(typ="rt", pure=True)
    reader.version = _VERSION
    reader.Constructor = _Constructor
    try:
        _refuse_magic(reader, text, path)
        parsed = reader.load(text)
    except DuplicateKeyError as error:
        raise ConfigError(f"duplicate key: {_first_line(error)}", path=path, line=_line(error)) from error
    except MarkedYAMLError as error:
        raise ConfigError(f"is not valid YAML: {_first_line(error)}", path=path, line=_line(error)) from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise ConfigError(f"is not valid YAML: {error.reason}", path=path, line=line) from error
    except (YAMLError, ValueError) as error:
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise ConfigError(f"is not valid YAML: {reason}", path=path) from error
    if not isinstance(parsed, CommentedMap):
        raise ConfigError("must be a mapping of keys to values", path=path, line=1)
    return YamlFile(path, _plain_map(parsed, path), dict(_lines(parsed, ())) | {(): parsed.lc.line + 1})


def nearest(word: str, known: list[str]) -> str:
    """``did you mean x?`` for a mistyped word, or the list of what is known."""
    lowered = {one.lower(): one for one in known}
    close = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return f"did you mean {lowered[close[0]]!r}?" if close else f"known: {', '.join(sorted(known))}"


def _refuse_magic(reader: YAML, text: str, path: Path) -> None:
    """Aliases, tags, merges and depths say things a reviewer does not see at the place itself."""

    def refused(what: str) -> ConfigError:
        return ConfigError(f"{what} are not accepted", path=path, line=line)

    key, line, depth = False, 1, 0
    try:
        for token in reader.scan(text):
            line = token.start_mark.line + 1
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > _DEEPEST:
                raise refused(f"more than {_DEEPEST} levels, one within the other,")
            if type(token) in _MAGIC:
                raise refused(_MAGIC[type(token)])
            if isinstance(token, DirectiveToken) and token.value != _VERSION:
                raise refused("directives but %YAML 1.2")
            if isinstance(token, ScalarToken):
                if key and token.plain and token.value == "<<":
                    raise refused("merge keys")
                if _is_half(token.value):
                    raise refused("halves of a character")
            key = isinstance(token, KeyToken)
    except (ValueError, OverflowError) as error:
        message = "is not valid YAML: an escape stands for no character"
        raise ConfigError(message, path=path, line=line) from error


def _is_half(text: str) -> bool:
    r"""Whether a ``\uD83D`` stands without the ``\uDE00`` that makes it a character."""
    try:
        _whole(text)
    except UnicodeError:
        return True
    return False


def _whole(text: str) -> str:
    r"""Characters beyond U+FFFF as one, also where two ``\u`` of JSON write them."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le") if not text.isascii() else text


def _first_line(error: MarkedYAMLError) -> str:
    return (error.problem or str(error)).partition("\n")[0]


def _line(error: MarkedYAMLError) -> int | None:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1 if mark else None


def _lines(node: object, at: Keys) -> Iterator[tuple[Keys, int]]:
    if isinstance(node, CommentedMap):
        for key, value in node.items():
            yield (*at, _whole(key)), node.lc.key(key)[0] + 1
            yield from _lines(value, (*at, _whole(key)))
    elif isinstance(node, CommentedSeq):
        for index, value in enumerate(node):
            yield (*at, index), node.lc.item(index)[0] + 1
            yield from _lines(value, (*at, index))


def _plain_map(node: CommentedMap, path: Path) -> dict[str, Any]:
    for key in node:
        if not isinstance(key, str):
            remedy = "a decimal has a point: a comma begins another entry" if isinstance(key, int) else ""
            line = node.lc.key(key)[0] + 1
            raise ConfigError(f"key {key!r} must be text", path=path, line=line, remedy=remedy)
    return {_whole(key): _plain(value, path) for key, value in node.items()}


def _plain(node: object, path: Path) -> Any:  # noqa: ANN401  # YAML holds any scalar
    if isinstance(node, CommentedMap):
        return _plain_map(node, path)
    if isinstance(node, CommentedSeq):
        return [_plain(value, path) for value in node]
    if isinstance(node, bool) or node is None:
        return node
    for kind in (int, float):
        if isinstance(node, kind):
            return kind(node)
    return _whole(str(node))
