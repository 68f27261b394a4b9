"""One REST call: who makes it, with which version, and what it may use."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from werkzeug import Request, Response

from sandbox.salesforce.access import Access
from sandbox.salesforce.cursors import Cursors
from sandbox.salesforce.errors import Refused
from sandbox.salesforce.jobs import Jobs
from sandbox.salesforce.org import Org
from sandbox.salesforce.writer import Writer
from sandbox.vendor import hide_for, note

_JSON = "application/json;charset=UTF-8"


@dataclass(slots=True)
class Call:
    """``version`` is as in the path, such as ``66.0``. ``writers`` collects what a roll back must undo."""

    request: Request
    org: Org
    cursors: Cursors
    jobs: Jobs
    access: Access
    version: str
    dispatch: Callable[["Call", str, str], Response]
    writers: list[Writer] = field(default_factory=list)

    def writer(self) -> Writer:
        """A writer for this request, remembered so that it can be rolled back."""
        allowed = "allowsave=true" in self.request.headers.get("Sforce-Duplicate-Rule-Header", "").lower()
        made = Writer(self.org, self.access, hide_for=hide_for(self.request), duplicates_allowed=allowed)
        self.writers.append(made)
        return made

    def body(self) -> Any:
        """The JSON sent. Refused (JSON_PARSER_ERROR) if it is none."""
        try:
            return json.loads(self.request.get_data())
        except ValueError as failure:
            raise Refused(
                "JSON_PARSER_ERROR", f"Unexpected character at [line:1, column:1]: {failure}"
            ) from None

    def body_object(self) -> dict[str, Any]:
        given = self.body()
        if not isinstance(given, dict):
            raise Refused("JSON_PARSER_ERROR", "The HTTP entity body is required to be a JSON object")
        return given

    def count(self, records: int, *, write: bool = True) -> None:
        note(self.request, write=write, records=records)


def answer(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type=_JSON)


def nothing() -> Response:
    """204, which carries no body."""
    return Response(b"", 204)
