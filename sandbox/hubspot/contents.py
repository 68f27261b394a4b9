"""Everything stored, as plain JSON: what a checker reads instead of the API."""

from typing import Any

from sandbox.hubspot.api.account import owner_json
from sandbox.hubspot.api.mail import event_json
from sandbox.hubspot.catalog import ObjectType
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Record
from sandbox.hubspot.values import iso_ms

Item = dict[str, Any]


def contents(portal: Portal) -> dict[str, list[Item]]:
    """By object name; records live and archived, with exactly the values stored."""
    found = {name: _records(portal, store.kind) for name, store in portal.stores.items()}
    found["properties"] = [
        {"objectType": name, **definition.as_json()}
        for name, book in portal.books.items()
        for definition in [*book.live.values(), *book.archived.values()]
        if not definition.hubspot_defined
    ]
    found["property_groups"] = [
        {"objectType": name, **group.as_json()}
        for name, book in portal.books.items()
        for group in book.groups.values()
    ]
    found["lists"] = [
        {**one.as_json(filters=True), "members": [str(record_id) for record_id in sorted(one.members)]}
        for one in portal.lists.lists.values()
    ]
    found["associations"] = [
        {"from": pair[0], "fromId": str(start), "to": pair[1], "toId": str(end), "types": list(types)}
        for pair, start, end, types in portal.links.everything()
    ]
    found["owners"] = [owner_json(one) for one in portal.owners.values()]
    return found | _happenings(portal)


def _records(portal: Portal, kind: ObjectType) -> list[Item]:
    store = portal.stores[kind.name]
    former: dict[int, list[str]] = {}
    for old in store.aliases:
        former.setdefault(store.resolve(old), []).append(str(old))
    return [
        _record(kind, record, former.get(record.id, []))
        for record in [*store.live.values(), *store.archived.values()]
    ]


def _record(kind: ObjectType, record: Record, former: list[str]) -> Item:
    return {
        "id": str(record.id),
        "properties": dict(record.properties),
        "createdAt": record.properties.get(kind.created) or iso_ms(record.created_ms),
        "updatedAt": iso_ms(record.modified_ms),
        "archived": record.archived_ms is not None,
        "formerIds": former,
    }


def _happenings(portal: Portal) -> dict[str, list[Item]]:
    return {
        "email_events": [event_json(event) for event in portal.emails.events],
        "events": [
            {
                "id": one.id,
                "eventType": one.event_type,
                "objectId": str(portal.occurrences.owner(one)),
                "occurredAt": iso_ms(one.at_ms),
                "properties": one.properties,
            }
            for one in portal.occurrences.everything()
        ],
        "form_submissions": [
            {
                "form": guid,
                "conversionId": one.conversion_id,
                "submittedAt": one.at_ms,
                "values": one.values,
                "pageUrl": one.page_url,
            }
            for guid, sent in portal.forms.submissions.items()
            for one in sent
        ],
        "forms": [{"guid": form.guid, "name": form.name} for form in portal.forms.forms.values()],
        "subscriptions": [
            {
                "email": address,
                "optedOutAt": None if standing.opted_out_ms is None else iso_ms(standing.opted_out_ms),
                "statuses": {
                    str(type_id): portal.preferences.status(address, type_id)
                    for type_id in portal.preferences.types
                },
            }
            for address, standing in portal.preferences.everything().items()
            if standing.said or standing.opted_out_ms is not None
        ],
    }
