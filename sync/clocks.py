"""The clock the settings name: the machine's, or a sandbox's, so that both live on one simulated day."""

import json
from datetime import datetime
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

from core.clock import Clock, SystemClock, parse_instant
from core.errors import ConfigError

_TIMEOUT_S = 10
# loopback only (the settings allow nothing else), so no proxy may stand between
_open = build_opener(ProxyHandler({})).open


class SharedClock:
    """Now, as a sandbox's control port says. Raises ConfigError when it does not answer."""

    def __init__(self, url: str) -> None:
        self._url = url

    def now(self) -> datetime:
        try:
            with _open(self._url, timeout=_TIMEOUT_S) as answer:
                return parse_instant(json.load(answer)["now"])
        except (URLError, OSError, ValueError, KeyError) as error:
            raise ConfigError(
                f"{self._url} does not tell the time: {error}",
                key="clock",
                remedy="start the sandbox (make sandbox), or set clock: system",
            ) from error


def clock_from(setting: str) -> Clock:
    """``system`` or a sandbox's clock address."""
    return SystemClock() if setting == "system" else SharedClock(setting)
