"""What went over the wire in a contract test, kept to be held against the vendor's description."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from werkzeug import Request, Response

from sandbox.vendor import VendorApp
from sandbox.world import Event, World

#: What may differ between two entries that the description cannot tell apart: numbers, hashes, ids.
_VARYING = re.compile(r"\b00\w{13,16}\b|\d[0-9a-f]*|[a-f][0-9a-f]{9,}")


@dataclass(frozen=True)
class Exchange:
    """One request as the vendor got it and one answer as it gave it, before any scripted fault altered it."""

    method: str
    path: str
    query: Mapping[str, str]
    content_type: str
    sent: bytes
    status: int
    answered: bytes

    @property
    def request(self) -> Any:
        """The body asked with; None where it is not JSON."""
        return _parsed(self.sent) if "json" in self.content_type else None

    @property
    def answer(self) -> Any:
        """The body answered; text where it is not JSON, None where there is none."""
        return _parsed(self.answered)


class Witnessed:
    """A vendor's server, with everything that is asked of it remembered."""

    def __init__(self, app: VendorApp) -> None:
        self._app = app
        self.exchanges: list[Exchange] = []

    @property
    def name(self) -> str:
        return self._app.name

    @property
    def credentials(self) -> Mapping[str, str]:
        return self._app.credentials

    def handle(self, request: Request) -> Response:
        answer = self._app.handle(request)
        self.exchanges.append(
            Exchange(
                request.method,
                request.path,
                request.args.to_dict(),
                request.headers.get("Content-Type", ""),
                request.get_data(cache=True),
                answer.status_code,
                answer.get_data(),
            )
        )
        return answer

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        return self._app.dump()

    def do(self, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._app.do(action, arguments)

    def seed(self, world: World) -> None:
        self._app.seed(world)

    def live(self, world: World, events: Sequence[Event]) -> None:
        self._app.live(world, events)


def _parsed(body: bytes) -> Any:
    try:
        return condensed(json.loads(body))
    except ValueError:
        return body.decode("utf-8", "replace") or None


def condensed(body: Any) -> Any:
    """The same with one of those entries of a long list that differ in numbers and ids alone."""
    if isinstance(body, dict):
        return {key: condensed(value) for key, value in body.items()}
    if not isinstance(body, list) or len(body) <= 10:
        return body
    return list({_VARYING.sub("0", json.dumps(entry)): entry for entry in body}.values())
