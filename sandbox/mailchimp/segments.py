"""Static segments over HTTP; every tag is one."""

from typing import Any

from sandbox.mailchimp.call import Call, Json, string, strings
from sandbox.mailchimp.membership import shown_in_bulk, shown_in_segment
from sandbox.mailchimp.problems import Problem, invalid
from sandbox.mailchimp.store import Audience, member_id
from sandbox.mailchimp.tags import create, discard
from sandbox.vendor import note

_BATCH = 500
_MAILED = ("subscribed", "pending")
_OTHERS = ("unsubscribed", "cleaned", "transactional")


def _members(audience: Audience, number: int, statuses: tuple[str, ...] = _MAILED) -> list[str]:
    members = audience.members
    return [key for key in audience.tagged[number] if key in members and members[key]["status"] in statuses]


def _shown(call: Call, audience: Audience, segment: Json) -> Json:
    path = f"/3.0/lists/{audience.id}/segments/{segment['id']}"
    return {**segment, "member_count": len(_members(audience, segment["id"])), "_links": call.links_to(path)}


def list_segments(call: Call, list_id: str) -> Json:
    """GET /lists/{id}/segments."""
    audience = call.store.audience(list_id)
    created, updated, kind = call.window("created_at"), call.window("updated_at"), call.text("type")
    rows = [
        segment
        for segment in audience.segments.values()
        if kind in (None, segment["type"])
        and created(segment["created_at"])
        and updated(segment["updated_at"])
    ]
    return call.page("segments", rows, lambda segment: _shown(call, audience, segment), list_id=list_id)


def add_segment(call: Call, list_id: str) -> Json:
    """POST /lists/{id}/segments; only static ones, as tags are."""
    audience, body = call.store.audience(list_id), call.body()
    name = str(string(body, "name"))
    if "static_segment" not in body:
        raise invalid(("static_segment", "This account takes static segments only."))
    if len(name) > 100:
        raise invalid(("name", "This value is too long. It should have 100 characters or less."))
    if any(segment["name"].lower() == name.lower() for segment in audience.segments.values()):
        raise Problem(400, "Bad Request", "Sorry, that tag already exists.")
    addresses = strings(body, "static_segment", len(audience.members) + _BATCH)
    number = create(call.store, audience, name, call.stamp)
    for address in addresses:
        if member_id(address) in audience.members:
            audience.tag(member_id(address), number, call.stamp)
    return _shown(call, audience, audience.segments[number])


def get_segment(call: Call, list_id: str, segment_id: str) -> Json:
    """GET /lists/{id}/segments/{id}."""
    audience = call.store.audience(list_id)
    return _shown(call, audience, audience.segment(segment_id))


def edit_segment(call: Call, list_id: str, segment_id: str) -> Json:
    """PATCH /lists/{id}/segments/{id}: needs the name; ``static_segment`` replaces the members."""
    audience, body = call.store.audience(list_id), call.body()
    segment = audience.segment(segment_id)
    segment["name"], segment["updated_at"] = str(string(body, "name")), call.stamp
    if body.get("static_segment") is not None:
        addresses = strings(body, "static_segment", len(audience.members) + _BATCH)
        for key in list(audience.tagged[segment["id"]]):
            audience.untag(key, segment["id"])
        for address in addresses:
            if member_id(address) in audience.members:
                audience.tag(member_id(address), segment["id"], call.stamp)
    return _shown(call, audience, segment)


def delete_segment(call: Call, list_id: str, segment_id: str) -> None:
    """DELETE /lists/{id}/segments/{id}."""
    audience = call.store.audience(list_id)
    discard(audience, int(audience.segment(segment_id)["id"]))


