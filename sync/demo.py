"""The whole loop on one machine: a sandbox as its own process, and what a rep and a marketer would see."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.errors import StateError
from sync import explaining, jobs, printing
from sync.failed import still_failed
from sync.progress import shown_on_stderr
from sync.snapshot import Snapshot
from sync.wiring import Runtime, assemble

_TOP = 5


def run(configuration: Path, *, keep: bool, people: int) -> int:
    """Start a sandbox, create fields, pull, score, plan, apply; print the result. Returns the exit code."""
    with _sandbox(people, keep=keep) as addresses, tempfile.TemporaryDirectory(prefix="scoreline-") as folder:
        state_dir = Path.cwd() / "var" / "demo" if keep else Path(folder)
        environment = _environment(addresses, state_dir)
        os.environ.update(environment)
        with shown_on_stderr() as progress:
            runtime = assemble(configuration, progress)
            _say("Creating the custom fields")
            states = jobs.fields(runtime, create=True)
            for vendor, found in states.items():
                progress.finish("fields", vendor, f"{len(found)} ready")
            _say("Pulling, scoring, planning, applying")
            # a first run would leave the e-mail list alone until a person says so; here that is now
            report = jobs.sync(runtime, fire=True)
        sys.stdout.write(_result(runtime, report) + "\n")
        if keep:
            sys.stdout.write(_around(addresses, environment) + "\n")
            sys.stdout.flush()
            input("Press Enter to end the sandbox.") if sys.stdin.isatty() else sys.stdin.read()
        return report.exit_code


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@contextmanager
def _sandbox(people: int, *, keep: bool) -> Iterator[dict[str, Any]]:
    """Addresses and credentials of a sandbox that ends with this process."""
    _say(f"Starting a sandbox of the three vendors: {people:,} people, 18 months")
    command = [sys.executable, "-m", "sandbox", "--json", "--people", str(people), "--until-stdin-closes"]
    command += [] if keep else ["--ports", "0"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:  # noqa: S603  # our own module
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise StateError(
                    "the sandbox did not start",
                    remedy="its own message is above; with --keep the ports 8700 to 8703 have to be free",
                )
            yield json.loads(line)
        finally:
            process.terminate()


def _environment(addresses: Mapping[str, Any], state_dir: Path) -> dict[str, str]:
    """The connection settings, all there is between a sandbox and real accounts."""
    values = {
        f"SCORELINE_{vendor.upper()}_{key.upper()}": str(value)
        for vendor in ("salesforce", "hubspot", "mailchimp")
        for key, value in addresses[vendor].items()
    }
    return values | {
        "SCORELINE_CLOCK": f"{addresses['control']}/clock",
        "SCORELINE_STATE_DIR": str(state_dir),
    }


def _result(runtime: Runtime, report: jobs.RunReport) -> str:
    parts = ["", "What a rep sees, from the top of the list:"]
    with Snapshot.open(runtime.settings.state_dir) as snapshot:
        for row in snapshot.top(_TOP):
            name = " ".join(part for part in (row["first_name"], row["last_name"]) if part)
            parts.append(
                f"\n  {row['headline']}   {name}, {row['title'] or 'no title'}, {row['account'] or 'no company'}"
            )
            parts.append(f"    {row['reasons']}")
            parts.append(f"    {row['fit_reasons'] or ''}")
    parts += ["", "What a marketer sees:", printing.lists(explaining.lists(runtime.settings, None)), ""]
    parts.append(printing.run(printing.run_result(report, still_failed(runtime.state))))
    return "\n".join(parts)


def _around(addresses: Mapping[str, Any], environment: Mapping[str, str]) -> str:
    control = addresses["control"]
    exports = "\n".join(f"export {name}={value}" for name, value in environment.items())
    return f"""
The sandbox is up. In another terminal:
{exports}

scoreline explain NAME                                what someone's score is made of
scoreline plan                                        after editing config/models/demand.yaml
curl -X POST {control}/act -d '{{"days": 1}}'    its people act for a day; then: scoreline sync
curl {control}/state/salesforce/Lead         every value the vendor holds"""
