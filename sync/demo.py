"""The whole loop on one machine: a sandbox as its own process, and what a rep and a marketer would see."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from core.errors import StateError
from sync import jobs, printing
from sync.progress import shown_on_stderr
from sync.run import RunReport
from sync.snapshots import explaining, showing
from sync.snapshots.snapshot import Snapshot
from sync.store.failed import still_failed
from sync.wiring import Runtime, assemble

_TOP = 5


#: What a configuration needs of each vendor's address and credentials.
_KEYS = {
    "salesforce": ("url", "consumer_key", "consumer_secret"),
    "hubspot": ("url", "access_token"),
    "mailchimp": ("url", "api_key"),
}


def run(configuration: Path, *, keep: bool, people: int) -> int:
    """Start a sandbox, create fields, pull, score, plan, apply; print the result. Returns the exit code.

    keep: the sandbox goes on after this process, and its stores stay in var/demo.
    """
    with _state_dir(keep=keep) as state_dir, _sandbox(people, state_dir, keep=keep) as sandbox:
        addresses, pid = sandbox
        _lift_burst_limit(addresses["control"])
        environment = _environment(addresses, state_dir)
        os.environ.update(environment)
        with shown_on_stderr() as progress:
            runtime = assemble(configuration, progress)
            _say("Creating the custom fields")
            for vendor, found in jobs.fields(runtime, create=True).items():
                progress.finish("fields", vendor, f"{len(found)} ready")
            _say("Pulling, scoring, planning, applying")
            # a first run would leave the e-mail list alone until a person says so; here that is now
            report = jobs.sync(runtime, fire=True)
        sys.stdout.write(_result(runtime, report) + "\n")
        if keep:
            sys.stdout.write(_around(addresses, environment, state_dir, pid) + "\n")
        return report.exit_code


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@contextmanager
def _state_dir(*, keep: bool) -> Iterator[Path]:
    if keep:
        folder = Path("var/demo").absolute()
        shutil.rmtree(folder, ignore_errors=True)  # of a sandbox that is no more
        folder.mkdir(parents=True)
        yield folder
    else:
        with tempfile.TemporaryDirectory(prefix="scoreline-") as name:
            yield Path(name)


@contextmanager
def _sandbox(people: int, state_dir: Path, *, keep: bool) -> Iterator[tuple[dict[str, Any], int]]:
    """Addresses and credentials of a sandbox, and its process; it ends with this one unless kept."""
    _say(f"Starting a sandbox of the three vendors: {people:,} people, 18 months")
    command = [sys.executable, "-m", "sandbox", "--json", "--people", str(people)]
    command += [] if keep else ["--ports", "0", "--until-stdin-closes"]
    log = state_dir / "sandbox.log"
    with log.open("wb") as errors:
        process = subprocess.Popen(  # noqa: S603  # our own module
            command,
            stdin=subprocess.DEVNULL if keep else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=keep,
        )
    assert process.stdout is not None
    kept = False
    try:
        line = process.stdout.readline()
        if not line:
            said = log.read_text(encoding="utf-8").strip().rpartition("\n")[2]
            raise StateError(
                f"the sandbox did not start: {said}", remedy="--keep needs ports 8700 to 8703 free"
            )
        yield json.loads(line), process.pid
        kept = keep
    finally:
        process.stdout.close()
        if not kept:
            process.kill()
            process.wait()
            if process.stdin:
                process.stdin.close()
        else:
            process.returncode = 0  # it goes on by itself: not ours to wait for


def _lift_burst_limit(control: str) -> None:
    """A demo is not to be watched waiting out HubSpot's ten-second limit; the daily ones stay."""
    asked = {"vendor": "hubspot", "action": "set_limits", "arguments": {"burst": 0, "search_per_second": 0}}
    requests.post(f"{control}/do", json=asked, timeout=10).raise_for_status()


def _environment(addresses: Mapping[str, Any], state_dir: Path) -> dict[str, str]:
    """The connection settings, all there is between a sandbox and real accounts."""
    values = {
        f"SCORELINE_{vendor}_{key}".upper(): str(addresses[vendor][key])
        for vendor, keys in _KEYS.items()
        for key in keys
    }
    return values | {
        "SCORELINE_CLOCK": f"{addresses['control']}/clock",
        "SCORELINE_STATE_DIR": str(state_dir),
    }


def _result(runtime: Runtime, report: RunReport) -> str:
    parts = ["", "What a rep sees, from the top of the list:"]
    with Snapshot.open(runtime.settings.state_dir) as snapshot:
        for row in snapshot.top(_TOP):
            name = " ".join(part for part in (row["first_name"], row["last_name"]) if part)
            place = f"{row['title'] or 'no title'}, {row['account'] or 'no company'}"
            parts.append(f"\n  {row['headline']}   {name}, {place}")
            parts.append(f"    {row['reasons']}")
            parts.append(f"    {row['fit_reasons'] or ''}")
    parts += ["", "What a marketer sees:", showing.lists(explaining.lists(runtime.settings, None)), ""]
    parts.append(printing.run(printing.run_result(report, still_failed(runtime.state))))
    return "\n".join(parts)


def _around(addresses: Mapping[str, Any], environment: Mapping[str, str], state_dir: Path, pid: int) -> str:
    control = addresses["control"]
    settings = state_dir / "environment"
    settings.write_text("".join(f"export {name}='{value}'\n" for name, value in environment.items()))
    return f"""
The sandbox is still up, as process {pid}. To look around:
  . {settings}
  scoreline explain NAME              what someone's score is made of, and what each vendor holds
  scoreline plan                      after editing config/models/demand.yaml: who moves, and what it costs
  curl -d '{{"days": 1}}' {control}/act    its people act for a day; then: scoreline sync
  curl {control}/state/salesforce/Lead    every value the vendor holds
  kill {pid}                          ends it"""
