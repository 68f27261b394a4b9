"""Tasks for sales: each key once, whatever happened to the answer of an earlier try."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from connectors.salesforce.client import Json, SalesforceClient
from connectors.salesforce.outcomes import Settled
from connectors.salesforce.owners import Owners
from connectors.salesforce.soql import chunks, one_of
from core.changes import CreateTask, Done
from core.errors import OutcomeUnknown

_PER_CALL = 200
_SUBJECT = 255
_MARK = "Scoreline reference: "


class Tasks:
    """Task records on leads and contacts. The key stands in the description: tasks have no field for it."""

    def __init__(self, client: SalesforceClient, owners: Owners) -> None:
        self._client, self._owners = client, owners

    def push(self, changes: Sequence[CreateTask], settled: Settled) -> None:
        wanted = self._missing(changes, settled)
        owners = self._owner_ids(wanted)
        for some in chunks(wanted, _PER_CALL):
            try:
                self._create(some, owners, settled)
            except OutcomeUnknown:
                self._create(self._missing(some, settled), owners, settled)

    def _missing(self, changes: Sequence[CreateTask], settled: Settled) -> list[CreateTask]:
        existing = self._existing(changes)
        for change in changes:
            if change.key in existing:
                settled.put(change, Done(change, existing[change.key]))
        return [change for change in changes if change.key not in existing]

    def _create(
        self, changes: Sequence[CreateTask], owners: Mapping[str, str | None], settled: Settled
    ) -> None:
        if changes:
            records = [_record(change, owners[change.key]) for change in changes]
            settled.take(changes, self._client.collection("POST", "create tasks", records=records, once=True))

    def _existing(self, changes: Sequence[CreateTask]) -> dict[str, str]:
        """Key → task, among all tasks of these people: deleted ones count, they had been created."""
        found: dict[str, str] = {}
        keys = {change.key for change in changes}
        people = sorted({change.ref.record_id for change in changes})
        for some in chunks(people):
            rows = self._client.rows(
                f"SELECT Id, Description FROM Task WHERE WhoId IN {one_of(some)}",  # noqa: S608 - quoted
                everything=True,
            )
            for row in rows:
                key = (row["Description"] or "").rpartition(_MARK)[2].strip()
                if key in keys:
                    found[key] = row["Id"]
        return found

    def _owner_ids(self, changes: Sequence[CreateTask]) -> dict[str, str | None]:
        """Task key → owner id; None leaves the task to the user we run as."""
        if not changes:
            return {}
        people: dict[str, list[str]] = defaultdict(list)
        for change in changes:
            if change.owner is None:
                people[change.ref.object].append(change.ref.record_id)
        held: dict[str, str | None] = {}
        for object_name, ids in people.items():
            for some in chunks(ids):
                rows = self._client.rows(f"SELECT Id, OwnerId FROM {object_name} WHERE Id IN {one_of(some)}")  # noqa: S608 - quoted
                held.update({row["Id"]: row["OwnerId"] for row in rows})
        wanted = {change.key: change.owner or held.get(change.ref.record_id) for change in changes}
        known = self._owners.resolve([owner for owner in wanted.values() if owner])
        fallback = self._owners.fallback()
        return {key: _user(known.get(owner or "")) or fallback for key, owner in wanted.items()}


def _user(owner: str | None) -> str | None:
    """Only users: a queue owns tasks only where an administrator allowed it."""
    return owner if owner and owner.startswith("005") else None


def _record(change: CreateTask, owner: str | None) -> Json:
    body: Json = {
        "attributes": {"type": "Task"},
        "WhoId": change.ref.record_id,
        "Subject": change.subject[:_SUBJECT],
        "Description": f"{change.body}\n\n{_MARK}{change.key}",
        "Status": "Not Started",
        "Priority": "Normal",
    }
    return {**body, "OwnerId": owner} if owner else body
