"""One run of the whole loop, and what came of it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from core.clock import parse_instant
from sync.snapshots import explaining
from tests.acceptance.processes import Ended, Sandbox, Scoreline
from tests.acceptance.truth import expected
from tests.acceptance.truth.expected import Truth
from tests.acceptance.truth.people import Dumps, Row
from tests.acceptance.truth.rows import Key


@dataclass(repr=False)
class Run:
    """One sync: what the vendors held before it and after it, and what was sent meanwhile."""

    report: Any
    writes: list[str]
    requests: list[Row]
    after: Dumps
    truth: Truth
    stamps: Dumps


@dataclass
class Loop:
    """The whole loop on one sandbox."""

    sandbox: Sandbox
    scoreline: Scoreline
    state_dir: Path

    def now(self) -> datetime:
        return parse_instant(self.sandbox.control("/clock")["now"])

    def audience(self, name: str) -> str:
        """Mailchimp's id of an audience."""
        found = [row["id"] for row in self.sandbox.state("mailchimp")["lists"] if row["name"] == name]
        return str(found[0])

    def run(self, *options: str, history: list[Row] | None = None, stamps: Dumps | None = None) -> Run:
        """Sync, and say by the slow scorer what should have come of it.

        stamps: dumps that say when each record last changed otherwise than by our own hand.
        """
        before = self.sandbox.states()
        number = self.sandbox.last_request()
        ended = self.scoreline.run("sync", "--json", *options).succeeded()
        requests = self.sandbox.requests(number)
        after = self.sandbox.states()
        known = expected.with_stamps(before, stamps) if stamps else before
        truth = expected.of(known, self.scoreline.config, self.now(), history)
        return Run(ended.json, self.sandbox.writes(number), requests, after, truth, known)

    def explained(self, truth: Truth, only: set[str] | None = None) -> dict[str, Row]:
        """Everybody's explanation, or some people's, asked for by one of their records."""
        record_of = {truth.person(key): key for key in truth.world.records}
        return {
            person: explaining.explain(self.state_dir, record_of[person][2])
            for row in truth.world.data["contacts"]
            if (person := row["contact_id"]) and (only is None or person in only)
        }


@dataclass(repr=False)
class FirstRun(Run):
    """The first run, and what could be asked right after it."""

    people: list[Row]
    fields: Ended
    explanations: dict[str, Row]
    explained_on_screen: dict[str, str]
    lists: Row


def keys(person: dict[str, object]) -> list[Key]:
    """The records of one of the sandbox's people."""
    records = person["records"]
    assert isinstance(records, dict)
    return [
        (
            vendor,
            one["object"],
            f"{one['list_id']}:{one['contact_id']}" if vendor == "mailchimp" else str(one["id"]),
        )
        for vendor, found in records.items()
        for one in found
    ]
