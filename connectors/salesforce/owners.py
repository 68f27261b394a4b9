"""Users and queues that may own what we create or assign."""

from collections.abc import Iterable, Sequence

from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.outcomes import Settled, rejected
from connectors.salesforce.soql import chunks, is_id, one_of
from core.changes import Assign
from core.ids import salesforce_id


class Owners:
    """Names, addresses and ids → ids of active users and queues, asked once per run."""

    def __init__(self, client: SalesforceClient) -> None:
        self._client = client
        self._known: dict[str, str | None] = {}

    def resolve(self, wanted: Iterable[str]) -> dict[str, str | None]:
        """For each owner as configured or read: the id to write, None for one missing or inactive."""
        asked = sorted({name for name in wanted if name not in self._known})
        for some in chunks(asked, 100):
            self._known.update(dict.fromkeys(some))
            self._users(some)
            self._queues([name for name in some if self._known[name] is None])
        return {name: self._known[name] for name in wanted}

    def fallback(self) -> str | None:
        """The configured owner of what would have none."""
        name = self._client.connection.fallback_owner
        return self.resolve([name])[name] if name else None

    def assignable(self, changes: Sequence[Assign], settled: Settled) -> list[Assign]:
        """The changes with ids for owners; those that name nobody go to the fallback, or are refused."""
        found = self.resolve([change.owner for change in changes])
        fallback = self.fallback() if None in found.values() else None
        ready = []
        for change in changes:
            owner = found[change.owner] or fallback
            if owner is None:
                reason = f"owner {change.owner!r} is missing or inactive"
                settled.put(change, rejected(change, "INACTIVE_OWNER_OR_USER", reason, "OwnerId"))
            else:
                ready.append(Assign(change.ref, owner))
                settled.stands_for(ready[-1], change)
        return ready

    def _users(self, names: Sequence[str]) -> None:
        ids = [salesforce_id(name) for name in names if is_id(name)]
        words = [name for name in names if not is_id(name)]
        conditions = [f"Id IN {one_of(ids)}"] if ids else []
        if words:
            conditions.append(
                f"Username IN {one_of(words)} OR Email IN {one_of(words)} OR Name IN {one_of(words)}"
            )
        named = " OR ".join(conditions)
        rows = self._client.rows(
            f"SELECT Id, Username, Email, Name FROM User WHERE IsActive = true AND ({named})"  # noqa: S608 - quoted
        )
        for row in rows:
            for label in (row["Id"], row["Username"], row["Email"], row["Name"]):
                self._found(label, row["Id"], names)

    def _queues(self, names: Sequence[str]) -> None:
        if not names:
            return
        ids = [salesforce_id(name) for name in names if is_id(name)]
        by_id = f"Id IN {one_of(ids)} OR " if ids else ""
        rows = self._client.rows(
            "SELECT Id, Name, DeveloperName FROM Group WHERE Type = 'Queue' "  # noqa: S608 - quoted
            f"AND ({by_id}Name IN {one_of(names)} OR DeveloperName IN {one_of(names)})"
        )
        for row in rows:
            for label in (row["Id"], row["Name"], row["DeveloperName"]):
                self._found(label, row["Id"], names)

    def _found(self, label: str | None, owner: str, names: Sequence[str]) -> None:
        for name in names:
            same = salesforce_id(name) == label if is_id(name) else name.lower() == (label or "").lower()
            if same and self._known[name] is None:
                self._known[name] = owner
