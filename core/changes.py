"""What we ask of a vendor, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Value = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Ref:
    """One vendor record. ``address`` is its e-mail, for vendors that write by it (Mailchimp)."""

    vendor: str
    object: str
    record_id: str
    address: str | None = None

    def __str__(self) -> str:
        return f"{self.object} {self.record_id}"


@dataclass(frozen=True, slots=True)
class SetFields:
    """Make the record's fields hold these values; None clears a field."""

    ref: Ref
    values: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class SetMembership:
    """Put the record on a list, or take it off.

    list_id: the vendor's id, as ``Connector.ensure_lists`` gave it; consent is re-read by the connector
    right before an addition when ``channel`` is ``email``.
    """

    ref: Ref
    list_name: str
    list_id: str
    member: bool
    channel: str = "none"


@dataclass(frozen=True, slots=True)
class CreateTask:
    """A task for the record's owner, once per ``key``."""

    ref: Ref
    key: str
    subject: str
    body: str
    owner: str | None


@dataclass(frozen=True, slots=True)
class Assign:
    """Give the record to a user or queue."""

    ref: Ref
    owner: str


Change = SetFields | SetMembership | CreateTask | Assign


@dataclass(frozen=True, slots=True)
class AskConsent:
    """Whether the record's owner refuses e-mail: asked of every vendor before they join a list of one."""

    ref: Ref


@dataclass(frozen=True, slots=True)
class Done:
    """The vendor acknowledged it. ``created_id`` is set where the change created a record (a task)."""

    change: Change
    created_id: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The vendor refused this one change; its neighbours are not affected."""

    change: Change
    code: str
    reason: str
    remedy: str
    field: str | None = None
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Gone:
    """The record is deleted, merged or converted: nothing to do here, and no error."""

    change: Change
    why: str
    successor: str | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """Consent changed since the plan: the person is not added."""

    change: Change
    status: str


Outcome = Done | Rejected | Gone | Withheld

FieldKind = Literal["integer", "number", "text", "long_text", "date", "datetime", "boolean"]


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A custom field we want a vendor to have."""

    object: str
    name: str
    label: str
    kind: FieldKind
    help: str = ""
    length: int = 255
    decimals: int = 0


@dataclass(frozen=True, slots=True)
class FieldState:
    """What the vendor has for a wanted field."""

    spec: FieldSpec
    status: Literal["present", "missing", "other_type", "not_visible", "created", "failed"]
    detail: str = ""


@dataclass(frozen=True, slots=True)
class ListSpec:
    """A list we want a vendor to have, found by name and created where missing."""

    name: str
    kind: str  # hubspot: list; mailchimp: tag, segment or journey; salesforce: campaign
    audience: str | None = None  # Mailchimp audience name
    status: str | None = None  # Salesforce campaign member status


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One thing ``check`` verified about a connection."""

    name: str
    ok: bool
    detail: str = ""
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Everything ``check`` found for one vendor."""

    vendor: str
    items: tuple[CheckItem, ...] = field(default_factory=tuple)

    @property
    def ok(self) -> bool:
        return all(item.ok for item in self.items)
