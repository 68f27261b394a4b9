"""Answers that must come while anything else runs: from the snapshot and the operational store alone."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError
from sync.snapshots.outline import Outline
from sync.snapshots.snapshot import Snapshot

if TYPE_CHECKING:
    from sync.settings import Settings
    from sync.wiring import Runtime

Row = dict[str, Any]


def explain(state_dir: Path, who: str, outline: Outline | None = None) -> Row:
    """One person: scores with the lines that add up to them, stages, consent, and what each vendor holds.

    outline: to say with ``next_change`` also what comes next, if models and lists are still what they were.
    Raises ConfigError when nobody, or more than one person, answers to ``who``.
    """
    with Snapshot.open(state_dir) as snapshot:
        found = snapshot.find(who)
        if not found:
            raise ConfigError(
                f"nobody answers to {who!r}", remedy="give an e-mail address, a name, or a vendor's record id"
            )
        if len(found) > 1:
            raise ConfigError(
                f"{len(found)} people answer to {who!r}:\n{_choice(found)}", remedy="give one of these ids"
            )
        contact_id = found[0]["contact_id"]
        snapshot.narrow(contact_id)
        contact = snapshot.contact(contact_id) or {}
        scores = contact.pop("scores", {})
        return {
            "as_of": snapshot.as_of,
            "contact": contact,
            "models": [
                {
                    "model": model,
                    "score": scores.get(model),
                    "excluded": snapshot.excluded(contact_id, model),
                    "contributions": snapshot.contributions(contact_id, model),
                    "interest": snapshot.interests(contact_id, model),
                }
                for model in snapshot.models
            ],
            "stages": snapshot.stages(contact_id),
            "consents": snapshot.consents(contact_id),
            "records": snapshot.records(contact_id),
            "fields": snapshot.fields(contact_id),
            "next_change": snapshot.next_change(contact_id, scores, outline) if outline else None,
        }


def _choice(found: list[Row]) -> str:
    return "\n".join(
        f"    {row['contact_id']}  {row['first_name'] or ''} {row['last_name'] or ''} <{row['email'] or ''}>"
        f"  {row['account'] or ''}"
        for row in found[:10]
    )


def lists(settings: "Settings", name: str | None) -> Mapping[str, Any]:
    """Our lists with their members' number, or one list's members.

    Raises ConfigError, with the nearest name, for a list that is not ours.
    """
    with Snapshot.open(settings.state_dir) as snapshot:
        held = {(row["vendor"], row["name"]): row["members"] for row in snapshot.lists()}
        places = [
            {
                "list": own.name,
                "vendor": vendor,
                "name": target.name,
                "kind": target.kind,
                "channel": own.channel,
                "members": held.get((vendor, target.name), 0),
            }
            for own in settings.lists
            for vendor, target in own.targets.items()
        ]
        if name is None:
            return {"lists": places}
        wanted = [place["name"] for place in places if name in (place["list"], place["name"])]
        if not wanted:
            from core.yamlfile import nearest  # noqa: PLC0415  # slow to load, and explain needs none

            known = [own.name for own in settings.lists]
            raise ConfigError(f"there is no list {name!r}; {nearest(name, known)}")
        members = [row for place in dict.fromkeys(wanted) for row in snapshot.members(place)]
        return {"lists": [place for place in places if place["name"] in wanted], "members": members}


def status(runtime: "Runtime") -> Row:
    """Who is at work, the last runs, calls against budgets, what failed, and how fresh the data are."""
    from sync.store import leases  # noqa: PLC0415  # SQLAlchemy is slow to load, and explain needs none
    from sync.store.failed import still_failed  # noqa: PLC0415  # as above

    return {
        "now": runtime.clock.now(),
        "at_work": leases.holder(runtime.state, "work", runtime.clock),
        "runs": runtime.state.latest_runs(),
        "calls": runtime.meter.today(),
        "failed": len(still_failed(runtime.state)),
        "hold": runtime.state.held_back(),
        "read_up_to": _read_up_to(runtime.settings.state_dir),
    }


def _read_up_to(state_dir: Path) -> list[Row]:
    if not (state_dir / "snapshots" / "current").exists():
        return []
    with Snapshot.open(state_dir) as snapshot:
        return snapshot.freshness()
