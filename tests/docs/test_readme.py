"""The README's example, run as it stands there."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _block(kind: str, after: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", README[README.index(after) :], re.DOTALL)
    assert found, after
    return found[1]


def test_the_example_prints_what_the_readme_shows(tmp_path: Path) -> None:
    people = tmp_path / "people"
    people.mkdir()
    (tmp_path / "model.yaml").write_text(_block("yaml", "`model.yaml`"), encoding="utf-8")
    for name in ("contacts.csv", "activities.csv"):
        (people / name).write_text(_block("csv", f"`{name}`"), encoding="utf-8")
    command, _, expected = _block("console", "who to call").partition("\n")
    words = command.removeprefix("$ scoreline ").split()
    assert words[0] == "score"
    ran = subprocess.run(
        [sys.executable, "-m", "sync.cli", *words],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, expected), ran.stderr


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"^\$ make (\w+)", README, re.MULTILINE)) <= targets
