"""What commands take, and the parser of them all."""

import os
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

Run = Callable[..., int | None]
Option = Callable[[ArgumentParser], object]


class Command(NamedTuple):
    """A function of what was given for its options; it returns the exit code, None for 0."""

    run: Run
    options: tuple[Option, ...]


def whole(about: str, groups: Mapping[str, str], commands: Mapping[str, Command]) -> ArgumentParser:
    """The parser of all commands. groups: what each is about; its commands' names begin with its own."""
    parser = ArgumentParser(prog="scoreline", description=about, allow_abbrev=False)
    parts = {"": parser.add_subparsers(metavar="COMMAND", required=True)}
    for name, said in groups.items():
        group = parts[""].add_parser(name, help=said, description=said, allow_abbrev=False)
        parts[name] = group.add_subparsers(metavar="COMMAND", required=True)
    for name, command in commands.items():
        within, _, word = name.rpartition(" ")
        told = command.run.__doc__
        own = parts[within].add_parser(word, help=told, description=told, allow_abbrev=False)
        own.set_defaults(run=command.run)
        for add in command.options:
            add(own)
    return parser


def option(*names: str, **settings: Any) -> Option:
    return lambda parser: parser.add_argument(*names, **settings)


def either(*options: Option) -> Option:
    """At most one of them."""

    def add(parser: ArgumentParser) -> None:
        group: Any = parser.add_mutually_exclusive_group()
        for option in options:
            option(group)

    return add


def flag(*names: str, said: str, **settings: str) -> Option:
    return option(*names, action="store_true", help=said, **settings)


CONFIG = option(
    "--config", "-c", type=Path, default=os.environ.get("SCORELINE_CONFIG") or "config/scoreline.yaml",
    help="Where the configuration is; also SCORELINE_CONFIG.",
)  # fmt: skip
VENDOR = option("--vendor", action="append", default=[], help="Only this vendor; may be repeated.")
JSON = flag("--json", dest="as_json", said="Print the result as JSON.")
QUIET = flag("--quiet", "-q", said="No progress on stderr.")
