"""What ``config/scoreline.yaml`` may say, as frozen types; ``sync.configuration`` reads it."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, PrivateAttr, field_validator, model_validator

from connectors.connection import Part, Share, VendorConnection
from connectors.files.connection import FilesConnection
from connectors.hubspot.connection import HubSpotConnection
from connectors.mailchimp.connection import MailchimpConnection
from connectors.salesforce.connection import SalesforceConnection
from core.changes import FieldKind
from core.clock import check_zone
from core.durations import parse_duration

Connection = SalesforceConnection | HubSpotConnection | MailchimpConnection | FilesConnection


def _duration(value: object) -> object:
    return value if isinstance(value, timedelta) else parse_duration(str(value))


Duration = Annotated[timedelta, BeforeValidator(_duration, json_schema_input_type=str)]


class Connections(Part):
    """The systems to read and write; one left out is not touched."""

    salesforce: SalesforceConnection | None = None
    hubspot: HubSpotConnection | None = None
    mailchimp: MailchimpConnection | None = None
    files: FilesConnection | None = None

    def present(self) -> dict[str, Connection]:
        """Name → connection, for those that are configured."""
        return {name: connection for name in type(self).model_fields if (connection := getattr(self, name))}

    def vendors(self) -> dict[str, VendorConnection]:
        """Those whose calls are counted: all but folders."""
        return {
            name: connection
            for name, connection in self.present().items()
            if isinstance(connection, VendorConnection)
        }


class Schedules(Part):
    """When the daemon does what; ``rescore`` is a local time of day."""

    pull: Duration = timedelta(minutes=15)
    rescore: str = Field(
        default="00:10", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="a local time such as '06:00'"
    )
    apply: Duration = timedelta(minutes=30)
    audit: Duration = timedelta(days=7)


class Guard(Part):
    """A run that moves more people between stages than this share waits for ``--approve``."""

    stage_changes: Share = 0.2
    at_least: int = Field(default=50, ge=1)


class Asset(Part):
    """Activities whose asset matches this LIKE pattern are about this product."""

    match: str
    product: str
    category: str | None = None


class Worth(Part):
    """When a difference is worth a call: a change this large, or only together with another field."""

    change: float | None = Field(default=None, gt=0)
    with_: str | None = Field(default=None, alias="with")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.change is None) == (self.with_ is None):
            message = "say either change or with"
            raise ValueError(message)
        return self


class FieldSetting(Part):
    """A custom field kept in the vendors; ``value`` is a column of the model's scores."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,29}$", description="up to 30 of a-z, 0-9 and _, a letter first"
    )
    value: str
    kind: FieldKind
    length: int = Field(default=255, ge=1, le=131_072)
    decimals: int = Field(default=0, ge=0, le=6)
    label: str = Field(max_length=40)
    help: str = Field(default="", max_length=255)
    worth: Worth | None = None
    vendors: tuple[str, ...] | None = None
    model: str | None = None


#: Vendor → what a list can be there.
_LIST_KINDS = {
    "mailchimp": ("tag", "segment", "journey"),
    "hubspot": ("list",),
    "salesforce": ("campaign",),
    "files": (),
}


class Target(Part):
    """Where a list lives in one vendor, by name."""

    tag: str | None = None
    segment: str | None = None
    journey: str | None = None
    list: str | None = None
    campaign: str | None = None
    audience: str | None = None
    status: str | None = None

    @property
    def kind(self) -> str:
        """tag, segment, journey, list or campaign."""
        return next(kind for kind in ("tag", "segment", "journey", "list", "campaign") if getattr(self, kind))

    @property
    def name(self) -> str:
        return str(getattr(self, self.kind))

    @model_validator(mode="after")
    def _one(self) -> Self:
        named = [kind for kind in ("tag", "segment", "journey", "list", "campaign") if getattr(self, kind)]
        if len(named) != 1:
            message = "name one of tag, segment, journey, list or campaign"
            raise ValueError(message)
        return self


