"""What may become of a member: joining, changing, leaving; consent rules included."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sandbox.mailchimp.merging import blank, merged
from sandbox.mailchimp.problems import Problem, invalid, not_allowed
from sandbox.mailchimp.stamps import NEVER, stamp
from sandbox.mailchimp.store import Audience, Json, Store, member_id, token
from sandbox.mailchimp.tags import tag_named, tags_of

SETTABLE = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional")
_ADDRESS = re.compile(r"[^@\s,;<>\"]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")
_FAKE_DOMAINS = ("example.com", "example.org", "example.net", "test.com", "domain.com", "mailinator.com")
_TEXTS = ("language", "email_type", "ip_signup", "ip_opt")
_NOT_IN_BULK = frozenset(
    {"source", "consents_to_one_to_one_messaging", "unsubscribe_reason", "full_name", "web_id"}
)
_NOT_IN_SEGMENT = (_NOT_IN_BULK - {"full_name"}) | {"contact_id", "tags", "tags_count"}
_STAMPS = ("timestamp_signup", "timestamp_opt")


def check_address(address: Any) -> str:
    """The address, or the 400 that Mailchimp gives for one that cannot or should not exist."""
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address) or len(address) > 255:
        raise invalid(
            ("email_address", "This value is not a valid email address."),
            detail="Please provide a valid email address.",
        )
    if address.lower().rsplit("@", 1)[1] in _FAKE_DOMAINS:
        raise Problem(
            400, "Invalid Resource", f"{address} looks fake or invalid, please enter a real email address."
        )
    return address


def new_member(audience: Audience, address: str, status: str, at: str, **given: Any) -> Json:
    """Make (not yet hold) a member with every field that Mailchimp shows, at their unset values."""
    key = member_id(address)
    audience.next_web_id += 1
    return {
        "id": key,
        "email_address": address,
        "unique_email_id": token("eid", key),
        "contact_id": token("contact", audience.id, key, length=32),
        "web_id": 500_000_000 + audience.next_web_id,
        "email_type": "html",
        "status": status,
        "unsubscribe_reason": "",
        "consents_to_one_to_one_messaging": True,
        "merge_fields": blank(audience),
        "interests": {},
        "ip_signup": "",
        "timestamp_signup": NEVER if status != "pending" else at,
        "ip_opt": "",
        "timestamp_opt": at if status == "subscribed" else NEVER,
        "member_rating": 2,
        "last_changed": at,
        "language": "",
        "vip": False,
        "email_client": "",
        "location": {
            "latitude": 0,
            "longitude": 0,
            "gmtoff": 0,
            "dstoff": 0,
            "country_code": "",
            "timezone": "",
            "region": "",
        },
        "source": "API - Generic",
        "list_id": audience.id,
        **given,
    }


def shown(audience: Audience, member: Json) -> Json:
    """A member as responses have it: with name, tags and figures. ``unsubscribe_reason`` only once gone."""
    tally = audience.tallies.get(member["id"])
    sent = tally.sent if tally else 0
    merge = member["merge_fields"]
    tags = tags_of(audience, member["id"])
    answer = {
        **member,
        "full_name": f"{merge.get('FNAME', '')} {merge.get('LNAME', '')}".strip(),
        "stats": {
            "avg_open_rate": round(len(tally.opened) / sent, 4) if tally and sent else 0,
            "avg_click_rate": round(len(tally.clicked) / sent, 4) if tally and sent else 0,
        },
        "tags_count": len(tags),
        "tags": tags[:50],
    }
    if member["status"] not in ("unsubscribed", "archived") or not member["unsubscribe_reason"]:
        del answer["unsubscribe_reason"]
    return answer


def shown_in_bulk(audience: Audience, member: Json) -> Json:
    """A member as answers to bulk writes have it: with fewer fields."""
    return _without(shown(audience, member), _NOT_IN_BULK)


def shown_in_segment(audience: Audience, member: Json) -> Json:
    """A member as a segment's listing has it: with fewer fields, and without its tags."""
    return _without(shown(audience, member), _NOT_IN_SEGMENT)


def _without(member: Json, left_out: frozenset[str]) -> Json:
    location = {key: value for key, value in member["location"].items() if key != "region"}
    kept = {key: value for key, value in member.items() if key not in left_out}
    return {**kept, "location": location}


