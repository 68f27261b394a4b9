"""``python -m sandbox``: run the vendors until told to stop."""

import argparse
import gc
import json
import os
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any

from sandbox.clock import parse_instant
from sandbox.server import DEFAULT_NOW, Sandbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM, SIGINT or, if asked, until stdin closes."""
    given = _parser().parse_args(arguments)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: os._exit(0))
    gc.disable()  # growing a world makes millions of objects and no garbage
    sandbox = Sandbox(
        seed=given.seed,
        people=given.people,
        now=parse_instant(given.now) if given.now else DEFAULT_NOW,
        world=given.world,
        ports=given.ports,
        ticking=given.clock == "system",
    )
    gc.freeze()
    gc.enable()
    sandbox.start()
    sys.stdout.write(json.dumps(sandbox.addresses) + "\n" if given.json else _table(sandbox.addresses))
    sys.stdout.flush()
    if given.until_stdin_closes:
        sys.stdin.buffer.read()
    else:
        threading.Event().wait()
    sandbox.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--seed", type=int, default=7, help="which world")
    parser.add_argument("--people", type=int, default=2000, help="how many people are in it")
    parser.add_argument("--now", help="the sandbox's time at the start, ISO 8601 in UTC")
    parser.add_argument(
        "--clock", choices=["frozen", "system"], default="frozen", help="whether its time runs"
    )
    parser.add_argument(
        "--ports", type=int, default=8700, help="control port; vendors get the next three; 0: any"
    )
    parser.add_argument("--world", choices=["grown", "empty"], default="grown")
    parser.add_argument(
        "--json", action="store_true", help="print addresses and credentials as one JSON line"
    )
    parser.add_argument(
        "--until-stdin-closes", action="store_true", help="end with the process that started it"
    )
    return parser


def _table(addresses: dict[str, Any]) -> str:
    lines = [f"control     {addresses['control']}"]
    for vendor, described in addresses.items():
        if vendor != "control":
            lines.append(f"{vendor:<12}{described['url']}")
            lines += [f"{'':<12}{key}: {value}" for key, value in described.items() if key != "url"]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    raise SystemExit(main())
