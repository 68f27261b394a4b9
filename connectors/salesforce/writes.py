"""Values into fields: collections of 200, or one Bulk 2.0 job above the break-even."""

import re
from collections import defaultdict
from collections.abc import Sequence

from connectors.salesforce.bulk import ingest
from connectors.salesforce.client import Json, SalesforceClient
from connectors.salesforce.errors import BatchRefused
from connectors.salesforce.outcomes import Settled, rejected
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import chunks, is_id, one_of
from connectors.salesforce.streams import FLAGS, NUMBERS
from core.changes import Assign, Change, Gone, SetFields, Value
from core.errors import SchemaDrift

PER_CALL = 200
_LOCK_ROUNDS, _LOCK_BATCH, _LOCK_WAIT_S = 3, 20, 2.0
_COLUMN = re.compile(r"[Nn]o such column '(\w+)'")

Update = SetFields | Assign


class Writer:
    """Updates of records by id; absolute values, so anything may be sent again."""

    def __init__(self, client: SalesforceClient, schema: Schema) -> None:
        self._client, self._schema = client, schema
        self._person_accounts: dict[str, str] = {}

    def push(self, changes: Sequence[Update], settled: Settled) -> None:
        known = [change for change in changes if is_id(change.ref.record_id)]
        for change in changes:
            if not is_id(change.ref.record_id):
                settled.put(
                    change, rejected(change, "MALFORMED_ID", f"{change.ref.record_id!r} is no record id")
                )
        self._find_person_accounts(known)
        groups: dict[str, list[Update]] = defaultdict(list)
        for change in known:
            groups[self._target(change)[0]].append(change)
        for object_name, group in groups.items():
            in_bulk = len(group) >= self._client.connection.bulk_from
            by_rest = self._in_bulk(object_name, group, settled) if in_bulk else group
            for some in chunks(by_rest, PER_CALL):
                self._send(some, settled)
            self._retry_locked(object_name, settled)
            explain_gone(self._client, settled)

    def record(self, change: Update) -> Json:
        """What is sent for a change, typed as the fields are."""
        object_name, record_id = self._target(change)
        body: Json = {"attributes": {"type": object_name}, "Id": record_id}
        if isinstance(change, Assign):
            return {**body, "OwnerId": change.owner}
        own = object_name == change.ref.object
        values = {name if own else _on_account(name): value for name, value in change.values.items()}
        known = self._schema.fields(object_name) or {}
        types = {name: str(known[name]["type"]) if name in known else "" for name in values}
        return {**body, **{name: _typed(value, types[name]) for name, value in values.items()}}

    def _target(self, change: Update) -> tuple[str, str]:
        """Object and id that are written: of a person account's contact it is the account."""
        account = self._person_accounts.get(change.ref.record_id)
        return ("Account", account) if account else (change.ref.object, change.ref.record_id)

    def _find_person_accounts(self, changes: Sequence[Update]) -> None:
        self._person_accounts = {}
        contacts = [change.ref.record_id for change in changes if change.ref.object == "Contact"]
        if not contacts or "IsPersonAccount" not in (self._schema.fields("Contact") or {}):
            return
        for some in chunks(contacts):
            rows = self._client.rows(
                f"SELECT Id, AccountId FROM Contact WHERE IsPersonAccount = true AND Id IN {one_of(some)}"  # noqa: S608 - quoted
            )
            self._person_accounts.update({row["Id"]: row["AccountId"] for row in rows})

    def _in_bulk(self, object_name: str, group: Sequence[Update], settled: Settled) -> list[Update]:
        """Those of the group that still have to go by REST."""
        records = {self._target(change)[1]: self.record(change) for change in group}
        if len(records) < len(group):
            return list(group)  # a record twice in one job fails both times
        answered = ingest(self._client, object_name, list(records.values()))
        left = []
        for change in group:
            error = answered.get(self._target(change)[1])
            if error is None:
                left.append(change)
            elif error.code:
                settled.fail(change, error.code, error.message, error.field)
            else:
                settled.take([change], [{"success": True}])
        return left

    def _send(self, changes: Sequence[Update], settled: Settled) -> None:
        if not changes:
            return
        try:
            results = self._client.collection(
                "PATCH", "update", records=[self.record(change) for change in changes]
            )
        except SchemaDrift as error:
            self._schema.forget()
            self._without_column(changes, error, settled)
        except BatchRefused as error:
            self._halves(changes, error, settled)
        else:
            settled.take(changes, results)

    def _without_column(self, changes: Sequence[Update], error: SchemaDrift, settled: Settled) -> None:
        """Refuse the changes that need a column the org does not have; send the others."""
        column = _COLUMN.search(error.message)
        needing = [
            change
            for change in changes
            if column and isinstance(change, SetFields) and column[1] in change.values
        ]
        if not needing:
            self._halves(changes, error, settled)
            return
        for change in needing:
            settled.put(change, rejected(change, error.code, error.message, column[1] if column else None))
        self._send([change for change in changes if change not in settled], settled)

    def _halves(self, changes: Sequence[Update], error: BatchRefused | SchemaDrift, settled: Settled) -> None:
        if len(changes) == 1:
            settled.put(changes[0], rejected(changes[0], error.code, error.message))
            return
        middle = len(changes) // 2
        self._send(changes[:middle], settled)
        self._send(changes[middle:], settled)

    def _retry_locked(self, object_name: str, settled: Settled) -> None:
        """Locked rows again, serially; contacts of one account together, as the account is what locks."""
        for round_ in range(_LOCK_ROUNDS):
            locked = [change for change in settled.locked if isinstance(change, SetFields | Assign)]
            settled.locked = []
            if not locked:
                return
            self._client.transport.sleep(_LOCK_WAIT_S * 2**round_)
            for some in chunks(self._by_account(object_name, locked), _LOCK_BATCH):
                self._send(some, settled)
        for change in settled.locked:
            settled.put(
                change, rejected(change, "UNABLE_TO_LOCK_ROW", "another process kept the record locked")
            )
        settled.locked = []

    def _by_account(self, object_name: str, changes: Sequence[Update]) -> list[Update]:
        if object_name != "Contact":
            return list(changes)
        account: dict[str, str] = {}
        for some in chunks([change.ref.record_id for change in changes]):
            rows = self._client.rows(f"SELECT Id, AccountId FROM Contact WHERE Id IN {one_of(some)}")  # noqa: S608 - quoted
            account.update({row["Id"]: row["AccountId"] or "" for row in rows})
        return sorted(changes, key=lambda change: account.get(change.ref.record_id, ""))


