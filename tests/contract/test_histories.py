"""After any history of a vendor's records, what sync stored piece by piece is what the vendor holds.

Salesforce's histories are in ``test_salesforce_sequences.py``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from core.clock import FixedClock
from sandbox.mailchimp.shopping import STORE_ID
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import AUDIENCE, MailchimpHarness
from tests.contract.stored import SEQUENCES, Stored, survivor

#: Longer than any stream stops short of now, so that everything done is read.
_SETTLED_S = 300
_SETTINGS = settings(
    max_examples=SEQUENCES, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
)
_PICK = st.integers(0, 1000)


class History(RuleBasedStateMachine):
    """Things happen, pulls come in between, and at the end all is as the vendor has it."""

    harness_type: Any
    settings: ClassVar[Mapping[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        self.harness = self.harness_type()
        self.stored = Stored()
        self.made = 0

    def teardown(self) -> None:
        try:
            self.read_to_the_end()
        finally:
            self.stored.close()
            self.harness.close()

    @rule(seconds=st.sampled_from([1, 60, 5000]))
    def time_passes(self, seconds: int) -> None:
        self.harness.pass_time(seconds)

    @rule()
    def read_in_between(self) -> None:
        connector = self.harness.connector(**self.settings)
        self.stored.pull(connector, FixedClock(self.harness.now()))

    @rule()
    def read_to_the_end(self) -> None:
        self.harness.pass_time(_SETTLED_S)
        self.read_in_between()
        self.compare()

    def compare(self) -> None:
        """Stored tables against the sandbox's own dump."""
        raise AssertionError


