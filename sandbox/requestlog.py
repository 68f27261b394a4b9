"""Every request a vendor received, in order of arrival, without its secrets."""

import re
import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

_KEEP = 200_000
_BODY_LIMIT = 1_048_576
_MASK = "***"
_NAMED_SECRET = re.compile(
    r"""(?ix) (?P<lead> (?<!\w) (?: access_token | refresh_token | token | client_secret | assertion
        | password | api_?key | code_verifier )
        ["']? \s* [:=] \s* ["']? ) (?P<secret> [^"'&\s,}]+ )"""
)


class RequestLog:
    """Holds the newest 200,000 requests; ``n`` keeps counting from 1."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._entries: deque[dict[str, Any]] = deque(maxlen=_KEEP)
        self._secrets = tuple(secret for secret in secrets if secret)
        self._count = 0

    def open(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Number a request as it arrives; ``close`` adds what became of it."""
        for part in ("path", "query", "body"):
            entry[part] = self._masked(entry[part])
        with self._lock:
            self._count += 1
            entry = {"n": self._count, **entry, "status": None, "write": False, "records": 0}
            self._entries.append(entry)
        return entry

    @staticmethod
    def close(entry: dict[str, Any], *, status: int | None, write: bool, records: int) -> None:
        """``status`` is None when the connection died before an answer."""
        entry.update(status=status, write=write, records=records)

    def listing(self, vendor: str | None = None, after: int = 0) -> list[dict[str, Any]]:
        with self._lock:
            return [
                dict(entry)
                for entry in self._entries
                if entry["n"] > after and vendor in {None, entry["vendor"]}
            ]

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()

    def _masked(self, text: str) -> str:
        text = text[:_BODY_LIMIT]
        for secret in self._secrets:
            text = text.replace(secret, _MASK)
        return _NAMED_SECRET.sub(rf"\g<lead>{_MASK}", text)
