"""How this vendor says no."""

from collections.abc import Iterable
from typing import Any


class Refused(Exception):
    """A request or a row the vendor will not take: ``code`` is errorCode, or statusCode in a row."""

    def __init__(self, code: str, message: str, fields: Iterable[str] = (), status: int = 400) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = list(fields)
        self.status = status

    def as_request_error(self) -> list[dict[str, Any]]:
        """The body of a failed request."""
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            error["fields"] = self.fields
        return [error]

    def as_row_error(self) -> dict[str, Any]:
        """One entry of a row's ``errors`` in a collection."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}

    def as_csv(self) -> str:
        """``sf__Error`` of a bulk row."""
        return f"{self.code}:{self.message}:{','.join(self.fields)} --"


def not_found(message: str = "The requested resource does not exist") -> Refused:
    return Refused("NOT_FOUND", message, status=404)


def malformed(message: str) -> Refused:
    return Refused("MALFORMED_QUERY", message)
