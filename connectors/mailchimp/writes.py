"""Writing merge fields in batches, and reading what became of each member.

No status is ever sent: nobody is subscribed by a score, and nobody who is missing or archived comes back.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.mailchimp.audiences import key_of, list_of
from connectors.mailchimp.errors import Refusal
from connectors.mailchimp.gateway import BATCH, Gateway
from core.changes import Done, Gone, Outcome, Rejected, SetFields, Value


class MergeValues:
    """Sets merge fields of existing members."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    def write(self, changes: Sequence[SetFields]) -> list[Outcome]:
        """One outcome a change, in the same order. A member named twice goes into two batches."""
        outcomes: dict[int, Outcome] = {}
        for list_id, batch in _batches(changes):
            outcomes.update(self._send(list_id, batch))
        return [outcomes[number] for number in range(len(changes))]

    def _send(self, list_id: str, batch: Sequence[tuple[int, SetFields]]) -> dict[int, Outcome]:
        rows = [
            {
                "email_address": change.ref.address,
                "merge_fields": {tag: merge_value(value) for tag, value in change.values.items()},
            }
            for _, change in batch
        ]
        try:
            answer = self._gateway.save_members(list_id, rows)
        except Refusal as refusal:
            if refusal.status != 400:
                raise
            return self._narrow(list_id, batch, refusal)
        failed = {str(one.get("email_address")).lower(): one for one in answer.get("errors") or ()}
        updated = {str(one.get("email_address")).lower() for one in answer.get("updated_members") or ()}
        return {number: self._outcome(list_id, change, updated, failed) for number, change in batch}

    def _narrow(
        self, list_id: str, batch: Sequence[tuple[int, SetFields]], refusal: Refusal
    ) -> dict[int, Outcome]:
        """Halve a batch that was refused as a whole until the bad member stands alone."""
        if len(batch) == 1:
            number, change = batch[0]
            return {number: self._refused(list_id, change, refusal.message, None)}
        middle = len(batch) // 2
        return {**self._send(list_id, batch[:middle]), **self._send(list_id, batch[middle:])}

    def _outcome(
        self, list_id: str, change: SetFields, updated: set[str], failed: Mapping[str, Mapping[str, Any]]
    ) -> Outcome:
        address = str(change.ref.address or "").lower()
        if address in updated:
            return Done(change)
        error = failed.get(address, {})
        reason = str(
            error.get("field_message") or error.get("error") or "Mailchimp answered without a word about it"
        )
        return self._refused(list_id, change, reason, str(error.get("field") or "") or None)

    def _refused(self, list_id: str, change: SetFields, reason: str, field: str | None) -> Outcome:
        """A refusal reads alike for a bad value and for a member who is gone: so the member is looked up."""
        try:
            member = self._gateway.member(list_id, key_of(change.ref))
        except Refusal as refusal:
            if refusal.status == 404:
                return Gone(change, "deleted")
            raise
        if member.get("status") == "archived":
            return Gone(change, "archived")
        if str(member.get("email_address")).lower() != str(change.ref.address or "").lower():
            return Rejected(
                change, "ADDRESS_CHANGED", "the member's address has changed since it was read",
                "Run sync again: it reads the new address.", retryable=True,
            )  # fmt: skip
        remedy = "Correct the member or the merge field in Mailchimp"
        return Rejected(change, "NOT_UPDATED", reason, remedy, field=field)


def merge_value(value: Value) -> str | int | float:
    """A value as Mailchimp takes it: "" clears (null would be ignored)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


def _batches(changes: Sequence[SetFields]) -> list[tuple[str, list[tuple[int, SetFields]]]]:
    """Batches of 500 a list in which no address appears twice, order kept per member."""
    turns: dict[tuple[str, int], list[tuple[int, SetFields]]] = {}
    seen: dict[tuple[str, str], int] = {}
    for number, change in enumerate(changes):
        list_id = list_of(change.ref)
        who = (list_id, str(change.ref.address or "").lower())
        turn = seen.get(who, 0)
        seen[who] = turn + 1
        turns.setdefault((list_id, turn), []).append((number, change))
    return [
        (list_id, batch[start : start + BATCH])
        for (list_id, _), batch in sorted(turns.items(), key=lambda item: item[0][1])
        for start in range(0, len(batch), BATCH)
    ]
