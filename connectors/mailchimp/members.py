"""Members as rows: people, their consent, what they hold of ours, and when they signed up."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from connectors import columns as col
from connectors.mailchimp.errors import VENDOR
from connectors.mailchimp.mapping import Mapped
from core.tables import ARCHIVED, LIVE

Tables = dict[str, pa.Table]

#: Statuses that say the same in our words; anything else is no consent.
_CONSENTS = {name: name for name in ("subscribed", "unsubscribed", "cleaned", "pending", "archived")}
_MEMBER = "members"
_NOTHING: Mapping[str, Any] = {}


def record_id(list_id: str, member: Mapping[str, Any]) -> str:
    """A member's record id: its address may change and with it Mailchimp's id, its contact id does not."""
    return f"{list_id}:{member.get('contact_id') or member['id']}"


def member_hash(address: str) -> str:
    """Mailchimp's id of an address: MD5 of it in lower case (an identifier, not a safeguard)."""
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def tables(list_id: str, mapped: Mapped, members: Sequence[Mapping[str, Any]]) -> Tables:
    """One page of members in the tables they fill."""
    length = len(members)
    keys = {
        "vendor": col.constant(VENDOR, length),
        "object": col.constant(_MEMBER, length),
        "record_id": col.texts([record_id(list_id, member) for member in members]),
    }
    statuses = [member.get("status") for member in members]
    changed_at = col.instants([member.get("last_changed") for member in members])
    people = {
        **keys,
        "email": col.texts([member.get("email_address") for member in members]),
        **{column: col.texts(values(members, at)) for column, at in mapped.columns.items()},
        "state": col.texts([ARCHIVED if status == "archived" else LIVE for status in statuses]),
        "created_at": col.instants([_joined(member) for member in members]),
        "modified_at": changed_at,
        "attributes": _attributes(mapped, members),
    }
    consents = {
        **keys,
        "channel": col.constant("email", length),
        "status": col.texts([_CONSENTS.get(str(status), "none") for status in statuses]),
        "changed_at": changed_at,
    }
    fields = {
        tag: (col.held if mapped.types[tag] == "number" else col.texts)(values(members, tag))
        for tag in mapped.observed
    }
    return {
        "person_records": col.table("person_records", people, length),
        "consent_records": col.table("consent_records", consents, length),
        "activity_records": _signups(list_id, members),
        "observed": col.observed(VENDOR, _MEMBER, keys["record_id"], fields),
    }


def values(members: Sequence[Mapping[str, Any]], source: str) -> list[Any]:
    """A merge field, or a property by its dotted path, of every member; an address is one line."""
    outer, _, inner = source.rpartition(".")
    held = [member.get(outer or "merge_fields") or _NOTHING for member in members]
    found = [one.get(inner) for one in held]
    return (
        [_line(one) if isinstance(one, dict) else one for one in found] if dict in map(type, found) else found
    )


def _line(address: Mapping[str, Any]) -> str:
    return ", ".join(str(part) for part in address.values() if part)


def _attributes(mapped: Mapped, members: Sequence[Mapping[str, Any]]) -> pa.Array:
    if not mapped.attributes:
        return pa.nulls(len(members), pa.string())
    held = {name: values(members, at) for name, at in mapped.attributes.items()}
    rows = zip(*held.values(), strict=True)
    return col.texts([json.dumps(dict(zip(held, row, strict=True)), ensure_ascii=False) for row in rows])


def _joined(member: Mapping[str, Any]) -> Any:  # noqa: ANN401  # as Mailchimp sent it
    return member.get("timestamp_signup") or member.get("timestamp_opt")


def _signups(list_id: str, members: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Signing up by oneself leaves ``timestamp_signup``; imported members have none."""
    signed = [member for member in members if member.get("timestamp_signup")]
    length = len(signed)
    return col.table(
        "activity_records",
        {
            "vendor": col.constant(VENDOR, length),
            "activity_id": col.texts([f"signup:{record_id(list_id, member)}" for member in signed]),
            "object": col.constant(_MEMBER, length),
            "record_id": col.texts([record_id(list_id, member) for member in signed]),
            "email": col.texts([member.get("email_address") for member in signed]),
            "type": col.constant("signup", length),
            "occurred_at": col.instants([member["timestamp_signup"] for member in signed]),
            "asset": col.texts([member.get("source") for member in signed]),
        },
        length,
    )
