"""What became of each change: collected as the vendor's answers come in, in any order."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.salesforce.errors import DEFAULT_REMEDY, GONE_CODES, LOCK_CODES, REMEDIES
from core.changes import Change, Done, Outcome, Rejected

_NONE: frozenset[str] = frozenset()


class Settled:
    """Outcomes by change, told apart by identity: two equal changes are still two."""

    def __init__(self) -> None:
        self._outcomes: dict[int, Outcome] = {}
        self._original: dict[int, Change] = {}
        self._sent: list[Change] = []
        self.gone: list[tuple[Change, str, str]] = []
        self.locked: list[Change] = []

    def __contains__(self, change: Change) -> bool:
        return id(self._original.get(id(change), change)) in self._outcomes

    def put(self, change: Change, outcome: Outcome) -> None:
        original = self._original.get(id(change))
        if original is not None:
            outcome = replace(outcome, change=original)
        self._outcomes[id(original or change)] = outcome

    def stands_for(self, sent: Change, original: Change) -> None:
        """What becomes of ``sent`` is the outcome of ``original``."""
        self._original[id(sent)] = original
        self._sent.append(sent)  # an id is only good while its object lives

    def of(self, changes: Iterable[Change]) -> list[Outcome]:
        """One outcome a change, in the order of the changes."""
        return [self._outcomes[id(change)] for change in changes]

    def take(
        self,
        changes: Sequence[Change],
        results: Sequence[Mapping[str, Any]],
        *,
        already: frozenset[str] = _NONE,
    ) -> None:
        """Results of a collection, one a change in order; codes in ``already`` mean that it is so anyhow."""
        for change, result in zip(changes, results, strict=True):
            if result["success"]:
                created = result.get("id") if not hasattr(change, "values") else None
                self.put(change, Done(change, created))
            else:
                error = result["errors"][0]
                fields = error.get("fields") or []
                self.fail(
                    change, error["statusCode"], error["message"], fields[0] if fields else None, already
                )

    def fail(
        self, change: Change, code: str, message: str, field: str | None, already: frozenset[str] = _NONE
    ) -> None:
        """One row's error: done anyhow, gone, locked for now, or refused."""
        if code in already:
            self.put(change, Done(change))
        elif code in GONE_CODES:
            self.gone.append((change, code, message))
        elif code in LOCK_CODES:
            self.locked.append(change)
        else:
            self.put(change, rejected(change, code, message, field))


def rejected(change: Change, code: str, message: str, field: str | None = None) -> Rejected:
    remedy = REMEDIES.get(code, DEFAULT_REMEDY)
    return Rejected(change, code, message, remedy, field, retryable=code in LOCK_CODES)


def record_of(change: Change) -> str:
    return change.ref.record_id
