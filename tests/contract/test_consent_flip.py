"""Consent withdrawn between plan and sending: whoever withdrew is not listed, whatever kind the list is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from core.changes import ListSpec, Ref
from core.clock import naive_utc
from sync.apply import Applied, Means, apply
from sync.planning.lists import ListPlace
from sync.planning.plan import Plan, make_plan
from sync.settings import ListSetting
from sync.store import leases
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import AUDIENCE, MailchimpHarness
from tests.contract.salesforce_harness import SalesforceHarness
from tests.unit.sync.house import House

_NAME = "Scoreline nurture"


@dataclass(frozen=True)
class Kind:
    """A kind of list: its vendor's harness, the target as settings name it."""

    harness_type: Any
    target: Mapping[str, str]

    @property
    def vendor(self) -> str:
        return str(self.harness_type.__name__.removesuffix("Harness").lower())


_KINDS = {
    "hubspot list": Kind(HubSpotHarness, {"list": _NAME}),
    "mailchimp tag": Kind(MailchimpHarness, {"tag": _NAME, "audience": AUDIENCE}),
    "mailchimp segment": Kind(MailchimpHarness, {"segment": _NAME, "audience": AUDIENCE}),
    "mailchimp journey": Kind(MailchimpHarness, {"journey": _NAME}),
    "salesforce campaign": Kind(SalesforceHarness, {"campaign": _NAME, "status": "Sent"}),
}


class Flip:
    """Two people due for a list, in the vendor and in a scored warehouse."""

    def __init__(self, kind: Kind, folder: Path) -> None:
        self.kind, self.harness = kind, kind.harness_type()
        given = {"name": "Nurture", "when": "score >= 50", "channel": "email",
                 "targets": {kind.vendor: dict(kind.target)}}  # fmt: skip
        self.setting = ListSetting.model_validate(given)
        self.house = House(folder, fields=(), lists=(self.setting,))
        self.house.vendors = {kind.vendor: self.house.vendors[kind.vendor]}
        self.connector = self.harness.connector(**self._settings())
        self.people: list[Ref] = list(self.harness.add_people(2))
        for number, ref in enumerate(self.people):
            self._enter(f"p{number}", ref)
        target = self.setting.targets[kind.vendor]
        self.spec = ListSpec(target.name, target.kind, target.audience, target.status)
        (list_id,) = self.connector.ensure_lists([self.spec], create=True)
        self.list_id = str(list_id)

    def _settings(self) -> dict[str, Any]:
        if "journey" not in self.kind.target:
            return {}
        ((journey, step),) = self.harness.app.store.journeys
        return {"journeys": {_NAME: f"{journey}/{step}"}}

    def _enter(self, contact_id: str, ref: Ref) -> None:
        self.house.person(contact_id)
        self.house.say(
            """insert into person_records (vendor, object, record_id, email, state, seen_at)
            values (?, ?, ?, ?, 'live', ?)""",
            *(ref.vendor, ref.object, ref.record_id, ref.address, naive_utc(self.house.clock.now())),
        )
        self.house.say(
            "insert into people values (?, ?, ?, ?, null)", ref.vendor, ref.object, ref.record_id, contact_id
        )
        self.house.score(contact_id, 64)

    def plan(self) -> Plan:
        place = ListPlace(
            self.kind.vendor,
            self.spec.name,
            self.list_id,
            self.connector.capabilities.person_objects,
            self.connector.list_scope(self.spec),
        )
        inputs = replace(self.house.inputs(fire=True), places={self.setting.name: [place]})
        with self.house.warehouse.read() as con:
            return make_plan(con, self.house.state, inputs, lambda _, changes: self.connector.price(changes))

    def apply(self, plan: Plan) -> Applied:
        house, vendor = self.house, self.kind.vendor
        lease = leases.acquire(house.state, "work", "a test", house.clock)
        means = Means(
            {vendor: self.connector},
            house.state,
            lease,
            house.clock,
            {(vendor, self.spec.name): self.list_id},
        )
        return apply(plan, house.state.begin_run("sync", house.clock.now()), means).vendors[vendor]

    def listed(self) -> set[str]:
        """Record ids on the list, or sent on the journey, as the vendor stores it."""
        if "journey" not in self.kind.target:
            return set(self.harness.members(self.list_id))
        entered = {str(entry["email_address"]) for entry in self.harness.stored("journeys")}
        return {ref.record_id for ref in self.people if ref.address in entered}


@pytest.fixture(params=list(_KINDS))
def flip(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flip]:
    made = Flip(_KINDS[request.param], tmp_path)
    yield made
    made.harness.close()


def test_whoever_withdrew_since_the_plan_is_not_listed(flip: Flip) -> None:
    ann, ben = flip.people
    plan = flip.plan()
    assert {planned.change.ref.record_id for planned in plan.changes} == {ann.record_id, ben.record_id}
    flip.harness.opt_out(ann)
    applied = flip.apply(plan)
    assert (applied.planned, applied.done, applied.withheld, applied.rejected) == (2, 1, 1, [])
    assert flip.listed() == {ben.record_id}


def test_who_keeps_consenting_is_listed(flip: Flip) -> None:
    assert flip.apply(flip.plan()).done == 2
    assert flip.listed() == {ref.record_id for ref in flip.people}
