"""A plan on paper: JSON Lines that a person reads, keeps and hands back to be sent exactly so.

The first line says what the plan is; every further one is a change with the values it was computed against.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from core.changes import Assign, Change, CreateTask, Ref, SetFields, SetMembership
from core.errors import DataError, PlanRefused
from sync.planning.desired import ModelVersion
from sync.planning.plan import Plan, Planned
from sync.planning.summary import Moves
from sync.planning.tasks import Entry

FORMAT = 1

_KINDS: Mapping[str, type] = {kind.__name__: kind for kind in (SetFields, SetMembership, CreateTask, Assign)}


def save(plan: Plan, path: Path) -> None:
    """Write the plan; the file appears whole or not at all. Raises DataError when it cannot be written."""
    draft = path.with_name(path.name + ".draft")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in _lines(plan))
        draft.replace(path)
    except OSError as error:
        raise DataError(f"cannot be written: {error.strerror}", path=path) from error


def load(path: Path) -> Plan:
    """The plan in the file. Raises DataError naming the file and line for anything else."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8 text"
        raise DataError(f"cannot be read: {reason}", path=path) from error
    header: dict[str, Any] = {}
    changes: list[Planned] = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            if number == 1:
                header = _header(row)
            else:
                changes.append(_planned(row))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(
                f"is not a line of a plan: {error}", path=path, record=f"line {number}"
            ) from error
    if not header or len(changes) != header["count"]:
        raise DataError(
            f"is cut off: {len(changes)} of {header.get('count', 'unknown')} changes are there", path=path
        )
    return _plan(header, changes)


def check_against(saved: Plan, current: Plan) -> None:
    """Raise PlanRefused, with the reason, unless sending ``saved`` is still what its reader agreed to.

    current: what would be planned now. Refused are another model, a value that would now be another, and a
    vendor that no longer holds what the plan saw. What ``current`` has beyond ``saved`` is left for later.
    """
    now = {model.name: model.hash for model in current.models}
    for model in saved.models:
        if now.get(model.name) != model.hash:
            raise PlanRefused(f"the model {model.name!r} has changed since the plan was made", remedy=_AGAIN)
    wanted = {_place(planned): planned for planned in current.changes}
    reasons = [
        reason for planned in saved.changes if (reason := _changed(planned, wanted.get(_place(planned))))
    ]
    if reasons:
        others = f" (and {len(reasons) - 1:,} more)" if len(reasons) > 1 else ""
        raise PlanRefused(f"the plan no longer fits: {reasons[0]}{others}", remedy=_AGAIN)


_AGAIN = "make it again: scoreline plan -o FILE"


def _place(planned: Planned) -> tuple[object, ...]:
    """What the change is about; a record has at most one change of each kind and list."""
    change = planned.change
    of_list = change.list_name if isinstance(change, SetMembership) else planned.entry and planned.entry.key
    return (type(change), change.ref.vendor, change.ref.object, change.ref.record_id, of_list)


def _changed(saved: Planned, current: Planned | None) -> str | None:
    where = f"{saved.change.ref.vendor} {saved.change.ref}"
    if current is None:
        return f"nothing is to be written to {where} any more"
    for name, value in saved.value.items():
        if name not in current.value:
            return f"{name} of {where} is not to be written any more"
        if current.held.get(name) != saved.held.get(name):
            return (
                f"{where} now holds {current.held.get(name)!r} in {name}, no longer {saved.held.get(name)!r}"
            )
        if current.value[name] != value:
            return f"{name} of {where} would now be {current.value[name]!r}, no longer {value!r}"
    return None


def _lines(plan: Plan) -> Iterator[dict[str, Any]]:
    yield {
        "scoreline_plan": FORMAT,
        "as_of": plan.as_of.isoformat(),
        "models": [asdict(model) for model in plan.models],
        "count": len(plan.changes),
        "entries": [asdict(entry) for entry in plan.entries],
        "ended": plan.ended,
        "baselines": [[*key, value] for key, value in plan.baselines.items()],
        "quiet": plan.quiet,
        "withheld": plan.withheld,
        "excluded": plan.excluded,
        "prices": plan.prices,
        "settled": plan.settled,
        "stages": [[*pair, count] for pair, count in plan.moves.stages.items()],
        "people": plan.moves.people,
        "scores": plan.moves.scores,
        "first": plan.moves.first,
        "lists": plan.moves.lists,
    }
    for planned in plan.changes:
        row = asdict(planned.change)
        yield {
            "change": type(planned.change).__name__,
            **row.pop("ref"),
            **row,
            "contact_id": planned.contact_id,
            "value": planned.value,
            "held": planned.held,
            "entry": asdict(planned.entry) if planned.entry else None,
        }


def _header(row: dict[str, Any]) -> dict[str, Any]:
    if row["scoreline_plan"] != FORMAT:
        message = f"format {row['scoreline_plan']!r} is not {FORMAT}"
        raise ValueError(message)
    return row


def _planned(row: dict[str, Any]) -> Planned:
    ref = Ref(row.pop("vendor"), row.pop("object"), row.pop("record_id"), row.pop("address"))
    kind = _KINDS[row.pop("change")]
    entry = row.pop("entry")
    contact_id, value, held = row.pop("contact_id"), row.pop("value"), row.pop("held")
    change: Change = kind(ref=ref, **row)
    return Planned(change, contact_id, held, value, Entry(**entry) if entry else None)


def _plan(header: Mapping[str, Any], changes: Sequence[Planned]) -> Plan:
    return Plan(
        as_of=datetime.fromisoformat(header["as_of"]),
        models=tuple(ModelVersion(**model) for model in header["models"]),
        changes=tuple(changes),
        moves=Moves(
            scores=header["scores"],
            stages={(before, after): count for before, after, count in header["stages"]},
            people=header["people"],
            first=header["first"],
            lists={name: (joining, leaving) for name, (joining, leaving) in header["lists"].items()},
        ),
        entries=tuple(Entry(**entry) for entry in header["entries"]),
        ended=tuple((name, contact_id) for name, contact_id in header["ended"]),
        baselines={(kind, name): value for kind, name, value in header["baselines"]},
        quiet=tuple(header["quiet"]),
        withheld=header["withheld"],
        excluded=header["excluded"],
        prices=header["prices"],
        settled=tuple(header["settled"]),
    )
