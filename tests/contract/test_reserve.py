"""At a budget's reserve reading stops, and whatever a write needs goes on until the budget is spent."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from connectors.base import Connector
from core.changes import Done, Ref, SetFields
from core.clock import FixedClock
from core.errors import QuotaExhausted
from sync.store.meter import Budget, Meter
from sync.store.state import State
from tests.contract.dealings import listed, membership, prepared, pull
from tests.contract.hubspot_harness import HubSpotHarness
from tests.contract.mailchimp_harness import MailchimpHarness
from tests.contract.salesforce_harness import SalesforceHarness

_BUDGET = Budget(200, reserve=40)


class Reserve:
    """A vendor with our fields and list, and two people; of its allowance only the reserve is left."""

    def __init__(self, harness: Any, folder: Path) -> None:
        self.harness = harness
        self.vendor = prepared(harness).name
        self.list_id = listed(harness)
        self.ann, self.bob = harness.add_people(2)
        harness.connector().push([self.listing(self.bob, member=True)])
        harness.opt_out(self.bob)
        self.meter = harness.meter = Meter(
            State(folder / "state.sqlite"), FixedClock(harness.now()), {self.vendor: _BUDGET}
        )
        for _ in range(_BUDGET.calls_per_day - _BUDGET.reserve):
            self.meter.spend(self.vendor, "read")

    def connector(self) -> Connector:
        """One that knows nothing yet."""
        made: Connector = self.harness.connector()
        return made

    def listing(self, ref: Ref, *, member: bool) -> Any:
        return membership(self.harness, ref, self.list_id, member=member, channel="email")

    def calls(self) -> int:
        (today,) = self.meter.today()
        return today.calls


@pytest.fixture(params=[SalesforceHarness, HubSpotHarness, MailchimpHarness])
def reserve(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Reserve]:
    harness = request.param()
    yield Reserve(harness, tmp_path)
    harness.close()


def _finds_lists(reserve: Reserve) -> None:
    connector, spec = reserve.connector(), reserve.harness.list_spec
    assert list(connector.ensure_lists([spec], create=True)) == [reserve.list_id]
    assert reserve.ann.record_id.startswith(reserve.connector().list_scope(spec))


def _finds_fields(reserve: Reserve) -> None:
    specs = [reserve.harness.text_field, reserve.harness.number_field]
    for states in (reserve.connector().field_states(specs), reserve.connector().create_fields(specs)):
        assert [state.status for state in states] == ["present", "present"]


def _asks_for_consent(reserve: Reserve) -> None:
    assert reserve.connector().denied([reserve.ann, reserve.bob]) == {reserve.bob: "unsubscribed"}


def _writes(reserve: Reserve) -> None:
    changes = [
        reserve.listing(reserve.bob, member=False),
        SetFields(reserve.ann, {reserve.harness.number_field.name: 64}),
        reserve.listing(reserve.ann, member=True),
    ]
    connector = reserve.connector()
    connector.price(changes)
    assert [type(outcome) for outcome in connector.push(changes)] == [Done] * 3
    assert reserve.harness.members(reserve.list_id) == {reserve.ann.record_id}


_DEEDS: Mapping[str, Callable[[Reserve], None]] = {
    "lists": _finds_lists, "fields": _finds_fields, "consent": _asks_for_consent, "writing": _writes,
}  # fmt: skip


def _again_and_again(reserve: Reserve, deed: Callable[[Reserve], None]) -> None:
    for _ in range(_BUDGET.reserve):
        deed(reserve)


def test_reading_stops_at_the_reserve(reserve: Reserve) -> None:
    before = len(reserve.harness.requests())
    with pytest.raises(QuotaExhausted, match="kept for writes"):
        list(pull(reserve.connector(), reserve.harness))
    assert len(reserve.harness.requests()) == before


def test_reading_stops_there_after_a_write_too(reserve: Reserve) -> None:
    connector = reserve.connector()
    connector.denied([reserve.ann])
    with pytest.raises(QuotaExhausted, match="kept for writes"):
        list(pull(connector, reserve.harness))


@pytest.mark.parametrize("deed", _DEEDS)
def test_what_writes_need_goes_on_until_the_budget_is_spent(reserve: Reserve, deed: str) -> None:
    _DEEDS[deed](reserve)
    with pytest.raises(QuotaExhausted):
        _again_and_again(reserve, _DEEDS[deed])
    assert reserve.calls() == _BUDGET.calls_per_day