def change_members(call: Call, list_id: str, segment_id: str) -> Json:
    """POST /lists/{id}/segments/{id}: add and remove up to 500 each; strangers are told in ``errors``."""
    audience, body = call.store.audience(list_id), call.body()
    number = int(audience.segment(segment_id)["id"])
    adding, removing = strings(body, "members_to_add", _BATCH), strings(body, "members_to_remove", _BATCH)
    if not adding and not removing:
        raise invalid(("members_to_add", "Either members_to_add or members_to_remove is required."))
    known = [key for key in map(member_id, adding) if _taggable(audience, key)]
    added = [key for key in known if audience.tag(key, number, call.stamp)]
    removed = [
        key for key in map(member_id, removing) if key in audience.members and audience.untag(key, number)
    ]
    strangers = [address for address in adding if not _taggable(audience, member_id(address))]
    errors = (
        [{"email_addresses": strangers, "error": "Email addresses are not list members."}]
        if strangers
        else []
    )
    audience.segments[number]["updated_at"] = call.stamp
    note(call.request, records=len(added) + len(removed))
    return {
        "members_added": [shown_in_bulk(audience, audience.members[key]) for key in added],
        "members_removed": [shown_in_bulk(audience, audience.members[key]) for key in removed],
        "errors": errors,
        "total_added": len(added),
        "total_removed": len(removed),
        "error_count": len(errors),
        **call.links(),
    }


def _taggable(audience: Audience, key: str) -> bool:
    return key in audience.members and audience.members[key]["status"] != "archived"


def list_members(call: Call, list_id: str, segment_id: str) -> Json:
    """GET /lists/{id}/segments/{id}/members: who gets mail, and others only when asked for.

    ``total_items`` counts those who get mail, whoever is included.
    """
    audience = call.store.audience(list_id)
    number = int(audience.segment(segment_id)["id"])
    included = tuple(status for status in _OTHERS if call.flag(f"include_{status}"))
    rows = _members(audience, number, _MAILED + included)
    answer = call.page("members", rows, lambda key: shown_in_segment(audience, audience.members[key]))
    return answer | {"total_items": len(_members(audience, number))}


def add_member(call: Call, list_id: str, segment_id: str) -> Json:
    """POST /lists/{id}/segments/{id}/members."""
    audience = call.store.audience(list_id)
    number = int(audience.segment(segment_id)["id"])
    key = member_id(str(string(call.body(), "email_address")))
    if not _taggable(audience, key):
        raise invalid(("email_address", "Email address does not exist on the list."))
    audience.tag(key, number, call.stamp)
    return shown_in_segment(audience, audience.members[key])


def remove_member(call: Call, list_id: str, segment_id: str, key: str) -> None:
    """DELETE /lists/{id}/segments/{id}/members/{hash}."""
    audience = call.store.audience(list_id)
    audience.untag(audience.member(key)["id"], int(audience.segment(segment_id)["id"]))


def search_tags(call: Call, list_id: str) -> Json:
    """GET /lists/{id}/tag-search: by prefix, letter case aside; no name lists all."""
    audience = call.store.audience(list_id)
    prefix = (call.text("name") or "").lower()
    found = [segment for segment in audience.segments.values() if segment["name"].lower().startswith(prefix)]
    return {
        "tags": [{"id": segment["id"], "name": segment["name"]} for segment in found],
        "total_items": len(found),
    }


ROUTES: list[tuple[str, str, Any]] = [
    ("GET", "/lists/<list_id>/segments", list_segments),
    ("POST", "/lists/<list_id>/segments", add_segment),
    ("GET", "/lists/<list_id>/segments/<segment_id>", get_segment),
    ("PATCH", "/lists/<list_id>/segments/<segment_id>", edit_segment),
    ("POST", "/lists/<list_id>/segments/<segment_id>", change_members),
    ("DELETE", "/lists/<list_id>/segments/<segment_id>", delete_segment),
    ("GET", "/lists/<list_id>/segments/<segment_id>/members", list_members),
    ("POST", "/lists/<list_id>/segments/<segment_id>/members", add_member),
    ("DELETE", "/lists/<list_id>/segments/<segment_id>/members/<key>", remove_member),
    ("GET", "/lists/<list_id>/tag-search", search_tags),
]
