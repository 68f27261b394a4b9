"""Members over HTTP."""

from typing import Any

from sandbox.mailchimp.call import Call, Json, string
from sandbox.mailchimp.membership import (
    SETTABLE,
    Save,
    archive,
    check_address,
    erase,
    exists,
    retag,
    shown,
    shown_in_bulk,
)
from sandbox.mailchimp.problems import Problem, invalid, missing
from sandbox.mailchimp.stamps import within
from sandbox.mailchimp.store import Audience, member_id
from sandbox.mailchimp.tags import tags_of
from sandbox.vendor import hide_for, note

_BATCH = 500
_VIEWS = 16
_SORTS = ("timestamp_opt", "timestamp_signup", "last_changed")
_EXCLUDES_LINKS = "members._links"


def _save(call: Call, audience: Audience) -> Save:
    lenient = call.flag("skip_merge_validation")
    return Save(audience, call.now, lenient=lenient, hide_for=hide_for(call.request))


def _shown(call: Call, audience: Audience, member: Json) -> Json:
    path = f"/3.0/lists/{audience.id}/members/{member['id']}"
    return {**shown(audience, member), "_links": call.links_to(path)}


def list_members(call: Call, list_id: str) -> Json:
    """GET /lists/{id}/members: without a status, everybody but the archived."""
    audience = call.store.audience(list_id)
    bare = _EXCLUDES_LINKS in (call.text("exclude_fields") or "")
    rows = _view(call, audience)
    return call.page(
        "members",
        rows,
        lambda member: shown(audience, member) if bare else _shown(call, audience, member),
        list_id=list_id,
    )


def _view(call: Call, audience: Audience) -> list[Json]:
    """The filtered, ordered members; kept until something changes, so that a sweep by pages stays linear."""
    asked = {key: value for key, value in call.request.args.items() if key not in _PAGING}
    key = tuple(sorted(asked.items()))
    hidden = frozenset(member for member, until in audience.hidden.items() if until > call.stamp)
    state = (audience.version, hidden)
    held = audience.views.get(key)
    if held is None or held[0] != state:
        if len(audience.views) >= _VIEWS:
            audience.views.clear()
        held = audience.views[key] = (state, _filtered(call, audience, hidden))
    return held[1]


_PAGING = frozenset({"count", "offset", "fields", "exclude_fields"})


def _filtered(call: Call, audience: Audience, hidden: frozenset[str]) -> list[Json]:
    status, unique, vip = call.text("status"), call.text("unique_email_id"), call.flag("vip_only")
    if status not in (None, "archived", *SETTABLE):
        raise invalid(("status", "The value you selected is not a valid choice."))
    gone = within(call.instant("unsubscribed_since"), None) if call.text("unsubscribed_since") else None
    changed, opted = call.window("last_changed"), call.window("timestamp_opt")
    rows = [
        member
        for member in audience.members.values()
        if (member["status"] == status if status else member["status"] != "archived")
        and changed(member["last_changed"])
        and opted(member["timestamp_opt"])
        and (unique is None or member["unique_email_id"] == unique)
        and (not vip or member["vip"])
        and (gone is None or (member["status"] == "unsubscribed" and gone(member["last_changed"])))
        and member["id"] not in hidden
    ]
    sort = call.text("sort_field")
    if sort is not None:
        if sort not in _SORTS:
            raise invalid(("sort_field", f"Value must be one of: {', '.join(_SORTS)}"))
        rows.sort(
            key=lambda member: str(member[sort]), reverse=(call.text("sort_dir") or "").upper() == "DESC"
        )
    return rows


def add_member(call: Call, list_id: str) -> Json:
    """POST /lists/{id}/members."""
    audience, body = call.store.audience(list_id), call.body()
    address = check_address(body.get("email_address"))
    if member_id(address) in audience.members:
        raise exists(address)
    member = _save(call, audience).create(body, body.get("status"))
    _tag(call, audience, member, body, only=False)
    return _shown(call, audience, member)


def get_member(call: Call, list_id: str, key: str) -> Json:
    """GET /lists/{id}/members/{hash}; the archived are found too."""
    audience = call.store.audience(list_id)
    return _shown(call, audience, audience.member(key))


def put_member(call: Call, list_id: str, key: str) -> Json:
    """PUT /lists/{id}/members/{hash}: ``status_if_new`` counts for new and for archived ones."""
    audience, body = call.store.audience(list_id), call.body()
    found = audience.find(key)
    address = body.get("email_address")
    save = _save(call, audience)
    if found is None:
        if address is not None and member_id(check_address(address)) in audience.members:
            raise exists(str(address))
        status = body.get("status_if_new", body.get("status"))
        if status is None:
            raise invalid(("status_if_new", "This value should not be blank."))
        member = save.create({"email_address": key if "@" in key else None, **body}, status)
    else:
        member = audience.members[found]
        status = body.get("status")
        if status is None and member["status"] == "archived":
            status = body.get("status_if_new")
        member = save.update(member, body, status)
    _tag(call, audience, member, body, only=False)
    return _shown(call, audience, member)


def patch_member(call: Call, list_id: str, key: str) -> Json:
    """PATCH /lists/{id}/members/{hash}; an archived one is not there to be changed."""
    audience, body = call.store.audience(list_id), call.body()
    member = audience.member(key)
    if member["status"] == "archived":
        raise missing()
    return _shown(call, audience, _save(call, audience).update(member, body, body.get("status")))


