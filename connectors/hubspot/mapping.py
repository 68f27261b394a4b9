"""Which HubSpot property means what, and proof that HubSpot still agrees."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.errors import VENDOR
from core.errors import SchemaDrift

#: Object → our column → HubSpot property.
DEFAULTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "contacts": {
            "email": "email",
            "first_name": "firstname",
            "last_name": "lastname",
            "title": "jobtitle",
            "phone": "phone",
            "country": "country",
            "region": "state",
            "city": "city",
            "lifecycle": "lifecyclestage",
            "owner": "hubspot_owner_id",
            "company_record_id": "associatedcompanyid",
            "company_name": "company",
            "created_at": "createdate",
            "modified_at": "lastmodifieddate",
        },
        "companies": {
            "name": "name",
            "domain": "domain",
            "industry": "industry",
            "employees": "numberofemployees",
            "annual_revenue": "annualrevenue",
            "country": "country",
            "region": "state",
            "city": "city",
            "owner": "hubspot_owner_id",
            "parent_record_id": "hs_parent_company_id",
            "created_at": "createdate",
            "modified_at": "hs_lastmodifieddate",
        },
        "deals": {
            "name": "dealname",
            "amount": "amount",
            "currency": "deal_currency_code",
            "is_closed": "hs_is_closed",
            "is_won": "hs_is_closed_won",
            "created_at": "createdate",
            "closed_at": "closedate",
            "modified_at": "hs_lastmodifieddate",
        },
    }
)

#: Read where the account has them: links, merges and consent come from these.
OPTIONAL: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "contacts": (
            "lifecyclestage",
            "hs_email_optout",
            "hs_merged_object_ids",
            "hs_calculated_merged_vids",
            "hs_additional_emails",
            "salesforcecontactid",
            "salesforceleadid",
        ),
        "companies": ("lifecyclestage", "hs_merged_object_ids", "salesforceaccountid"),
        "deals": ("hs_merged_object_ids",),
    }
)

#: HubSpot property types a column of ours can be made of; every other column takes any type.
_TYPES: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "employees": frozenset({"number"}),
        "annual_revenue": frozenset({"number"}),
        "amount": frozenset({"number"}),
        "is_closed": frozenset({"bool", "enumeration"}),
        "is_won": frozenset({"bool", "enumeration"}),
        "created_at": frozenset({"datetime", "date"}),
        "closed_at": frozenset({"datetime", "date"}),
        "modified_at": frozenset({"datetime"}),
    }
)


@dataclass(frozen=True, slots=True)
class Mapped:
    """What is read of one object: property by column and attribute, our own fields, all property names."""

    kind: str
    columns: Mapping[str, str]
    attributes: Mapping[str, str]
    observed: tuple[str, ...]
    types: Mapping[str, str]
    properties: tuple[str, ...]

    @property
    def modified(self) -> str:
        """The property that says when a record changed."""
        return modified_property(self.kind)


def modified_property(kind: str) -> str:
    return "lastmodifieddate" if kind == "contacts" else "hs_lastmodifieddate"


def columns_of(connection: HubSpotConnection, kind: str) -> dict[str, str]:
    """Our column → property, defaults overlaid with what the connection says."""
    return {**DEFAULTS[kind], **connection.map.get(kind, {})}


def mapped(
    connection: HubSpotConnection, kind: str, described: Sequence[Mapping[str, Any]], observe: Sequence[str]
) -> Mapped:
    """The mapping of one object against HubSpot's own description of it.

    Raises SchemaDrift naming the first mapped property that is missing or of another type. Our own fields
    that do not exist yet are left out, not an error.
    """
    types = {str(one["name"]): str(one.get("type") or "") for one in described}
    columns = columns_of(connection, kind)
    attributes = dict(connection.attributes.get(kind, {}))
    if problems := drift(
        kind, {**columns, **{f"attributes.{name}": at for name, at in attributes.items()}}, types
    ):
        raise SchemaDrift(
            problems[0],
            vendor=VENDOR,
            operation=f"properties {kind}",
            code="property",
            remedy=f"Restore the property in HubSpot or map another: connections.hubspot.map.{kind}",
        )
    ours = tuple(name for name in observe if name in types)
    optional = [name for name in OPTIONAL[kind] if name in types]
    wanted = dict.fromkeys([*columns.values(), *attributes.values(), *optional, *ours])
    return Mapped(kind, columns, attributes, ours, types, tuple(wanted))


def drift(kind: str, columns: Mapping[str, str], types: Mapping[str, str]) -> list[str]:
    """What is wrong with a mapping, one sentence each."""
    found: list[str] = []
    for column, name in columns.items():
        if name not in types:
            found.append(f"{kind}.{name}, mapped to {column}, does not exist")
        elif column in _TYPES and types[name] not in _TYPES[column]:
            wanted = " or ".join(sorted(_TYPES[column]))
            found.append(f"{kind}.{name}, mapped to {column}, is of type {types[name]}, not {wanted}")
    return found
