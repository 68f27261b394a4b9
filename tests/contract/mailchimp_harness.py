"""Mailchimp's sandbox, read and written directly, for the contract and for Mailchimp's own tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from connectors.mailchimp import gateway, paging
from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.connector import MailchimpConnector, open_connector
from core.changes import FieldSpec, ListSpec, Ref
from core.clock import FixedClock
from sandbox.clock import Clock
from sandbox.mailchimp.app import MailchimpApp
from sandbox.server import Sandbox
from tests.contract import described
from tests.contract.witness import Witnessed
from tests.fakes import FakeMeter, FakeSleep

AUDIENCE = "Brightloom News"


class MailchimpHarness:
    """An account with empty audiences but for what the tests put there."""

    people_stream = "members"
    text_field = FieldSpec("members", "SL_RATING", "Rating", "text", "Letter and digit.", 20)
    number_field = FieldSpec("members", "SL_SCORE", "Lead score", "integer", "How ready to buy.")
    list_spec = ListSpec("Scoreline nurture", "tag", AUDIENCE)
    #: Mailchimp has no validation rules; text longer than 255 bytes is refused.
    refused_value = "x" * 300
    read_path = r"/lists/\w+/members"
    write_path = r"/lists/\w+(\?.*)?$"
    faults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "throttled": {"preset": "mailchimp.throttle_403"},
        "unavailable_empty": {"preset": "mailchimp.unavailable_empty"},
        "forbidden": {
            "status": 403,
            "headers": {"Content-Type": "application/problem+json; charset=utf-8"},
            "body": {
                "title": "Forbidden",
                "status": 403,
                "detail": "You don't have permission.",
                "instance": "x",
            },
        },
        "not_json": {"preset": "any.html"},
        "cut": {"cut_after_bytes": 40},
        "dropped": {"apply_then_drop": True},
    }
    no_hint_reason = "Mailchimp sends neither Retry-After nor rate headers: its fundamentals page, 2026-11-22"
    no_token_reason = "Mailchimp's keys and OAuth tokens do not expire: its OAuth guide, 2026-11-22"

    def __init__(self) -> None:
        self._apps: list[MailchimpApp] = []
        self.sandbox = Sandbox(world="empty", vendors=(self._make,))
        self.sandbox.start()
        self.meter: FakeMeter = FakeMeter()
        self.sleep: FakeSleep = FakeSleep()
        self._patch: pytest.MonkeyPatch = pytest.MonkeyPatch()

    def _make(self, clock: Clock) -> Witnessed:
        self._apps.append(MailchimpApp(clock))
        self.wire = Witnessed(self._apps[-1])
        return self.wire

    @property
    def app(self) -> MailchimpApp:
        return self._apps[-1]

    @property
    def address(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.sandbox.addresses["mailchimp"]
        return found

    @property
    def secrets(self) -> Sequence[str]:
        return [self.address["api_key"]]

    def connector(self, **settings: Any) -> MailchimpConnector:
        given = {
            "url": self.address["url"],
            "api_key": self.address["api_key"],
            "audiences": [AUDIENCE],
            "map": {"members": {"title": "TITLE"}},
            **settings,
        }
        return open_connector(
            MailchimpConnection.model_validate(given),
            clock=FixedClock(self.now()),
            meter=self.meter,
            observe={"members": [self.text_field.name, self.number_field.name]},
            lists=[self.list_spec],
            sleep=self.sleep,
        )

    def with_bad_credentials(self) -> MailchimpConnector:
        return self.connector(api_key="wrong-us19")

    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def pass_time(self, seconds: int) -> None:
        self.sandbox.clock.advance(timedelta(seconds=seconds))

    def do(self, action: str, **arguments: Any) -> dict[str, Any]:
        return self.sandbox.hosts["mailchimp"].do({"action": action, "arguments": arguments})

    def stored(self, name: str) -> list[dict[str, Any]]:
        return self.app.dump()[name]

    def member(self, ref: Ref) -> dict[str, Any]:
        list_id, _, contact = ref.record_id.partition(":")
        return next(
            row
            for row in self.stored("members")
            if row["list_id"] == list_id and row["contact_id"] == contact
        )

    def add_people(self, count: int) -> Sequence[Ref]:
        addresses = [f"p{number}@acme-looms.com" for number in range(count)]
        members = [{"email_address": one, "merge_fields": {"LNAME": "Person"}} for one in addresses]
        self.do("create_many", audience=AUDIENCE, members=members)
        held = {row["email_address"]: row for row in self.stored("members")}
        return [
            Ref("mailchimp", "members", f"{held[one]['list_id']}:{held[one]['contact_id']}", one)
            for one in addresses
        ]

    def add_many_people(self, count: int) -> None:
        self.do("create_many", audience=AUDIENCE, count=count)

    def small_pages(self) -> None:
        for module in (gateway, paging):
            self._patch.setattr(module, "PAGE", 10)

    def edit(self, ref: Ref) -> None:
        self.do("edit", audience=AUDIENCE, email=ref.address, changes={"vip": True})

    def delete(self, ref: Ref) -> None:
        self.do("archive", audience=AUDIENCE, email=ref.address)

    def held(self, ref: Ref, field: str) -> object:
        value = self.member(ref)["merge_fields"].get(field)
        return None if value == "" else value

    def members(self, list_id: str) -> set[str]:
        audience, _, segment = list_id.partition(":")
        ids = {
            row["email_address"]: row["contact_id"]
            for row in self.stored("members")
            if row["list_id"] == audience
        }
        addresses = next(row["members"] for row in self.stored("segments") if str(row["id"]) == segment)
        return {f"{audience}:{ids[address]}" for address in addresses}

    def refuse(self, ref: Ref) -> None:
        """Nothing: ``refused_value`` does it."""

    def opt_out(self, ref: Ref) -> None:
        self.do("unsubscribe", audience=AUDIENCE, email=ref.address)

    def hide_field(self) -> None:
        self.do("delete_merge_field", audience=AUDIENCE, tag="TITLE")

    def writes(self) -> int:
        return sum(entry["write"] for entry in self.requests())

    def requests(self) -> Sequence[Mapping[str, Any]]:
        return self.sandbox.log.listing("mailchimp")

    def fault(self, name: str, *, path: str, nth: int | None = None, times: int | None = 1) -> None:
        self.script(dict(self.faults[name]), path=path, nth=nth, times=times)

    def script(self, action: dict[str, Any], **match: Any) -> None:
        """A fault of this vendor, with whatever says which requests it takes."""
        given = {"vendor": "mailchimp", "action": action, **match}
        self.sandbox.faults.add({key: value for key, value in given.items() if value is not None})

    def close(self) -> None:
        self._patch.undo()
        self.sandbox.stop()
        described.hold("mailchimp", self.wire.exchanges)
