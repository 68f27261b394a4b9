"""What Salesforce's answers mean: one table for requests, one for the rows of a write."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceError,
    SalesforceOperationError,
)

from connectors.session import excerpt, network_error, status_error
from connectors.transport import AnswerLost, TokenExpired
from core.errors import (
    AuthError,
    ConnectorError,
    QuotaExhausted,
    RateLimited,
    SchemaDrift,
    TransientError,
)

VENDOR = "salesforce"

#: The allowance is a rolling 24 hours, so part of it is back after an hour
#: (https://developer.salesforce.com/docs/atlas.en-us.salesforce_app_limits_cheatsheet.meta, checked 2026-11).
_QUOTA_RETRY = timedelta(hours=1)

_SETUP = "See docs/connecting/salesforce.md, then: scoreline check"


class LocatorGone(ConnectorError):
    """A cursor or job is not there any more: ask again from the last record read."""


class JobFailed(ConnectorError):
    """A Bulk 2.0 job cannot do this, or gave up: REST can."""


class BatchRefused(ConnectorError):
    """A whole request was refused for what is in it: smaller ones find the row at fault."""


#: Codes of whole requests → what happens next, and what a person can do.
_ACCESS = "The integration user lacks a permission. " + _SETUP
_MAPPING = "Check the mapping and that the integration user can see the fields: scoreline check"
_BY_CODE: Mapping[str, tuple[type[ConnectorError], str]] = {
    "INVALID_FIELD": (SchemaDrift, _MAPPING),
    "INVALID_TYPE": (SchemaDrift, _MAPPING),
    "INVALIDENTITY": (JobFailed, ""),
    "INVALID_QUERY_LOCATOR": (LocatorGone, ""),
    "QUERY_LOCATOR_NOT_FOUND": (LocatorGone, ""),
    "INVALIDJOB": (LocatorGone, ""),
    "NOT_FOUND": (LocatorGone, _SETUP),
    "UNABLE_TO_LOCK_ROW": (TransientError, ""),
    "SERVER_UNAVAILABLE": (TransientError, ""),
    "QUERY_TIMEOUT": (TransientError, ""),
    "UNKNOWN_EXCEPTION": (TransientError, ""),
    "INSUFFICIENT_ACCESS": (AuthError, _ACCESS),
    "INSUFFICIENT_ACCESS_OR_READONLY": (AuthError, _ACCESS),
    "API_DISABLED_FOR_ORG": (AuthError, _ACCESS),
    "API_CURRENTLY_DISABLED": (AuthError, _ACCESS),
    "FUNCTIONALITY_NOT_ENABLED": (AuthError, _ACCESS),
}

_BY_STATUS: Mapping[int, tuple[type[ConnectorError], str]] = {
    400: (BatchRefused, ""),
    403: (AuthError, _ACCESS),
}

#: Codes of single rows: what a person can do about it.
REMEDIES: Mapping[str, str] = {
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": "Fix the record or the validation rule, then retry.",
    "DUPLICATES_DETECTED": "Merge the duplicates, or let the duplicate rule allow saving, then retry.",
    "STRING_TOO_LONG": "Make the field longer in Salesforce, or shorten it under fields: in scoreline.yaml.",
    "REQUIRED_FIELD_MISSING": "Fill the required field on the record, then retry.",
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": "A trigger blocked the save: ask who maintains it, then retry.",
    "CANNOT_EXECUTE_FLOW_TRIGGER": "A flow failed on the save: ask who maintains it, then retry.",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "Let the permission set edit the field: scoreline fields --apply",
    "INSUFFICIENT_ACCESS_OR_READONLY": "Give the integration user edit access to the record.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "Let the integration user see the related record.",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "Add the value to the picklist, then retry.",
    "NUMBER_OUTSIDE_VALID_RANGE": "Give the field more digits in Salesforce, then retry.",
    "UNABLE_TO_LOCK_ROW": "Another process held the record; the next run tries again.",
    "INVALID_FIELD": "Create the field or make it visible: scoreline fields --apply",
}
DEFAULT_REMEDY = "Look at the record in Salesforce, then retry."

#: Row codes that mean the record is not there any more, so that its successor has to be looked up.
GONE_CODES = frozenset(
    {
        "ENTITY_IS_DELETED",
        "INVALID_CROSS_REFERENCE_KEY",
        "CANNOT_UPDATE_CONVERTED_LEAD",
        "NOT_FOUND",
        "MALFORMED_ID",
        "INVALID_ID_FIELD",
    }
)
LOCK_CODES = frozenset({"UNABLE_TO_LOCK_ROW"})
ALREADY_CODES = frozenset({"DUPLICATE_VALUE"})


class Classifier:
    """Answers and exceptions of one connection → errors, with its secrets kept out of messages."""

    def __init__(self, now: Callable[[], datetime], secrets: Callable[[], Sequence[str]]) -> None:
        self._now, self._secrets = now, secrets

    def of(self, operation: str) -> Callable[[object], ConnectorError | None]:
        """The ``classify`` of ``Transport.send`` for one operation; answers as such are always fine."""

        def classify(answer: object) -> ConnectorError | None:
            return self.named(answer, operation) if isinstance(answer, Exception) else None

        return classify

    def named(self, error: Exception, operation: str) -> ConnectorError | None:
        """What happens next after this exception; None for one that is no vendor's fault."""
        if isinstance(error, ConnectorError):
            return error
        if isinstance(error, SalesforceAuthenticationFailed):
            return self._login_failed(error, operation)
        if isinstance(error, SalesforceError):
            return self._refused(error, operation)
        return self._garbled(error, operation) or network_error(error, vendor=VENDOR, operation=operation)

    def _garbled(self, error: Exception, operation: str) -> ConnectorError | None:
        """Answers that are not what the SDK expected."""
        if isinstance(error, SalesforceOperationError):
            return BatchRefused(excerpt(str(error), self._secrets()), vendor=VENDOR, operation=operation)
        if isinstance(error, UnicodeDecodeError):
            return AnswerLost("the answer is not UTF-8", vendor=VENDOR, operation=operation, code="cut")
        if isinstance(error, json.JSONDecodeError):
            shown = excerpt(error.doc, self._secrets())
            return AnswerLost(
                f"the answer is not JSON: {shown!r}", vendor=VENDOR, operation=operation, code="not-json"
            )
        return None

    def _login_failed(self, error: SalesforceAuthenticationFailed, operation: str) -> ConnectorError:
        detail = excerpt(error.auth_message, self._secrets())
        if isinstance(error.code, int):
            if error.code < 400:  # the SDK reports any body that is not JSON as a refusal
                return AnswerLost(
                    f"the answer is not JSON: {detail!r}", vendor=VENDOR, operation=operation, code="not-json"
                )
            busy = status_error(error.code, {}, vendor=VENDOR, operation=operation, detail=detail)
            if busy is not None:
                return busy
        return AuthError(
            f"login refused: {detail}",
            vendor=VENDOR,
            operation=operation,
            code=str(error.code),
            remedy="Check SCORELINE_SALESFORCE_CONSUMER_KEY and _CONSUMER_SECRET, that the url is the org's "
            "My Domain, and that the app's client credentials flow has a user to run as. " + _SETUP,
        )

    def _refused(self, error: SalesforceError, operation: str) -> ConnectorError:
        code, message = first_error(error.content)
        detail = excerpt(message, self._secrets())
        if error.status == 401:
            return TokenExpired(detail, vendor=VENDOR, operation=operation, code=code, remedy=_SETUP)
        if code == "REQUEST_LIMIT_EXCEEDED":
            return self._limit_reached(detail, operation)
        general = status_error(error.status, {}, vendor=VENDOR, operation=operation, detail=detail)
        if general is not None and code not in _BY_CODE:
            return general
        usual = {400: (BatchRefused, ""), 403: (AuthError, _ACCESS)}.get(
            error.status, (ConnectorError, _SETUP)
        )
        kind, remedy = _BY_CODE.get(code, usual)
        shown = detail or f"HTTP {error.status}"
        return kind(shown, vendor=VENDOR, operation=operation, code=code, remedy=remedy)

    def _limit_reached(self, detail: str, operation: str) -> ConnectorError:
        if "concurrent" in detail.lower():
            return RateLimited(detail, vendor=VENDOR, operation=operation)
        return QuotaExhausted(
            f"the org's daily API allowance is spent: {detail}",
            vendor=VENDOR,
            operation=operation,
            resets_at=self._now() + _QUOTA_RETRY,
            remedy="The allowance comes back over 24 hours; the next scheduled run continues.",
        )


def first_error(content: object) -> tuple[str, str]:
    """``(code, message)`` of an error body: a list of errors, one error, OAuth's shape, or plain text."""
    if isinstance(content, list) and content:
        content = content[0]
    if isinstance(content, dict):
        code = content.get("errorCode") or content.get("statusCode") or content.get("error") or ""
        return str(code), str(content.get("message") or content.get("error_description") or "")
    return "", content if isinstance(content, str) else ""
