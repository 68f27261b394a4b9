"""One org: its schema, its rows, its people, and what its administrators have set up."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sandbox.clock import Clock
from sandbox.salesforce.access import Access
from sandbox.salesforce.ids import to18
from sandbox.salesforce.instants import stamp, unstamp
from sandbox.salesforce.limits import Allowance, Limits
from sandbox.salesforce.rules import RuleBook
from sandbox.salesforce.schema import Schema
from sandbox.salesforce.store import INDEXED, Row, Table

INTEGRATION_USER = "integration@brightloom.io"


class Org:
    """Everything the vendor stores. Text instants are stamps (see ``instants``)."""

    def __init__(self, clock: Clock, limits: Limits) -> None:
        self.clock = clock
        self.limits = limits
        self.allowance = Allowance(clock, limits)
        self.schema = Schema()
        self.rules = RuleBook()
        self.denied: set[str] = set()
        self.locks: dict[str, int | None] = {}
        self.lead_mapping: dict[str, tuple[str, str]] = {}
        self.deletions: list[tuple[str, str, str]] = []
        self._tables = {
            known.name: Table(known.prefix, INDEXED & known.fields.keys()) for known in self.schema
        }
        self._numbers: dict[str, int] = {}
        self.org_id = self._plant_organization()
        self.profile_id = self.plant("Profile", {"Name": "System Administrator", "UserType": "Standard"})
        self.integration_id = self.plant_user(INTEGRATION_USER, "Integration", "User", active=True)

    def table(self, name: str) -> Table:
        return self._tables[name]

    def tables(self) -> Iterator[tuple[str, Table]]:
        return iter(self._tables.items())

    def row(self, record_id: str) -> Row | None:
        """A row by id, deleted or not; None if there is none."""
        owner = self.schema.of_id(record_id)
        return None if owner is None else self._tables[owner.name].rows.get(to18(record_id))

    def referring(self, child: str, name: str, record_id: str) -> list[str]:
        """Ids of the child rows whose lookup holds this id."""
        table = self._tables[child]
        if table.indexed(name):
            return table.lookup(name, record_id)
        return [key for key, row in table.rows.items() if row.get(name) == record_id]

    def access(self, user_id: str) -> Access:
        return Access(self, user_id)

    def system(self) -> Access:
        """The view of someone from whom nothing is hidden."""
        return Access(self, self.integration_id, everything=True)

    def now(self) -> str:
        return stamp(self.clock.now())

    def next_number(self, series: str) -> int:
        self._numbers[series] = self._numbers.get(series, 0) + 1
        return self._numbers[series]

    def plant(self, name: str, values: Row, at: datetime | None = None) -> str:
        """Store a row as it is, past all rules: what was there before anyone looked."""
        table = self._tables[name]
        when = stamp(at or self.clock.now())
        row: Row = {"Id": table.new_id()}
        fields = self.schema.get(name).fields
        author = getattr(self, "integration_id", None) or row["Id"]
        stamped = {
            "IsDeleted": False,
            "CreatedDate": when,
            "CreatedById": author,
            "LastModifiedDate": when,
            "LastModifiedById": author,
            "SystemModstamp": when,
        }
        row.update({key: value for key, value in stamped.items() if key in fields})
        row.update({key: value for key, value in values.items() if value is not None})
        table.add(row)
        return str(row["Id"])

    def plant_user(self, email: str, first: str | None, last: str, *, active: bool) -> str:
        values: dict[str, Any] = {
            "Username": email,
            "Email": email,
            "FirstName": first,
            "LastName": last,
            "Name": f"{first} {last}" if first else last,
            "Alias": last[:8].lower(),
            "CommunityNickname": email.split("@", 1)[0],
            "IsActive": active,
            "ProfileId": self.profile_id,
            "UserType": "Standard",
            "TimeZoneSidKey": "GMT",
            "LocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "EmailEncodingKey": "UTF-8",
            "UserPermissionsMarketingUser": True,
        }
        return self.plant("User", values)

    def _plant_organization(self) -> str:
        values = {
            "Name": "Brightloom",
            "Country": "US",
            "DefaultLocaleSidKey": "en_US",
            "TimeZoneSidKey": "GMT",
            "LanguageLocaleKey": "en_US",
            "OrganizationType": "Enterprise Edition",
            "InstanceName": "SBX1",
        }
        return self.plant("Organization", values)

    def user(self, username: str) -> Row | None:
        wanted = username.lower()
        for row in self._tables["User"].rows.values():
            if row.get("Username", "").lower() == wanted:
                return row
        return None

    def unhidden(self, table: Table) -> Iterator[Row]:
        """All rows as queries may see them while some writes are still hidden."""
        now = self.now()
        for record_id, (until, _) in list(table.hidden.items()):
            if until <= now:
                del table.hidden[record_id]
        for record_id, row in table.rows.items():
            held = table.hidden.get(record_id)
            if held is None:
                yield row
            elif held[1] is not None:
                yield held[1]

    def purge_bin(self) -> None:
        """Rows deleted over 15 days ago are gone for good."""
        limit = stamp(self.clock.now() - timedelta(days=self.limits.bin_days))
        while self.deletions and self.deletions[0][0] < limit:
            _, name, record_id = self.deletions.pop(0)
            row = self._tables[name].rows.get(record_id)
            if row is not None and row.get("IsDeleted") and row["SystemModstamp"] < limit:
                self._tables[name].purge(record_id)

    def age(self, text: str) -> timedelta:
        return self.clock.now() - unstamp(text)
