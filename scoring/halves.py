"""Many columns made one by halves: a chain as long as a model's rules is deeper than Python can walk."""

from collections.abc import Callable, Sequence

import ibis.expr.types as ir


def joined(join: Callable[[ir.Value, ir.Value], ir.Value], parts: Sequence[ir.Value]) -> ir.Value:
    """``parts``, at least one, in their order; ``join`` has to be associative."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return join(joined(join, parts[:middle]), joined(join, parts[middle:]))
