"""Send a frozen plan, batch by batch, and keep what came of each change. Decides nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from connectors.base import Connector
from core.changes import (
    Change,
    CreateTask,
    Gone,
    Outcome,
    Ref,
    Rejected,
    SetFields,
    SetMembership,
    Withheld,
)
from core.clock import Clock
from core.errors import ApprovalNeeded, ConnectorError, OutcomeUnknown, QuotaExhausted
from sync import crash
from sync.people import consent
from sync.planning.plan import Plan
from sync.settings import Guard
from sync.store.journal import Journal, Send
from sync.store.leases import Lease
from sync.store.state import State

#: Told after every batch: vendor, changes answered so far, changes in all.
Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Applied:
    """What came of one vendor's part of a plan.

    parked_until: its allowance is spent until then (``parked`` tells whether it is: the vendor may not say
    when). unknown: sent, never answered; the next run reads back what came of them. unsent: not tried.
    """

    vendor: str
    planned: int = 0
    done: int = 0
    fields: int = 0
    memberships: int = 0
    tasks: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    gone: int = 0
    withheld: int = 0
    unknown: int = 0
    unsent: int = 0
    parked: bool = False
    parked_until: datetime | None = None
    failure: ConnectorError | None = None

    @property
    def answered(self) -> int:
        """Changes that need no more of this run."""
        return self.done + len(self.rejected) + self.gone + self.withheld + self.unknown


@dataclass(frozen=True, slots=True)
class ApplyReport:
    """By vendor name. ``complete``: nothing is left for another run."""

    run_id: int
    vendors: Mapping[str, Applied]

    @property
    def rejected(self) -> list[Rejected]:
        return [rejection for applied in self.vendors.values() for rejection in applied.rejected]

    @property
    def complete(self) -> bool:
        return all(not (part.unsent or part.unknown or part.failure) for part in self.vendors.values())

    @property
    def written(self) -> int:
        return sum(part.done for part in self.vendors.values())


@dataclass(frozen=True, slots=True)
class Means:
    """What applying needs besides the plan.

    list_ids: (vendor, list name) → the vendor's id. stopping: asked before every batch; True leaves the
    rest to the next run.
    """

    connectors: Mapping[str, Connector]
    state: State
    lease: Lease
    clock: Clock
    list_ids: Mapping[tuple[str, str], str]
    progress: Progress = lambda _vendor, _done, _total: None
    stopping: Callable[[], bool] = lambda: False


def guard(plan: Plan, limits: Guard, state: State) -> None:
    """Raise ApprovalNeeded when the plan moves more people than configured, or repeats what was reverted."""
    moves = plan.moves
    if moves.staged >= limits.at_least and moves.share > limits.stage_changes:
        raise ApprovalNeeded(
            f"{moves.staged:,} of {moves.people:,} people would change stage ({moves.share:.0%}; the guard is"
            f" {limits.stage_changes:.0%})",
            remedy="look at it with: scoreline plan; then: scoreline sync --approve",
        )
    hold = state.held_back()
    if (
        hold
        and hold["detail"].get("models") == {model.name: model.hash for model in plan.models}
        and plan.changes
    ):
        raise ApprovalNeeded(
            f"run {hold['detail']['run']} was reverted, and the models are still the ones it used",
            remedy="change the model, or say that it is to be sent again: scoreline sync --approve",
        )


def apply(plan: Plan, run_id: int, means: Means) -> ApplyReport:
    """Send the plan; the vendors side by side, each in its own order, one batch after the other.

    The plan is durable before the first call, and every answer before the next one. A vendor that fails or
    has spent its allowance leaves the others alone; what it was not sent is planned anew by the next run.
    Who joins an e-mail list does so last, when every vendor has been asked again whether they refuse.
    Raises StateError when the lease is lost.
    """
    journal = Journal(means.state, means.lease, run_id)
    crash.point("apply.before_freeze")
    sends = journal.freeze(plan, means.clock.now())
    crash.point("apply.after_freeze")
    counts = Counter(send.planned.change.ref.vendor for send in sends)
    report = ApplyReport(run_id, {vendor: Applied(vendor, counts[vendor]) for vendor in plan.vendors})
    joining: list[Send] = []
    others: list[Send] = []
    for send in sends:
        (joining if consent.joins(send.planned.change) else others).append(send)
    _side_by_side(others, report, journal, means)
    _side_by_side(_permitted(joining, plan.beside, report, means), report, journal, means)
    for applied in report.vendors.values():
        applied.unsent = applied.planned - applied.answered
    crash.point("apply.before_finish")
    journal.finish(plan.settled)
    crash.point("apply.after_finish")
    return report


def _permitted(
    joining: Sequence[Send], beside: Mapping[Ref, Sequence[Ref]], report: ApplyReport, means: Means
) -> list[Send]:
    """Those whom no other record of theirs refuses this moment; nobody where a vendor cannot be asked."""
    joining = [send for send in joining if _goes_on(report.vendors[send.planned.change.ref.vendor], means)]
    refusing: set[Ref] = set()
    failures: dict[str, ConnectorError] = {}
    others = {send.id: beside.get(consent.place(send.planned.change.ref), ()) for send in joining}
    asked = dict.fromkeys(ref for refs in others.values() for ref in refs)
    for vendor in dict.fromkeys(ref.vendor for ref in asked):
        try:
            refusing |= set(means.connectors[vendor].denied([ref for ref in asked if ref.vendor == vendor]))
        except ConnectorError as error:
            failures[vendor] = error
    permitted = []
    for send in joining:
        applied = report.vendors[send.planned.change.ref.vendor]
        unasked = next((failures[ref.vendor] for ref in others[send.id] if ref.vendor in failures), None)
        if unasked:
            applied.failure = applied.failure or unasked
        elif refusing.intersection(others[send.id]):
            applied.withheld += 1
        else:
            permitted.append(send)
    return permitted


def _goes_on(applied: Applied, means: Means) -> bool:
    return not (applied.failure or applied.parked or means.stopping())


def _side_by_side(sends: Sequence[Send], report: ApplyReport, journal: Journal, means: Means) -> None:
    """Each vendor's part; one that has failed or is out of its allowance is left alone."""
    parts: dict[str, list[Send]] = {}
    for send in sends:
        applied = report.vendors[send.planned.change.ref.vendor]
        if _goes_on(applied, means):
            parts.setdefault(applied.vendor, []).append(send)
    if len(parts) <= 1:
        for vendor, part in parts.items():
            _send_all(report.vendors[vendor], part, journal, means)
        return
    with ThreadPoolExecutor(len(parts), thread_name_prefix="apply") as pool:
        running = [
            pool.submit(_send_all, report.vendors[vendor], part, journal, means)
            for vendor, part in parts.items()
        ]
    for one in running:
        one.result()


