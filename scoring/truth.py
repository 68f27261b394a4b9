"""True and false as numbers, in a way that every engine knows (PostgreSQL casts no boolean to bigint)."""

import ibis
import ibis.expr.types as ir

#: Ibis takes these by position only.
NO, YES = False, True


def one(flag: ir.Value) -> ir.Value:
    """1 where true, 0 where false or null."""
    return ibis.ifelse(flag, ibis.literal(1, "int64"), ibis.literal(0, "int64"))


def how_many(flag: ir.Value) -> ir.Value:
    """How many rows are true; for aggregates."""
    return ibis.ifelse(flag, ibis.literal(1, "int64"), ibis.null("int64")).count()
