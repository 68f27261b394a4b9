"""Tags, static segments and journeys: finding them, creating them, and who enters and leaves.

A tag is a static segment to the API, so both are changed in batches by the segment's id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from connectors.mailchimp.audiences import Audiences, key_of, list_of
from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.errors import Refusal
from connectors.mailchimp.gateway import BATCH, PAGE, Gateway
from connectors.mailchimp.members import member_hash
from connectors.mailchimp.paging import slices, whole
from core.changes import AskConsent, Done, Gone, ListSpec, Outcome, Rejected, SetMembership, Withheld

JOURNEY = "journey"


class Lists:
    """Finds lists by name. Ids read ``<audience>:<segment>`` or ``journey:<journey>/<step>``."""

    def __init__(self, gateway: Gateway, connection: MailchimpConnection, audiences: Audiences) -> None:
        self._gateway, self._connection, self._audiences = gateway, connection, audiences
        self._segments: dict[str, dict[str, str]] = {}

    def id_of(self, spec: ListSpec) -> str | None:
        """None where there is no such tag, segment, journey or audience."""
        if spec.kind == JOURNEY:
            step = self._connection.journeys.get(spec.name)
            return f"{JOURNEY}:{step}" if step else None
        audience = self._audiences.named(spec.audience)
        if audience is None:
            return None
        if audience.id not in self._segments:
            known = self._gateway.segments(audience.id)
            self._segments[audience.id] = {str(one["name"]).lower(): str(one["id"]) for one in known}
        segment = self._segments[audience.id].get(spec.name.lower())
        return f"{audience.id}:{segment}" if segment else None

    def ensure(self, specs: Sequence[ListSpec], *, create: bool) -> list[str | None]:
        """Ids in the order asked; journeys are made in Mailchimp only."""
        return [self.id_of(spec) or (self._created(spec) if create else None) for spec in specs]

    def _created(self, spec: ListSpec) -> str | None:
        audience = self._audiences.named(spec.audience)
        if audience is None or spec.kind == JOURNEY:
            return None
        try:
            made = str(self._gateway.create_segment(audience.id, spec.name)["id"])
        except Refusal:
            self._segments.pop(audience.id, None)
            found = self.id_of(spec)
            if found is None:
                raise
            return found
        self._segments[audience.id][spec.name.lower()] = made
        return f"{audience.id}:{made}"


#: Statuses of a member who is not to be written to.
REFUSING = frozenset({"unsubscribed", "cleaned", "pending", "archived"})


@dataclass(frozen=True, slots=True)
class Standing:
    """A member as it is this moment."""

    status: str
    address: str


class Standings:
    """Asks Mailchimp how members stand, by whichever way takes fewer calls."""

    def __init__(self, gateway: Gateway, audiences: Audiences) -> None:
        self._gateway, self._audiences = gateway, audiences

    def of(self, changes: Sequence[SetMembership | AskConsent]) -> dict[str, Standing]:
        """By record id; deleted members are absent."""
        found: dict[str, Standing] = {}
        for list_id in dict.fromkeys(list_of(change.ref) for change in changes):
            wanted = {change.ref.record_id: change for change in changes if list_of(change.ref) == list_id}
            if len(wanted) <= self.listing_calls(list_id):
                found.update(self._one_by_one(list_id, wanted))
            else:
                found.update(self._listed(list_id, wanted))
        return found

    def calls(self, list_id: str, count: int) -> int:
        """What asking about so many members of an audience costs."""
        return min(count, self.listing_calls(list_id))

    def listing_calls(self, list_id: str) -> int:
        return max(1, ceil((self._audiences.size(list_id) + 1) / PAGE))

    def _one_by_one(
        self, list_id: str, wanted: Mapping[str, SetMembership | AskConsent]
    ) -> dict[str, Standing]:
        found: dict[str, Standing] = {}
        for record_id, change in wanted.items():
            try:
                member = self._gateway.member(list_id, _key(change))
            except Refusal as refusal:
                if refusal.status != 404:
                    raise
            else:
                found[record_id] = Standing(str(member["status"]), str(member["email_address"]))
        return found

    def _listed(self, list_id: str, wanted: Mapping[str, SetMembership | AskConsent]) -> dict[str, Standing]:
        """The listing leaves out the archived: who is missing is looked up singly only if few are."""
        fields = [
            "members.id",
            "members.contact_id",
            "members.status",
            "members.email_address",
            "total_items",
        ]
        read = whole(lambda at: self._gateway.members(list_id, at, {"fields": fields}))
        found: dict[str, Standing] = {}
        for part in slices("members", read):
            for member in part.rows:
                for key in (member.get("contact_id"), member["id"]):
                    if f"{list_id}:{key}" in wanted:
                        found[f"{list_id}:{key}"] = Standing(
                            str(member["status"]), str(member["email_address"])
                        )
        absent = {record_id: change for record_id, change in wanted.items() if record_id not in found}
        return {**found, **self._one_by_one(list_id, absent)}


class Memberships:
    """Who enters and leaves; additions only after asking how each person stands now."""

    def __init__(self, gateway: Gateway, standings: Standings) -> None:
        self._gateway, self._standings = gateway, standings

    def write(self, changes: Sequence[SetMembership]) -> list[Outcome]:
        """One outcome a change, in the same order."""
        standing = self._standings.of([change for change in changes if change.member])
        outcomes: dict[int, Outcome] = {}
        batches: dict[str, list[tuple[int, SetMembership, str]]] = {}
        for number, change in enumerate(changes):
            barred = _barred(change, standing.get(change.ref.record_id))
            if barred is not None:
                outcomes[number] = barred
                continue
            held = standing.get(change.ref.record_id)
            address = held.address if held else str(change.ref.address or "")
            batches.setdefault(change.list_id, []).append((number, change, address))
        for list_id, wanted in batches.items():
            send = self._start if list_id.startswith(f"{JOURNEY}:") else self._tag
            outcomes.update(send(list_id, wanted))
        return [outcomes[number] for number in range(len(changes))]

    def _tag(self, list_id: str, wanted: Sequence[tuple[int, SetMembership, str]]) -> dict[int, Outcome]:
        audience, _, segment = list_id.partition(":")
        outcomes: dict[int, Outcome] = {}
        adding = [one for one in wanted if one[1].member]
        removing = [one for one in wanted if not one[1].member]
        for start in range(0, max(len(adding), len(removing)), BATCH):
            add, remove = adding[start : start + BATCH], removing[start : start + BATCH]
            answer = self._gateway.change_segment(
                audience, segment, [address for *_, address in add], [address for *_, address in remove]
            )
            refused = {
                str(address).lower(): str(error.get("error"))
                for error in answer.get("errors") or ()
                for address in error.get("email_addresses") or ()
            }
            for number, change, address in (*add, *remove):
                outcomes[number] = _tagged(change, refused.get(address.lower()))
        return outcomes

    def _start(self, list_id: str, wanted: Sequence[tuple[int, SetMembership, str]]) -> dict[int, Outcome]:
        """Entering starts the journey; it has no way out by API, so leaving is done by itself."""
        journey, _, step = list_id.removeprefix(f"{JOURNEY}:").partition("/")
        outcomes: dict[int, Outcome] = {}
        for number, change, address in wanted:
            try:
                if change.member:
                    self._gateway.trigger(journey, step, address)
            except Refusal as refusal:
                outcomes[number] = Rejected(
                    change, refusal.code, refusal.message, "Check the journey's API trigger in Mailchimp."
                )
            else:
                outcomes[number] = Done(change)
        return outcomes


def _barred(change: SetMembership, standing: Standing | None) -> Outcome | None:
    if not change.member:
        return None
    if standing is None:
        return Gone(change, "deleted")
    if standing.status == "archived" or (change.channel == "email" and standing.status != "subscribed"):
        return Withheld(change, standing.status)
    if not change.list_id.startswith((f"{JOURNEY}:", f"{list_of(change.ref)}:")):
        return Rejected(
            change, "OTHER_AUDIENCE", f"{change.list_name!r} belongs to another audience than this member",
            "Name the audience of the list in config/scoreline.yaml.",
        )  # fmt: skip
    return None


def _tagged(change: SetMembership, refused: str | None) -> Outcome:
    if refused is None or not change.member:
        return Done(change)
    return Rejected(change, "NOT_TAGGED", refused, "Look the member up in Mailchimp")


def _key(change: SetMembership | AskConsent) -> str:
    """Contact ids work here too, and outlive a change of address."""
    key = key_of(change.ref)
    return key or member_hash(str(change.ref.address or ""))
