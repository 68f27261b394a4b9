"""Which merge field or member property means what, and proof that the audience still has it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.errors import VENDOR
from core.errors import SchemaDrift

#: Our column → merge tags, or dotted paths from the member: the first that the audience has is read.
DEFAULTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "first_name": ("FNAME",),
        "last_name": ("LNAME",),
        "title": ("TITLE", "JOBTITLE"),
        "phone": ("PHONE",),
        "company_name": ("COMPANY",),
        "country": ("COUNTRY", "location.country_code"),
        "region": ("STATE", "REGION", "location.region"),
        "city": ("CITY",),
    }
)

#: Columns that are always the member's own properties.
_FIXED = frozenset({"email", "created_at", "modified_at", "state", "record_id"})


@dataclass(frozen=True, slots=True)
class Mapped:
    """What is read of a member: columns and attributes by source, our own merge tags, and all tags' types."""

    columns: Mapping[str, str]
    attributes: Mapping[str, str]
    observed: tuple[str, ...]
    types: Mapping[str, str]


def mapped(
    connection: MailchimpConnection,
    audience: str,
    fields: Iterable[Mapping[str, Any]],
    observe: Sequence[str],
) -> Mapped:
    """The mapping for one audience against its merge fields.

    Defaults that the audience lacks are left out, as are our own fields that do not exist yet. Raises
    SchemaDrift for a field that the connection maps and the audience does not have.
    """
    types = {str(one["tag"]): str(one.get("type") or "") for one in fields}
    wanted = connection.map.get("members", {})
    attributes = dict(connection.attributes.get("members", {}))
    if problems := drift(
        audience, {**wanted, **{f"attributes.{name}": at for name, at in attributes.items()}}, types
    ):
        raise SchemaDrift(
            problems[0],
            vendor=VENDOR,
            operation=f"merge fields of {audience}",
            code="merge_field",
            remedy="Restore the merge field in Mailchimp or map another: connections.mailchimp.map.members",
        )
    defaults = {
        column: present[0]
        for column, sources in DEFAULTS.items()
        if (present := [source for source in sources if _present(source, types)])
    }
    columns = {**defaults, **wanted}
    return Mapped(columns, attributes, tuple(tag for tag in observe if tag in types), types)


def drift(audience: str, columns: Mapping[str, str], types: Mapping[str, str]) -> list[str]:
    """What is wrong with a mapping, one sentence each."""
    missing = [
        f"audience {audience!r} has no merge field {at}, mapped to {column}"
        for column, at in columns.items()
        if not _present(at, types)
    ]
    return missing + [
        f"{column} is Mailchimp's own and cannot be mapped" for column in columns if column in _FIXED
    ]


def _present(source: str, types: Mapping[str, str]) -> bool:
    return "." in source or source in types
