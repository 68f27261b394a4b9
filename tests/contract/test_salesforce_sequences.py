"""Whatever people do to records between readings, the readings add up to what the org holds."""

from collections.abc import Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.clock import FixedClock
from tests.contract.salesforce_harness import SalesforceHarness
from tests.contract.stored import SEQUENCES, Stored

#: What is read: everything else this org does not use.
_SKIPPED = ("opportunities", "contact_roles", "campaign_members")
#: Longer than any stream stops short of now, so that everything done is read.
_SETTLED_S = 300
_PEOPLE = ("Lead", "Contact")
_ACTIVITIES = {"Task": "task", "Event": "event", "Case": "case"}
_OPERATIONS = (
    "create", "edit", "call", "meet", "complain", "merge", "merge_accounts", "convert", "delete", "withdraw",
    "restore", "archive", "pull",
)  # fmt: skip

steps = st.lists(st.tuples(st.sampled_from(_OPERATIONS), st.integers(0, 20), st.integers(0, 20)), max_size=25)


class People:
    """Random people at work in the org; what cannot be done is not done."""

    def __init__(self, harness: SalesforceHarness) -> None:
        self._harness = harness

    def act(self, operation: str, one: int, other: int) -> None:
        self._harness.pass_time(1 + other * 40)
        getattr(self, operation)(one, other)

    def create(self, one: int, other: int) -> None:
        values = {"LastName": f"Person {one}", "Company": f"Acme {other}", "Email": f"p{one}@acme.test"}
        self._harness.do("create", object="Lead", values=values)
        self._harness.do("create", object="Account", values={"Name": f"Acme {other}"})

    def edit(self, one: int, other: int) -> None:
        for name, field in (("Lead", "Title"), ("Contact", "Title"), ("Account", "Industry")):
            for row in self._some(name, one):
                value = ("Energy" if other % 2 else "Media") if name == "Account" else f"Title {other}"
                self._harness.do("edit", object=name, id=row["Id"], values={field: value})

    def call(self, one: int, _: int) -> None:
        call = {"Subject": "Call", "Status": "Completed", "TaskSubtype": "Call"}
        for name in ("Lead", "Contact"):
            for row in self._some(name, one):
                self._harness.do("create", object="Task", values={**call, "WhoId": row["Id"]})

    def meet(self, one: int, _: int) -> None:
        for row in self._some("Contact", one):
            at = {"ActivityDateTime": "2026-11-20T10:00:00Z", "DurationInMinutes": 30}
            self._harness.do("create", object="Event", values={"Subject": "Demo", "WhoId": row["Id"], **at})

    def complain(self, one: int, _: int) -> None:
        for row in self._some("Contact", one):
            self._harness.do("create", object="Case", values={"Subject": "Help", "ContactId": row["Id"]})

    def merge(self, one: int, other: int) -> None:
        for name in ("Lead", "Contact"):
            pair = [*self._some(name, one), *self._some(name, other)]
            if len({row["Id"] for row in pair}) == 2:
                self._harness.do("merge", master=pair[0]["Id"], losers=[pair[1]["Id"]])

    def merge_accounts(self, one: int, other: int) -> None:
        pair = [*self._some("Account", one), *self._some("Account", other)]
        if len({row["Id"] for row in pair}) == 2:
            self._harness.do("merge", master=pair[0]["Id"], losers=[pair[1]["Id"]])

    def convert(self, one: int, _: int) -> None:
        for row in self._some("Lead", one):
            self._harness.do("convert", id=row["Id"])

    def delete(self, one: int, other: int) -> None:
        for row in self._some(("Lead", "Contact", "Account")[other % 3], one):
            if not (other % 3 == 2 and self._has_people(row["Id"])):
                self._harness.do("delete", id=row["Id"])

    def withdraw(self, one: int, other: int) -> None:
        for row in self._some(list(_ACTIVITIES)[other % 3], one):
            self._harness.do("delete", id=row["Id"])

    def archive(self, one: int, other: int) -> None:
        for row in self._some(("Task", "Event")[other % 2], one):
            self._harness.do("archive", id=row["Id"])

    def restore(self, one: int, _: int) -> None:
        kinds = ("Lead", "Contact", "Account", *_ACTIVITIES)
        binned = [row for name in kinds for row in self._all(name) if row.get("IsDeleted")]
        binned = [row for row in binned if not row.get("MasterRecordId")]
        if binned:
            self._harness.do("restore", id=binned[one % len(binned)]["Id"])

    def _has_people(self, account: str) -> bool:
        """Then Salesforce would delete them too, or refuse."""
        return any(row.get("AccountId") == account for row in self._all("Contact"))

    def _all(self, name: str) -> list[dict[str, Any]]:
        return self._harness.stored(name)

    def _some(self, name: str, number: int) -> list[dict[str, Any]]:
        """One live record, or none."""
        live = [row for row in self._all(name) if not row.get("IsDeleted") and not row.get("IsConverted")]
        return [live[number % len(live)]] if live else []


