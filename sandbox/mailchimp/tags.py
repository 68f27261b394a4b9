"""Tags, which Mailchimp keeps as static segments."""

from sandbox.mailchimp.store import Audience, Json, Store


def tag_named(store: Store, audience: Audience, name: str, at: str) -> int:
    """The id of the tag with this name, which is created if unknown; letter case does not count."""
    for segment in audience.segments.values():
        if segment["name"].lower() == name.lower():
            return int(segment["id"])
    return create(store, audience, name, at)


def create(store: Store, audience: Audience, name: str, at: str) -> int:
    """Make an empty static segment."""
    number = store.next_segment
    store.next_segment += 1
    audience.segments[number] = {
        "id": number,
        "name": name,
        "type": "static",
        "created_at": at,
        "updated_at": at,
        "list_id": audience.id,
    }
    audience.tagged[number] = {}
    return number


def discard(audience: Audience, number: int) -> None:
    """Drop a segment, and with it the tag from every member."""
    for key in audience.tagged.pop(number):
        audience.tags_of[key].pop(number, None)
    del audience.segments[number]


def tags_of(audience: Audience, key: str) -> list[Json]:
    """The tags of a member, by id."""
    held = audience.tags_of.get(key)
    if not held:
        return []
    return [{"id": number, "name": audience.segments[number]["name"]} for number in sorted(held)]
