"""Name → connector. Each vendor's SDK is imported only when its connector is opened."""

import time
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import cast

from connectors.base import Capabilities, Connector
from connectors.transport import CallMeter
from core.changes import ListSpec
from core.clock import Clock
from core.errors import ConfigError

#: Modules with ``open_connector(connection, *, clock, meter, observe, lists, sleep)`` and ``CAPABILITIES``:
#: what the vendor can do at most, before a connection says which of it the account has.
_MODULES = {
    "salesforce": "connectors.salesforce.connector",
    "hubspot": "connectors.hubspot.connector",
    "mailchimp": "connectors.mailchimp.connector",
    "files": "connectors.files.connector",
}


def open_connector(
    name: str,
    connection: object,
    *,
    clock: Clock,
    meter: CallMeter,
    observe: Mapping[str, Sequence[str]],
    lists: Sequence[ListSpec],
    sleep: Callable[[float], None] = time.sleep,
) -> Connector:
    """The connector called ``name`` over its own connection settings; nothing is sent yet.

    observe: our own field names by vendor object, read back with every pull; lists: memberships to read back.
    Raises ConfigError for an unknown name.
    """
    opener = _module(name).open_connector
    return cast(
        "Connector",
        opener(connection, clock=clock, meter=meter, observe=observe, lists=lists, sleep=sleep),
    )


def capabilities(name: str) -> Capabilities:
    """What the vendor can do, without a connection. Raises ConfigError for an unknown name."""
    return cast("Capabilities", _module(name).CAPABILITIES)


def _module(name: str) -> ModuleType:
    if name not in _MODULES:
        raise ConfigError(f"unknown vendor {name!r}; known: {', '.join(_MODULES)}", key=f"connections.{name}")
    return import_module(_MODULES[name])
