"""HubSpot's sandbox, read and written directly, for the contract and for HubSpot's own tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest

from connectors.hubspot import paging
from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.connector import HubSpotConnector, open_connector
from core.changes import FieldSpec, ListSpec, Ref
from core.clock import Clock as ProgramClock
from sandbox.clock import Clock
from sandbox.hubspot.app import HubSpotApp
from sandbox.hubspot.limits import HubSpotLimits
from sandbox.server import Sandbox
from tests.contract import described
from tests.contract.witness import Witnessed
from tests.fakes import FakeMeter, FakeSleep


class SandboxClock:
    """The sandbox's time as the program's clock."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime:
        return self._sandbox.clock.now()


class HubSpotHarness:
    """An account of its own, empty but for what the tests put there, called by OAuth on today's paths."""

    api: ClassVar[str] = "v3"
    people_stream = "contacts"
    text_field = FieldSpec("contacts", "scoreline_rating", "Rating", "text", "Letter and digit.", 20)
    number_field = FieldSpec("contacts", "scoreline_score", "Lead score", "integer", "How ready to buy.")
    list_spec = ListSpec("Scoreline sales ready", "list")
    refused_value = "ok"
    read_path = r"/contacts/search"
    write_path = r"/contacts/batch/update"
    faults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "throttled": {"preset": "hubspot.ten_secondly"},
        "throttled_for_7s": {"status": 429, "headers": {"Retry-After": "7"}, "body": ""},
        "unavailable_empty": {"status": 502, "body": ""},
        "expired": {
            "status": 401,
            "body": {"status": "error", "category": "EXPIRED_AUTHENTICATION", "message": "The token expired"},
        },
        "forbidden": {
            "status": 403,
            "body": {
                "status": "error",
                "category": "MISSING_SCOPES",
                "message": "This app hasn't been granted all required scopes to make this call.",
                "errors": [{"context": {"requiredGranularScopes": ["crm.objects.contacts.read"]}}],
            },
        },
        "not_json": {"preset": "any.html"},
        "cut": {"cut_after_bytes": 40},
        "dropped": {"apply_then_drop": True},
    }

    def __init__(self) -> None:
        self._apps: list[HubSpotApp] = []
        self.sandbox = Sandbox(world="empty", vendors=(self._make,))
        self.sandbox.start()
        self.meter: FakeMeter = FakeMeter()
        self.sleep: FakeSleep = FakeSleep()
        self._patch: pytest.MonkeyPatch = pytest.MonkeyPatch()

    def _make(self, clock: Clock) -> Witnessed:
        self._apps.append(HubSpotApp(clock, HubSpotLimits(burst=0, search_per_second=0)))
        self.wire = Witnessed(self._apps[-1])
        return self.wire

    @property
    def app(self) -> HubSpotApp:
        return self._apps[-1]

    @property
    def address(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.sandbox.addresses["hubspot"]
        return found

    @property
    def secrets(self) -> Sequence[str]:
        issued = self.app.portal.keys.tokens
        return [self.address["client_secret"], self.address["refresh_token"], *issued]

    @property
    def clock(self) -> ProgramClock:
        return SandboxClock(self.sandbox)

    def credentials(self) -> dict[str, str]:
        return {key: self.address[key] for key in ("client_id", "client_secret", "refresh_token")}

    def connector(self, **settings: Any) -> HubSpotConnector:
        given = {"url": self.address["url"], "api": self.api, **self.credentials(), **settings}
        return open_connector(
            HubSpotConnection.model_validate(given),
            clock=self.clock,
            meter=self.meter,
            observe={"contacts": [self.text_field.name, self.number_field.name]},
            lists=[self.list_spec],
            sleep=self.sleep,
        )

    def with_bad_credentials(self) -> HubSpotConnector:
        return self.connector(refresh_token="na1-wrong")

    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def pass_time(self, seconds: int) -> None:
        self.sandbox.clock.advance(timedelta(seconds=seconds))

    def do(self, action: str, **arguments: Any) -> dict[str, Any]:
        return self.sandbox.hosts["hubspot"].do({"action": action, "arguments": arguments})

    def stored(self, name: str) -> list[dict[str, Any]]:
        return self.app.dump()[name]

    def add_people(self, count: int) -> Sequence[Ref]:
        refs = []
        for number in range(count):
            address = f"p{number}@acme-looms.com"
            made = self.do(
                "create", object="contacts", properties={"email": address, "lastname": f"P {number}"}
            )
            self.do("resubscribe", email=address)
            refs.append(Ref("hubspot", "contacts", made["id"], address))
        return refs

    def add_many_people(self, count: int) -> None:
        self.do("create_many", object="contacts", count=count, properties={"lastname": "Person {n}"})

    def small_pages(self) -> None:
        self._patch.setattr(paging, "SEARCH_PAGE", 10)
        self._patch.setattr(paging, "ASSOCIATIONS", 20)

    def edit(self, ref: Ref) -> None:
        self.do("edit", object=ref.object, id=ref.record_id, properties={"jobtitle": "Director"})

    def delete(self, ref: Ref) -> None:
        self.do("delete", object=ref.object, id=ref.record_id)

    def held(self, ref: Ref, field: str) -> object:
        row = next(row for row in self.stored(ref.object) if row["id"] == ref.record_id)
        return row["properties"].get(field)

    def members(self, list_id: str) -> set[str]:
        return set(next(one["members"] for one in self.stored("lists") if one["listId"] == list_id))

    def refuse(self, ref: Ref) -> None:
        self.do("refuse", object=ref.object, id=ref.record_id, message="Phone required")

    def opt_out(self, ref: Ref) -> None:
        self.do("unsubscribe", email=ref.address)

    def hide_field(self) -> None:
        self.do("archive_property", object="contacts", name="jobtitle")

    def writes(self) -> int:
        return sum(entry["write"] for entry in self.requests())

    def requests(self) -> Sequence[Mapping[str, Any]]:
        return self.sandbox.log.listing("hubspot")

    def fault(self, name: str, *, path: str, nth: int | None = None, times: int | None = 1) -> None:
        self.script(dict(self.faults[name]), path=path, nth=nth, times=times)

    def script(self, action: dict[str, Any], **match: Any) -> None:
        """A fault of this vendor, with whatever says which requests it takes."""
        given = {"vendor": "hubspot", "action": action, **match}
        self.sandbox.faults.add({key: value for key, value in given.items() if value is not None})

    def close(self) -> None:
        self._patch.undo()
        self.sandbox.stop()
        described.hold("hubspot", self.wire.exchanges)


class DatedHubSpotHarness(HubSpotHarness):
    """The same by a service key on the date-versioned paths; such a key never expires."""

    api = "2026-03"
    read_path = r"/crm/objects/2026-03/contacts/search"
    write_path = r"/crm/objects/2026-03/contacts/batch/update"
    faults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        name: fault for name, fault in HubSpotHarness.faults.items() if name != "expired"
    }
    no_token_reason = "service keys do not expire: HubSpot's service key guide, 2026-11-22"

    @property
    def secrets(self) -> Sequence[str]:
        return [self.address["access_token"]]

    def credentials(self) -> dict[str, str]:
        return {"access_token": self.address["access_token"]}

    def with_bad_credentials(self) -> HubSpotConnector:
        return self.connector(access_token="pat-na1-wrong")
