"""``python -m benchmarks [CONTACTS ACTIVITIES]``: resolving, a full rescore against a bare scan, connectors.

Without numbers, at two sizes. Beside the rescore SQL, Polars and pandas do the same.
Data and model: ``benchmarks.sources``. What is printed is also written to README.md beside this file.
"""

import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

from benchmarks import connectors, rescoring, resolving

_README = Path(__file__).with_name("README.md")


class _Both(io.StringIO):
    """Keeps what it passes on."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)  # type: ignore[union-attr]  # a terminal or a pipe is there
        return super().write(text)


def _keep(part: str, said: str) -> None:
    """Put what was printed into README.md, in place of what the last run printed there."""
    before = _README.read_text(encoding="utf-8")
    block = f"<!-- {part} -->\n```text\n{said.strip()}\n```\n<!-- end -->"
    after = re.sub(rf"<!-- {part} -->.*?<!-- end -->", lambda _: block, before, flags=re.DOTALL)
    _README.write_text(after, encoding="utf-8")


def main() -> None:
    """Generate, load, measure, print, write down."""
    parts = (("resolving", resolving.main), ("scoring", rescoring.main), ("connectors", connectors.main))
    for part, measure in parts:
        with redirect_stdout(_Both()) as said:
            measure()
        _keep(part, said.getvalue())


if __name__ == "__main__":
    main()
