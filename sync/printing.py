"""Reports as people read them, and as plain data for ``--json``."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as dataclass_fields
from dataclasses import is_dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import ScorelineError

if TYPE_CHECKING:
    from core.changes import CheckReport, FieldState
    from sync.jobs import Erasure
    from sync.planning.plan import Plan
    from sync.pull import Failure
    from sync.run import RunReport
    from sync.starting import Started
    from sync.store.failed import DeadLetter

Row = Mapping[str, Any]
_MARKS = {True: "ok  ", False: "FAIL"}
_ONE = {"people": "person"}
#: What is said of somebody who is to be erased.
_OF_PERSON = ("ids", "records", "addresses", "activities", "fields", "lists")
_APPLY = " Erase with: scoreline erase WHO --apply"


def plain(value: Any) -> Any:  # noqa: ANN401  # any report, by kind
    """Dataclasses, instants and errors → what JSON can say."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in dataclass_fields(value)}
    if isinstance(value, Mapping):
        return {
            " → ".join(str(k) for k in key) if isinstance(key, tuple) else str(key): plain(one)
            for key, one in value.items()
        }
    if isinstance(value, datetime) and value.tzinfo is None:
        value = value.replace(tzinfo=UTC)  # as tables keep it
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, ScorelineError | Path):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    return value


