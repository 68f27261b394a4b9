"""The objects of an org and their fields, standard and custom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from sandbox.salesforce.fields import Field, parse
from sandbox.salesforce.shapes import DECLARATIONS, Declaration

_CHILD_NAMES = {
    ("Account", "ParentId"): "ChildAccounts",
    ("Case", "ParentId"): "Cases",
    ("Campaign", "ParentId"): "ChildCampaigns",
    ("CampaignMemberStatus", "CampaignId"): "CampaignMemberStatuses",
    ("FieldPermissions", "ParentId"): "FieldPerms",
    ("ObjectPermissions", "ParentId"): "ObjectPerms",
    ("PermissionSetAssignment", "PermissionSetId"): "Assignments",
    ("PermissionSetAssignment", "AssigneeId"): "PermissionSetAssignments",
    ("OpportunityContactRole", "ContactId"): "OpportunityContactRoles",
    ("OpportunityContactRole", "OpportunityId"): "OpportunityContactRoles",
}
_CHILD_OF = {
    "Contact": "Contacts",
    "Opportunity": "Opportunities",
    "Case": "Cases",
    "Task": "Tasks",
    "Event": "Events",
    "CampaignMember": "CampaignMembers",
}
_UNNAMED = {"OwnerId", "CreatedById", "LastModifiedById", "MasterRecordId", "ReportsToId"}


@dataclass(slots=True)
class SObject:
    """One object. ``canonical`` maps a lower-case field name to the field's own."""

    name: str
    prefix: str
    label: str
    plural: str
    deletable: bool
    bulk: bool
    setup: bool
    fields: dict[str, Field]
    canonical: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.canonical = {name.lower(): name for name in self.fields}

    def find(self, name: str) -> Field | None:
        own = self.canonical.get(name.lower())
        return None if own is None else self.fields[own]

    def put(self, known: Field) -> None:
        """Add a field, or change the one of that name."""
        self.fields[known.name] = known
        self.canonical[known.name.lower()] = known.name

    def drop(self, name: str) -> Field:
        """Take a field out of the org."""
        del self.canonical[name.lower()]
        return self.fields.pop(name)

    def relation(self, name: str) -> Field | None:
        """The lookup field whose relationship has this name."""
        wanted = name.lower()
        for known in self.fields.values():
            if known.relation and known.targets and known.relation.lower() == wanted:
                return known
        return None


class Schema:
    """All objects, found by name in any case or by key prefix."""

    def __init__(self, declarations: Iterable[Declaration] = DECLARATIONS) -> None:
        self._objects = {declared.name.lower(): _build(declared) for declared in declarations}
        self._by_prefix = {known.prefix: known for known in self._objects.values()}

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._objects.values())

    def find(self, name: str) -> SObject | None:
        return self._objects.get(name.lower())

    def get(self, name: str) -> SObject:
        """An object that is known to exist. KeyError if not."""
        return self._objects[name.lower()]

    def of_id(self, record_id: str) -> SObject | None:
        return self._by_prefix.get(record_id[:3])

    def children(self, parent: str) -> list[tuple[SObject, Field, str | None]]:
        """The lookups that point at an object: child, field, and the relationship's name from above."""
        return [
            (child, known, child_relation(child.name, known.name))
            for child in self
            for known in child.fields.values()
            if parent in known.targets
        ]


def child_relation(child: str, name: str) -> str | None:
    if (child, name) in _CHILD_NAMES:
        return _CHILD_NAMES[child, name]
    return None if name in _UNNAMED else _CHILD_OF.get(child)


def _build(declared: Declaration) -> SObject:
    parsed = [parse(line, declared.name) for line in declared.lines.strip().splitlines()]
    return SObject(
        name=declared.name,
        prefix=declared.prefix,
        label=_spaced(declared.name),
        plural=declared.plural,
        deletable=declared.deletable,
        bulk=declared.bulk,
        setup=declared.setup,
        fields={known.name: known for known in parsed},
    )


def _spaced(name: str) -> str:
    return "".join(
        f" {letter}" if letter.isupper() and place else letter for place, letter in enumerate(name)
    )
