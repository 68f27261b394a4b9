"""Writing record properties in batches, and reading what became of each record.

HubSpot refuses a whole batch for one bad value, names missing ids in a 207, and leaves a record that was
merged away out of a 200 without a word: results are joined by id, and what is in neither list is looked up.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.errors import VENDOR, Refusal
from connectors.hubspot.gateway import BATCH, Gateway
from core.changes import Change, Done, Gone, Outcome, Rejected, Value

_NOT_FOUND = "OBJECT_NOT_FOUND"


@dataclass(frozen=True, slots=True)
class Write:
    """Properties for one record, and the change that asked for them."""

    change: Change
    record_id: str
    properties: Mapping[str, str]


class Batches:
    """Writes to one object."""

    def __init__(self, gateway: Gateway, kind: str) -> None:
        self._gateway, self._kind = gateway, kind

    def write(self, writes: Sequence[Write]) -> dict[int, Outcome]:
        """One outcome a write, by its position. A record named twice goes into two batches, in order."""
        outcomes: dict[int, Outcome] = {}
        for batch in _rounds(writes):
            outcomes.update(self._send(batch))
        return outcomes

    def _send(self, batch: list[tuple[int, Write]]) -> dict[int, Outcome]:
        inputs = [
            {"id": write.record_id, "properties": dict(write.properties), "objectWriteTraceId": str(number)}
            for number, write in batch
        ]
        try:
            answer = self._gateway.update(self._kind, inputs)
        except Refusal as refusal:
            return self._narrow(batch, refusal)
        return self._joined(batch, answer)

    def _narrow(self, batch: list[tuple[int, Write]], refusal: Refusal) -> dict[int, Outcome]:
        """Halve until the bad record stands alone."""
        if len(batch) == 1:
            number, write = batch[0]
            return {
                number: rejection(
                    write.change, refusal.body, str(refusal.body.get("message") or refusal.message)
                )
            }
        middle = len(batch) // 2
        return {**self._send(batch[:middle]), **self._send(batch[middle:])}

    def _joined(self, batch: list[tuple[int, Write]], answer: Mapping[str, Any]) -> dict[int, Outcome]:
        written = {str(one["id"]) for one in answer.get("results") or ()}
        traced = {str(one.get("objectWriteTraceId")) for one in answer.get("results") or ()}
        failed = _failures(answer)
        outcomes: dict[int, Outcome] = {}
        lost: list[tuple[int, Write]] = []
        for number, write in batch:
            error = failed.get(str(number)) or failed.get(write.record_id)
            if write.record_id in written or str(number) in traced:
                outcomes[number] = Done(write.change)
            elif error is not None and error.get("category") != _NOT_FOUND:
                outcomes[number] = rejection(write.change, error, str(error.get("message") or "was refused"))
            else:
                lost.append((number, write))
        return {**outcomes, **(self._sought(lost) if lost else {})}

    def _sought(self, lost: list[tuple[int, Write]]) -> dict[int, Outcome]:
        """What became of records that were neither written nor refused."""
        whereabouts = survivors(self._gateway, self._kind, [write.record_id for _, write in lost])
        return {
            number: _whereabouts(self._kind, write, whereabouts.get(write.record_id))
            for number, write in lost
        }


def survivors(gateway: Gateway, kind: str, ids: Sequence[str]) -> dict[str, str]:
    """The id each of up to 100 records goes by now: its own, or that of the record it was merged into.

    Deleted records are absent.
    """
    answer = gateway.read(kind, ids, ["hs_merged_object_ids", "hs_calculated_merged_vids"])
    found: dict[str, str] = {}
    for one in answer.get("results") or ():
        held = one.get("properties") or {}
        merged = ";".join(
            filter(None, (held.get("hs_merged_object_ids"), held.get("hs_calculated_merged_vids")))
        )
        former = [part.partition(":")[0] for part in merged.split(";")]
        found.update({old: str(one["id"]) for old in (*former, str(one["id"])) if old in ids})
    return found


def _whereabouts(kind: str, write: Write, now: str | None) -> Outcome:
    if now is None:
        return Gone(write.change, "deleted")
    if now != write.record_id:
        return Gone(write.change, "merged", f"{VENDOR}:{kind}:{now}")
    return Rejected(
        write.change, "NOT_ACKNOWLEDGED", "HubSpot answered without a word about this record",
        "Run sync again: it is sent once more.", retryable=True,
    )  # fmt: skip


def rejection(change: Change, error: Mapping[str, Any], message: str) -> Rejected:
    """A refusal of one record, with the property and the rule where HubSpot names them."""
    details = _invalid_values(message)
    first = details[0] if details else {}
    code = str(first.get("error") or error.get("subCategory") or error.get("category") or "VALIDATION_ERROR")
    reason = str(first.get("localizedErrorMessage") or first.get("message") or message)
    return Rejected(
        change, code, reason, _remedy(code), field=str(first["name"]) if first.get("name") else None,
        retryable=code in {"LOCKED", "RATE_LIMITS"},
    )  # fmt: skip


def property_text(value: Value) -> str:
    """A value as HubSpot takes it: text, "" to clear."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _rounds(writes: Sequence[Write]) -> list[list[tuple[int, Write]]]:
    """Batches of 100 in which no record appears twice (HubSpot refuses that), order kept per record."""
    rounds: list[dict[str, tuple[int, Write]]] = []
    seen: dict[str, int] = {}
    for number, write in enumerate(writes):
        turn = seen.get(write.record_id, 0)
        seen[write.record_id] = turn + 1
        if turn == len(rounds):
            rounds.append({})
        rounds[turn][write.record_id] = (number, write)
    whole = [list(one.values()) for one in rounds]
    return [one[start : start + BATCH] for one in whole for start in range(0, len(one), BATCH)]


def _failures(answer: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Errors of a 207 by record id and by trace id."""
    found: dict[str, Mapping[str, Any]] = {}
    for error in answer.get("errors") or ():
        context = error.get("context") or {}
        for key in ("ids", "id", "objectWriteTraceId"):
            for name in context.get(key) or ():
                found.setdefault(str(name), error)
    return found


def _invalid_values(message: str) -> list[dict[str, Any]]:
    """The JSON list that HubSpot puts into the message of a validation error."""
    start = message.find("[")
    try:
        parsed = json.loads(message[start:]) if start >= 0 else []
    except ValueError:
        return []
    return [one for one in parsed if isinstance(one, dict)] if isinstance(parsed, list) else []


def _remedy(code: str) -> str:
    if code == "PROPERTY_DOESNT_EXIST":
        return "Create the property with: scoreline fields --apply"
    if code == "READ_ONLY_VALUE":
        return "The property cannot be written: choose another field in config/scoreline.yaml."
    return "Correct the record or the rule in HubSpot"