@settings(max_examples=SEQUENCES, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps)
def test_readings_add_up_to_the_org(script: list[tuple[str, int, int]]) -> None:
    harness, stored = SalesforceHarness(), Stored()
    try:
        people = People(harness)
        for operation, one, other in script:
            if operation == "pull":
                stored.pull(harness.connector(skip=_SKIPPED), FixedClock(harness.now()))
            else:
                people.act(operation, one, other)
        harness.pass_time(_SETTLED_S)
        stored.pull(harness.connector(skip=_SKIPPED), FixedClock(harness.now()))
        columns = ("email", "title", "state", "successor")
        assert stored.records("person_records", *columns) == people_as_held(harness)
        assert stored.records("company_records", "name", "industry", "state", "successor") == (
            accounts_as_held(harness)
        )
        assert activities_as_read(stored) == activities_as_held(harness)
    finally:
        stored.close()
        harness.close()


def people_as_held(harness: SalesforceHarness) -> dict[str, tuple[Any, ...]]:
    return {
        row["Id"]: (row.get("Email"), row.get("Title"), *fate(name, row))
        for name in _PEOPLE
        for row in harness.stored(name)
    }


def accounts_as_held(harness: SalesforceHarness) -> dict[str, tuple[Any, ...]]:
    return {
        row["Id"]: (row["Name"], row.get("Industry"), *fate("Account", row))
        for row in harness.stored("Account")
    }


def fate(name: str, row: Mapping[str, Any]) -> tuple[str, str | None]:
    if row.get("IsDeleted"):
        winner = row.get("MasterRecordId")
        return ("merged", f"salesforce:{name}:{winner}") if winner else ("deleted", None)
    if row.get("IsConverted"):
        return "converted", f"salesforce:Contact:{row['ConvertedContactId']}"
    return "live", None


def activities_as_read(stored: Stored) -> dict[str, str]:
    return {key: row["record_id"] for key, row in stored.activities().items()}


def activities_as_held(harness: SalesforceHarness) -> dict[str, str]:
    return {
        f"{prefix}:{row['Id']}": who
        for name, prefix in _ACTIVITIES.items()
        for row in harness.stored(name)
        if not row.get("IsDeleted") and (who := row.get("ContactId" if name == "Case" else "WhoId"))
    }


def test_the_script_can_do_everything() -> None:
    """Each operation changes something, so that the sequences above are not empty gestures."""
    harness = SalesforceHarness()
    people = People(harness)
    for operation in ("create", "create", "create", "edit", "call", "merge", "merge_accounts", "convert",
                      "meet", "complain", "archive", "withdraw", "delete", "restore"):  # fmt: skip
        before = harness.app.dump()
        people.act(operation, 1, 0)
        assert harness.app.dump() != before, operation
    harness.close()
