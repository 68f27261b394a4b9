"""Mailchimp's errors: ``application/problem+json`` with type, title, status, detail, instance."""

from collections.abc import Mapping, Sequence
from typing import Any

_TYPE = "https://mailchimp.com/developer/marketing/docs/errors/"
#: Live answers with these titles carry no ``type``.
_UNTYPED = frozenset({"Member Exists", "Member In Compliance State", "Forgotten Email Not Subscribed"})

NOT_FOUND = "The requested resource could not be found."
INVALID = "The resource submitted could not be validated. For field-specific details, see the 'errors' array."
MERGE_INVALID = "Your merge fields were invalid."


class Problem(Exception):
    """A request that is refused. errors: ``(field, message)`` pairs."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        errors: Sequence[tuple[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(title, detail)
        self.status, self.title, self.detail, self.errors = status, title, detail, errors
        self.headers = dict(headers or {})

    def body(self, instance: str) -> dict[str, Any]:
        """What goes over the wire."""
        told: dict[str, Any] = {} if self.title in _UNTYPED else {"type": _TYPE}
        told |= {"title": self.title, "status": self.status, "detail": self.detail, "instance": instance}
        if self.errors:
            told["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return told


def invalid(*errors: tuple[str, str], detail: str = INVALID) -> Problem:
    """A body or parameter that does not fit the schema."""
    return Problem(400, "Invalid Resource", detail, errors)


def missing() -> Problem:
    """Nothing at this path."""
    return Problem(404, "Resource Not Found", NOT_FOUND)


def not_allowed(allow: str) -> Problem:
    """A method this resource does not take now."""
    detail = "The requested method and resource are not compatible. See the Allow header for this resource's "
    return Problem(405, "Method Not Allowed", detail + "available methods.", headers={"Allow": allow})
