"""Which tests run in one process: those of a file, and all that live through the same long days."""

import pytest


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        lives_on = "loop" in getattr(item, "fixturenames", ())
        item.add_marker(pytest.mark.xdist_group("one world" if lives_on else str(item.path)))
