"""Records that go: to the recycle bin, or for good."""

from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.errors import invalid
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Write


def archive(portal: Portal, kind: ObjectType, record_id: int, write: Write) -> bool:
    """Into the recycle bin, out of lists and associations. False if there was none."""
    store = portal.stores[kind.name]
    record = store.find(record_id)
    if record is None:
        return False
    portal.check_lock(kind, record.id)
    store.archive(record, write)
    portal.links.drop(kind.name, record.id)
    portal.lists.forget(kind.type_id, record.id)
    return True


def gdpr_delete(portal: Portal, kind: ObjectType, object_id: str, id_property: str | None) -> None:
    """A contact and all about it, without a tombstone; its address may not come back.

    An address nobody has is blocked too. ApiError 400 if the identifier is none.
    """
    store = portal.stores[kind.name]
    if id_property == "email":
        record = store.find_by("email", object_id)
        portal.blocklist.add(object_id.lower())
    elif object_id.isdigit():
        record = store.find(int(object_id)) or store.archived.get(int(object_id))
    else:
        raise invalid(f"Invalid object id: '{object_id}'")
    if record is None:
        return
    address = record.properties.get("email")
    if address:
        portal.blocklist.add(address)
        portal.emails.forget(address)
        portal.forms.forget(address)
        portal.preferences.forget(address)
    store.erase(record.id)
    portal.links.drop(kind.name, record.id)
    portal.lists.forget(kind.type_id, record.id)
    portal.occurrences.forget(kind.name, record.id)
