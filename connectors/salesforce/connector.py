"""Salesforce behind the one protocol."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil

from connectors.base import Capabilities, Page, Stream, Token, Window
from connectors.salesforce.campaigns import Campaigns
from connectors.salesforce.check import Check
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.connection import SalesforceConnection
from connectors.salesforce.errors import VENDOR
from connectors.salesforce.fields import CustomFields
from connectors.salesforce.outcomes import Settled, rejected
from connectors.salesforce.owners import Owners
from connectors.salesforce.reading import Reader
from connectors.salesforce.schema import Schema
from connectors.salesforce.soql import IDS_PER_QUERY, is_id
from connectors.salesforce.streams import SOURCES
from connectors.salesforce.tasks import Tasks
from connectors.salesforce.writes import PER_CALL, Writer, explain_gone
from connectors.transport import CallMeter
from core.changes import (
    AskConsent,
    Assign,
    Change,
    CheckReport,
    CreateTask,
    FieldSpec,
    FieldState,
    ListSpec,
    Outcome,
    Ref,
    Rejected,
    SetFields,
    SetMembership,
)
from core.clock import Clock
from core.errors import ConfigError, SchemaDrift

#: Create, upload, close, one poll: what a Bulk 2.0 job costs when every row succeeds.
_JOB_CALLS = 4

CAPABILITIES = Capabilities(
    streams=tuple(source.stream for source in SOURCES.values()),
    person_objects=("Lead", "Contact"),
    company_objects=("Account",),
    fields_per_call=PER_CALL,
    members_per_call=PER_CALL,
)


class SalesforceConnector:
    """One org, through simple-salesforce."""

    name = VENDOR

    def __init__(
        self,
        client: SalesforceClient,
        clock: Clock,
        *,
        observe: Mapping[str, Sequence[str]],
        lists: Sequence[ListSpec],
    ) -> None:
        skipped = set(client.connection.skip)
        streams = tuple(stream for stream in CAPABILITIES.streams if stream.name not in skipped)
        self.capabilities = replace(CAPABILITIES, streams=streams)
        self._client, self._observe = client, observe
        self._schema = Schema(client, clock)
        self._fields = CustomFields(client, self._schema)
        self._campaigns = Campaigns(client, lists)
        self._has_campaigns = any(spec.kind == "campaign" for spec in lists)
        self._owners = Owners(client)
        self._tasks = Tasks(client, self._owners)
        self._writer = Writer(client, self._schema)

    def check(self) -> CheckReport:
        return Check(
            self._client, self._schema, self._fields, self._observe, campaigns=self._has_campaigns
        ).report()

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        source = SOURCES[stream.name]
        reads_lists = "observed" in stream.tables and source.object == "CampaignMember"
        lists = self._campaigns.names() if reads_lists else {}
        selection = self._schema.selection(source, observe=self._observe.get(source.object, ()), lists=lists)
        try:
            yield from Reader(self._client, selection, window).pages(resume)
        except SchemaDrift:
            self._schema.forget()
            raise

    def live_ids(self, object_name: str) -> Iterator[Sequence[str]]:
        """Ids of all records that exist, in pages: what is stored and not among them was purged."""
        answer = self._client.query(f"SELECT Id FROM {object_name} ORDER BY Id")  # noqa: S608 - one of our own objects
        while True:
            yield [row["Id"] for row in answer["records"]]
            if answer["done"]:
                return
            answer = self._client.query_more(answer["nextRecordsUrl"])

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        self._schema.forget()
        with self._client.transport.writing():
            return self._fields.states(specs)

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        self._schema.forget()
        with self._client.transport.writing():
            return self._fields.create(specs)

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        with self._client.transport.writing():
            return self._campaigns.ensure(specs, create=create)

    def list_scope(self, spec: ListSpec) -> str:  # noqa: ARG002  # any lead or contact can be on any campaign
        return ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        """As docs/calls.md says, once for each object and campaign."""
        updates = Counter((type(c), c.ref.object) for c in changes if isinstance(c, SetFields | Assign))
        members = Counter(
            (c.list_id, c.ref.object, c.member, c.channel) for c in changes if isinstance(c, SetMembership)
        )
        tasks = sum(isinstance(change, CreateTask) for change in changes)
        asked = Counter(change.ref.object for change in changes if isinstance(change, AskConsent))
        looks = 2 if any(isinstance(change, Assign) for change in changes) else 0
        return (
            sum(self._update_calls(count) for count in updates.values())
            + sum(
                _member_calls(count, consent=key[2] and key[3] == "email") for key, count in members.items()
            )
            + (ceil(tasks / IDS_PER_QUERY) * 2 + ceil(tasks / PER_CALL) + 1 if tasks else 0)
            + sum(ceil(count / IDS_PER_QUERY) for count in asked.values())
            + looks
        )

    def _update_calls(self, count: int) -> int:
        return _JOB_CALLS if count >= self._client.connection.bulk_from else ceil(count / PER_CALL)

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        with self._client.transport.writing():
            return self._campaigns.denied(refs)

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        settled = Settled()
        with self._client.transport.writing():
            self._push(changes, settled)
        return [self._linked(outcome) for outcome in settled.of(changes)]

    def _linked(self, outcome: Outcome) -> Outcome:
        """A refusal with the way to the record, for whoever has to look at it."""
        if not isinstance(outcome, Rejected) or not is_id(outcome.change.ref.record_id):
            return outcome
        link = f"{self._client.connection.url.rstrip('/')}/{outcome.change.ref.record_id}"
        return replace(outcome, remedy=f"{outcome.remedy} {link}")

    def _push(self, changes: Sequence[Change], settled: Settled) -> None:
        self._writer.push([change for change in changes if isinstance(change, SetFields)], settled)
        owned = self._owners.assignable([change for change in changes if isinstance(change, Assign)], settled)
        self._writer.push(owned, settled)
        self._campaigns.push([change for change in changes if isinstance(change, SetMembership)], settled)
        self._explain(settled)
        self._tasks.push([change for change in changes if isinstance(change, CreateTask)], settled)
        self._explain(settled)

    def _explain(self, settled: Settled) -> None:
        """Say what became of the rows that members or tasks could not name, or could not lock."""
        for change in settled.locked:
            settled.put(change, rejected(change, "UNABLE_TO_LOCK_ROW", "another process held the record"))
        settled.locked = []
        explain_gone(self._client, settled)

    def close(self) -> None:
        self._client.close()


def _member_calls(count: int, *, consent: bool) -> int:
    queries = ceil(count / IDS_PER_QUERY)
    return queries * (2 if consent else 1) + ceil(count / PER_CALL)


def open_connector(
    connection: object,
    *,
    clock: Clock,
    meter: CallMeter,
    observe: Mapping[str, Sequence[str]],
    lists: Sequence[ListSpec],
    sleep: Callable[[float], None] = time.sleep,
) -> SalesforceConnector:
    """Raises ConfigError for settings of another vendor."""
    if not isinstance(connection, SalesforceConnection):
        raise ConfigError("expected the settings of a Salesforce connection", key="connections.salesforce")
    client = SalesforceClient(connection, clock=clock, meter=meter, sleep=sleep)
    return SalesforceConnector(client, clock, observe=observe, lists=lists)