def explain_gone(client: SalesforceClient, settled: Settled) -> None:
    """Say of records the vendor did not find whether they were deleted, merged or converted."""
    for object_name in sorted({change.ref.object for change, _, _ in settled.gone}):
        missed = [one for one in settled.gone if one[0].ref.object == object_name]
        found = _fates(client, object_name, [change.ref.record_id for change, _, _ in missed])
        for change, code, message in missed:
            gone = _gone(change, found.get(change.ref.record_id))
            settled.put(change, gone or rejected(change, code, message))
    settled.gone = []


def _fates(client: SalesforceClient, object_name: str, ids: Sequence[str]) -> dict[str, Json]:
    further = ", IsConverted, ConvertedContactId" if object_name == "Lead" else ""
    found: dict[str, Json] = {}
    for some in chunks(sorted({record_id for record_id in ids if is_id(record_id)})):
        soql = f"SELECT Id, IsDeleted, MasterRecordId{further} FROM {object_name} WHERE Id IN {one_of(some)}"  # noqa: S608 - quoted
        found.update({row["Id"]: row for row in client.rows(soql, everything=True)})
    return found


def _on_account(field: str) -> str:
    """The name a contact's custom field has on a person account."""
    return f"{field.removesuffix('__c')}__pc" if field.endswith("__c") else field


def _gone(change: Change, row: Json | None) -> Gone | None:
    """None for a record that is alive: then the vendor complained about something else."""
    if row is None:
        return Gone(change, "deleted")
    if row["IsDeleted"]:
        winner = row["MasterRecordId"]
        if winner:
            return Gone(change, "merged", f"salesforce:{change.ref.object}:{winner}")
        return Gone(change, "deleted")
    if row.get("IsConverted"):
        contact = row.get("ConvertedContactId")
        return Gone(change, "converted", f"salesforce:Contact:{contact}" if contact else None)
    return None


def _typed(value: Value, kind: str) -> Value:
    """The value as JSON has it for a field of this type; what does not fit is the vendor's to refuse."""
    if value is None or value == "":
        return None
    if kind in NUMBERS and isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number.is_integer() else number
    if kind in FLAGS and isinstance(value, str):
        return value.strip().lower() == "true"
    if kind and kind not in NUMBERS | FLAGS:
        return value if isinstance(value, str) else str(value)
    return value