class Save:
    """One change to one member by the API. hide_for: how long lists and searches shall miss it."""

    def __init__(
        self, audience: Audience, now: datetime, *, lenient: bool, hide_for: timedelta | None = None
    ) -> None:
        self._audience, self._at, self._lenient = audience, stamp(now), lenient
        self._until = None if hide_for is None else stamp(now + hide_for)

    def create(self, body: Json, status: Any) -> Json:
        """Add a member (or one who was archived, again)."""
        audience = self._audience
        address = check_address(body.get("email_address"))
        key = member_id(address)
        self._refuse(key, address, status)
        if key in audience.crowded:
            detail = f"{address} has signed up to a lot of lists very recently; "
            raise Problem(400, "Invalid Resource", detail + "we're not allowing more signups for now.")
        before = audience.members.get(key)
        member = before or new_member(audience, address, str(status), self._at)
        values = merged(audience, member["merge_fields"], body.get("merge_fields"), lenient=self._lenient)
        if before is None:
            audience.add(member)
        else:
            self._become(member, str(status))
        return self._write(member, body, values)

    def update(self, member: Json, body: Json, status: Any) -> Json:
        """Change a member; without a status it keeps its own."""
        audience = self._audience
        if status is not None:
            self._refuse(member["id"], member["email_address"], status)
        values = merged(audience, member["merge_fields"], body.get("merge_fields"), lenient=self._lenient)
        address = body.get("email_address")
        if address is not None and address != member["email_address"]:
            self._readdress(member, check_address(address))
        if status is not None:
            self._become(member, status)
        return self._write(member, body, values)

    def _readdress(self, member: Json, address: str) -> None:
        audience, key = self._audience, member_id(address)
        if key == member["id"]:
            member["email_address"] = address
            return
        if key in audience.members:
            raise exists(address)
        if key in audience.forgotten:
            raise forgotten(address)
        audience.rekey(member["id"], address)

    def _refuse(self, key: str, address: str, status: Any) -> None:
        if status not in SETTABLE:
            raise invalid(("status", f"Value must be one of: {', '.join(SETTABLE)}"))
        if key in self._audience.forgotten:
            raise forgotten(address)
        if status == "subscribed" and key in self._audience.refused:
            detail = f"{address} is in a compliance state due to unsubscribe, bounce, or compliance review "
            raise Problem(400, "Member In Compliance State", detail + "and cannot be subscribed.")

    def _become(self, member: Json, status: str) -> None:
        if status == member["status"]:
            return
        member["status"] = status
        if status == "subscribed":
            member["timestamp_opt"] = self._at
        if status == "pending":
            member["timestamp_signup"] = self._at
        if status in ("subscribed", "pending"):
            member["unsubscribe_reason"] = ""
        if status == "unsubscribed":
            member["unsubscribe_reason"] = "N/A (Unsubscribed by admin)"

    def _write(self, member: Json, body: Json, values: Json) -> Json:
        member["merge_fields"] = values
        for name in (*_TEXTS, *_STAMPS):
            if isinstance(body.get(name), str):
                member[name] = body[name]
        if "vip" in body:
            member["vip"] = bool(body["vip"])
        if isinstance(body.get("location"), dict):
            member["location"] = member["location"] | body["location"]
        member["last_changed"] = self._at
        if self._until is not None:
            self._audience.hidden[member["id"]] = self._until
        self._audience.touch()
        return member


def exists(address: str) -> Problem:
    """The address is taken."""
    detail = f"{address} is already a list member. Use PUT to insert or update list members."
    return Problem(400, "Member Exists", detail)


def forgotten(address: str) -> Problem:
    """The address was deleted for good: only its owner can bring it back."""
    detail = (
        f"{address} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get "
    )
    return Problem(400, "Forgotten Email Not Subscribed", detail + "back on the list.")


def archive(audience: Audience, member: Json, at: str) -> None:
    """Archive; only members who get or got mail can be."""
    if member["status"] in ("archived", "pending", "cleaned"):
        raise not_allowed("GET, PUT")
    member["status"], member["last_changed"] = "archived", at
    audience.touch()


def erase(audience: Audience, member: Json) -> None:
    """Delete for good: the record is gone and the address cannot be added again."""
    audience.forgotten.add(member["id"])
    audience.drop(member["id"])


def leave(audience: Audience, member: Json, at: str, status: str, reason: str = "") -> None:
    """Leave by one's own doing or by bouncing (``unsubscribed``, ``cleaned``): the API cannot undo it."""
    member["status"], member["unsubscribe_reason"], member["last_changed"] = status, reason, at
    audience.refused.add(member["id"])
    audience.touch()


def retag(store: Store, audience: Audience, key: str, names: Iterable[str], at: str, *, only: bool) -> None:
    """Give a member tags by name, creating unknown ones; ``only``: and take every other away."""
    wanted = [tag_named(store, audience, name, at) for name in names]
    if only:
        for segment in [held for held in audience.tags_of[key] if held not in wanted]:
            audience.untag(key, segment)
    for segment in wanted:
        audience.tag(key, segment, at)