def _send_all(applied: Applied, sends: Sequence[Send], journal: Journal, means: Means) -> None:
    connector = means.connectors[applied.vendor]
    for batch in _batches(connector, sends, means.list_ids):
        if means.stopping():
            return
        journal.claim([send for send, _ in batch])
        crash.point("apply.after_claim")
        try:
            outcomes = connector.push([change for _, change in batch])
        except OutcomeUnknown:
            applied.unknown += len(batch)
            continue
        except QuotaExhausted as error:
            applied.parked, applied.parked_until = True, error.resets_at
            return
        except ConnectorError as error:
            applied.failure = error
            return
        crash.point("apply.after_answer")
        answers = [(send, outcome) for (send, _), outcome in zip(batch, outcomes, strict=True)]
        journal.acknowledge(answers, means.clock.now())
        crash.point("apply.after_ack")
        for _, outcome in answers:
            _count(applied, outcome)
        means.progress(applied.vendor, applied.answered, applied.planned)


def _count(applied: Applied, outcome: Outcome) -> None:
    if isinstance(outcome, Rejected):
        applied.rejected.append(outcome)
    elif isinstance(outcome, Gone):
        applied.gone += 1
    elif isinstance(outcome, Withheld):
        applied.withheld += 1
    else:
        applied.done += 1
        applied.fields += isinstance(outcome.change, SetFields)
        applied.memberships += isinstance(outcome.change, SetMembership)
        applied.tasks += not isinstance(outcome.change, SetFields | SetMembership)


def _batches(
    connector: Connector, sends: Sequence[Send], list_ids: Mapping[tuple[str, str], str]
) -> list[list[tuple[Send, Change]]]:
    """What is alike in kind, object and list, the first of the plan first, cut to what one call holds.

    A vendor that is cheaper all at once (a bulk job) gets the whole run.
    """
    batches: list[list[tuple[Send, Change]]] = []
    for group in _groups(sends, list_ids):
        size = _size(connector, group[0][1])
        pieces = [group[start : start + size] for start in range(0, len(group), size)]
        whole = connector.price([change for _, change in group]) if len(pieces) > 1 else 0
        apart = sum(connector.price([change for _, change in piece]) for piece in pieces) if whole else 0
        batches += [group] if whole < apart else pieces
    return batches


def _groups(
    sends: Sequence[Send], list_ids: Mapping[tuple[str, str], str]
) -> Iterable[list[tuple[Send, Change]]]:
    groups: dict[object, list[tuple[Send, Change]]] = {}
    for send in sends:
        change = _addressed(send.planned.change, list_ids)
        groups.setdefault(_kind(change), []).append((send, change))
    return groups.values()


def _kind(change: Change) -> object:
    if isinstance(change, CreateTask):
        return CreateTask
    member = (change.list_name, change.member) if isinstance(change, SetMembership) else None
    return type(change), change.ref.object, member


def _addressed(change: Change, list_ids: Mapping[tuple[str, str], str]) -> Change:
    if isinstance(change, SetMembership) and not change.list_id:
        return replace(change, list_id=list_ids[change.ref.vendor, change.list_name])
    return change


def _size(connector: Connector, change: Change) -> int:
    limits = connector.capabilities
    return max(1, limits.members_per_call if isinstance(change, SetMembership) else limits.fields_per_call)
