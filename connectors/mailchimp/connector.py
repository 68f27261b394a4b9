"""Mailchimp behind the one protocol."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import cast

from connectors.base import Capabilities, Page, Stream, Token, Window
from connectors.mailchimp.audiences import Audiences, list_of
from connectors.mailchimp.checking import Checks
from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.errors import VENDOR
from connectors.mailchimp.fields import MergeFields
from connectors.mailchimp.gateway import BATCH, Gateway
from connectors.mailchimp.lists import JOURNEY, REFUSING, Lists, Memberships, Standings
from connectors.mailchimp.streams import STREAMS, Reader
from connectors.mailchimp.writes import MergeValues
from connectors.transport import CallMeter
from core.changes import (
    AskConsent,
    Change,
    CheckReport,
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
from core.errors import AuthError

CAPABILITIES = Capabilities(
    streams=STREAMS,
    person_objects=("members",),
    fields_per_call=BATCH,
    members_per_call=BATCH,
)


class MailchimpConnector:
    """One Mailchimp account."""

    name = VENDOR

    def __init__(
        self,
        gateway: Gateway,
        connection: MailchimpConnection,
        observe: Mapping[str, Sequence[str]],
        lists: Sequence[ListSpec],
    ) -> None:
        self._gateway, self._connection = gateway, connection
        self._audiences = Audiences(gateway, connection)
        self._reader = Reader(gateway, connection, self._audiences, observe, lists)
        self._fields = MergeFields(gateway, self._audiences)
        self._values = MergeValues(gateway)
        self._standings = Standings(gateway, self._audiences)
        self._memberships = Memberships(gateway, self._standings)
        self.capabilities = replace(
            CAPABILITIES, streams=tuple(stream for stream in STREAMS if stream.name not in connection.skip)
        )

    def check(self) -> CheckReport:
        return Checks(self._gateway, self._connection, self._audiences).run()

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        return self._reader.read(stream, window, resume)

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        with self._gateway.transport.writing():
            return self._fields.states(specs)

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        with self._gateway.transport.writing():
            return self._fields.create(specs)

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        with self._gateway.transport.writing():
            return Lists(self._gateway, self._connection, self._audiences).ensure(specs, create=create)

    def list_scope(self, spec: ListSpec) -> str:
        """Members of the list's own audience."""
        with self._gateway.transport.writing():
            audience = self._audiences.named(spec.audience)
        return f"{audience.id}:" if audience else ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        """Calls of a push without surprises; see docs/calls.md."""
        with self._gateway.transport.writing():
            return self._price(changes)

    def _price(self, changes: Sequence[Change | AskConsent]) -> int:
        fields: dict[str, int] = {}
        asking: dict[str, set[str]] = {}
        asked: dict[str, set[str]] = {}
        tags: dict[tuple[str, bool], int] = {}
        journeys = 0
        for change in changes:
            list_id = list_of(change.ref)
            if isinstance(change, SetFields):
                fields[list_id] = fields.get(list_id, 0) + 1
            elif isinstance(change, AskConsent):
                asked.setdefault(list_id, set()).add(change.ref.record_id)
            elif isinstance(change, SetMembership):
                if change.member:
                    asking.setdefault(list_id, set()).add(change.ref.record_id)
                if change.list_id.startswith(f"{JOURNEY}:"):
                    journeys += change.member
                else:
                    at = (change.list_id, change.member)
                    tags[at] = tags.get(at, 0) + 1
        segments = {segment for segment, _ in tags}
        return (
            sum(ceil(count / BATCH) for count in fields.values())
            + sum(
                self._standings.calls(list_id, len(records))
                for list_id, records in (*asking.items(), *asked.items())
            )
            + sum(ceil(max(tags.get((one, True), 0), tags.get((one, False), 0)) / BATCH) for one in segments)
            + journeys
        )

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        with self._gateway.transport.writing():
            standing = self._standings.of([AskConsent(ref) for ref in refs])
        held = ((ref, standing.get(ref.record_id)) for ref in refs)
        return {ref: one.status for ref, one in held if one is not None and one.status in REFUSING}

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        with self._gateway.transport.writing():
            return self._push(changes)

    def _push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        outcomes: dict[int, Outcome] = {}
        values = [(at, one) for at, one in enumerate(changes) if isinstance(one, SetFields)]
        outcomes.update(_numbered(values, self._values.write([one for _, one in values])))
        members = [(at, one) for at, one in enumerate(changes) if isinstance(one, SetMembership)]
        outcomes.update(_numbered(members, self._memberships.write([one for _, one in members])))
        return [outcomes.get(at) or _unsupported(change) for at, change in enumerate(changes)]

    def close(self) -> None:
        self._gateway.close()


def open_connector(
    connection: object,
    *,
    clock: Clock,  # noqa: ARG001  # every vendor's opener takes the same arguments
    meter: CallMeter,
    observe: Mapping[str, Sequence[str]],
    lists: Sequence[ListSpec],
    sleep: Callable[[float], None],
) -> MailchimpConnector:
    """A connector over its settings; nothing is sent yet. Raises AuthError where a secret is missing."""
    settings = cast("MailchimpConnection", connection)
    if missing := settings.missing_credentials():
        raise AuthError(
            f"no credentials: {', '.join(missing)} not set",
            vendor=VENDOR,
            remedy="See docs/connecting/mailchimp.md",
        )
    return MailchimpConnector(Gateway(settings, meter=meter, sleep=sleep), settings, observe, lists)


def _unsupported(change: Change) -> Rejected:
    return Rejected(
        change, "UNSUPPORTED", "Mailchimp has neither tasks nor owners",
        "Send tasks to salesforce or hubspot in config/scoreline.yaml.",
    )  # fmt: skip


def _numbered(changes: Sequence[tuple[int, Change]], outcomes: Sequence[Outcome]) -> dict[int, Outcome]:
    return {number: outcome for (number, _), outcome in zip(changes, outcomes, strict=True)}
