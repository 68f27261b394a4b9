"""An org in the sandbox, as the contract and Salesforce's own tests want it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from connectors.salesforce.connection import SalesforceConnection
from connectors.salesforce.connector import SalesforceConnector, open_connector
from core.changes import FieldSpec, ListSpec, Ref
from core.clock import FixedClock
from sandbox.clock import Clock
from sandbox.salesforce.app import SalesforceApp
from sandbox.server import Sandbox
from tests.contract import described
from tests.contract.witness import Witnessed
from tests.fakes import FakeMeter, FakeSleep

_UNAVAILABLE = {"status": 503, "body": ""}


class SalesforceHarness:
    """An org of its own, empty but for what the tests put there."""

    people_stream = "leads"
    text_field = FieldSpec("Lead", "Scoreline_Rating__c", "Rating", "text", "Letter and digit.", 20)
    number_field = FieldSpec("Lead", "Scoreline_Score__c", "Lead score", "integer", "How ready to buy.")
    list_spec = ListSpec("Scoreline nurture", "campaign", status="Sent")
    refused_value = "ok"
    read_path = r"/query"
    write_path = r"/composite/sobjects"
    faults: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "throttled": {"preset": "salesforce.concurrent_limit"},
        "throttled_for_7s": {"status": 429, "headers": {"Retry-After": "7"}, "body": ""},
        "unavailable_empty": _UNAVAILABLE,
        "expired": {"preset": "salesforce.session_expired"},
        "forbidden": {
            "status": 403,
            "body": [{"errorCode": "INSUFFICIENT_ACCESS", "message": "insufficient access rights on object"}],
        },
        "not_json": {
            "status": 200,
            "body": "<html>maintenance</html>",
            "headers": {"Content-Type": "text/html"},
        },
        "cut": {"cut_after_bytes": 40},
        "dropped": {"apply_then_drop": True},
    }

    def __init__(self, world: str = "empty", people: int = 0) -> None:
        made: list[SalesforceApp] = []

        def make(clock: Clock) -> Witnessed:
            made.append(SalesforceApp(clock))
            self.wire = Witnessed(made[0])
            return self.wire

        self.sandbox = Sandbox(world=world, people=people, vendors=(make,))
        self.app = made[0]
        self.sandbox.start()
        self.meter, self.sleep = FakeMeter(), FakeSleep()
        self.people: Sequence[Ref] = ()

    @property
    def address(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self.sandbox.addresses["salesforce"]
        return found

    @property
    def secrets(self) -> Sequence[str]:
        return [self.address["consumer_key"], self.address["consumer_secret"]]

    def connector(self, **settings: Any) -> SalesforceConnector:
        given = {
            "url": self.address["url"],
            "consumer_key": self.address["consumer_key"],
            "consumer_secret": self.address["consumer_secret"],
            **settings,
        }
        return open_connector(
            SalesforceConnection.model_validate(given),
            clock=FixedClock(self.now()),
            meter=self.meter,
            observe={"Lead": [self.text_field.name, self.number_field.name]},
            lists=[self.list_spec],
            sleep=self.sleep,
        )

    def with_bad_credentials(self) -> SalesforceConnector:
        return self.connector(consumer_secret="wrong")

    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def pass_time(self, seconds: int) -> None:
        self.sandbox.clock.advance(timedelta(seconds=seconds))

    def do(self, action: str, **arguments: Any) -> dict[str, Any]:
        return self.sandbox.hosts["salesforce"].do({"action": action, "arguments": arguments})

    def stored(self, object_name: str) -> list[dict[str, Any]]:
        return self.app.dump()[object_name]

    def add_people(self, count: int, **values: Any) -> Sequence[Ref]:
        person = {"LastName": "Person {n}", "Company": "Acme", "Email": "p{n}@acme.test", **values}
        made = self.do("create_many", object="Lead", count=count, values=person, ids=True)
        return [Ref("salesforce", "Lead", record_id) for record_id in made["ids"]]

    def add_many_people(self, count: int) -> None:
        values = {"LastName": "Person {n}", "Company": "Acme"}
        self.do("create_many", object="Lead", count=count, values=values)

    def small_pages(self) -> None:
        self.do("set_limit", page_size=10)

    def edit(self, ref: Ref) -> None:
        self.do("edit", object=ref.object, id=ref.record_id, values={"Title": "Director"})

    def delete(self, ref: Ref) -> None:
        self.do("delete", object=ref.object, id=ref.record_id)

    def held(self, ref: Ref, field: str) -> object:
        row = next(row for row in self.stored(ref.object) if row["Id"] == ref.record_id)
        return row.get(field)

    def members(self, list_id: str) -> set[str]:
        return {
            row.get("ContactId") or row["LeadId"]
            for row in self.stored("CampaignMember")
            if row["CampaignId"] == list_id and not row.get("IsDeleted")
        }

    def refuse(self, ref: Ref) -> None:
        self.do("remove_rule", name="phone")  # or it would refuse this very edit of a second record
        self.do("edit", object=ref.object, id=ref.record_id, values={"Title": "Blocked"})
        rule = {
            "name": "phone",
            "kind": "validation",
            "message": "Phone required",
            "when": "Title = 'Blocked'",
        }
        self.do("add_rule", object=ref.object, **rule)

    def opt_out(self, ref: Ref) -> None:
        self.do("edit", object=ref.object, id=ref.record_id, values={"HasOptedOutOfEmail": True})

    def hide_field(self) -> None:
        self.do("hide_field", object="Lead", field="Title")

    def writes(self) -> int:
        return sum(entry["write"] for entry in self.requests())

    def requests(self) -> Sequence[Mapping[str, Any]]:
        return self.sandbox.log.listing("salesforce")

    def fault(self, name: str, *, path: str, nth: int | None = None, times: int | None = 1) -> None:
        given = {
            "vendor": "salesforce",
            "path": path,
            "action": dict(self.faults[name]),
            "nth": nth,
            "times": times,
        }
        self.sandbox.faults.add({key: value for key, value in given.items() if value is not None})

    def close(self) -> None:
        self.sandbox.stop()
        described.hold("salesforce", self.wire.exchanges)
