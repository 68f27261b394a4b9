"""Lists and who is in them."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.values import iso_ms

RESTORABLE_MS = 90 * 86_400_000
PROCESSING_TYPES = ("MANUAL", "SNAPSHOT", "DYNAMIC")


@dataclass(slots=True)
class ContactList:
    """members: record id to the instant it joined. filter_branch: of a DYNAMIC or SNAPSHOT list."""

    id: int
    legacy_id: int
    name: str
    type_id: str
    processing: str
    created_ms: int
    filter_branch: dict[str, Any] | None = None
    members: dict[int, int] = field(default_factory=dict)
    updated_ms: int = 0
    version: int = 1
    deleted_ms: int | None = None

    def as_json(self, *, filters: bool = False) -> dict[str, Any]:
        body: dict[str, Any] = {
            "listId": str(self.id),
            "listVersion": self.version,
            "createdAt": iso_ms(self.created_ms),
            "updatedAt": iso_ms(self.updated_ms),
            "filtersUpdatedAt": iso_ms(self.created_ms),
            "processingStatus": "COMPLETE",
            "createdById": "2316051",
            "updatedById": "2316051",
            "processingType": self.processing,
            "objectTypeId": self.type_id,
            "name": self.name,
            "size": len(self.members),
        }
        if filters and self.filter_branch is not None:
            body["filterBranch"] = self.filter_branch
        if self.deleted_ms is not None:
            body["deletedAt"] = iso_ms(self.deleted_ms)
        return body


class ListBook:
    """All lists by id; deleted ones stay for 90 days."""

    def __init__(self) -> None:
        self.lists: dict[int, ContactList] = {}
        self._next_id = 9

    def create(
        self, name: str, type_id: str, processing: str, now_ms: int, branch: dict[str, Any] | None = None
    ) -> ContactList:
        """The two ids run in different sequences, so that mistaking one for the other is noticed."""
        made = ContactList(self._next_id, 4000 - self._next_id, name, type_id, processing, now_ms, branch)
        made.updated_ms = now_ms
        self.lists[made.id] = made
        self._next_id += 1
        return made

    def live(self) -> list[ContactList]:
        return [one for one in self.lists.values() if one.deleted_ms is None]

    def find(self, list_id: int) -> ContactList | None:
        found = self.lists.get(list_id)
        return None if found is None or found.deleted_ms is not None else found

    def named(self, name: str, type_id: str) -> ContactList | None:
        """Names are compared without regard to case."""
        return next(
            (one for one in self.live() if one.name.lower() == name.lower() and one.type_id == type_id), None
        )

    def forget(self, type_id: str, record_id: int) -> None:
        """A record that is archived or erased leaves its lists."""
        for one in self.lists.values():
            if one.type_id == type_id:
                one.members.pop(record_id, None)

    def move(self, type_id: str, old: int, new: int) -> None:
        for one in self.lists.values():
            if one.type_id == type_id and old in one.members:
                joined = one.members.pop(old)
                one.members[new] = min(joined, one.members.get(new, joined))
