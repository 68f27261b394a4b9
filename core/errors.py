"""Errors, named by what happens next.

ScorelineError                     exit 1
├─ ConfigError   path, line, key   exit 2
│  └─ ModelError
├─ DataError     path, record, field   exit 1
├─ ConnectorError   vendor, operation, code, record
│  ├─ TransientError               retry
│  │  └─ RateLimited               wait retry_after_s
│  ├─ OutcomeUnknown               re-read before resending
│  ├─ QuotaExhausted               park until resets_at; exit 75
│  ├─ AuthError                    stop this vendor
│  └─ SchemaDrift                  stop this stream
├─ ApprovalNeeded                  exit 5
├─ PlanRefused                     exit 5
└─ StateError                      an invariant is broken
   └─ LeaseHeld                    exit 75

A run that finished with dead letters raises nothing and exits 3.
"""

from datetime import datetime
from pathlib import Path
from typing import ClassVar


class ScorelineError(Exception):
    """Root of every error this program raises on purpose.

    message: what was tried and on what; remedy: what the reader can do next.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message}\n    {self.remedy}" if self.remedy else self.message


class ConfigError(ScorelineError):
    """A file, environment variable or option says something we cannot accept."""

    exit_code = 2

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        line: int | None = None,
        key: str | None = None,
        remedy: str = "",
    ) -> None:
        self.path, self.line, self.key = path, line, key
        place = ":".join(str(part) for part in (path, line) if part is not None)
        named = f"{key}: {message}" if key else message
        super().__init__(f"{place}: {named}" if place else named, remedy=remedy)


class ModelError(ConfigError):
    """A scoring model is wrong."""


class DataError(ScorelineError):
    """A data file holds something that cannot be scored or loaded."""

    def __init__(
        self,
        message: str,
        *,
        path: Path | str | None = None,
        record: str | None = None,
        field: str | None = None,
        remedy: str = "",
    ) -> None:
        self.path, self.record, self.field = path, record, field
        place = ", ".join(str(part) for part in (path, record, field) if part is not None)
        super().__init__(f"{place}: {message}" if place else message, remedy=remedy)


class ConnectorError(ScorelineError):
    """A vendor said no, in a way that has no better name below."""

    def __init__(
        self,
        message: str,
        *,
        vendor: str,
        operation: str = "",
        code: str = "",
        record: str = "",
        correlation_id: str = "",
        remedy: str = "",
    ) -> None:
        self.vendor, self.operation, self.code = vendor, operation, code
        self.record, self.correlation_id = record, correlation_id
        where = " ".join(part for part in (vendor, operation, record) if part)
        reference = f" (reference {correlation_id})" if correlation_id else ""
        coded = f"{code}: {message}" if code else message
        super().__init__(f"{where}: {coded}{reference}", remedy=remedy)


class TransientError(ConnectorError):
    """Worth another try: network trouble, a 5xx, a lock."""


class RateLimited(TransientError):
    """The vendor asks for a pause; ``retry_after_s`` is None where it gives no hint."""

    def __init__(
        self, message: str, *, vendor: str, retry_after_s: float | None = None, operation: str = ""
    ) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(message, vendor=vendor, operation=operation)


class OutcomeUnknown(ConnectorError):
    """A write was sent and its answer never came: re-read before resending."""


class QuotaExhausted(ConnectorError):
    """The vendor's allowance or our budget is spent until ``resets_at`` (UTC-aware, None if unknown)."""

    exit_code = 75

    def __init__(
        self,
        message: str,
        *,
        vendor: str,
        resets_at: datetime | None = None,
        operation: str = "",
        remedy: str = "",
    ) -> None:
        self.resets_at = resets_at
        super().__init__(message, vendor=vendor, operation=operation, remedy=remedy)


class AuthError(ConnectorError):
    """Credentials or permissions are wrong: nothing more can be done with this vendor."""


class SchemaDrift(ConnectorError):
    """A mapped field vanished or changed type: this stream stops, the others go on."""


class ApprovalNeeded(ScorelineError):
    """The plan is larger than the configured guard; a person has to say so."""

    exit_code = 5


class PlanRefused(ScorelineError):
    """A saved plan no longer fits what the vendors hold, or the model has changed since."""

    exit_code = 5


class StateError(ScorelineError):
    """An invariant of our own stores is broken."""


class LeaseHeld(StateError):
    """Another process is at work; ``holder`` names it."""

    exit_code = 75

    def __init__(self, message: str, *, holder: str, remedy: str = "") -> None:
        self.holder = holder
        super().__init__(message, remedy=remedy)
