"""The sandbox and the command line as processes of their own."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
VENDORS = ("salesforce", "hubspot", "mailchimp")
SCORELINE = [sys.executable, "-m", "sync.cli"]

_BUDGET = "    budget: {calls_per_day: 20000, reserve: 10%}\n  hubspot:"
_POLICY = "    policy: {attempts: 2, first_wait_s: 0.01, max_wait_s: 0.02}\n"
#: A change of the settings: Salesforce's being down is found out at once.
SOON_TIRED = (_BUDGET, _BUDGET.replace("  hubspot:", f"{_POLICY}  hubspot:"))

Dump = dict[str, list[dict[str, Any]]]


class Sandbox:
    """The three vendors on free ports, until the block ends."""

    def __init__(self, people: int) -> None:
        command = [sys.executable, "-m", "sandbox", "--json", "--ports", "0", "--until-stdin-closes"]
        self._process = subprocess.Popen(
            [*command, "--people", str(people)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
        )
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the sandbox did not start"
        self.addresses: dict[str, Any] = json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=10)

    def control(self, path: str, body: object = None, method: str | None = None) -> Any:
        """JSON from the control port; a body makes it a POST."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # loopback, our own process
            self.addresses["control"] + path, data, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310  # as above
                return json.load(answer)
        except urllib.error.HTTPError as refused:
            raise AssertionError(refused.read().decode()) from refused

    def state(self, vendor: str) -> Dump:
        """Every stored record by object."""
        found: Dump = self.control(f"/state/{vendor}")
        return found

    def states(self) -> dict[str, Dump]:
        return {vendor: self.state(vendor) for vendor in VENDORS}

    def do(self, vendor: str, action: str, **arguments: object) -> Any:
        """A person acts in the vendor's own screens."""
        return self.control("/do", {"vendor": vendor, "action": action, "arguments": arguments})

    def act(self, days: int) -> Any:
        return self.control("/act", {"days": days})

    def advance(self, span: str) -> None:
        self.control("/clock", {"advance": span})

    def last_request(self) -> int:
        return max((one["n"] for one in self.control("/requests")), default=0)

    def requests(self, after: int = 0) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.control(f"/requests?after={after}")
        return found

    def writes(self, after: int = 0) -> list[str]:
        """What was written since, one line a request."""
        return [
            f"{one['vendor']} {one['method']} {one['path']}" for one in self.requests(after) if one["write"]
        ]


@dataclass(frozen=True)
class Ended:
    """A command that ended: its code, its output, and that output as JSON."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def succeeded(self) -> Self:
        assert self.code == 0, f"exit {self.code}\n{self.out}\n{self.err}"
        return self


@dataclass
class Scoreline:
    """The command line against one sandbox with stores of its own."""

    environment: dict[str, str]
    config: Path

    @classmethod
    def at(cls, sandbox: Sandbox, state_dir: Path, config: Path | None = None) -> Self:
        values = {
            f"SCORELINE_{vendor.upper()}_{key.upper()}": str(value)
            for vendor in VENDORS
            for key, value in sandbox.addresses[vendor].items()
        }
        values["SCORELINE_CLOCK"] = f"{sandbox.addresses['control']}/clock"
        values["SCORELINE_STATE_DIR"] = str(state_dir)
        return cls(values, config or ROOT / "config" / "scoreline.yaml")

    def using(self, config: Path, **environment: str) -> "Scoreline":
        """The same stores and vendors, another configuration."""
        return Scoreline({**self.environment, **environment}, config)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """The command, running."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("SCORELINE_")}
        return subprocess.Popen(
            [*SCORELINE, *arguments],
            env={**kept, **self.environment, "SCORELINE_CONFIG": str(self.config)},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, timeout_s: float = 240) -> Ended:
        with self.start(*arguments) as process:
            try:
                out, err = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                process.kill()
                raise
        return Ended(process.returncode, out, err)


def edited_config(
    folder: Path,
    *changes: tuple[str, str],
    model: tuple[tuple[str, str], ...] = (),
    of: Path = ROOT / "config" / "models" / "demand.yaml",
) -> Path:
    """A copy of the configuration and a model with some texts replaced; each text has to be there."""
    (folder / "models").mkdir(parents=True)
    settings = folder / "scoreline.yaml"
    for source, copy, edits in (
        (ROOT / "config" / "scoreline.yaml", settings, changes),
        (of, folder / "models" / "demand.yaml", model),
    ):
        text = source.read_text(encoding="utf-8")
        for old, new in edits:
            assert old in text, old
            text = text.replace(old, new, 1)
        copy.write_text(text, encoding="utf-8")
    return settings


def small_config(folder: Path, *changes: tuple[str, str], model: tuple[tuple[str, str], ...] = ()) -> Path:
    """As ``edited_config``, with a model that compiles in a fraction of the time."""
    return edited_config(folder, *changes, model=model, of=Path(__file__).with_name("small.yaml"))