class HubSpotHistory(History):
    """Contacts and companies come, change, merge, go and return; calls and deals are made and removed."""

    harness_type = HubSpotHarness
    settings: ClassVar[Mapping[str, Any]] = {
        "skip": (
            "list_memberships", "email_events", "form_submissions", "analytics_events", "meetings",
            "carts", "orders", "feedback", "counters",
        ),
        "subscriptions": False,
    }  # fmt: skip
    tables = (("contacts", "person_records", "email"), ("companies", "company_records", "name"))

    def __init__(self) -> None:
        super().__init__()
        self.tied: set[str] = set()

    def ids(self, kind: str, *, archived: bool = False) -> list[str]:
        return [row["id"] for row in self.harness.stored(kind) if row["archived"] == archived]

    @rule(kind=st.sampled_from(["contacts", "companies"]))
    def create(self, kind: str) -> None:
        self.made += 1
        name = f"p{self.made}@acme-looms.com" if kind == "contacts" else f"Acme {self.made}"
        properties = {"email" if kind == "contacts" else "name": name}
        self.harness.do("create", object=kind, properties=properties)

    @rule(pick=_PICK, kind=st.sampled_from(["contacts", "companies", "deals"]))
    def edit(self, pick: int, kind: str) -> None:
        self.made += 1
        for record_id in _one_of(self.ids(kind), pick):
            name = f"q{self.made}@acme-looms.com" if kind == "contacts" else f"Bolt {self.made}"
            properties = {{"contacts": "email", "companies": "name", "deals": "dealname"}[kind]: name}
            self.harness.do("edit", object=kind, id=record_id, properties=properties)

    @rule(pick=_PICK, kind=st.sampled_from(["contacts", "companies", "deals", "calls"]))
    def delete(self, pick: int, kind: str) -> None:
        for record_id in _one_of(self.ids(kind), pick):
            self.harness.do("delete", object=kind, id=record_id)

    @rule(pick=_PICK, kind=st.sampled_from(["contacts", "companies", "deals", "calls"]))
    def restore(self, pick: int, kind: str) -> None:
        """Not whoever has calls or deals: archiving cuts a contact off them, which HubSpot dates nowhere."""
        binned = [one for one in self.ids(kind, archived=True) if one not in self.tied]
        for record_id in _one_of(binned, pick):
            self.harness.do("restore", object=kind, id=record_id)

    @precondition(lambda self: self.made > 1)
    @rule(pick=_PICK, kind=st.sampled_from(["contacts", "companies"]))
    def merge(self, pick: int, kind: str) -> None:
        live = self.ids(kind)
        if len(live) > 1:
            one, other = live[pick % len(live)], live[(pick + 1) % len(live)]
            made = self.harness.do("merge", object=kind, primary=one, other=other)["id"]
            if {one, other} & self.tied:
                self.tied.add(made)

    @rule(pick=_PICK)
    def sell(self, pick: int) -> None:
        for contact in _one_of(self.ids("contacts"), pick):
            self.tied.add(contact)
            self.made += 1
            properties = {"dealname": f"Deal {self.made}", "amount": str(self.made)}
            self.harness.do("create", object="deals", properties=properties, contact=contact)

    @rule(pick=_PICK)
    def call(self, pick: int) -> None:
        for contact in _one_of(self.ids("contacts"), pick):
            self.tied.add(contact)
            properties = {"hs_timestamp": "2026-11-20T10:00:00Z", "hs_call_title": "First"}
            self.harness.do("create", object="calls", properties=properties, contact=contact)

    @rule(
        pick=_PICK, title=st.sampled_from(["Second", "Third"]), status=st.sampled_from(["COMPLETED", "BUSY"])
    )
    def correct(self, pick: int, title: str, status: str) -> None:
        for call in _one_of(self.ids("calls"), pick):
            properties = {"hs_call_title": title, "hs_call_status": status}
            self.harness.do("edit", object="calls", id=call, properties=properties)

    def compare(self) -> None:
        for kind, table, column in self.tables:
            held = self.stored.records(table, "state", column, "successor")
            for row in self.harness.stored(kind):
                state = "deleted" if row["archived"] else "live"
                assert held[row["id"]][:2] == (state, row["properties"].get(column)), (kind, row["id"])
                for former in row["formerIds"]:
                    assert held[former][0] == "merged", (kind, former)
                    assert survivor(held, former) == row["id"]
            known = {key for row in self.harness.stored(kind) for key in (row["id"], *row["formerIds"])}
            assert held.keys() == known
        assert self._calls_as_stored() == self._calls_as_held()
        self._compare_deals()

    def _compare_deals(self) -> None:
        held = self.harness.stored("deals")
        assert self.stored.records("deal_records", "state", "name", "amount") == {
            row["id"]: (
                "deleted" if row["archived"] else "live",
                row["properties"]["dealname"],
                float(row["properties"]["amount"]),
            )
            for row in held
        }
        live = {row["id"] for row in held if not row["archived"]}
        ties = self._ties("deals")
        people = self.stored.records("person_records", "state", "successor")
        roles = {row["deal_id"]: survivor(people, row["record_id"]) for row in self.stored.rows("deal_roles")}
        standing = {deal: who for deal, who in roles.items() if deal in live and people[who][0] == "live"}
        assert standing == {deal: who for deal, who in ties.items() if deal in live}

    def _ties(self, kind: str) -> dict[str, str]:
        """Whose each record of this kind is."""
        return {
            row["fromId"]: row["toId"]
            for row in self.harness.stored("associations")
            if (row["from"], row["to"]) == (kind, "contacts")
        }

    def _calls_as_stored(self) -> dict[str, tuple[str, str]]:
        people = self.stored.records("person_records", "state", "successor")
        return {
            key.removeprefix("call:"): (row["asset"], survivor(people, row["record_id"]))
            for key, row in self.stored.activities().items()
            if people[survivor(people, row["record_id"])][0] == "live"
        }

    def _calls_as_held(self) -> dict[str, tuple[str, str]]:
        ties = self._ties("calls")
        return {
            row["id"]: (row["properties"]["hs_call_title"], ties[row["id"]])
            for row in self.harness.stored("calls")
            if not row["archived"] and row["id"] in ties and row["properties"].get("hs_call_status") != "BUSY"
        }