def table(rows: Sequence[Sequence[str]], indent: str = "  ") -> str:
    """Columns as wide as their widest cell."""
    if not rows:
        return ""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "\n".join(
        indent + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def check(result: Row) -> str:
    parts = []
    reports: Sequence[CheckReport] = result["vendors"]
    for report in reports:
        parts.append(report.vendor)
        for item in report.items:
            parts.append(f"  {_MARKS[item.ok]} {item.name}" + (f": {item.detail}" if item.detail else ""))
            parts += [f"       {item.remedy}"] if item.remedy and not item.ok else []
    for name, warnings in result["models"].items():
        parts.append(f"model {name}: {'nothing to warn of' if not warnings else ''}".rstrip(": "))
        parts += [f"  warn {warning}" for warning in warnings]
    return "\n".join(parts)


def fields(states: "Mapping[str, Sequence[FieldState]]") -> str:
    rows = [
        (vendor, state.spec.object, state.spec.name, state.status.replace("_", " "), state.detail)
        for vendor, found in states.items()
        for state in found
    ]
    missing = sum(row[3] == "missing" for row in rows)
    closing = f"\n{missing} missing; create them with: scoreline fields --apply" if missing else ""
    return table(rows, "") + closing


def counted(count: int, noun: str) -> str:
    """``1 person``, ``1,200 people``."""
    return f"{count:,} {noun if count != 1 else _ONE.get(noun, noun.removesuffix('s'))}"


def plan_result(made: "Plan") -> Row:
    """What is said of a plan in JSON."""
    from core.changes import CreateTask, SetFields, SetMembership  # noqa: PLC0415  # explain prints none

    kinds = {SetFields: "records", SetMembership: "memberships", CreateTask: "tasks"}
    counts: dict[str, dict[str, int]] = {}
    for planned in made.changes:
        kind = kinds.get(type(planned.change))
        if kind:
            by_vendor = counts.setdefault(planned.change.ref.vendor, dict.fromkeys(kinds.values(), 0))
            by_vendor[kind] += 1
    return {
        "as_of": made.as_of,
        "models": {model.name: model.hash for model in made.models},
        "scores_changed": made.moves.scores,
        "first": made.moves.first,
        "stages": [{"from": a, "to": b, "people": n} for (a, b), n in made.moves.stages.items()],
        "lists": {name: {"joining": a, "leaving": b} for name, (a, b) in made.moves.lists.items()},
        "largest": made.moves.largest,
        "changes": counts,
        "calls": made.prices,
        "withheld": made.withheld,
        "excluded": made.excluded,
        "edits": made.edits,
        "quiet": made.quiet,
        "left_out": made.left_out,
        "forsaken": made.forsaken,
        "waits": made.waits or None,
    }


def plan(result: Row) -> str:
    first = " (nothing was written before)" if result["first"] else ""
    change = "changes" if result["scores_changed"] == 1 else "change"
    parts = [f"{counted(result['scores_changed'], 'scores')} {change}{first}"]
    parts += [
        f"  {counted(one['people'], 'people')}: {one['from'] or 'new'} → {one['to'] or 'no longer scored'}"
        for one in result["stages"]
    ]
    if result["largest"]:
        parts.append("Largest moves:")
        parts.append(
            table(
                [
                    (f"{m.before} → {m.after}", m.name, f"{m.rule} {m.rule_points:+g}" if m.rule else "")
                    for m in result["largest"]
                ]
            )
        )
    parts += [
        f"List {name}: {one['joining']:,} join, {one['leaving']:,} leave"
        for name, one in result["lists"].items()
    ]
    parts += [
        _changes(vendor, one, result["calls"].get(vendor, 0)) for vendor, one in result["changes"].items()
    ]
    if not result["changes"]:
        parts.append("Nothing to send.")
    parts += [
        _counted(label, result[key])
        for label, key in (("Withheld", "withheld"), ("Not scored", "excluded"))
        if result[key]
    ]
    if result["edits"]:
        overwritten = sum(edit.overwritten for edit in result["edits"])
        parts.append(
            f"{len(result['edits']):,} of our values were edited by people, {overwritten:,} to be overwritten"
        )
    if result["quiet"]:
        parts.append(f"Quiet this first time: {', '.join(result['quiet'])}; start them with --fire")
    parts += [f"Left out: {one.what} of {one.error}" for one in result["left_out"]]
    parts += map(str, result["forsaken"])
    parts += [f"A sync waits for --approve: {result['waits']}"] if result["waits"] else []
    return "\n".join(parts)


def preview_result(report: "RunReport") -> Row:
    """What ``plan --json`` says."""
    assert report.plan is not None
    return {**plan_result(report.plan), "failures": _failures(report)}


def preview(result: Row) -> str:
    return "\n".join([plan(result), *_unread(result)])


def _failures(report: "RunReport") -> "Sequence[Failure]":
    return report.pulled.failures if report.pulled else ()


def _unread(result: Row) -> list[str]:
    return [f"{failure.vendor} {failure.stream}: {failure.error}" for failure in result["failures"]]


def _changes(vendor: str, counts: Row, calls: int) -> str:
    what = [counted(count, kind) for kind, count in counts.items() if count]
    return f"{vendor:<11} {', '.join(what)}: {counted(calls, 'calls')}"


def _counted(label: str, counts: Mapping[str, int]) -> str:
    return f"{label}: " + ", ".join(f"{count:,} {reason}" for reason, count in counts.items())


def run_result(report: "RunReport", letters: Sequence["DeadLetter"]) -> Row:
    """What ``sync --json`` says."""
    return {
        "run": report.run_id,
        "kind": report.kind,
        "exit": report.exit_code,
        "started_at": report.started_at,
        "ended_at": report.ended_at,
        "pulled": _pulled(report),
        "failures": _failures(report),
        "people": report.resolved,
        "scored": report.scored.models if report.scored else (),
        "plan": plan_result(report.plan) if report.plan else None,
        "applied": report.applied.vendors if report.applied else {},
        "calls": report.calls,
        "rejected": [letter for letter in letters if letter.run_id == report.run_id],
        "waiting": len(letters),
    }


def _pulled(report: "RunReport") -> dict[str, Any]:
    if report.pulled is None:
        return {}
    vendors = dict.fromkeys(stream.vendor for stream in report.pulled.streams)
    return {vendor: report.pulled.totals(vendor) for vendor in vendors}


def run(result: Row) -> str:
    parts = []
    if result["plan"]:
        parts.append(plan(result["plan"]))
    calls = ", ".join(f"{vendor} {count:,}" for vendor, count in result["calls"].items() if count)
    if calls:
        parts.append(f"Calls spent: {calls}")
    parts += _unread(result)
    parts += [
        f"{vendor}: {counted(part.unsent, 'changes')} not sent: {part.failure}"
        for vendor, part in result["applied"].items()
        if part.failure
    ]
    if result["rejected"]:
        parts.append(f"{len(result['rejected'])} rejected, kept for retry:")
        parts += [_letter(letter) for letter in result["rejected"]]
    if older := result["waiting"] - len(result["rejected"]):
        parts.append(f"{older:,} refused before still wait: scoreline failed")
    took = (result["ended_at"] - result["started_at"]).total_seconds()
    goes_on = "run it again to go on" if result["kind"] in ("revert", "erase") else "resumes by itself"
    how = {0: "Done", 3: "Done with rejects", 75: f"Stopped by an allowance; {goes_on}"}.get(
        result["exit"], "Failed in part"
    )
    lasted = f" in {took:.0f}s" if took else ""
    parts.append(f"{how}{lasted}. Nothing lost; run {result['run']}.")
    return "\n".join(parts)


def failed(letters: Sequence["DeadLetter"]) -> str:
    if not letters:
        return "Nothing failed."
    return "\n".join(_letter(letter) for letter in letters)


def erasure_result(found: "Erasure") -> Row:
    """What ``erase --json`` says."""
    return {
        "person": {name: getattr(found.person, name) for name in _OF_PERSON},
        "left": [f"{one.vendor} {one.object} {one.record_id}: {one.field}" for one in found.left],
        "done": found.run is not None and not found.exit_code,
        "run": run_result(found.run, ()) if found.run else None,
    }


def erasure(result: Row) -> str:
    """What would be erased, was erased, or why it was not."""
    person, done = result["person"], result["done"]
    if not person["ids"]:
        known = f"Nobody is known by {', '.join(person['addresses'])}"
        return f"{known}; from now on nobody is read by it." if done else f"{known}.{_APPLY}"
    called = ", ".join(person["addresses"]) or "no address of their own"
    told = [
        f"{person['ids'][0]}: {called}",
        *(f"  record {':'.join(record)}" for record in person["records"]),
        f"  activities: {person['activities']:,}",
        f"  values of our fields in the vendors: {person['fields']}",
        *(f"  on list {name}" for name in person["lists"]),
    ]
    if result["run"] is None:
        told.append(f"Nothing is erased yet.{_APPLY}")
    elif done:
        told.append("Erased; what the vendors tell of them is not read again.")
    else:
        told += [
            run(result["run"]),
            *(f"Left, for it is not in the configuration: {one}" for one in result["left"]),
            "Nothing is deleted here, and nothing more is written for them: mend that and erase again,",
            "or leave the vendors as they are with --here.",
        ]
    return "\n".join(told)


def started(found: "Started") -> str:
    elsewhere = "" if found.configuration == Path("config/scoreline.yaml") else f" -c {found.configuration}"
    files = "\n".join(f"  {path}" for path in found.files)
    return (
        f"{files}\nSay in {found.configuration} where your vendors are, leave out those you have not, and "
        f"give their secrets (docs/connecting/), then: scoreline check{elsewhere}"
    )


def retried(result: Row) -> str:
    return f"{result['retried']} to be sent again by the next: scoreline sync"


def _letter(letter: "DeadLetter") -> str:
    field = f" {letter.field}" if letter.field else ""
    return (
        f"  {letter.vendor} {letter.object} {letter.record_id}{field}: {letter.code}: {letter.reason}\n"
        f"      {letter.remedy.rstrip('. ')}, then: scoreline retry {letter.id}"
    )
