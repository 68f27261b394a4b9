"""Putting contacts on HubSpot lists and taking them off."""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.hubspot.batches import survivors
from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.errors import VENDOR
from connectors.hubspot.gateway import BATCH, Gateway
from connectors.hubspot.preferences import email_statuses
from core.changes import Done, Gone, ListSpec, Outcome, Ref, SetMembership, Withheld

#: Records a call may name. HubSpot's own cap is not documented; this keeps a body under a megabyte.
MEMBERS_PER_CALL = 10_000


def ensure_lists(gateway: Gateway, specs: Sequence[ListSpec], *, create: bool) -> list[str | None]:
    """Ids of manual contact lists by name, in the order asked."""
    found: list[str | None] = []
    for spec in specs:
        list_id = gateway.list_id(spec.name)
        found.append(gateway.create_list(spec.name) if list_id is None and create else list_id)
    return found


class Memberships:
    """Changes list by list; additions to lists for e-mail only with consent as it is now."""

    def __init__(self, gateway: Gateway, connection: HubSpotConnection) -> None:
        self._gateway, self._connection = gateway, connection

    def write(self, changes: Sequence[SetMembership]) -> list[Outcome]:
        """One outcome a change, in the same order."""
        asking = {change.ref.record_id for change in changes if _needs_consent(change)}
        consents = self._consents(sorted(asking))
        lost = self._now(asking - set(consents))
        outcomes: dict[int, Outcome] = {}
        by_list: dict[str, list[tuple[int, SetMembership]]] = {}
        for number, change in enumerate(changes):
            status = consents.get(change.ref.record_id) if _needs_consent(change) else "subscribed"
            if status is None:
                outcomes[number] = _gone(change, lost.get(change.ref.record_id))
            elif status != "subscribed":
                outcomes[number] = Withheld(change, status)
            else:
                by_list.setdefault(change.list_id, []).append((number, change))
        for list_id, wanted in by_list.items():
            for start in range(0, len(wanted), MEMBERS_PER_CALL):
                outcomes.update(self._send(list_id, wanted[start : start + MEMBERS_PER_CALL]))
        return [outcomes[number] for number in range(len(changes))]

    def denied(self, refs: Sequence[Ref]) -> dict[Ref, str]:
        """Who has unsubscribed."""
        consents = self._consents([ref.record_id for ref in refs])
        return {ref: "unsubscribed" for ref in refs if consents.get(ref.record_id) == "unsubscribed"}

    def _send(self, list_id: str, wanted: Sequence[tuple[int, SetMembership]]) -> dict[int, Outcome]:
        add = list(dict.fromkeys(change.ref.record_id for _, change in wanted if change.member))
        remove = list(dict.fromkeys(change.ref.record_id for _, change in wanted if not change.member))
        answer = self._gateway.change_members(list_id, add, remove)
        missing = {str(one) for one in answer.get("recordIdsMissing") or ()}
        now = self._now(missing)
        return {
            number: _gone(change, now.get(change.ref.record_id))
            if change.member and change.ref.record_id in missing
            else Done(change)
            for number, change in wanted
        }

    def _now(self, ids: set[str]) -> dict[str, str]:
        """The ids that records go by now; deleted ones are absent."""
        wanted = sorted(ids)
        return {
            old: new
            for start in range(0, len(wanted), BATCH)
            for old, new in survivors(self._gateway, "contacts", wanted[start : start + BATCH]).items()
        }

    def _consents(self, ids: Sequence[str]) -> dict[str, str]:
        """E-mail consent of live contacts as HubSpot has it this moment, read in bulk."""
        found: dict[str, str] = {}
        for start in range(0, len(ids), BATCH):
            batch = ids[start : start + BATCH]
            answer = self._gateway.read("contacts", batch, ["email", "hs_email_optout"])
            held = {str(one["id"]): one.get("properties") or {} for one in answer.get("results") or ()}
            addresses = [str(one.get("email") or "") for one in held.values()]
            said = email_statuses(self._gateway, addresses) if self._connection.subscriptions else {}
            found.update({at: _consent(held[at], said) for at in batch if at in held})
        return found


def _needs_consent(change: SetMembership) -> bool:
    return change.member and change.channel == "email"


def _consent(held: Mapping[str, Any], said: Mapping[str, str]) -> str:
    if held.get("hs_email_optout") in (True, "true"):
        return "unsubscribed"
    return said.get(str(held.get("email") or "").lower(), "none")


def _gone(change: SetMembership, now: str | None) -> Gone:
    if now is None or now == change.ref.record_id:
        return Gone(change, "deleted")
    return Gone(change, "merged", f"{VENDOR}:contacts:{now}")
