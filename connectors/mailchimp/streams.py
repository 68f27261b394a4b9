"""Mailchimp's streams: what can be read, in which order, and how."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pyarrow as pa

from connectors import columns as col
from connectors.base import Page, Stream, Token, Window
from connectors.columns import as_utc
from connectors.mailchimp import campaigns, members, shops
from connectors.mailchimp.audiences import Audience, Audiences
from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.errors import VENDOR
from connectors.mailchimp.gateway import NO_LINKS, Gateway
from connectors.mailchimp.lists import Lists
from connectors.mailchimp.mapping import Mapped, mapped
from connectors.mailchimp.paging import Row, Slice, slices, whole
from core.changes import ListSpec
from core.errors import ConfigError

#: In reading order. Orders, carts and surveys have no cursor: every read is a whole listing.
STREAMS = (
    Stream("members", ("person_records", "consent_records", "activity_records", "observed")),
    Stream("list_memberships", ("observed",), sweep=True),
    Stream("email_activity", ("activity_records",)),
    Stream("orders", ("activity_records",), sweep=True),
    Stream("carts", ("activity_records",), sweep=True),
    Stream("surveys", ("survey_records",), sweep=True),
)
_NPS = (0, 10)

_Rows = tuple[pa.Table, int]


class Reader:
    """Reads streams through a gateway.

    observe: our own merge tags by object; lists: memberships to read back.
    """

    def __init__(
        self,
        gateway: Gateway,
        connection: MailchimpConnection,
        audiences: Audiences,
        observe: Mapping[str, Sequence[str]],
        lists: Sequence[ListSpec],
    ) -> None:
        self._gateway, self._connection, self._audiences = gateway, connection, audiences
        self._observe, self._lists = observe, lists
        self._by_name: dict[str, Callable[[Window, Token | None], Iterator[Page]]] = {
            "members": self._members,
            "list_memberships": self._memberships,
            "email_activity": self._email_activity,
            "orders": self._orders,
            "carts": self._carts,
            "surveys": self._surveys,
        }

    def read(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        """Pages of one stream. Raises ConfigError for a stream Mailchimp does not have."""
        if stream.name not in self._by_name:
            raise ConfigError(f"{VENDOR} has no stream {stream.name!r}")
        return self._by_name[stream.name](window, resume)

    # Members

    def _members(self, window: Window, resume: Token | None) -> Iterator[Page]:
        """Audience by audience, first those who are not archived, then those who are."""
        audiences = {audience.id: audience for audience in self._audiences.all()}
        units = [(audience, status) for audience in audiences for status in ("", "archived")]
        schemas: dict[str, Mapped] = {}
        for unit, begin in _remaining(units, resume):
            at, status = unit
            if at not in schemas:
                schemas[at] = self._schema(audiences[at])
            read = whole(partial(self._gateway.members, at, query=_members_query(window, status)))
            for part in slices("members", read, *begin):
                tables = members.tables(at, schemas[at], part.rows)
                yield Page(tables, _token(unit, part), len(part.rows), part.total)

    def _schema(self, audience: Audience) -> Mapped:
        fields = self._gateway.merge_fields(audience.id)
        return mapped(self._connection, audience.name, fields, self._observe.get("members", ()))

    def _memberships(self, _window: Window, resume: Token | None) -> Iterator[Page]:
        """Who carries our tags; a journey has no members to read."""
        finder = Lists(self._gateway, self._connection, self._audiences)
        named: dict[tuple[str, ...], str] = {
            (list_id,): spec.name
            for spec in self._lists
            if spec.kind in {"tag", "segment"} and (list_id := finder.id_of(spec)) is not None
        }
        for unit, begin in _remaining(list(named), resume):
            audience, _, segment = unit[0].partition(":")
            read = whole(partial(self._gateway.segment_members, audience, segment))
            for part in slices("members", read, *begin):
                rows = self._identified(audience, part.rows)
                tables = {"observed": _held(named[unit], audience, rows)}
                yield Page(tables, _token(unit, part), len(rows), part.total)

    def _identified(self, audience: str, rows: list[Row]) -> list[Row]:
        """Tag members with their contact ids, which Mailchimp's description of this call does not promise."""
        if all(row.get("contact_id") for row in rows):
            return rows
        wanted = {row["id"] for row in rows}
        everybody = whole(partial(self._gateway.members, audience))
        return [row for part in slices("members", everybody) for row in part.rows if row["id"] in wanted]

    # Campaigns

    def _email_activity(self, window: Window, resume: Token | None) -> Iterator[Page]:
        """Campaign by campaign, oldest first; tokens stand between campaigns, whose rows have no order."""
        done = str(json.loads(resume)["done"]) if resume else ""
        listed = slices("reports", whole(self._gateway.reports))
        reports = [report for part in listed for report in part.rows if self._is_wanted(report, window)]
        for report in sorted(reports, key=_order):
            if _order(report) <= done:
                continue
            for (table, count), is_last in _last_marked(self._campaign(report, window)):
                token = json.dumps({"done": _order(report)}) if is_last else None
                yield Page({"activity_records": table}, token, count)

    def _is_wanted(self, report: Row, window: Window) -> bool:
        """Sent lately, or opened or clicked since: bounces and sends come in within days."""
        sent_at = as_utc(str(report.get("send_time") or ""))
        if sent_at is None or sent_at > window.until:
            return False
        if window.since is None:
            return True
        last = [
            as_utc(str((report.get(part) or {}).get(name) or ""))
            for part, name in (("opens", "last_open"), ("clicks", "last_click"))
        ]
        return sent_at >= window.since - timedelta(days=self._connection.activity_days) or any(
            at is not None and at >= window.since for at in last
        )

    def _campaign(self, report: Row, window: Window) -> Iterator[_Rows]:
        campaign = str(report["id"])
        since = _stamp(window.since - timedelta(seconds=1)) if window.since else None
        sent_at = as_utc(str(report.get("send_time") or ""))
        fresh = window.since is None or (sent_at is not None and sent_at >= window.since - timedelta(days=1))
        machines: campaigns.Opens = set()
        for part in slices("members", partial(self._gateway.open_details, campaign, since=since)):
            machines |= campaigns.machine_opens(part.rows)
        for part in slices("emails", partial(self._gateway.email_activity, campaign, since=since)):
            yield campaigns.activities(report, part.rows, machines, with_sends=fresh), len(part.rows)
        if report.get("unsubscribed"):
            for part in slices("unsubscribes", partial(self._gateway.unsubscribed, campaign)):
                gone = [row for row in part.rows if _inside(row.get("timestamp"), window)]
                yield campaigns.unsubscribes(report, gone), len(gone)

    # Shops

    def _orders(self, _window: Window, resume: Token | None) -> Iterator[Page]:
        yield from self._sales("orders", self._gateway.orders, shops.purchases, resume)

    def _carts(self, _window: Window, resume: Token | None) -> Iterator[Page]:
        yield from self._sales("carts", self._gateway.carts, shops.carts, resume)

    def _sales(
        self,
        key: str,
        fetch: Callable[[str, int], Row],
        rows: Callable[[str, Sequence[Row], Mapping[str, str]], pa.Table],
        resume: Token | None,
    ) -> Iterator[Page]:
        for unit, begin in _remaining([(store,) for store in self._stores()], resume):
            store = unit[0]
            products = self._gateway.products(store)
            categories = {str(one["id"]): str(one.get("type") or one.get("vendor") or "") for one in products}
            for part in slices(key, whole(partial(fetch, store)), *begin):
                table = rows(store, part.rows, categories)
                yield Page({"activity_records": table}, _token(unit, part), len(part.rows), part.total)

    def _stores(self) -> list[str]:
        """Ids of the configured shops, or of every one whose audience is ours."""
        lists = {audience.id for audience in self._audiences.all()}
        wanted = self._connection.stores
        return sorted(
            str(one["id"])
            for one in self._gateway.stores()
            if (str(one["id"]) in wanted if wanted else one.get("list_id") in lists or not one.get("list_id"))
        )

    # Surveys

    def _surveys(self, _window: Window, resume: Token | None) -> Iterator[Page]:
        done = str(json.loads(resume)["done"]) if resume else ""
        for survey in sorted(self._gateway.surveys(), key=lambda one: str(one["id"])):
            survey_id = str(survey["id"])
            if survey_id <= done:
                continue
            tables = [
                shops.answers(
                    survey.get("list_id"),
                    kind,
                    scale,
                    self._gateway.survey_answers(survey_id, str(question["id"])),
                )
                for question in self._gateway.survey_questions(survey_id)
                for kind, scale in self._scales(question)
            ]
            if tables:
                table = pa.concat_tables(tables)
                yield Page({"survey_records": table}, json.dumps({"done": survey_id}), table.num_rows)

    def _scales(self, question: Mapping[str, Any]) -> Iterator[tuple[str, tuple[int, int]]]:
        """What a question measures: as configured, else a range question counts as NPS."""
        named = self._connection.surveys.get(str(question.get("query"))) or self._connection.surveys.get(
            str(question.get("id"))
        )
        if named is not None:
            yield named, (1, 5) if named == "csat" else _NPS
        elif question.get("type") == "range":
            yield "nps", _NPS


