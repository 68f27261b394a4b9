"""What each vendor holds of ours: the newer of what was read back and what was acknowledged."""

_KEY = ("vendor", "object", "record_id", "field")

#: ``held_raw``: one row a key. ``newer``: what the vendor was seen to hold is later than its last answer.
#: A read that began after folding that acknowledgement saw it, even within the same second.
HELD = f"""
create or replace temp table held_raw as
select {", ".join(f"coalesce(o.{name}, c.{name}) as {name}" for name in _KEY)},
    c.vendor is not null as acknowledged, c.value as told, c.acked_at as told_at, o.value as seen, o.seen_at,
    o.vendor is not null and (c.vendor is null
        or coalesce(o.folded_through >= c.seq, false) or o.seen_at > c.acked_at) as newer
from observed o full join confirmed c
    on {" and ".join(f"o.{name} = c.{name}" for name in _KEY)}
"""
