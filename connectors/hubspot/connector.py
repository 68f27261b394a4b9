"""HubSpot behind the one protocol."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import ceil
from typing import cast

from connectors.base import Capabilities, Page, Stream, Token, Window
from connectors.hubspot.batches import Batches, Write, property_text
from connectors.hubspot.checking import Checks
from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.errors import VENDOR
from connectors.hubspot.fields import create_fields, field_states
from connectors.hubspot.gateway import BATCH, Gateway
from connectors.hubspot.memberships import MEMBERS_PER_CALL, Memberships, ensure_lists
from connectors.hubspot.owners import Owners
from connectors.hubspot.streams import STREAMS, Reader, streams
from connectors.hubspot.tasks import Tasks
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
from core.errors import AuthError

CAPABILITIES = Capabilities(
    streams=STREAMS,
    person_objects=("contacts",),
    company_objects=("companies",),
    fields_per_call=BATCH,
    members_per_call=MEMBERS_PER_CALL,
)


class HubSpotConnector:
    """One HubSpot account."""

    name = VENDOR

    def __init__(
        self,
        gateway: Gateway,
        connection: HubSpotConnection,
        clock: Clock,
        observe: Mapping[str, Sequence[str]],
        lists: Sequence[ListSpec],
    ) -> None:
        self._gateway, self._connection, self._clock = gateway, connection, clock
        self._reader = Reader(gateway, connection, observe, lists)
        self._owners = Owners(gateway, connection.fallback_owner)
        self._tasks = Tasks(gateway, self._owners, clock)
        self._memberships = Memberships(gateway, connection)
        self.capabilities = replace(CAPABILITIES, streams=streams(connection))

    def check(self) -> CheckReport:
        return Checks(self._gateway, self._connection, self._clock).run()

    def pull(self, stream: Stream, window: Window, resume: Token | None) -> Iterator[Page]:
        return self._reader.read(stream, window, resume)

    def field_states(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        with self._gateway.transport.writing():
            return field_states(self._gateway, specs)

    def create_fields(self, specs: Sequence[FieldSpec]) -> Sequence[FieldState]:
        with self._gateway.transport.writing():
            return create_fields(self._gateway, specs, self._connection.group)

    def ensure_lists(self, specs: Sequence[ListSpec], *, create: bool) -> Sequence[str | None]:
        with self._gateway.transport.writing():
            return ensure_lists(self._gateway, specs, create=create)

    def list_scope(self, spec: ListSpec) -> str:  # noqa: ARG002  # any contact can be on any list
        return ""

    def price(self, changes: Sequence[Change | AskConsent]) -> int:
        """Calls of a push without surprises; see docs/calls.md."""
        fields = _by_object([change for change in changes if isinstance(change, SetFields | Assign)])
        members = [change for change in changes if isinstance(change, SetMembership)]
        lists = {change.list_id: 0 for change in members}
        for change in members:
            lists[change.list_id] += 1
        asking = {one.ref.record_id for one in members if one.member and one.channel == "email"}
        asked = sum(isinstance(change, AskConsent) for change in changes)
        tasks = _by_object([change for change in changes if isinstance(change, CreateTask)])
        consent_calls = 2 if self._connection.subscriptions else 1
        return (
            sum(ceil(count / BATCH) for count in fields.values())
            + sum(ceil(count / MEMBERS_PER_CALL) for count in lists.values())
            + consent_calls * (ceil(len(asking) / BATCH) + ceil(asked / BATCH))
            + sum(3 * ceil(count / BATCH) for count in tasks.values())
            + (1 if tasks or any(isinstance(change, Assign) for change in changes) else 0)
        )

    def denied(self, refs: Sequence[Ref]) -> Mapping[Ref, str]:
        with self._gateway.transport.writing():
            return self._memberships.denied(refs)

    def push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        with self._gateway.transport.writing():
            return self._push(changes)

    def _push(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        outcomes: dict[int, Outcome] = {}
        fields = [(at, one) for at, one in enumerate(changes) if isinstance(one, SetFields | Assign)]
        for kind in dict.fromkeys(change.ref.object for _, change in fields):
            outcomes.update(
                self._write_fields(kind, [(at, one) for at, one in fields if one.ref.object == kind])
            )
        members = [(at, one) for at, one in enumerate(changes) if isinstance(one, SetMembership)]
        outcomes.update(_numbered(members, self._memberships.write([one for _, one in members])))
        tasks = [(at, one) for at, one in enumerate(changes) if isinstance(one, CreateTask)]
        outcomes.update(_numbered(tasks, self._tasks.write([one for _, one in tasks])))
        return [outcomes[number] for number in range(len(changes))]

    def close(self) -> None:
        self._gateway.close()

    def _write_fields(
        self, kind: str, wanted: Sequence[tuple[int, SetFields | Assign]]
    ) -> dict[int, Outcome]:
        outcomes: dict[int, Outcome] = {}
        writes: list[tuple[int, Write]] = []
        for number, change in wanted:
            properties = self._properties(change)
            if properties is None:
                outcomes[number] = Rejected(
                    change, "NO_OWNER", "the owner is missing or inactive in HubSpot",
                    "Set connections.hubspot.fallback_owner to an active user.", field="hubspot_owner_id",
                )  # fmt: skip
            else:
                writes.append((number, Write(change, change.ref.record_id, properties)))
        sent = Batches(self._gateway, kind).write([write for _, write in writes])
        return {**outcomes, **{writes[at][0]: outcome for at, outcome in sent.items()}}

    def _properties(self, change: SetFields | Assign) -> dict[str, str] | None:
        if isinstance(change, SetFields):
            return {name: property_text(value) for name, value in change.values.items()}
        owner = self._owners.active(change.owner)
        return {"hubspot_owner_id": owner} if owner else None


def open_connector(
    connection: object,
    *,
    clock: Clock,
    meter: CallMeter,
    observe: Mapping[str, Sequence[str]],
    lists: Sequence[ListSpec],
    sleep: Callable[[float], None],
) -> HubSpotConnector:
    """A connector over its settings; nothing is sent yet. Raises AuthError where a secret is missing."""
    settings = cast("HubSpotConnection", connection)
    if missing := settings.missing_credentials():
        raise AuthError(
            f"no credentials: {', '.join(missing)} not set",
            vendor=VENDOR,
            remedy="See docs/connecting/hubspot.md",
        )
    gateway = Gateway(settings, clock=clock, meter=meter, sleep=sleep)
    return HubSpotConnector(gateway, settings, clock, observe, lists)


def _by_object(changes: Sequence[Change]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for change in changes:
        counts[change.ref.object] = counts.get(change.ref.object, 0) + 1
    return counts


def _numbered(changes: Sequence[tuple[int, Change]], outcomes: Sequence[Outcome]) -> dict[int, Outcome]:
    return {number: outcome for (number, _), outcome in zip(changes, outcomes, strict=True)}
