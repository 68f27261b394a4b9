"""The real plan, apply and fold converge as the design does, over the same rules."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.state.machine import Loop, LoopMachine
from tests.state.real import RealLoop

SETTINGS = settings(
    max_examples=6, stateful_step_count=12, deadline=None, print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip


class RealMachine(LoopMachine):
    """The machine over warehouse, state, plan, apply and fold."""

    def make_loop(self) -> Loop:
        self.folder = TemporaryDirectory()
        return RealLoop(Path(self.folder.name), self.on_edit, self.given)

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            if hasattr(self, "folder"):
                self.loop.close()  # type: ignore[attr-defined]  # the real loop has files open
                self.folder.cleanup()


@pytest.mark.parametrize("policy", ["overwrite", "keep", "freeze"])
def test_real_code_converges_and_a_further_run_sends_nothing(policy: str) -> None:
    machine = type("PolicyMachine", (RealMachine,), {"on_edit": policy})
    run_state_machine_as_test(machine, settings=SETTINGS)