def _members_query(window: Window, status: str) -> dict[str, object]:
    """Mailchimp's windows leave out their beginning and keep their end."""
    query: dict[str, object] = {
        **NO_LINKS,
        "sort_field": "last_changed",
        "sort_dir": "ASC",
        "before_last_changed": _stamp(window.until),
    }
    if window.since is not None:
        query["since_last_changed"] = _stamp(window.since - timedelta(seconds=1))
    return {**query, "status": status} if status else query


def _remaining(
    units: Sequence[tuple[str, ...]], resume: Token | None
) -> Iterator[tuple[tuple[str, ...], tuple[int, int | None]]]:
    """Parts of a stream still to read, each with where ``slices`` begins; all when the token fits none."""
    at = json.loads(resume) if resume else {}
    reached, offset = tuple(at.get("unit") or ()), at.get("offset")
    first = units.index(reached) if reached in units else 0
    for number, unit in enumerate(units[first:]):
        if number > 0 or unit != reached:
            yield unit, (0, None)
        elif offset is not None:
            yield unit, (int(offset), at.get("total"))


def _token(unit: tuple[str, ...], part: Slice) -> Token:
    return json.dumps({"unit": unit, "offset": part.following, "total": part.total})


def _last_marked(pages: Iterator[_Rows]) -> Iterator[tuple[_Rows, bool]]:
    """Each item with whether it is the last."""
    held = next(pages, None)
    for following in pages:
        if held is not None:
            yield held, False
        held = following
    if held is not None:
        yield held, True


def _order(report: Row) -> str:
    return f"{report.get('send_time')} {report['id']}"


def _inside(at: object, window: Window) -> bool:
    instant = as_utc(str(at or ""))
    return (
        instant is not None and instant <= window.until and (window.since is None or instant >= window.since)
    )


def _held(name: str, audience: str, rows: Sequence[Row]) -> pa.Table:
    ids = col.texts([members.record_id(audience, row) for row in rows])
    return col.observed(VENDOR, "members", ids, {f"list:{name}": col.constant("member", len(rows))})


def _stamp(instant: datetime) -> str:
    """Whole seconds: a fraction has made e-mail activity answer 500."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S+00:00")