def archive_member(call: Call, list_id: str, key: str) -> None:
    """DELETE /lists/{id}/members/{hash} archives."""
    audience = call.store.audience(list_id)
    archive(audience, audience.member(key), call.stamp)


def delete_member(call: Call, list_id: str, key: str) -> None:
    """POST /lists/{id}/members/{hash}/actions/delete-permanent."""
    audience = call.store.audience(list_id)
    erase(audience, audience.member(key))


def _tag(call: Call, audience: Audience, member: Json, body: Json, *, only: bool) -> None:
    names = body.get("tags")
    if isinstance(names, list):
        texts = [str(name["name"] if isinstance(name, dict) else name) for name in names]
        retag(call.store, audience, member["id"], texts, call.stamp, only=only)


def save_many(call: Call, list_id: str) -> Json:
    """POST /lists/{id}: up to 500 members; what is refused stands in ``errors`` of a 200."""
    audience, body = call.store.audience(list_id), call.body()
    rows = body.get("members")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise invalid(("members", "Schema describes array, found something else"))
    if len(rows) > _BATCH:
        raise invalid(("members", f"This collection should contain {_BATCH} elements or less."))
    created: list[Json] = []
    updated: list[Json] = []
    errors: list[Json] = []
    seen: set[str] = set()
    for row in rows:
        try:
            _once(row, seen)
            fresh, member = _save_one(call, audience, row, update=bool(body.get("update_existing")))
            _tag(call, audience, member, row, only=bool(body.get("sync_tags")))
            (created if fresh else updated).append(shown_in_bulk(audience, member))
        except Problem as problem:
            errors.append(_refusal(row, problem))
    note(call.request, write=bool(created or updated), records=len(created) + len(updated))
    return {
        "new_members": created,
        "updated_members": updated,
        "errors": errors,
        "total_created": len(created),
        "total_updated": len(updated),
        "error_count": len(errors),
        **call.links(),
    }


def _once(row: Json, seen: set[str]) -> None:
    key = member_id(str(row.get("email_address")))
    if key in seen:
        raise Problem(400, "Duplicate", "Duplicate items found for this email address in the batch.")
    seen.add(key)


def _save_one(call: Call, audience: Audience, row: Json, *, update: bool) -> tuple[bool, Json]:
    address = check_address(row.get("email_address"))
    key, status, save = member_id(address), row.get("status"), _save(call, audience)
    member = audience.members.get(key)
    if member is not None and not update:
        raise exists(address)
    if member is not None and (member["status"] != "archived" or status is not None):
        return False, save.update(member, row, status)
    if status is None:
        raise invalid(
            ("status", "This value should not be blank."), detail="Status is required for new members."
        )
    return True, save.create(row, status)


def _refusal(row: Json, problem: Problem) -> Json:
    field, message = problem.errors[0] if problem.errors else ("", "")
    taken = problem.title == "Member Exists"
    detail = f"{row.get('email_address')} is already a list member, do you want to update? "
    detail += "please provide update_existing:true in the request body"
    return {
        "email_address": str(row.get("email_address") or ""),
        "error": detail if taken else problem.detail,
        "error_code": "ERROR_CONTACT_EXISTS" if taken else "ERROR_GENERIC",
        "field": field,
        "field_message": message,
    }


def get_tags(call: Call, list_id: str, key: str) -> Json:
    """GET /lists/{id}/members/{hash}/tags."""
    audience = call.store.audience(list_id)
    member = audience.member(key)
    dates = audience.tags_of.get(member["id"], {})
    rows = [{**tag, "date_added": dates[tag["id"]]} for tag in tags_of(audience, member["id"])]
    return call.page("tags", rows, dict)


def set_tags(call: Call, list_id: str, key: str) -> None:
    """POST /lists/{id}/members/{hash}/tags: active gives, inactive takes; unknown names are created."""
    audience, body = call.store.audience(list_id), call.body()
    member = audience.member(key)
    given = body.get("tags")
    if not isinstance(given, list) or not given:
        raise invalid(("tags", "This value should not be blank."))
    for tag in given:
        name, status = str(string(tag, "name")), tag.get("status")
        if status not in ("active", "inactive"):
            raise invalid(("tags.status", "Value must be one of: active, inactive"))
        if status == "active":
            retag(call.store, audience, member["id"], [name], call.stamp, only=False)
            continue
        for held in tags_of(audience, member["id"]):
            if held["name"].lower() == name.lower():
                audience.untag(member["id"], held["id"])


ROUTES: list[tuple[str, str, Any]] = [
    ("POST", "/lists/<list_id>", save_many),
    ("GET", "/lists/<list_id>/members", list_members),
    ("POST", "/lists/<list_id>/members", add_member),
    ("GET", "/lists/<list_id>/members/<key>", get_member),
    ("PUT", "/lists/<list_id>/members/<key>", put_member),
    ("PATCH", "/lists/<list_id>/members/<key>", patch_member),
    ("DELETE", "/lists/<list_id>/members/<key>", archive_member),
    ("POST", "/lists/<list_id>/members/<key>/actions/delete-permanent", delete_member),
    ("GET", "/lists/<list_id>/members/<key>/tags", get_tags),
    ("POST", "/lists/<list_id>/members/<key>/tags", set_tags),
]
