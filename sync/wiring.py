"""The only place where objects are assembled: settings → everything a job needs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.base import Connector
from connectors.registry import capabilities, open_connector
from core.changes import ListSpec
from core.clock import Clock
from core.errors import ConfigError
from sync.clocks import clock_from
from sync.configuration import load_settings
from sync.fields import VendorField, read_back, vendor_fields
from sync.progress import Progress, Silent
from sync.settings import Settings
from sync.warehouse import Warehouse

if TYPE_CHECKING:
    from scoring.spec import Model
    from sync.store.meter import Meter
    from sync.store.state import State


@dataclass(frozen=True)
class Runtime:
    """What jobs work with. Stores open at first use, connectors for as long as a job needs them.

    stop: set when the process was asked to end; long work looks at it between two steps.
    """

    settings: Settings
    clock: Clock
    progress: Progress = field(default_factory=Silent)
    stop: threading.Event = field(default_factory=threading.Event)

    @cached_property
    def models(self) -> tuple["Model", ...]:
        """Read anew by every runtime, so that a run keeps the version it started with."""
        from scoring.loader import load_model  # noqa: PLC0415  # Ibis is slow to load, and explain needs none

        language = self.settings.language
        return tuple(load_model(path, language=language) for path in self.settings.models)

    @cached_property
    def state(self) -> "State":
        from sync.store.state import State  # noqa: PLC0415  # so is SQLAlchemy

        return State(self.settings.state_dir / "state.sqlite")

    @cached_property
    def warehouse(self) -> Warehouse:
        return Warehouse(self.settings.state_dir / "scoreline.duckdb")

    @property
    def stage_dir(self) -> Path:
        return self.settings.state_dir / "stage"

    @cached_property
    def meter(self) -> "Meter":
        from sync.store.meter import Budget, Meter  # noqa: PLC0415  # as above

        budgets = {
            name: Budget(calls, int(calls * connection.budget.reserve))
            for name, connection in self.settings.connections.vendors().items()
            if (calls := connection.budget.calls_per_day) is not None
        }
        return Meter(self.state, self.clock, budgets)

    def fields(self, vendor: str) -> tuple[VendorField, ...]:
        """Our fields on this vendor's objects."""
        names = [model.name for model in self.models]
        return vendor_fields(self.settings, vendor, capabilities(vendor), names)

    def list_specs(self, vendor: str) -> tuple[ListSpec, ...]:
        """The lists we keep in this vendor."""
        return tuple(
            ListSpec(target.name, target.kind, target.audience, target.status)
            for setting in self.settings.lists
            if (target := setting.targets.get(vendor)) is not None
        )

    @contextmanager
    def connectors(self, only: tuple[str, ...] = ()) -> Iterator[dict[str, Connector]]:
        """Connectors of the configured vendors, closed at the end.

        Raises ConfigError for a name in ``only`` that is not configured.
        """
        configured = self.settings.connections.present()
        for name in only:
            if name not in configured:
                raise ConfigError(f"no connection {name!r}; configured: {', '.join(configured)}")
        opened: dict[str, Connector] = {}
        try:
            for name in only or configured:
                opened[name] = self._open(name)
            yield opened
        finally:
            for connector in opened.values():
                connector.close()

    def _open(self, vendor: str) -> Connector:
        connection = self.settings.connections.present()[vendor]
        return open_connector(
            vendor,
            connection,
            clock=self.clock,
            meter=self.meter,
            observe=read_back(self.fields(vendor)),
            lists=self.list_specs(vendor),
        )


def assemble(
    configuration: Path, progress: Progress | None = None, stop: threading.Event | None = None
) -> Runtime:
    """Settings and clock of one process; raises ConfigError naming file, line and key."""
    settings = load_settings(configuration)
    return Runtime(settings, clock_from(settings.clock), progress or Silent(), stop or threading.Event())