class ListSetting(Part):
    """A list people enter and leave; ``stay`` (default ``when``) keeps those who are on it."""

    name: str
    when: str
    stay: str | None = None
    channel: Literal["none", "email", "phone", "ads"]
    targets: Mapping[str, Target]

    @field_validator("targets")
    @classmethod
    def _vendors_have_such_lists(cls, value: Mapping[str, Target]) -> Mapping[str, Target]:
        for vendor, target in value.items():
            kinds = _LIST_KINDS.get(vendor, (target.kind,))
            if target.kind not in kinds:
                there = f"a list in {vendor} is a {' or '.join(kinds)}, not a {target.kind}"
                message = there if kinds else f"{vendor} are only read: no list can be there"
                raise ValueError(message)
        return value


class TaskSetting(Part):
    """A task for the owner when someone enters a stage or is escalated, once."""

    on: str
    vendor: Literal["salesforce", "hubspot"]
    subject: str = Field(max_length=255)
    assign: str | None = None


class Settings(Part):
    """Everything the program needs to know, but for the models."""

    time_zone: str = "UTC"
    state_dir: Path = Path("var")
    clock: str = Field(
        default="system",
        pattern=r"^(system|http://(127\.0\.0\.1|localhost|\[::1\]):\d+/clock)$",
        description="system, or a sandbox's clock such as http://127.0.0.1:8400/clock",
    )
    language: Literal["en", "es"] = "en"
    models: tuple[Path, ...] = Field(min_length=1)
    connections: Connections = Connections()
    schedules: Schedules = Schedules()
    scope: str | None = None
    guard: Guard = Guard()
    masters: Mapping[str, str] = Field(default_factory=dict)
    precedence: tuple[str, ...] = ("salesforce", "hubspot", "mailchimp", "files")
    assets: tuple[Asset, ...] = ()
    fields: tuple[FieldSetting, ...] = ()
    account_fields: tuple[FieldSetting, ...] = ()
    on_edit: Literal["overwrite", "keep", "freeze"] = "overwrite"
    lists: tuple[ListSetting, ...] = ()
    tasks: tuple[TaskSetting, ...] = ()
    _origin: str | None = PrivateAttr(default=None)

    @property
    def origin(self) -> str | None:
        """As ``sync.snapshots.outline.origin``; None where no file said this."""
        return self._origin

    def said_by(self, origin: str) -> Self:
        self._origin = origin
        return self

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        check_zone(value)
        return value

    @field_validator("fields", "account_fields", "lists")
    @classmethod
    def _names_are_unique(
        cls, value: tuple[FieldSetting | ListSetting, ...]
    ) -> tuple[FieldSetting | ListSetting, ...]:
        names = [item.name for item in value]
        if repeated := {name for name in names if names.count(name) > 1}:
            message = f"named twice: {', '.join(sorted(repeated))}"
            raise ValueError(message)
        return value

    @field_validator("lists")
    @classmethod
    def _places_are_of_one_list(cls, value: tuple[ListSetting, ...]) -> tuple[ListSetting, ...]:
        taken: dict[tuple[str, str, str, str | None], str] = {}
        for own in value:
            for vendor, target in own.targets.items():
                where = (vendor, target.kind, target.name, target.audience)
                if (other := taken.setdefault(where, own.name)) != own.name:
                    message = (
                        f"{other!r} and {own.name!r} are both the {vendor} {target.kind} {target.name!r}"
                    )
                    raise ValueError(message)
        return value

    @model_validator(mode="after")
    def _references_are_known(self) -> Self:
        for fields in (self.fields, self.account_fields):
            names = {field.name for field in fields}
            for field in fields:
                if field.worth and field.worth.with_ and field.worth.with_ not in names:
                    message = f"field {field.name!r} goes with {field.worth.with_!r}, which is not a field"
                    raise ValueError(message)
        return self
