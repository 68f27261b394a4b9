"""The state design converges whatever happens, and then stays quiet: proved before it was built."""

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.state.design import Design
from tests.state.machine import Loop, LoopMachine
from tests.state.world import Rules, World

SETTINGS = settings(
    max_examples=100, stateful_step_count=30, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


class DesignLoop:
    """Runs the design; a run that dies leaves behind what was durable."""

    def __init__(self) -> None:
        self.design = Design()

    def sync(self, world: World, rules: Rules, *, audit: bool = False, die_after: int | None = None) -> None:
        for step, _ in enumerate(self.design.run(world, rules, audit=audit)):
            if step == die_after:
                return

    def retry(self) -> None:
        self.design.retry()

    def edited(self, record_id: str, name: str) -> bool:
        return self.design.edited((record_id, name))


class DesignMachine(LoopMachine):
    """The machine over the pure design."""

    def make_loop(self) -> Loop:
        return DesignLoop()


@pytest.mark.parametrize("policy", ["overwrite", "keep", "freeze"])
def test_design_converges_and_a_further_run_sends_nothing(policy: str) -> None:
    machine = type("PolicyMachine", (DesignMachine,), {"on_edit": policy})
    run_state_machine_as_test(machine, settings=SETTINGS)
