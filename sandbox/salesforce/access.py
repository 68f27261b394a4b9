"""What one user may see and do."""

from typing import TYPE_CHECKING

from sandbox.salesforce.fields import Field
from sandbox.salesforce.personaccounts import contact_name

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_MARKETING = {"CampaignMember", "CampaignMemberStatus"}


class Access:
    """A user's view of the org at one instant.

    Custom fields need FieldPermissions from a permission set that is assigned to the user; without, even an
    administrator does not see them. ``denied`` holds what an administrator took away: a permission such as
    ``CustomizeApplication``, an object (``Case``), a verb on one (``Lead.edit``), or a standard field
    (``Lead.Email``).
    """

    def __init__(self, org: "Org", user_id: str, *, everything: bool = False) -> None:
        self.user_id = user_id
        self._everything = everything
        self._denied = org.denied
        self._readable: set[str] = set()
        self._editable: set[str] = set()
        self._marketing = everything or bool((org.row(user_id) or {}).get("UserPermissionsMarketingUser"))
        if not everything:
            self._collect(org)

    def _collect(self, org: "Org") -> None:
        held = {
            row["PermissionSetId"]
            for row in org.table("PermissionSetAssignment").rows.values()
            if row.get("AssigneeId") == self.user_id and not row.get("IsDeleted")
        }
        for row in org.table("FieldPermissions").rows.values():
            if row.get("ParentId") in held and not row.get("IsDeleted"):
                if row.get("PermissionsRead"):
                    self._readable.add(row["Field"].lower())
                if row.get("PermissionsEdit"):
                    self._editable.add(row["Field"].lower())

    def sees(self, name: str) -> bool:
        if self._everything:
            return True
        return name not in self._denied and (self._marketing or name not in _MARKETING)

    def reads(self, owner: str, known: Field) -> bool:
        if self._everything:
            return True
        path = _ruled(owner, known)
        if path in self._denied:
            return False
        return not known.custom or known.required or path.lower() in self._readable

    def edits(self, owner: str, known: Field) -> bool:
        if self._everything:
            return True
        path = _ruled(owner, known)
        return self.reads(owner, known) and (
            not known.custom or known.required or path.lower() in self._editable
        )

    def may(self, permission: str) -> bool:
        """Whether a permission, or a verb on an object such as ``Lead.edit``, is left to the user."""
        return self._everything or permission not in self._denied


def _ruled(owner: str, known: Field) -> str:
    """The field whose security decides: a person account's custom field obeys the contact's."""
    own = contact_name(known.name)
    return f"Contact.{own}" if own != known.name else f"{owner}.{known.name}"
