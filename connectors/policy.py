"""What every call to a vendor keeps to: patience, pace, and plain http to this machine only."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Policy:
    """How patiently and how fast a vendor is called.

    attempts, deadline_s: whichever comes first ends the retries of one call; the deadline counts waiting.
    calls_per_s: None for no pacing; lanes: a stricter rate for some operations, by lane name.
    """

    connect_timeout_s: float = 10
    read_timeout_s: float = 60
    attempts: int = 6
    first_wait_s: float = 1
    max_wait_s: float = 60
    deadline_s: float = 600
    calls_per_s: float | None = None
    concurrency: int = 4
    lanes: Mapping[str, float] = field(default_factory=dict)

    @property
    def timeout(self) -> tuple[float, float]:
        return self.connect_timeout_s, self.read_timeout_s


def is_loopback(url: str) -> bool:
    """Whether the URL points at this very machine, where plain http is allowed."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
