"""``fields`` and ``exclude_fields``: dotted paths from the key of the response down."""

from collections.abc import Iterable
from typing import Any

from sandbox.mailchimp.problems import Problem

Tree = dict[str, "Tree"]


def prune(answer: Any, fields: str | None, exclude: str | None) -> Any:
    """Keep only, or leave out, what the paths name; both at once is refused."""
    if fields and exclude:
        raise Problem(400, "Bad Request", "You cannot combine 'fields' and 'exclude_fields' in one request.")
    if fields:
        return _kept(answer, _tree(fields.split(",")))
    if exclude:
        return _left(answer, _tree(exclude.split(",")))
    return answer


def _tree(paths: Iterable[str]) -> Tree:
    """Fold paths into a tree; an empty branch means all below."""
    root: Tree = {}
    for path in sorted(path.strip() for path in paths if path.strip()):
        branch = root
        for part in path.split("."):
            branch = branch.setdefault(part, {})
    return root


def _kept(answer: Any, tree: Tree) -> Any:
    if not tree:
        return answer
    if isinstance(answer, list):
        return [_kept(item, tree) for item in answer]
    if isinstance(answer, dict):
        return {key: _kept(answer[key], branch) for key, branch in tree.items() if key in answer}
    return answer


def _left(answer: Any, tree: Tree) -> Any:
    if isinstance(answer, list):
        return [_left(item, tree) for item in answer]
    if not isinstance(answer, dict):
        return answer
    return {
        key: _left(value, tree[key]) if key in tree else value
        for key, value in answer.items()
        if key not in tree or tree[key]
    }
