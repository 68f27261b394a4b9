"""Every command and option of the command line stands in docs/operating.md."""

import re
from argparse import ArgumentParser
from pathlib import Path

import pytest

from core.errors import ScorelineError
from sync.cli import COMMANDS

PAGE = (Path(__file__).parents[2] / "docs" / "operating.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_on_the_page(name: str) -> None:
    assert f"`{name}" in PAGE


@pytest.mark.parametrize("name", COMMANDS)
def test_its_options_are_on_the_page(name: str) -> None:
    parser = ArgumentParser(add_help=False)
    for option in COMMANDS[name].options:
        option(parser)
    for spelled in re.findall(r"--[a-z-]+", parser.format_usage()):
        assert f"`{spelled}" in PAGE or f" {spelled}" in PAGE, spelled


def test_the_exit_codes_of_errors_are_on_the_page() -> None:
    kinds, codes = [ScorelineError], set()
    while kinds:
        kind = kinds.pop()
        codes.add(kind.exit_code)
        kinds += kind.__subclasses__()
    assert all(f"| {code} |" in PAGE for code in codes)
