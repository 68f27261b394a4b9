"""One request being answered: what it asks, in the forms HubSpot accepts."""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from werkzeug import Request

from sandbox.hubspot.errors import invalid
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Write
from sandbox.vendor import hide_for, note

Answer = tuple[int, object]


@dataclass(frozen=True, slots=True)
class Call:
    portal: Portal
    request: Request

    def json(self) -> Any:
        """The parsed body. ApiError 400 if it is no JSON."""
        try:
            return json.loads(self.request.get_data())
        except ValueError as error:
            raise invalid(f"Invalid input JSON on line 1, column 1: {error}") from None

    def body(self) -> dict[str, Any]:
        given = self.json()
        if not isinstance(given, dict):
            raise invalid("Invalid input JSON on line 1, column 1: an object was expected")
        return given

    def inputs(self, maximum: int = 100) -> list[dict[str, Any]]:
        """A batch's ``inputs``. ApiError 400 if there are none or too many."""
        given = self.body().get("inputs")
        if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
            raise invalid("Invalid input JSON: inputs must be a list of objects")
        if not given:
            raise invalid("Some required fields were not set: [inputs]")
        if len(given) > maximum:
            raise invalid(
                f"The maximum number of inputs in a batch request is {maximum}. Received {len(given)}."
            )
        return given

    def text(self, name: str) -> str | None:
        return self.request.args.get(name)

    def flag(self, name: str) -> bool:
        return (self.text(name) or "").lower() == "true"

    def number(self, name: str, default: int, low: int = 1, high: int | None = None) -> int:
        """ApiError 400 unless whole and within bounds."""
        raw = self.text(name)
        if raw is None or raw == "":
            return default
        if not raw.lstrip("-").isdigit():
            raise invalid(f"Unable to parse value for query parameter {name}: {raw}")
        if int(raw) < low or (high is not None and int(raw) > high):
            raise invalid(f"{name} must be between {low} and {high}, was {raw}")
        return int(raw)

    def several(self, name: str) -> list[str]:
        """A list parameter, repeated or separated by commas."""
        return names_in(self.request.args.getlist(name))

    def write(self) -> Write:
        """Stamp for what this request stores."""
        hidden = hide_for(self.request)
        lag_ms = None if hidden is None else int(hidden.total_seconds() * 1000)
        return self.portal.write(lag_ms=lag_ms)

    def wrote(self, records: int) -> None:
        note(self.request, write=True, records=records)

    def link(self, after: str) -> str:
        """The address of the next page, as replies carry it."""
        return f"https://api.hubapi.com{self.request.path}?after={after}"

    def paging(self, after: str | None) -> dict[str, Any]:
        """``{"paging": ...}`` to merge into a reply; nothing on the last page."""
        if after is None:
            return {}
        return {"paging": {"next": {"after": after, "link": self.link(after)}}}


@dataclass(frozen=True, slots=True)
class Route:
    """rule: a werkzeug rule on the v3/v4 path. scopes: any one of them suffices; ``{kind}`` is filled in.

    write: what it stores counts as a write. free: needs no token. search: counted against the search limit.
    tier: the least plan that has it.
    """

    method: str
    rule: str
    handler: Callable[..., Answer]
    scopes: tuple[str, ...] = ()
    write: bool = False
    free: bool = False
    search: bool = False
    tier: str = "free"


def names_in(given: Iterable[object]) -> list[str]:
    return [name for chunk in given for part in str(chunk).split(",") if (name := part.strip())]
