"""Tasks for owners in HubSpot, once each.

HubSpot has no external id for tasks. A task carries its key in its last line, and before any is created the
tasks of the record are read through its associations, which search's index lag does not touch.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.hubspot.batches import rejection, survivors
from connectors.hubspot.errors import VENDOR, Refusal
from connectors.hubspot.gateway import ASSOCIATIONS, BATCH, Gateway
from connectors.hubspot.owners import Owners
from core.changes import CreateTask, Done, Gone, Outcome
from core.clock import Clock

#: Association type from a task to the record it is about.
_TIES = {"contacts": 204, "companies": 192, "deals": 216}
_KEY = re.compile(r"\[scoreline:([^\]]+)\]")


class Tasks:
    """Creates tasks that are not there yet."""

    def __init__(self, gateway: Gateway, owners: Owners, clock: Clock) -> None:
        self._gateway, self._owners, self._clock = gateway, owners, clock

    def write(self, changes: Sequence[CreateTask]) -> list[Outcome]:
        """One outcome a change, in the same order; a task whose key exists already is Done with its id."""
        outcomes: dict[int, Outcome] = {}
        for kind in dict.fromkeys(change.ref.object for change in changes):
            wanted = [(number, change) for number, change in enumerate(changes) if change.ref.object == kind]
            for start in range(0, len(wanted), BATCH):
                outcomes.update(self._write(kind, wanted[start : start + BATCH]))
        return [outcomes[number] for number in range(len(changes))]

    def _write(self, kind: str, wanted: Sequence[tuple[int, CreateTask]]) -> dict[int, Outcome]:
        ids = list(dict.fromkeys(change.ref.record_id for _, change in wanted))
        now = survivors(self._gateway, kind, ids)
        known = self._known(kind, sorted(set(now.values())))
        outcomes: dict[int, Outcome] = {}
        new: dict[str, tuple[int, CreateTask]] = {}
        for number, change in wanted:
            if change.ref.record_id not in now:
                outcomes[number] = Gone(change, "deleted")
            elif change.key in known:
                outcomes[number] = Done(change, known[change.key])
            else:
                new[change.key] = (number, change)
        return {**outcomes, **(self._create(kind, list(new.values()), now) if new else {})}

    def _known(self, kind: str, ids: Sequence[str]) -> dict[str, str]:
        """Key → id of the tasks these records have."""
        todo: list[dict[str, str]] = [{"id": one} for one in ids]
        tasks: list[str] = []
        while todo:
            answer = self._gateway.associated(kind, "tasks", todo[:ASSOCIATIONS])
            todo = todo[ASSOCIATIONS:]
            for result in answer.get("results") or ():
                tasks += [str(tie["toObjectId"]) for tie in result.get("to") or ()]
                after = ((result.get("paging") or {}).get("next") or {}).get("after")
                if after is not None:
                    todo.append({"id": str((result.get("from") or {}).get("id")), "after": str(after)})
        found: dict[str, str] = {}
        for start in range(0, len(tasks), BATCH):
            answer = self._gateway.read("tasks", tasks[start : start + BATCH], ["hs_task_body"])
            for one in answer.get("results") or ():
                for key in _KEY.findall(str((one.get("properties") or {}).get("hs_task_body") or "")):
                    found[key] = str(one["id"])
        return found

    def _create(
        self, kind: str, new: Sequence[tuple[int, CreateTask]], now: Mapping[str, str]
    ) -> dict[int, Outcome]:
        inputs = [self._task(kind, number, change, now[change.ref.record_id]) for number, change in new]
        try:
            answer = self._gateway.create("tasks", inputs)
        except Refusal as refusal:
            if len(new) > 1 and refusal.status == 400:
                return {at: it for one in new for at, it in self._create(kind, [one], now).items()}
            if refusal.status != 400:
                raise
            message = str(refusal.body.get("message") or refusal.message)
            return {new[0][0]: rejection(new[0][1], refusal.body, message)}
        return _outcomes(new, answer)

    def _task(self, kind: str, number: int, change: CreateTask, record_id: str) -> dict[str, Any]:
        owner = self._owners.active(change.owner)
        return {
            "objectWriteTraceId": str(number),
            "properties": {
                "hs_timestamp": _iso(self._clock.now()),
                "hs_task_subject": change.subject,
                "hs_task_body": f"{change.body}\n[scoreline:{change.key}]",
                "hs_task_status": "NOT_STARTED",
                "hs_task_type": "TODO",
                **({"hubspot_owner_id": owner} if owner else {}),
            },
            "associations": [
                {
                    "to": {"id": record_id},
                    "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _TIES[kind]}],
                }
            ],
        }


def _outcomes(new: Sequence[tuple[int, CreateTask]], answer: Mapping[str, Any]) -> dict[int, Outcome]:
    """Joined by trace id, by the key in the body, or (as the vendor keeps order) by place."""
    results = list(answer.get("results") or ())
    by_trace = {
        str(one["objectWriteTraceId"]): str(one["id"]) for one in results if one.get("objectWriteTraceId")
    }
    by_key = {
        key: str(one["id"])
        for one in results
        for key in _KEY.findall(str((one.get("properties") or {}).get("hs_task_body") or ""))
    }
    errors = {
        str(trace): error
        for error in answer.get("errors") or ()
        for trace in (error.get("context") or {}).get("objectWriteTraceId") or ()
    }
    outcomes: dict[int, Outcome] = {}
    for number, change in new:
        created = by_trace.get(str(number)) or by_key.get(change.key)
        if created is not None:
            outcomes[number] = Done(change, created)
        else:
            error: Mapping[str, Any] = errors.get(str(number)) or next(iter(answer.get("errors") or ({},)))
            outcomes[number] = rejection(
                change, error, str(error.get("message") or f"{VENDOR} created no task")
            )
    return outcomes


def _iso(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
