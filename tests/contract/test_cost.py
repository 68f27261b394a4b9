"""What reading costs this machine, beside a bare loop over the same pages."""

import pytest

from benchmarks import overhead
from benchmarks.vendors import JSON_READERS


@pytest.mark.parametrize("reader", JSON_READERS)
def test_reading_takes_at_most_twice_the_cpu_of_a_bare_loop(reader: str) -> None:
    """Whatever else the machine does only adds to it, so the least of some measurements counts."""
    measured = (overhead.ratio(JSON_READERS[reader]) for _ in range(3))
    assert any(ratio <= 2 for ratio in measured)
