"""What ``explain``, ``status`` and ``lists`` found, as people read it."""

from collections.abc import Sequence
from datetime import datetime

from sync.printing import Row, counted, table

#: Values of so many characters stand beside others on a line.
_SHORT = 30


def explanation(found: Row) -> str:
    who = found["contact"]
    name = " ".join(part for part in (who.get("first_name"), who.get("last_name")) if part)
    place = ", ".join(part for part in (who.get("title"), who.get("account")) if part)
    parts = [f"{name} <{who.get('email') or 'no address'}>  {place}  [{who['contact_id']}]"]
    for model in found["models"]:
        parts += _model_lines(model, found["as_of"])
    if found["next_change"]:
        parts += next_change(found["next_change"])
    if found["consents"]:
        parts.append(
            "Consent: " + ", ".join(f"{row['channel']} {row['status']}" for row in found["consents"])
        )
    parts += ["Records:", table([_record(row, found["fields"]) for row in found["records"]])]
    if different := [row for row in found["fields"] if row["why"]]:
        parts.append("What the vendors still hold otherwise:")
        rows = [(row["vendor"], row["label"], _difference(row), row["why"]) for row in different]
        parts.append(table(rows))
    return "\n".join(parts)


def _record(record: Row, fields: Sequence[Row]) -> tuple[str, str, str]:
    """A vendor's record with what it holds of ours, as far as that is short."""
    key = ("vendor", "object", "record_id")
    own = [row for row in fields if all(row[name] == record[name] for name in key)]
    held = [f"{row['label']} {row['held']}" for row in own if row["held"] and len(row["held"]) <= _SHORT]
    return record["vendor"], f"{record['object']} {record['record_id']}", ", ".join(held) or "nothing of ours"


def _difference(row: Row) -> str:
    both = f"{row['held']} → {row['desired']}"
    return both if len(both) <= 2 * _SHORT else "another text"


def _model_lines(model: Row, as_of: datetime) -> list[str]:
    score = model["score"]
    if score is None:
        return [f"{model['model']}: not scored ({model['excluded'] or 'not in the data'})"]
    stage = f"  {score['stage']}" if score.get("stage") else ""
    parts = [f"{model['model']}: {score['headline']}{stage}  as of {as_of:%Y-%m-%d %H:%M} UTC"]
    parts += [f"  {line['points']:+5d}  {line['line']}" for line in model["contributions"]]
    parts.append(f"  {score['score']:5d}  in all")
    if score.get("fit_reasons"):
        parts.append(f"Fit {score['fit_reasons']}")
    if model["interest"]:
        parts.append(
            "Interest: " + ", ".join(f"{row['item']} {row['points']}" for row in model["interest"][:5])
        )
    return parts


def next_change(change: Row) -> list[str]:
    parts = [f"Not foretold: {reason}" for reason in change["unsaid"]]
    if change["at"] is None:
        return parts or ["Next, if nothing happens: nothing changes for a year"]
    score = "" if change["score"] is None else f" (score {change['score']})"
    return [f"Next, if nothing happens: on {change['on']:%Y-%m-%d} {change['becomes']}{score}", *parts]


def status(found: Row) -> str:
    parts = [
        f"Now {found['now']:%Y-%m-%d %H:%M} UTC; "
        + (f"{found['at_work']} is at work" if found["at_work"] else "nobody is at work")
    ]
    rows = [
        (
            one.vendor,
            f"{counted(one.calls, 'calls')} today",
            f"of our {one.budget:,}" if one.budget else "no budget set",
            f"vendor counts {one.vendor_used:,} of {one.vendor_limit:,}" if one.vendor_limit else "",
        )
        for one in found["calls"]
    ]
    parts.append(table(rows))
    runs = [
        (str(one.id), one.kind, one.status, f"{one.started_at:%Y-%m-%d %H:%M}", one.summary.get("said", ""))
        for one in found["runs"]
    ]
    parts.append(table(runs) if runs else "No run yet: scoreline sync")
    read = [f"{one['vendor']} {one['until']:%Y-%m-%d %H:%M}" for one in found["read_up_to"]]
    parts += [f"Read up to: {', '.join(read)}"] if read else []
    if found["failed"]:
        parts.append(f"{found['failed']} refused changes wait: scoreline failed")
    if found["hold"]:
        parts.append(f"On hold: {found['hold']['kind']}; go on with: scoreline sync --approve")
    return "\n".join(part for part in parts if part)


def lists(found: Row) -> str:
    rows = [
        (one["list"], f"{one['vendor']} {one['kind']} {one['name']!r}", f"{one['members']:,} members")
        for one in found["lists"]
    ]
    parts = [table(rows, "")]
    if "members" in found:
        members = [
            (
                row["vendor"],
                row["record_id"],
                row["email"] or "",
                f"{row['first_name'] or ''} {row['last_name'] or ''}".strip(),
            )
            for row in found["members"]
        ]
        parts.append(table(members))
    return "\n".join(part for part in parts if part)
