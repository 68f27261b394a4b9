"""Everything stored, for whoever checks it: exact values, nothing computed."""

from collections.abc import Iterator
from typing import Any

from sandbox.mailchimp.store import Audience, Json, Store
from sandbox.mailchimp.tags import tags_of


def dump(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Records by object. A member carries its tags, and whether the API may subscribe it again."""
    audiences = list(store.audiences.values())
    return {
        "lists": [audience.info for audience in audiences],
        "members": [member for audience in audiences for member in _members(audience)],
        "merge_fields": [field for audience in audiences for field in audience.merge_fields.values()],
        "segments": [segment for audience in audiences for segment in _segments(audience)],
        "forgotten": [{"list_id": a.id, "id": key} for a in audiences for key in sorted(a.forgotten)],
        "events": [
            {"list_id": audience.id, "member_id": key, **event}
            for audience in audiences
            for key, events in audience.events.items()
            for event in events
        ],
        "journeys": [
            {"journey_id": journey, "step_id": step, **entry}
            for (journey, step), entries in store.journeys.items()
            for entry in entries
        ],
        "campaigns": list(store.campaigns.values()),
        "recipients": [
            {"campaign_id": campaign, **recipient}
            for campaign, recipients in store.recipients.items()
            for recipient in recipients.values()
        ],
        **_commerce(store),
        "surveys": [{**survey.info, "questions": survey.questions} for survey in store.surveys.values()],
        "responses": [
            {"survey_id": key, **response}
            for key, survey in store.surveys.items()
            for response in survey.responses
        ],
        "batches": list(store.batches.values()),
    }


def _members(audience: Audience) -> Iterator[Json]:
    for key, member in audience.members.items():
        yield {**member, "tags": tags_of(audience, key), "may_subscribe": key not in audience.refused}


def _segments(audience: Audience) -> Iterator[Json]:
    for number, segment in audience.segments.items():
        keys = audience.tagged[number]
        yield {**segment, "members": [audience.members[key]["email_address"] for key in keys]}


def _commerce(store: Store) -> dict[str, list[Json]]:
    shops = store.shops.items()
    return {
        "stores": [shop.info for _, shop in shops],
        "customers": [{"store_id": key, **row} for key, shop in shops for row in shop.customers.values()],
        "products": [{"store_id": key, **row} for key, shop in shops for row in shop.products.values()],
        "orders": [{"store_id": key, **row} for key, shop in shops for row in shop.orders.values()],
        "carts": [{"store_id": key, **row} for key, shop in shops for row in shop.carts.values()],
    }
