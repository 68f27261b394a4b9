"""HubSpot's streams: what can be read, in which order, and how."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import pyarrow as pa

from connectors import columns as col
from connectors.base import Page, Stream, Token, Window
from connectors.hubspot import activities, counters, happenings, records
from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.errors import VENDOR
from connectors.hubspot.gateway import ASSOCIATIONS, BATCH, Gateway
from connectors.hubspot.mapping import mapped
from connectors.hubspot.paging import Batch, changed, next_after, place_of, stuck
from connectors.hubspot.preferences import email_statuses
from core.changes import ListSpec
from core.errors import ConfigError
from core.tables import PULLED

#: In reading order: people before what they did.
STREAMS = (
    Stream("contacts", ("person_records", "consent_records", "observed")),
    Stream("companies", ("company_records", "observed")),
    Stream("deals", ("deal_records", "deal_roles")),
    Stream("list_memberships", ("observed",), sweep=True),
    Stream("email_events", ("activity_records",)),
    Stream("form_submissions", ("activity_records",)),
    Stream("analytics_events", ("activity_records",)),
    *(Stream(kind.kind, ("activity_records",)) for kind in activities.ENGAGEMENTS),
    Stream("feedback", ("survey_records",)),
)

_FEEDBACK = "feedback_submissions"


def streams(connection: HubSpotConnection) -> tuple[Stream, ...]:
    """What this account gives: all but the skipped, and the counters that stand in for them."""
    given = tuple(stream for stream in STREAMS if stream.name not in connection.skip)
    wanted = counters.counted(connection.skip) and counters.STREAM.name not in connection.skip
    return (*given, counters.STREAM) if wanted else given


class Reader:
    """Reads streams through a gateway.

    observe: our own field names by object; lists: memberships to read back, with the vendor's ids.
    """

    def __init__(
        self,
        gateway: Gateway,
        connection: HubSpotConnection,
        observe: Mapping[str, Sequence[str]],
        lists: Sequence[ListSpec],
    ) -> None:
        self._gateway, self._connection = gateway, connection
        self._observe, self._lists = observe, lists
        self._by_name: dict[str, Callable[[Window, Token | None], Iterator[Page]]] = {
            "contacts": self._contacts,
            "companies": self._companies,
            "deals": self._deals,
            "list_memberships": self._memberships,
            "email_events": lambda window, resume: happenings.email_events(gateway, window, resume),
            "form_submissions": lambda window, resume: happenings.submissions(
                gateway, connection, window, resume
            ),
            "analytics_events": lambda window, resume: happenings.occurrences(
                gateway, connection, window, resume
            ),
            "feedback": self._feedback,
            "counters": lambda window, resume: counters.read(
                gateway, counters.counted(connection.skip), window, resume
            ),
            **{kind.kind: self._engaged(kind) for kind in activities.ENGAGEMENTS},
        }

    def read(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        """Pages of one stream. Raises ConfigError for a stream HubSpot does not have."""
        if stream.name not in self._by_name:
            raise ConfigError(f"hubspot has no stream {stream.name!r}")
        return self._by_name[stream.name](window, resume)

    def _contacts(self, window: Window, resume: Token | None) -> Iterator[Page]:
        for rows, batch in self._rows("contacts", window, resume):
            statuses = self._statuses(rows)
            yield _page(batch, records.people(rows, statuses))

    def _companies(self, window: Window, resume: Token | None) -> Iterator[Page]:
        for rows, batch in self._rows("companies", window, resume):
            yield _page(batch, records.companies(rows))

    def _deals(self, window: Window, resume: Token | None) -> Iterator[Page]:
        for rows, batch in self._rows("deals", window, resume):
            ids = [] if batch.archived else rows.ids.to_pylist()
            owners = {deal: _primary(ties) for deal, ties in self._ties("deals", "companies", ids).items()}
            roles = _roles(self._ties("deals", "contacts", ids))
            yield _page(batch, {"deal_records": records.deals(rows, owners), "deal_roles": roles})

    def _rows(self, kind: str, window: Window, resume: Token | None) -> Iterator[tuple[records.Rows, Batch]]:
        described = self._gateway.properties(kind)
        wanted = mapped(self._connection, kind, described, self._observe.get(kind, ()))
        keep = partial(records.Picked, names=wanted.properties)
        for batch in changed(self._gateway, kind, wanted.properties, window, resume, keep):
            yield records.Rows(wanted, batch.records, archived=batch.archived), batch

    def _statuses(self, rows: records.Rows) -> dict[str, str]:
        if rows.archived or not self._connection.subscriptions:
            return {}
        addresses = rows.values(rows.mapped.columns["email"])
        return email_statuses(self._gateway, [address for address in addresses if address])

    def _engaged(self, kind: activities.Engagement) -> Callable[[Window, Token | None], Iterator[Page]]:
        def read(window: Window, resume: Token | None) -> Iterator[Page]:
            for batch in changed(self._gateway, kind.kind, kind.properties, window, resume):
                if batch.archived:
                    table = activities.gone(kind, batch.records)
                else:
                    ids = [record["id"] for record in batch.records]
                    ties = self._ties(kind.kind, activities.CONTACTS, ids)
                    contacts = {at: [str(tie["toObjectId"]) for tie in tied] for at, tied in ties.items()}
                    goods = self._goods(kind.kind, ids) if kind.currency else {}
                    table = activities.engagements(kind, batch.records, contacts, goods)
                yield _page(batch, {"activity_records": table})

        return read

    def _goods(self, kind: str, ids: Sequence[str]) -> dict[str, str]:
        """The dearest line of each sale, by the sale's id."""
        ties = self._ties(kind, "line_items", ids)
        lines = list(dict.fromkeys(str(tie["toObjectId"]) for tied in ties.values() for tie in tied))
        held: dict[str, Mapping[str, Any]] = {}
        for start in range(0, len(lines), BATCH):
            answer = self._gateway.read("line_items", lines[start : start + BATCH], ["name", "amount"])
            held.update({str(one["id"]): one.get("properties") or {} for one in answer.get("results") or ()})
        return {
            sale: activities.dearest([held[at] for tie in tied if (at := str(tie["toObjectId"])) in held])
            for sale, tied in ties.items()
        }

    def _feedback(self, window: Window, resume: Token | None) -> Iterator[Page]:
        for batch in changed(self._gateway, _FEEDBACK, activities.FEEDBACK_PROPERTIES, window, resume):
            table = activities.feedback(batch.records, archived=batch.archived)
            yield _page(batch, {"survey_records": table})

    def _memberships(self, _window: Window, resume: Token | None) -> Iterator[Page]:
        place = place_of(resume)
        started = place.get("list")
        for spec in self._lists:
            if started and spec.name != started:
                continue
            after, started = place.pop("after", None), None
            list_id = self._gateway.list_id(spec.name)
            while list_id is not None:
                answer = self._gateway.members(list_id, after)
                ids = [str(one["recordId"]) for one in answer.get("results") or ()]
                following = next_after(answer)
                if following is not None and following == after:
                    raise stuck(f"members of {spec.name}", after)
                after = following
                place_now = {"list": spec.name, **({"after": after} if after else {})}
                yield _page(Batch([{} for _ in ids], place_now), {"observed": _members(spec.name, ids)})
                if after is None:
                    break

    def _ties(self, kind: str, to: str, ids: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """What each record is associated with; the answer pages record by record."""
        found: dict[str, list[dict[str, Any]]] = {}
        todo: list[dict[str, str]] = [{"id": one} for one in ids]
        while todo:
            answer = self._gateway.associated(kind, to, todo[:ASSOCIATIONS])
            todo = todo[ASSOCIATIONS:]
            for result in answer.get("results") or ():
                start = str((result.get("from") or {}).get("id"))
                found.setdefault(start, []).extend(result.get("to") or ())
                if (after := next_after(result)) is not None:
                    todo.append({"id": start, "after": after})
        return found


def _page(batch: Batch, tables: Mapping[str, pa.Table]) -> Page:
    return Page(tables, batch.token, len(batch.records), batch.total)


def _primary(ties: Sequence[Mapping[str, Any]]) -> str:
    """The company labelled primary, else the first."""
    labelled = [
        tie for tie in ties if any(one.get("label") == "Primary" for one in tie.get("associationTypes") or ())
    ]
    return str((labelled or ties)[0]["toObjectId"]) if ties else ""


def _roles(ties: Mapping[str, Sequence[Mapping[str, Any]]]) -> pa.Table:
    rows = [
        (deal, str(tie["toObjectId"]), next(filter(None, _labels(tie)), None))
        for deal, tied in ties.items()
        for tie in tied
    ]
    return col.table(
        "deal_roles",
        {
            "vendor": col.constant(VENDOR, len(rows)),
            "deal_object": col.constant("deals", len(rows)),
            "deal_id": col.texts([deal for deal, _, _ in rows]),
            "object": col.constant("contacts", len(rows)),
            "record_id": col.texts([contact for _, contact, _ in rows]),
            "role": col.texts([role for _, _, role in rows]),
            "deleted": col.constant(value=False, length=len(rows), kind=pa.bool_()),
        },
        len(rows),
    )


def _labels(tie: Mapping[str, Any]) -> Iterator[str | None]:
    return (one.get("label") for one in tie.get("associationTypes") or ())


def _members(name: str, ids: Sequence[str]) -> pa.Table:
    held = pa.repeat(pa.scalar("member", pa.string()), len(ids))
    return col.observed(VENDOR, "contacts", col.texts(list(ids)), {f"list:{name}": held}) if ids else _NOBODY


_NOBODY = PULLED["observed"].empty_table()
