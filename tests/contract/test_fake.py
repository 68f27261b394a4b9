"""The in-memory connector keeps the contract that the real ones keep."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from core.changes import FieldSpec, ListSpec, Ref
from tests.contract.suite import WritingContract
from tests.fakes import FakeConnector, FakeMeter, FakeSleep, FakeVendor, delete


class FakeHarness:
    people_stream = "people"
    text_field = FieldSpec("person", "rating", "Rating", "text")
    number_field = FieldSpec("person", "score", "Score", "integer")
    list_spec = ListSpec("Nurture", "list")
    refused_value = "ok"

    def __init__(self) -> None:
        self.vendor = FakeVendor()
        self.meter, self.sleep = FakeMeter(), FakeSleep()
        self._page_size = 100

    def connector(self) -> FakeConnector:
        names = [self.text_field.name, self.number_field.name]
        return FakeConnector(
            self.vendor, observe={"person": names}, lists=[self.list_spec], page_size=self._page_size
        )

    def now(self) -> datetime:
        return self.vendor.now

    def add_people(self, count: int) -> Sequence[Ref]:
        return [Ref("fake", "person", self.vendor.add().record_id) for _ in range(count)]

    def small_pages(self) -> None:
        self._page_size = 10

    def pass_time(self, seconds: int) -> None:
        self.vendor.now += timedelta(seconds=seconds)

    def edit(self, ref: Ref) -> None:
        self.vendor.touch(self.vendor.records[ref.record_id])

    def delete(self, ref: Ref) -> None:
        delete(self.vendor.records[ref.record_id], self.vendor)

    def held(self, ref: Ref, field: str) -> object:
        return self.vendor.records[ref.record_id].fields.get(field)

    def members(self, list_id: str) -> set[str]:
        return self.vendor.members.get(list_id, set())

    def refuse(self, ref: Ref) -> None:
        self.vendor.refused.add(ref.record_id)

    def opt_out(self, ref: Ref) -> None:
        self.vendor.records[ref.record_id].consent = "unsubscribed"

    def writes(self) -> int:
        return self.vendor.writes

    def close(self) -> None:
        """Nothing is held open."""


class TestFake(WritingContract):
    harness_type = FakeHarness
