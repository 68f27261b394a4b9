"""Named places where a run may die, so that tests can kill it at each of them."""

import os
import signal
from collections.abc import Callable

#: Every place, in the order a run passes them; then those of erasing somebody.
POINTS = (
    "fold.before_commit",
    "fold.after_commit",
    "plan.made",
    "apply.before_freeze",
    "apply.after_freeze",
    "apply.after_claim",
    "apply.after_answer",
    "apply.after_ack",
    "apply.before_finish",
    "apply.after_finish",
    "erase.after_operational",
    "erase.before_publish",
)

_VARIABLE = "SCORELINE_CRASH_AT"


def _by_environment(name: str) -> None:
    """Die as by kill -9 where ``SCORELINE_CRASH_AT`` says: a point, or ``point#n`` for its n-th passing."""
    wanted, _, nth = os.environ.get(_VARIABLE, "").partition("#")
    if wanted != name:
        return
    _passed[name] = _passed.get(name, 0) + 1
    if _passed[name] == int(nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)


_passed: dict[str, int] = {}
_hook: list[Callable[[str], None]] = [_by_environment]


def point(name: str) -> None:
    """Pass a crash point; free when nobody asked for a crash. Raises ValueError for a name not in POINTS."""
    if name not in POINTS:
        message = f"{name!r} is not a known crash point"
        raise ValueError(message)
    _hook[-1](name)


def intercept(hook: Callable[[str], None] | None) -> None:
    """Let tests stand at every point, in place of the environment; None ends it."""
    if hook is None:
        del _hook[1:]
    else:
        _hook.append(hook)