class MailchimpHistory(History):
    """Members sign up, change address, leave, are archived and return; they buy, and sales are undone."""

    harness_type = MailchimpHarness
    settings: ClassVar[Mapping[str, Any]] = {"skip": ("list_memberships", "surveys"), "stores": (STORE_ID,)}

    def addresses(self, *statuses: str) -> list[str]:
        return [row["email_address"] for row in self.harness.stored("members") if row["status"] in statuses]

    @rule()
    def create(self) -> None:
        self.made += 1
        self.harness.do("create", audience=AUDIENCE, email_address=f"p{self.made}@acme-looms.com")

    @rule()
    def sign_up(self) -> None:
        self.made += 1
        self.harness.do("resubscribe", audience=AUDIENCE, email=f"p{self.made}@acme-looms.com")

    @rule(pick=_PICK)
    def readdress(self, pick: int) -> None:
        self.made += 1
        for email in _one_of(self.addresses("subscribed", "unsubscribed"), pick):
            changes = {"email_address": f"q{self.made}@acme-looms.com"}
            self.harness.do("edit", audience=AUDIENCE, email=email, changes=changes)

    @rule(pick=_PICK, deed=st.sampled_from(["unsubscribe", "archive"]))
    def leave(self, pick: int, deed: str) -> None:
        for email in _one_of(self.addresses("subscribed"), pick):
            self.harness.do(deed, audience=AUDIENCE, email=email)

    @rule(pick=_PICK)
    def restore(self, pick: int) -> None:
        for email in _one_of(self.addresses("archived"), pick):
            self.harness.do("restore", audience=AUDIENCE, email=email)

    @rule(pick=_PICK, again=st.booleans(), deed=st.sampled_from(["order", "cart"]))
    def buy(self, pick: int, deed: str, *, again: bool) -> None:
        self.made += not again
        for email in _one_of(self.addresses("subscribed"), pick):
            self.harness.do(deed, email=email, total=10 + self.made, id=f"{deed}-{self.made}")

    @rule(pick=_PICK)
    def undo(self, pick: int) -> None:
        for order in _one_of([row["id"] for row in self.harness.stored("orders")], pick):
            self.harness.do("delete_order", id=order)

    @rule(pick=_PICK, deed=st.sampled_from(["open", "click", "bounce"]))
    def mail(self, pick: int, deed: str) -> None:
        for email in _one_of(self.addresses("subscribed"), pick):
            self.made += 1
            sent = self.harness.do("send", audience=AUDIENCE, title=f"News {self.made}", emails=[email])
            self.harness.pass_time(3600)
            self.harness.do(
                deed, audience=AUDIENCE, email=email, campaign_id=sent["campaign_id"], kind="soft"
            )

    def compare(self) -> None:
        assert self.stored.records("person_records", "state", "email") == {
            f"{row['list_id']}:{row['contact_id']}": (
                "archived" if row["status"] == "archived" else "live",
                row["email_address"],
            )
            for row in self.harness.stored("members")
        }
        found = sorted((row["type"], row["value"]) for row in self.stored.activities().values())
        assert found == sorted(self._done())

    def _done(self) -> list[tuple[str, float | None]]:
        """Type and amount of everything people did."""
        stored = self.harness.stored
        signups = [("signup", None) for row in stored("members") if row["timestamp_signup"]]
        sales = [("purchase", float(row["order_total"])) for row in stored("orders")]
        carts = [("cart_update", float(row["order_total"])) for row in stored("carts")]
        sends = [("email_sent", None) for _ in stored("recipients")]
        deeds = [(f"email_{one['action']}", None) for row in stored("recipients") for one in row["activity"]]
        return [*signups, *sales, *carts, *sends, *deeds]


def _one_of(found: list[str], pick: int) -> list[str]:
    """The one picked, or none where there are none."""
    return [found[pick % len(found)]] if found else []


HubSpotHistory.TestCase.settings = _SETTINGS
MailchimpHistory.TestCase.settings = _SETTINGS
TestHubSpotHistory = HubSpotHistory.TestCase
TestMailchimpHistory = MailchimpHistory.TestCase
