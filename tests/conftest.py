"""Which tests run in one process: those of a file, or of a folder whose conftest.py makes what they share."""

from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling


class _Together(LoadFileScheduling):  # type: ignore[misc]  # xdist ships no type marker
    def _split_scope(self, nodeid: str) -> str:
        file = Path(super()._split_scope(nodeid))
        shares = (self.config.rootpath / file.parent / "conftest.py").exists()
        return str(file.parent if shares else file)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadFileScheduling:
    return _Together(config, log)
