"""Creating, changing and deleting rows under all the org's rules."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sandbox.salesforce import behaviour
from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.fields import Field
from sandbox.salesforce.ids import looks_like_id, to18
from sandbox.salesforce.instants import stamp
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.store import Row
from sandbox.salesforce.values import stored

if TYPE_CHECKING:
    from sandbox.salesforce.access import Access
    from sandbox.salesforce.org import Org

# What goes with a deleted row, as (child, lookup).
_CASCADES: dict[str, tuple[tuple[str, str], ...]] = {
    "Account": (
        ("Contact", "AccountId"),
        ("Opportunity", "AccountId"),
        ("Task", "WhatId"),
        ("Event", "WhatId"),
    ),
    "Contact": (
        ("CampaignMember", "ContactId"),
        ("OpportunityContactRole", "ContactId"),
        ("Task", "WhoId"),
        ("Event", "WhoId"),
    ),
    "Lead": (("CampaignMember", "LeadId"), ("Task", "WhoId"), ("Event", "WhoId")),
    "Opportunity": (("OpportunityContactRole", "OpportunityId"), ("Task", "WhatId"), ("Event", "WhatId")),
    "Campaign": (("CampaignMember", "CampaignId"), ("CampaignMemberStatus", "CampaignId")),
    "PermissionSet": (("FieldPermissions", "ParentId"), ("PermissionSetAssignment", "PermissionSetId")),
}


class Writer:
    """Writes as one user at one instant. What it wrote can be rolled back.

    hide_for: queries do not see the writes for so long. duplicates_allowed: the request said allowSave.
    """

    def __init__(
        self,
        org: "Org",
        access: "Access",
        *,
        hide_for: timedelta | None = None,
        duplicates_allowed: bool = False,
    ) -> None:
        self._org = org
        self._access = access
        self._duplicates_allowed = duplicates_allowed
        self._now = org.now()
        self._hidden_until = stamp(org.clock.now() + hide_for) if hide_for else None
        self._undo: list[Callable[[], None]] = []

    def owner(self, name: str) -> SObject:
        """The object of a name. Refused (404) if the user has none such."""
        found = self._org.schema.find(name)
        if found is None or not self._access.sees(found.name):
            raise not_found()
        return found

    def columns(self, owner: SObject, names: Mapping[str, Any]) -> dict[str, Field]:
        """The fields named in a body. Refused (INVALID_FIELD) for the whole request if one is none."""
        found: dict[str, Field] = {}
        for name in names:
            if name == "attributes":
                continue
            known = owner.find(name)
            if known is None or not self._access.reads(owner.name, known):
                raise Refused("INVALID_FIELD", f"No such column '{name}' on sobject of type {owner.name}")
            found[name] = known
        return found

    def insert(self, owner: SObject, values: Mapping[str, Any]) -> str:
        """Create a row and return its id. Refused with the row's code."""
        self._allowed(owner, "create")
        table = self._org.table(owner.name)
        row = self._fresh(owner, table.new_id())
        fields = self.columns(owner, values)
        self._writable(owner, fields, values, new=True)
        for name, known in fields.items():
            if known.name != "Id":
                _set(row, known.name, stored(self._org, known, values[name]))
        if owner.name == "Account" and row.get("LastName"):
            row.setdefault("Name", row["LastName"])
        self._require(owner, row)
        self._settle(owner, row, None)
        table.add(row)
        self._undo.append(lambda: table.purge(row["Id"]))
        self._hide(owner, row["Id"], None)
        behaviour.created(self._org, owner.name, row)
        return str(row["Id"])

    def update(self, owner: SObject, record_id: str, values: Mapping[str, Any]) -> None:
        """Change a row. Refused with the row's code; nothing is changed then."""
        before = self.existing(owner, record_id)
        self._allowed(owner, "edit")
        fields = self.columns(owner, values)
        given = {name: known for name, known in fields.items() if known.name != "Id"}
        self._writable(owner, given, values, new=False)
        if owner.name == "Lead" and before.get("IsConverted"):
            raise Refused("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
        row = dict(before)
        row.update(
            LastModifiedDate=self._now, LastModifiedById=self._access.user_id, SystemModstamp=self._now
        )
        for name, known in given.items():
            _set(row, known.name, stored(self._org, known, values[name]))
        self._lock(row, before)
        self._settle(owner, row, before)
        self.replace(owner, row, dict(before))

    def replace(self, owner: SObject, row: Row, before: Row) -> None:
        """Put a row in place of what it was, indexes and all."""
        table = self._org.table(owner.name)
        record_id = row["Id"]
        _overwrite(table, record_id, row)
        self._undo.append(lambda: _overwrite(table, record_id, before))
        self._hide(owner, record_id, before)

    def upsert(self, owner: SObject, key: Field, value: Any, values: Mapping[str, Any]) -> tuple[str, bool]:
        """Update the one row with this key, or create it: ``(id, created)``. Several: Refused (300)."""
        body = {name: given for name, given in values.items() if name.lower() != key.name.lower()}
        if key.name == "Id":
            if value:
                self.update(owner, str(value), body)
                return to18(str(value)), False
            return self.insert(owner, body), True
        found = self.matching(owner, key, value)
        if len(found) > 1:
            message = f"{key.name}: more than one record found for external id field: {found}"
            raise Refused("DUPLICATE_EXTERNAL_ID", message, status=300)
        if found:
            self.update(owner, found[0], body)
            return found[0], False
        return self.insert(owner, {**body, key.name: value}), True

    def matching(self, owner: SObject, key: Field, value: Any) -> list[str]:
        """Ids of the live rows with a value in a field."""
        wanted = str(value or "").lower()
        table = self._org.table(owner.name)
        keys = table.lookup(key.name, wanted) if table.indexed(key.name) else list(table.rows)
        rows = (table.rows[record_id] for record_id in keys)
        return [
            row["Id"]
            for row in rows
            if not row.get("IsDeleted") and str(row.get(key.name, "")).lower() == wanted
        ]

    def delete(self, owner: SObject, record_id: str) -> None:
        """Move a row and what hangs on it to the recycle bin."""
        row = self.existing(owner, record_id)
        if not owner.deletable:
            raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
        self._allowed(owner, "delete")
        self._lock(row, row)
        self.bin(owner, row)

    def bin(self, owner: SObject, row: Row) -> None:
        """Delete without asking who may."""
        before = dict(row)
        after = {**before, "IsDeleted": True, "SystemModstamp": self._now}
        self.replace(owner, after, before)
        entry = (self._now, owner.name, row["Id"])
        self._org.deletions.append(entry)
        self._undo.append(lambda: self._org.deletions.remove(entry))
        for child, lookup in _CASCADES.get(owner.name, ()):
            table = self._org.table(child)
            for key in self._org.referring(child, lookup, row["Id"]):
                if not table.rows[key].get("IsDeleted"):
                    self.bin(self._org.schema.get(child), table.rows[key])

    def existing(self, owner: SObject, record_id: str) -> Row:
        """A row that is there. Refused if the id is malformed, unknown or deleted."""
        if not looks_like_id(record_id):
            raise Refused(
                "MALFORMED_ID", f"{owner.label} ID: id value of incorrect type: {record_id}", ["Id"]
            )
        row = self._org.table(owner.name).rows.get(to18(record_id))
        if row is None:
            raise Refused("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
        if row.get("IsDeleted"):
            raise Refused("ENTITY_IS_DELETED", "entity is deleted")
        return row

    def roll_back(self) -> None:
        """Undo everything this writer did, newest first."""
        while self._undo:
            self._undo.pop()()

    def _allowed(self, owner: SObject, verb: str) -> None:
        if not self._access.may(f"{owner.name}.{verb}"):
            code = "INSUFFICIENT_ACCESS_OR_READONLY"
            raise Refused(code, "insufficient access rights on object id", status=403)

    def _fresh(self, owner: SObject, record_id: str) -> Row:
        row: Row = {"Id": record_id}
        user = self._access.user_id
        stamped = {
            "IsDeleted": False,
            "OwnerId": user,
            "CreatedDate": self._now,
            "CreatedById": user,
            "LastModifiedDate": self._now,
            "LastModifiedById": user,
            "SystemModstamp": self._now,
        }
        row.update({name: value for name, value in stamped.items() if name in owner.fields})
        for known in owner.fields.values():
            if known.default is not None:
                row[known.name] = known.default
        return row

    def _writable(
        self, owner: SObject, fields: Mapping[str, Field], values: Mapping[str, Any], *, new: bool
    ) -> None:
        refused = [
            known.name
            for name, known in fields.items()
            if not self._takes(owner, known, values[name], new=new)
        ]
        if refused:
            message = (
                f"Unable to create/update fields: {', '.join(refused)}. Please check the security "
                "settings of this field and verify that it is read/write for your profile or permission set."
            )
            raise Refused("INVALID_FIELD_FOR_INSERT_UPDATE", message, refused)

    def _takes(self, owner: SObject, known: Field, value: Any, *, new: bool) -> bool:
        if known.name == "Id":
            return new and value is None
        open_to_all = known.createable if new else known.updateable
        return open_to_all and self._access.edits(owner.name, known)

    def _require(self, owner: SObject, row: Row) -> None:
        missing = [
            known.name
            for known in owner.fields.values()
            if known.must_be_given and row.get(known.name) is None
        ]
        if missing:
            message = f"Required fields are missing: [{', '.join(missing)}]"
            raise Refused("REQUIRED_FIELD_MISSING", message, missing)

    def _settle(self, owner: SObject, row: Row, before: Row | None) -> None:
        self._active_owner(owner, row, before)
        behaviour.saved(self._org, owner.name, row, before)
        self._unique(owner, row)
        if before is None:
            self._lock(row, row)
        self._org.rules.check(self._org, owner.name, row, duplicates_allowed=self._duplicates_allowed)

    def _active_owner(self, owner: SObject, row: Row, before: Row | None) -> None:
        if "OwnerId" not in owner.fields or (
            before is not None and before.get("OwnerId") == row.get("OwnerId")
        ):
            return
        holder = self._org.row(row["OwnerId"]) or {}
        if holder.get("Username") and not holder.get("IsActive"):
            kind = owner.label.lower()
            message = f"operation performed with inactive user [{holder['Id'][:15]}] as owner of {kind}"
            raise Refused("INACTIVE_OWNER_OR_USER", message, ["OwnerId"])

    def _unique(self, owner: SObject, row: Row) -> None:
        for known in owner.fields.values():
            if known.unique and row.get(known.name) is not None:
                others = [key for key in self.matching(owner, known, row[known.name]) if key != row["Id"]]
                if others:
                    twin = others[0][:15]
                    message = (
                        f"duplicate value found: {known.name} duplicates value on record with id: {twin}"
                    )
                    raise Refused("DUPLICATE_VALUE", message, [known.name])

    def _lock(self, row: Row, before: Row) -> None:
        """A contact's write locks its account too."""
        locks = self._org.locks
        for key in (row["Id"], row.get("AccountId"), before.get("AccountId")):
            if key in locks:
                left = locks[key]
                if left is not None and left <= 1:
                    del locks[key]
                elif left is not None:
                    locks[key] = left - 1
                message = f"unable to obtain exclusive access to this record or 1 records: {key}"
                raise Refused("UNABLE_TO_LOCK_ROW", message)

    def _hide(self, owner: SObject, record_id: str, before: Row | None) -> None:
        if self._hidden_until is not None:
            self._org.table(owner.name).hidden[record_id] = (self._hidden_until, before)


def _set(row: Row, name: str, value: Any) -> None:
    if value is None:
        row.pop(name, None)
    else:
        row[name] = value


def _overwrite(table: Any, record_id: str, row: Row) -> None:
    held = table.rows[record_id]
    gone = dict.fromkeys(held.keys() - row.keys())
    table.change(record_id, {**gone, **row})
