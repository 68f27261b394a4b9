"""What goes wrong, scripted: which requests, and what happens to them.

From the command line::

    python -m sandbox.faults http://127.0.0.1:8700 '{"vendor": "hubspot", "action": {"status": 502}}'
    python -m sandbox.faults http://127.0.0.1:8700 --clear
"""

import argparse
import json
import re
import sys
import threading
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.presets import PRESETS

_MATCH_KEYS = {"vendor", "method", "path", "nth", "times", "action"}


@dataclass(frozen=True, slots=True)
class Action:
    """What a fault does.

    ``status`` or ``body`` (text, or anything else as JSON) replaces the vendor's answer, which is then
    never computed unless ``apply``. ``headers`` are set on the answer; null removes one.
    ``cut_after_bytes`` sends that much of the body and closes; with ``unframed`` there is no
    Content-Length, so the cut looks like a clean end.
    """

    status: int | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Any = None
    apply: bool = False
    delay_s: float = 0.0
    cut_after_bytes: int | None = None
    unframed: bool = False
    reset: bool = False
    apply_then_drop: bool = False
    hide_for_s: float | None = None
    mutate_between_pages: Mapping[str, Any] | None = None

    @property
    def answers(self) -> bool:
        return (self.status is not None or self.body is not None) and not self.apply

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> "Action":
        """From JSON; a ``preset`` is looked up first and may be overridden. ValueError if unknown."""
        named = given.get("preset")
        if named is not None and named not in PRESETS:
            message = f"no preset {named!r}; there are {', '.join(sorted(PRESETS))}"
            raise ValueError(message)
        merged = {
            **PRESETS.get(named or "", {}),
            **{key: value for key, value in given.items() if key != "preset"},
        }
        unknown = set(merged) - set(cls.__dataclass_fields__)
        if unknown or not merged:
            message = (
                f"unknown in a fault's action: {sorted(unknown)}" if unknown else "a fault needs an action"
            )
            raise ValueError(message)
        return cls(**merged)


@dataclass(slots=True)
class Fault:
    """One line of the script. ``nth`` counts from 1 among the requests that match."""

    action: Action
    given: Mapping[str, Any]
    vendor: str | None = None
    method: str | None = None
    path: re.Pattern[str] | None = None
    nth: int | None = None
    times: int | None = None
    seen: int = 0
    fired: int = 0

    @classmethod
    def parse(cls, given: Mapping[str, Any]) -> "Fault":
        unknown = set(given) - _MATCH_KEYS
        if unknown:
            message = f"unknown in a fault: {sorted(unknown)}"
            raise ValueError(message)
        path = given.get("path")
        return cls(
            action=Action.parse(given.get("action") or {}),
            given=dict(given),
            vendor=given.get("vendor"),
            method=given.get("method"),
            path=re.compile(path) if path else None,
            nth=given.get("nth"),
            times=given.get("times", 1 if given.get("nth") else None),
        )

    def takes(self, vendor: str, method: str, target: str) -> bool:
        """Count this request if it matches, and say whether the fault happens to it."""
        if self.vendor not in {None, vendor} or self.method not in {None, method}:
            return False
        if self.path is not None and not self.path.search(target):
            return False
        self.seen += 1
        due = self.seen >= (self.nth or 1) and (self.times is None or self.fired < self.times)
        self.fired += due
        return due


class FaultBook:
    """The script in force; the first fault that takes a request wins."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(self, given: Mapping[str, Any]) -> None:
        """Append a fault given as JSON. ValueError if it is malformed."""
        fault = Fault.parse(given)
        with self._lock:
            self._faults.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def find(self, vendor: str, method: str, target: str) -> Action | None:
        """The action for a request, if any. ``target`` is the path with its query."""
        with self._lock:
            taken = [fault.action for fault in self._faults if fault.takes(vendor, method, target)]
        return taken[0] if taken else None

    def listing(self) -> list[dict[str, Any]]:
        with self._lock:
            return [{**fault.given, "seen": fault.seen, "fired": fault.fired} for fault in self._faults]


def main(arguments: list[str] | None = None) -> int:
    """List, add or clear the faults of a running sandbox."""
    parser = argparse.ArgumentParser(prog="python -m sandbox.faults", description=main.__doc__)
    parser.add_argument("control", help="address of the control port")
    parser.add_argument("faults", nargs="*", help="one fault as JSON")
    parser.add_argument("--clear", action="store_true", help="remove all faults first")
    given = parser.parse_args(arguments)
    address = given.control.rstrip("/") + "/faults"
    if given.clear:
        _call(address, "DELETE")
    for fault in given.faults:
        _call(address, "POST", fault)
    sys.stdout.write(json.dumps(_call(address, "GET"), indent=2) + "\n")
    return 0


def _call(address: str, method: str, body: str | None = None) -> Any:
    request = urllib.request.Request(address, method=method, data=body.encode() if body else None)  # noqa: S310 - the user's own address
    with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - as above
        return json.loads(reply.read())


if __name__ == "__main__":
    raise SystemExit(main())
