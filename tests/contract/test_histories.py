"""After any history of a vendor's records, what was read piece by piece is what the vendor holds."""

import os
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from connectors.base import Connector, Window
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import AUDIENCE, MailchimpHarness

#: Sequences tried of each vendor; SCORELINE_SEQUENCES=300 tries hundreds.
_SEQUENCES = int(os.environ.get("SCORELINE_SEQUENCES", "10"))
_SETTINGS = settings(
    max_examples=_SEQUENCES, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
)
_PICK = st.integers(0, 1000)


class History(RuleBasedStateMachine):
    """Reads with an overlap, as a pull does, and keeps the newest row of each record."""

    harness_type: Any
    people_stream: str

    def __init__(self) -> None:
        super().__init__()
        self.harness = self.harness_type()
        self.held: dict[str, dict[str, Any]] = {}
        self.since: datetime | None = None

    def teardown(self) -> None:
        self.harness.close()

    def read(self, connector: Connector) -> None:
        stream = next(one for one in connector.capabilities.streams if one.name == self.people_stream)
        window = Window(self.since, self.harness.now())
        for page in connector.pull(stream, window, None):
            for row in page.tables["person_records"].to_pylist():
                self.held[row["record_id"]] = row
        self.since = window.until - timedelta(seconds=stream.overlap_s)

    @rule(seconds=st.sampled_from([1, 60, 5000]))
    def time_passes(self, seconds: int) -> None:
        self.harness.pass_time(seconds)

    @invariant()
    def what_was_read_is_what_is_there(self) -> None:
        self.read(self.harness.connector())
        states = {record_id: row["state"] for record_id, row in self.held.items()}
        for record_id, (state, email) in self.truth().items():
            assert states.get(record_id) == state, record_id
            assert self.held[record_id]["email"] == email
        gone = {record_id for record_id in states if record_id not in self.truth()}
        assert all(states[record_id] in {"deleted", "merged"} for record_id in gone)

    def truth(self) -> dict[str, tuple[str, str | None]]:
        """State and address of every record the vendor still has."""
        raise AssertionError


class HubSpotHistory(History):
    harness_type = HubSpotHarness
    people_stream = "contacts"
    created = 0

    def live(self) -> list[str]:
        return [row["id"] for row in self.harness.stored("contacts") if not row["archived"]]

    def truth(self) -> dict[str, tuple[str, str | None]]:
        return {
            row["id"]: ("deleted" if row["archived"] else "live", row["properties"].get("email"))
            for row in self.harness.stored("contacts")
        }

    @rule()
    def create(self) -> None:
        self.created += 1
        properties = {"email": f"p{self.created}@acme-looms.com", "lastname": "Person"}
        self.harness.do("create", object="contacts", properties=properties)

    @precondition(lambda self: self.live())
    @rule(pick=_PICK)
    def edit(self, pick: int) -> None:
        live = self.live()
        properties = {"email": f"edited{self.created}-{pick}@acme-looms.com"}
        self.harness.do("edit", object="contacts", id=live[pick % len(live)], properties=properties)

    @precondition(lambda self: self.live())
    @rule(pick=_PICK)
    def delete(self, pick: int) -> None:
        live = self.live()
        self.harness.do("delete", object="contacts", id=live[pick % len(live)])

    @precondition(lambda self: len(self.live()) < len(self.harness.stored("contacts")))
    @rule(pick=_PICK)
    def restore(self, pick: int) -> None:
        archived = [row["id"] for row in self.harness.stored("contacts") if row["archived"]]
        self.harness.do("restore", object="contacts", id=archived[pick % len(archived)])

    @precondition(lambda self: len(self.live()) > 1)
    @rule(pick=_PICK)
    def merge(self, pick: int) -> None:
        live = self.live()
        one, other = live[pick % len(live)], live[(pick + 1) % len(live)]
        survivor = self.harness.do("merge", object="contacts", primary=one, other=other)["id"]
        self.read(self.harness.connector())
        assert self.held[one]["successor"] == self.held[other]["successor"] == f"hubspot:contacts:{survivor}"


class MailchimpHistory(History):
    harness_type = MailchimpHarness
    people_stream = "members"
    created = 0

    def addresses(self, *statuses: str) -> list[str]:
        return [row["email_address"] for row in self.harness.stored("members") if row["status"] in statuses]

    def truth(self) -> dict[str, tuple[str, str | None]]:
        return {
            f"{row['list_id']}:{row['contact_id']}": (
                "archived" if row["status"] == "archived" else "live",
                row["email_address"],
            )
            for row in self.harness.stored("members")
        }

    @rule()
    def create(self) -> None:
        self.created += 1
        self.harness.do("create", audience=AUDIENCE, email_address=f"p{self.created}@acme-looms.com")

    @precondition(lambda self: self.addresses("subscribed", "unsubscribed"))
    @rule(pick=_PICK)
    def readdress(self, pick: int) -> None:
        known = self.addresses("subscribed", "unsubscribed")
        self.created += 1
        changes = {"email_address": f"q{self.created}@acme-looms.com"}
        self.harness.do("edit", audience=AUDIENCE, email=known[pick % len(known)], changes=changes)

    @precondition(lambda self: self.addresses("subscribed"))
    @rule(pick=_PICK, deed=st.sampled_from(["unsubscribe", "archive"]))
    def leave(self, pick: int, deed: str) -> None:
        known = self.addresses("subscribed")
        self.harness.do(deed, audience=AUDIENCE, email=known[pick % len(known)])

    @precondition(lambda self: self.addresses("archived"))
    @rule(pick=_PICK)
    def restore(self, pick: int) -> None:
        known = self.addresses("archived")
        self.harness.do("restore", audience=AUDIENCE, email=known[pick % len(known)])


HubSpotHistory.TestCase.settings = _SETTINGS
MailchimpHistory.TestCase.settings = _SETTINGS
TestHubSpotHistory = HubSpotHistory.TestCase
TestMailchimpHistory = MailchimpHistory.TestCase
