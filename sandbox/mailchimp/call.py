"""One request as a handler sees it: path ids apart, its parameters, its body and the time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug import Request

from sandbox.mailchimp.problems import invalid
from sandbox.mailchimp.stamps import read_stamp, stamp, within
from sandbox.mailchimp.store import Store

Json = dict[str, Any]
#: A handler answers with JSON, or None for 204.
Handler = Callable[..., "Json | None"]
DEFAULT_COUNT, MAX_COUNT = 10, 1000
_TRUE = frozenset({"true", "1", "yes", "on"})


@dataclass(slots=True)
class Call:
    """What a handler works with. base: the address of the server, for links and downloads."""

    store: Store
    request: Request
    now: datetime
    base: str

    @property
    def stamp(self) -> str:
        """The present instant as text."""
        return stamp(self.now)

    def text(self, name: str) -> str | None:
        """A query parameter; None when absent or empty."""
        return self.request.args.get(name) or None

    def flag(self, name: str) -> bool:
        """A boolean query parameter, in any letter case."""
        return (self.request.args.get(name) or "").lower() in _TRUE

    def window(self, name: str) -> Callable[[str], bool]:
        """The test that ``since_<name>`` and ``before_<name>`` make."""
        return within(self.instant(f"since_{name}"), self.instant(f"before_{name}"))

    def instant(self, name: str) -> str | None:
        """A query parameter that is a date; 400 if it is none."""
        given = self.text(name)
        return None if given is None else read_stamp(name, given)

    def body(self) -> Json:
        """The JSON object sent; 400 for anything else. A bodyless request sends ``null``: that is {}."""
        sent = self.request.get_data(cache=True)
        if not sent.strip():
            return {}
        given = self.request.get_json(force=True, silent=True)
        if given is None and sent.strip() == b"null":
            return {}
        if not isinstance(given, dict):
            raise invalid(("", "Schema describes object, found something else"))
        return given

    def page(self, key: str, rows: Sequence[Any], render: Callable[[Any], Json], **parents: str) -> Json:
        """Answer one page of a collection: ``count`` (10, at most 1000) from ``offset``."""
        count, offset = self._number("count", DEFAULT_COUNT), self._number("offset", 0)
        shown = rows[offset : offset + min(count, MAX_COUNT)]
        return {key: [render(row) for row in shown], **parents, "total_items": len(rows), **self.links()}

    def _number(self, name: str, default: int) -> int:
        given = self.text(name)
        if given is None:
            return default
        if not given.isdecimal():
            raise invalid((name, "Must be a non-negative integer"))
        return int(given)

    def links(self) -> Json:
        """Links of what is at this path."""
        return {"_links": self.links_to(self.request.path)}

    def links_to(self, path: str) -> list[Json]:
        """Links of what is at another path, and of its parent."""
        parent = path.rsplit("/", 1)[0]
        return [
            {"rel": rel, "href": self.base + href, "method": "GET"}
            for rel, href in (("self", path), ("parent", parent))
        ]


def string(body: Json, name: str, *, required: bool = True) -> str | None:
    """A text in a body; 400 when missing though required, or not a text."""
    given = body.get(name)
    if given is None and not required:
        return None
    if not isinstance(given, str) or (required and not given.strip()):
        raise invalid((name, "This value should be a string and not be blank."))
    return given


def strings(body: Json, name: str, at_most: int) -> list[str]:
    """A list of texts in a body, [] when absent; 400 when too long or of anything else."""
    given = body.get(name) or []
    if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
        raise invalid((name, "Schema describes array of strings"))
    if len(given) > at_most:
        raise invalid((name, f"This collection should contain {at_most} elements or less."))
    return given
