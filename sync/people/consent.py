"""Whether somebody may be written to, by the strictest word of any vendor.

A record that says nothing (``none``) neither permits nor forbids: Salesforce has no way to say yes, and its
silence must not overrule a subscription given elsewhere. Where nobody has said anything the status stays
``none``, which keeps a person off e-mail lists.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

import duckdb

from core.changes import Change, Ref, SetMembership

_RECORD = ("vendor", "object", "record_id")

#: Strictest first; anything a vendor says that is not listed counts as pending.
STRICTNESS = ("erased", "cleaned", "unsubscribed", "archived", "pending", "subscribed", "none")

#: What still holds when the record that said it is deleted.
_LASTING = ("erased", "cleaned", "unsubscribed")

#: The only status that lets a person onto a list of that channel.
PERMITTED = "subscribed"


def build(con: duckdb.DuckDBPyConnection) -> None:
    """``consents``: one row a contact and channel, with status, vendor that decided, changed_at.

    Reads consent_records, person_records, people and contacts. A merged or converted record leaves the word
    to its successor; a deleted one can forbid but not permit.
    """
    places = ", ".join(f"'{status}'" for status in STRICTNESS)
    place = f"coalesce(list_position([{places}], c.status), {STRICTNESS.index('pending') + 1})"
    con.execute(
        f"""create or replace table consents as
        with said as (
            select p.contact_id, c.channel, c.vendor, c.changed_at, {place} as place
            from consent_records c
            join people p using (vendor, object, record_id)
            join person_records r using (vendor, object, record_id)
            semi join contacts k on k.contact_id = p.contact_id
            where c.channel is not null and (r.state in ('live', 'archived')
                or r.state = 'deleted' and c.status in {_LASTING}
                or r.state in ('merged', 'converted') and r.successor is null)
        )
        select contact_id, channel, [{places}][min(place)] as status,
            arg_min(vendor, (place, vendor)) as vendor, arg_min(changed_at, (place, vendor)) as changed_at
        from said group by contact_id, channel"""
    )


def joins(change: Change) -> bool:
    """Whether somebody joins a list that they have to permit."""
    return isinstance(change, SetMembership) and change.member and change.channel == "email"


def place(ref: Ref) -> Ref:
    """The record whatever its address is by now."""
    return replace(ref, address=None)


def said(con: duckdb.DuckDBPyConnection, joining: Sequence[SetMembership]) -> list[str]:
    """Of each of these, what its person has said of the list's channel; ``unknown`` where nobody has."""
    if not joining:
        return []
    wanted = [(*(getattr(one.ref, name) for name in _RECORD), one.channel) for one in joining]
    rows = con.execute(
        """select p.vendor, p.object, p.record_id, c.channel, c.status
        from consents c join people p using (contact_id) where p.record_id in (select unnest(?))""",
        [[one.ref.record_id for one in joining]],
    ).fetchall()
    known = {row[:4]: row[4] for row in rows}
    return [known.get(key, "unknown") for key in wanted]


def beside(
    con: duckdb.DuckDBPyConnection, changes: Iterable[Change], vendors: Collection[str]
) -> dict[Ref, tuple[Ref, ...]]:
    """For each record that ``joins``, the live ones of the same person that these vendors hold beside it.

    By the ``place`` of the one that joins.
    """
    places = {place(change.ref): None for change in changes if joins(change)}
    if not places:
        return {}
    rows = con.execute(
        """with joining as (
            select unnest(?) as vendor, unnest(?) as object, unnest(?) as record_id
        ), mine as (
            select j.vendor, j.object, j.record_id, p.contact_id
            from joining j join people p using (vendor, object, record_id)
        ), others as (
            select contact_id, r.vendor, r.object, r.record_id, r.email
            from people join person_records r using (vendor, object, record_id)
            where r.state = 'live' and list_contains(?, r.vendor)
        )
        select m.vendor, m.object, m.record_id, o.vendor, o.object, o.record_id, o.email
        from mine m join others o using (contact_id)
        where (o.vendor, o.object, o.record_id) <> (m.vendor, m.object, m.record_id) order by all""",
        [*([getattr(one, name) for one in places] for name in _RECORD), sorted(vendors)],
    ).fetchall()
    found: dict[Ref, tuple[Ref, ...]] = {}
    for row in rows:
        joining = Ref(*row[:3])
        found[joining] = (*found.get(joining, ()), Ref(*row[3:]))
    return found
