"""What Mailchimp holds, as it holds it: plain dicts in API form, with the indexes that lookups need."""

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sandbox.mailchimp.problems import missing

Json = dict[str, Any]


def member_id(address: str) -> str:
    """A member's id: MD5 of the lower-cased address."""
    return hashlib.md5(address.lower().encode(), usedforsecurity=False).hexdigest()


def token(*parts: object, length: int = 10) -> str:
    """An id that looks random and is the same every time."""
    return hashlib.sha256("/".join(map(str, parts)).encode()).hexdigest()[:length]


@dataclass(slots=True)
class Tally:
    """A member's mail so far: campaigns received, opened, clicked; and what the shop earned."""

    sent: int = 0
    opened: set[str] = field(default_factory=set)
    clicked: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Audience:
    """One list. members by id; ``version`` moves with every change, so that sweeps can keep their view.

    refused: ids that must not be subscribed again through the API (unsubscribed by themselves, bounced,
    under review). forgotten: ids of the permanently deleted. crowded: ids that signed up too often of
    late. hidden: id → instant until which listings miss it.
    tags and static segments are one thing: id → segment, with the member ids in ``tagged``.
    """

    info: Json
    members: dict[str, Json] = field(default_factory=dict)
    by_contact: dict[str, str] = field(default_factory=dict)
    merge_fields: dict[int, Json] = field(default_factory=dict)
    segments: dict[int, Json] = field(default_factory=dict)
    tagged: dict[int, dict[str, str]] = field(default_factory=dict)
    tags_of: dict[str, dict[int, str]] = field(default_factory=lambda: defaultdict(dict))
    refused: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)
    crowded: set[str] = field(default_factory=set)
    hidden: dict[str, str] = field(default_factory=dict)
    events: dict[str, list[Json]] = field(default_factory=lambda: defaultdict(list))
    tallies: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    version: int = 0
    views: dict[Any, tuple[Any, list[Json]]] = field(default_factory=dict)
    next_web_id: int = 1

    @property
    def id(self) -> str:
        """The list id."""
        return str(self.info["id"])

    def touch(self) -> None:
        """Say that something about members changed."""
        self.version += 1
        self.views.clear()

    def add(self, member: Json) -> None:
        """Hold a new member."""
        self.members[member["id"]] = member
        self.by_contact[member["contact_id"]] = member["id"]
        self.touch()

    def drop(self, key: str) -> Json:
        """Forget a member and its tags."""
        member = self.members.pop(key)
        self.by_contact.pop(member["contact_id"], None)
        for segment in self.tags_of.pop(key, {}):
            self.tagged[segment].pop(key, None)
        self.touch()
        return member

    def rekey(self, key: str, address: str) -> Json:
        """Change a member's address, and with it the id; tags, events and figures follow."""
        member = self.members.pop(key)
        new = member_id(address)
        member["email_address"], member["id"] = address, new
        self.members[new] = member
        self.by_contact[member["contact_id"]] = new
        if key in self.events:
            self.events[new] = self.events.pop(key)
        if key in self.tallies:
            self.tallies[new] = self.tallies.pop(key)
        if key in self.tags_of:
            self.tags_of[new] = self.tags_of.pop(key)
        for segment in self.tags_of[new]:
            self.tagged[segment][new] = self.tagged[segment].pop(key)
        if key in self.refused:
            self.refused.add(new)
        self.touch()
        return member

    def find(self, key: str) -> str | None:
        """The member id meant by an id, an address or a contact id; None when there is none."""
        if "@" in key:
            key = member_id(key)
        if key.lower() in self.members:
            return key.lower()
        return self.by_contact.get(key)

    def member(self, key: str) -> Json:
        """The member meant, or 404."""
        found = self.find(key)
        if found is None:
            raise missing()
        return self.members[found]

    def segment(self, key: str) -> Json:
        """The segment or tag, or 404."""
        if not key.isdecimal() or int(key) not in self.segments:
            raise missing()
        return self.segments[int(key)]

    def tag(self, key: str, segment: int, at: str) -> bool:
        """Put a member into a static segment; False when it was there."""
        if key in self.tagged[segment]:
            return False
        self.tagged[segment][key] = at
        self.tags_of[key][segment] = at
        return True

    def untag(self, key: str, segment: int) -> bool:
        """Take a member out of a static segment; False when it was not there."""
        self.tags_of[key].pop(segment, None)
        return self.tagged[segment].pop(key, None) is not None


@dataclass(slots=True)
class Shop:
    """One e-commerce store; everything by its caller's id."""

    info: Json
    customers: dict[str, Json] = field(default_factory=dict)
    products: dict[str, Json] = field(default_factory=dict)
    orders: dict[str, Json] = field(default_factory=dict)
    carts: dict[str, Json] = field(default_factory=dict)


@dataclass(slots=True)
class Survey:
    """One survey: its questions in order, and its responses with their results."""

    info: Json
    questions: list[Json] = field(default_factory=list)
    responses: list[Json] = field(default_factory=list)


@dataclass(slots=True)
class Store:
    """The whole account.

    recipients: campaign id → contact id → what became of the e-mail. restricted: paths that the plan lacks.
    """

    account: Json = field(default_factory=dict)
    audiences: dict[str, Audience] = field(default_factory=dict)
    campaigns: dict[str, Json] = field(default_factory=dict)
    recipients: dict[str, dict[str, Json]] = field(default_factory=lambda: defaultdict(dict))
    shops: dict[str, Shop] = field(default_factory=dict)
    surveys: dict[str, Survey] = field(default_factory=dict)
    journeys: dict[tuple[int, int], list[Json]] = field(default_factory=dict)
    batches: dict[str, Json] = field(default_factory=dict)
    restricted: set[str] = field(default_factory=set)
    next_segment: int = 10001

    def audience(self, list_id: str) -> Audience:
        """The audience, or 404."""
        found = self.audiences.get(list_id)
        if found is None:
            raise missing()
        return found

    def audience_named(self, name: str) -> Audience:
        """The audience of this name; KeyError when there is none."""
        for audience in self.audiences.values():
            if audience.info["name"] == name:
                return audience
        raise KeyError(name)

    def sent(self, contact_id: str) -> Iterator[tuple[Json, Json]]:
        """Every campaign a contact got, with what became of it."""
        for campaign_id, recipients in self.recipients.items():
            if contact_id in recipients:
                yield self.campaigns[campaign_id], recipients[contact_id]
