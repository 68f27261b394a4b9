"""Every call this program makes to Mailchimp."""

import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, urlsplit

import mailchimp_marketing
import requests

from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.errors import VENDOR, Answer, Reply, classify
from connectors.policy import Policy
from connectors.session import PolicySession
from connectors.transport import CallMeter, Transport
from core.errors import ConnectorError

Json = dict[str, Any]

#: Ten connections a user are allowed, shared with every other integration of that user;
#: https://mailchimp.com/developer/marketing/docs/fundamentals/, checked 2026-11-22.
POLICY = Policy(read_timeout_s=120, concurrency=4)

#: Rows a page may have, members a batch may have; same source.
PAGE, BATCH = 1000, 500
#: Campaign reports of a thousand recipients have timed out at Mailchimp's gateway; its support advises 500.
_SMALLER_PAGE = 500
#: Links are most of a member's bytes.
NO_LINKS: Mapping[str, object] = MappingProxyType({"exclude_fields": ["_links", "members._links"]})


class _Unparsed:
    """What the SDK's HTTP hook returns: something the SDK cannot parse, which it then hands back as it is.

    The SDK drops headers, and returns an error whose body is empty instead of raising it.
    """

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.headers: Mapping[str, str] = {}


class Gateway:
    """Mailchimp's endpoints as typed methods over parsed JSON. Raises the errors of ``core.errors``."""

    def __init__(
        self,
        connection: MailchimpConnection,
        *,
        meter: CallMeter,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._secrets = connection.secrets()
        policy = connection.policy.over(POLICY)
        self._session = PolicySession(policy, hosts=[urlsplit(connection.url).hostname or ""])
        key, token = connection.api_key, connection.access_token
        if key is not None:
            self._session.auth = ("scoreline", key.get_secret_value())
        elif token is not None:
            self._session.headers["Authorization"] = f"Bearer {token.get_secret_value()}"
        # with a server name, the SDK replaces that very word anywhere in a URL
        self._sdk = mailchimp_marketing.Client({"server": ""})
        self._sdk.api_client.host = connection.url
        self._sdk.api_client.request = self._request
        self.transport = Transport(VENDOR, policy, meter, sleep=sleep)
        self._report_page = PAGE

    def close(self) -> None:
        self._session.close()

    # Account and audiences

    def account(self) -> Json:
        return self._get("account", self._sdk.root.get_root, exclude_fields=["_links"])

    def lists(self) -> list[Json]:
        """Every audience: id, name and stats."""
        given = ["lists.id", "lists.name", "lists.stats", "total_items"]
        return self._all("audiences", "lists", self._sdk.lists.get_all_lists, fields=given)

    def members(self, list_id: str, offset: int = 0, query: Mapping[str, object] = NO_LINKS) -> Json:
        """One page of members; ``query`` may name fields, a window and an order."""
        call = self._sdk.lists.get_list_members_info
        return self._get("members", call, list_id, count=PAGE, offset=offset, **query)

    def member(self, list_id: str, key: str) -> Json:
        return self._get("member", self._sdk.lists.get_list_member, list_id, key, exclude_fields=["_links"])

    def save_members(self, list_id: str, rows: Sequence[Json]) -> Json:
        """Update up to 500 existing members; ``errors`` has what is refused. Statuses are never sent."""
        body = {"members": list(rows), "update_existing": True, "sync_tags": False}
        return self._send(
            "update members", self._sdk.lists.batch_list_members, list_id, body, skip_merge_validation=True
        )

    # Merge fields

    def merge_fields(self, list_id: str) -> list[Json]:
        return self._all("merge fields", "merge_fields", self._sdk.lists.get_list_merge_fields, list_id)

    def create_merge_field(self, list_id: str, body: Json) -> Json:
        return self._send(
            f"create merge field {body['tag']}", self._sdk.lists.add_list_merge_field, list_id, body
        )

    # Tags, segments, journeys

    def segments(self, list_id: str) -> list[Json]:
        """Static segments, tags among them."""
        return self._all("segments", "segments", self._sdk.lists.list_segments, list_id, type="static")

    def create_segment(self, list_id: str, name: str) -> Json:
        body = {"name": name, "static_segment": []}
        return self._send("create tag", self._sdk.lists.create_segment, list_id, body)

    def segment_members(self, list_id: str, segment_id: str, offset: int) -> Json:
        return self._get(
            "tag members",
            self._sdk.lists.get_segment_members_list,
            list_id,
            segment_id,
            count=PAGE,
            offset=offset,
            include_cleaned=True,
            include_transactional=True,
            include_unsubscribed=True,
            fields=["members.id", "members.contact_id", "members.status", "total_items"],
        )

    def change_segment(
        self, list_id: str, segment_id: str, add: Sequence[str], remove: Sequence[str]
    ) -> Json:
        """Tag and untag up to 500 addresses each; unknown ones are ignored."""
        body = {"members_to_add": list(add), "members_to_remove": list(remove)}
        return self._send("change tag", self._sdk.lists.batch_segment_members, body, list_id, segment_id)

    def trigger(self, journey: str, step: str, address: str) -> None:
        """Start a journey for one member, which a repeat would start twice: see OutcomeUnknown."""
        body = {"email_address": address}
        self._send(
            "start journey", self._sdk.customerJourneys.trigger, journey, step, body, empty=True, once=True
        )

    # Campaigns

    def reports(self, offset: int) -> Json:
        wanted = (
            "id",
            "list_id",
            "send_time",
            "emails_sent",
            "unsubscribed",
            "opens",
            "clicks",
            "campaign_title",
        )
        fields = [*(f"reports.{name}" for name in wanted), "total_items"]
        return self._get(
            "reports", self._sdk.reports.get_all_campaign_reports, count=PAGE, offset=offset, fields=fields
        )

    def email_activity(self, campaign: str, offset: int, since: str | None) -> tuple[Json, int]:
        """One page of what recipients did, and how many rows were asked for."""
        call = self._sdk.reports.get_email_activity_for_campaign
        return self._report("e-mail activity", call, "emails", campaign, offset, since)

    def open_details(self, campaign: str, offset: int, since: str | None) -> tuple[Json, int]:
        """One page of opens with their proxy flag, and how many rows were asked for."""
        call = self._sdk.reports.get_campaign_open_details
        return self._report("open details", call, "members", campaign, offset, since)

    def unsubscribed(self, campaign: str, offset: int) -> tuple[Json, int]:
        call = self._sdk.reports.get_unsubscribed_list_for_campaign
        return self._report("unsubscribes", call, "unsubscribes", campaign, offset, None)

    # Shops and surveys

    def stores(self) -> list[Json]:
        return self._all("stores", "stores", self._sdk.ecommerce.stores)

    def orders(self, store: str, offset: int) -> Json:
        return self._shop("orders", self._sdk.ecommerce.get_store_orders, store, offset)

    def carts(self, store: str, offset: int) -> Json:
        return self._shop("carts", self._sdk.ecommerce.get_store_carts, store, offset)

    def products(self, store: str) -> list[Json]:
        fields = ["products.id", "products.title", "products.type", "products.vendor", "total_items"]
        return self._all(
            "products", "products", self._sdk.ecommerce.get_all_store_products, store, fields=fields
        )

    def surveys(self) -> list[Json]:
        return self._all("surveys", "surveys", self._sdk.reporting.get_survey_reports_all)

    def survey_questions(self, survey: str) -> list[Json]:
        answer = self._get("survey questions", self._sdk.reporting.get_survey_question_reports_all, survey)
        return list(answer.get("questions") or ())

    def survey_answers(self, survey: str, question: str) -> list[Json]:
        """Every answer to one question; Mailchimp has no pages here."""
        answer = self._get(
            "survey answers", self._sdk.reporting.get_survey_question_answers, survey, question
        )
        return list(answer.get("answers") or ())

    # One way out

    def _all(
        self, operation: str, key: str, call: Callable[..., Any], *given: object, **query: object
    ) -> list[Json]:
        """Every row of a short collection; ten at a time is the default, so the page is always named."""
        rows: list[Json] = []
        while True:
            answer = self._get(operation, call, *given, count=PAGE, offset=len(rows), **query)
            page = list(answer.get(key) or ())
            rows += page
            if len(page) < PAGE:
                return rows

    def _shop(self, operation: str, call: Callable[..., Any], store: str, offset: int) -> Json:
        links = ["_links", f"{operation}._links", f"{operation}.customer._links", f"{operation}.lines._links"]
        return self._get(
            operation, call, quote(store, safe=""), count=PAGE, offset=offset, exclude_fields=links
        )

    def _report(
        self,
        operation: str,
        call: Callable[..., Any],
        key: str,
        campaign: str,
        offset: int,
        since: str | None,
    ) -> tuple[Json, int]:
        """One page; after a failure of Mailchimp's gateway, pages are half as long from then on."""
        asked = {"rows": self._report_page}
        query: dict[str, object] = {"since": since} if since else {}
        query["exclude_fields"] = ["_links", f"{key}._links"]

        def page() -> Reply:
            reply = Reply(call(campaign, count=asked["rows"], offset=offset, **query).answer)
            if reply.answer.status in {502, 504}:
                asked["rows"] = self._report_page = _SMALLER_PAGE
            return reply

        return self._exchange(operation, page, write=False, empty=False, once=False), asked["rows"]

    def _get(self, operation: str, call: Callable[..., Any], *given: object, **query: object) -> Json:
        return self._exchange(
            operation, lambda: Reply(call(*given, **query).answer), write=False, empty=False, once=False
        )

    def _send(
        self,
        operation: str,
        call: Callable[..., Any],
        *given: object,
        empty: bool = False,
        once: bool = False,
        **query: object,
    ) -> Json:
        return self._exchange(
            operation, lambda: Reply(call(*given, **query).answer), write=True, empty=empty, once=once
        )

    def _exchange(
        self, operation: str, call: Callable[[], Reply], *, write: bool, empty: bool, once: bool
    ) -> Json:
        reply = self.transport.send(
            operation,
            call,
            classify=lambda outcome: self._classify(outcome, operation, empty=empty),
            write=write,
            once=once,
        )
        return reply.content if isinstance(reply.content, dict) else {}

    def _classify(self, outcome: object, operation: str, *, empty: bool) -> ConnectorError | None:
        return classify(outcome, operation=operation, secrets=self._secrets, empty=empty)

    def _request(
        self,
        method: str,
        url: str,
        query_params: Sequence[tuple[str, object]] | None = None,
        headers: Mapping[str, str] | None = None,
        body: object = None,
    ) -> _Unparsed:
        """The SDK's only way to HTTP: our session, with its pool, timeouts and limits."""
        query = list(query_params or ())
        sent: requests.Response
        if method == "GET":
            sent = self._session.request(method, url, params=query, headers=dict(headers or {}))
        else:
            sent = self._session.request(method, url, params=query, headers=dict(headers or {}), json=body)
        return _Unparsed(Answer(sent.status_code, sent.headers, sent.content))
