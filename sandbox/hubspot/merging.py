"""Merging two records, as HubSpot does it now: contacts and companies become a record with a new id."""

from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Record, Write

_MAX_MERGED = 250
_MARKS = {"object_ids": "hs_calculated_merged_vids", "vids": "hs_merged_object_ids"}


def merge(portal: Portal, kind: ObjectType, primary_id: int, other_id: int, write: Write) -> Record:
    """The surviving record; both old ids resolve to it. ApiError 404 or 400.

    Values of the primary win, except that the earlier creation date is kept. Contacts keep the loser's
    address among ``hs_additional_emails``.
    """
    store = portal.stores[kind.name]
    primary, other = store.find(primary_id), store.find(other_id)
    if primary is None or other is None:
        raise not_found(f"{kind.singular} {primary_id if primary is None else other_id} does not exist")
    if primary is other:
        raise invalid(f"Cannot merge {kind.singular} {primary.id} with itself")
    merged_ids = _merged_ids(kind, primary, other)
    if len(merged_ids) > _MAX_MERGED:
        raise invalid(f"A record may take part in at most {_MAX_MERGED} merges")
    values = _values(kind, primary, other, merged_ids, write)
    if kind.name == "contacts" and portal.limits.merge_marks != "both":
        values.pop(_MARKS[portal.limits.merge_marks], None)
    created_ms = min(primary.created_ms, other.created_ms)
    if not kind.merge_makes_new_id:
        _absorb(portal, kind, primary, other)
        store.update(primary, values, write)
        return primary
    survivor = store.create({}, write, created_ms=created_ms)
    for old in (primary, other):
        _absorb(portal, kind, survivor, old)
    store.update(survivor, values, write)
    return survivor


def _absorb(portal: Portal, kind: ObjectType, survivor: Record, old: Record) -> None:
    store = portal.stores[kind.name]
    portal.links.move(kind.name, old.id, survivor.id)
    portal.lists.move(kind.type_id, old.id, survivor.id)
    portal.occurrences.move(kind.name, old.id, survivor.id)
    store.erase(old.id)
    store.aliases[old.id] = survivor.id


def _merged_ids(kind: ObjectType, primary: Record, other: Record) -> list[str]:
    before = [
        earlier
        for record in (primary, other)
        for earlier in record.properties.get("hs_merged_object_ids", "").split(";")
        if earlier
    ]
    direct = [str(primary.id), str(other.id)] if kind.merge_makes_new_id else [str(other.id)]
    return [*before, *direct]


def _values(
    kind: ObjectType, primary: Record, other: Record, merged_ids: list[str], write: Write
) -> dict[str, str]:
    values = {**other.properties, **primary.properties}
    values["hs_merged_object_ids"] = ";".join(merged_ids)
    if kind.name == "contacts":
        calculated = [
            *(part for record in (primary, other) for part in _parts(record, "hs_calculated_merged_vids")),
            *(f"{record.id}:{write.now_ms}" for record in (primary, other)),
        ]
        values["hs_calculated_merged_vids"] = ";".join(calculated)
        addresses = [
            *_parts(primary, "hs_additional_emails"),
            *_parts(other, "hs_additional_emails"),
            *([other.properties["email"]] if "email" in other.properties else []),
        ]
        kept = [address for address in dict.fromkeys(addresses) if address != values.get("email")]
        if kept:
            values["hs_additional_emails"] = ";".join(kept)
        if (
            primary.properties.get("hs_email_optout") == "true"
            or other.properties.get("hs_email_optout") == "true"
        ):
            values["hs_email_optout"] = "true"
    return values


def _parts(record: Record, name: str) -> list[str]:
    return [part for part in record.properties.get(name, "").split(";") if part]
