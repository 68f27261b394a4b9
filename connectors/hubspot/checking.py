"""``check`` for HubSpot: each step of docs/connecting/hubspot.md, proved by the cheapest call."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial

from connectors.base import Window
from connectors.coverage import coverage
from connectors.hubspot.activities import ENGAGEMENTS
from connectors.hubspot.connection import HubSpotConnection
from connectors.hubspot.counters import STREAM, counted
from connectors.hubspot.errors import Refusal
from connectors.hubspot.gateway import Gateway
from connectors.hubspot.mapping import DEFAULTS, columns_of, drift
from core.changes import CheckItem, CheckReport
from core.clock import Clock
from core.errors import AuthError, ConnectorError

#: Step → the scope it needs.
_READS: Mapping[str, str] = {
    "contacts": "crm.objects.contacts.read",
    "companies": "crm.objects.companies.read",
    "deals": "crm.objects.deals.read",
    **{
        kind.kind: f"crm.objects.{kind.kind}.read" for kind in ENGAGEMENTS if kind.kind in {"carts", "orders"}
    },
    **{kind.kind: "crm.objects.contacts.read" for kind in ENGAGEMENTS if kind.kind in {"calls", "meetings"}},
    "feedback": "crm.objects.feedback_submissions.read",
}
_OBJECTS = {"feedback": "feedback_submissions"}
_SCOPE_OF = {kind: f"crm.objects.{kind}.write" for kind in ("contacts", "companies")}


class Checks:
    """Runs the steps; a step that fails is an item of the report."""

    def __init__(self, gateway: Gateway, connection: HubSpotConnection, clock: Clock) -> None:
        self._gateway, self._connection, self._clock = gateway, connection, clock

    def run(self) -> CheckReport:
        """Stops after the first step only when the credentials themselves are refused."""
        first = _step("credentials", self._account, "")
        if not first.ok:
            return CheckReport("hubspot", (first,))
        items = [first, *self._reads(), *self._mappings(), *self._sources(), *self._writes()]
        return CheckReport("hubspot", (*items, *self._coverage(items)))

    def _coverage(self, items: Sequence[CheckItem]) -> Iterable[CheckItem]:
        skipped = self._connection.skip
        readable = {item.name.removeprefix("read ") for item in items if item.ok} - set(skipped)
        by_counter = () if STREAM.name in skipped else counted(skipped).values()
        return coverage("hubspot", readable, by_counter)

    def _account(self) -> str:
        details = self._gateway.account()
        return f"account {details.get('portalId')}, {details.get('accountType')}, {details.get('timeZone')}"

    def _reads(self) -> list[CheckItem]:
        return [
            self._optional(name, partial(self._one, _OBJECTS.get(name, name)), scope)
            for name, scope in _READS.items()
        ]

    def _one(self, kind: str) -> str:
        self._gateway.list_page(kind, properties=["hs_object_id"], after=None, archived=False)
        return "readable"

    def _mappings(self) -> list[CheckItem]:
        return [_step(f"mapping of {kind}", partial(self._mapping, kind), "") for kind in DEFAULTS]

    def _mapping(self, kind: str) -> str:
        types = {str(one["name"]): str(one.get("type") or "") for one in self._gateway.properties(kind)}
        columns = {**columns_of(self._connection, kind), **self._connection.attributes.get(kind, {})}
        if problems := drift(kind, columns, types):
            raise ConnectorError(
                "; ".join(problems),
                vendor="hubspot",
                operation=f"properties {kind}",
                remedy=f"Map other properties in config/scoreline.yaml: connections.hubspot.map.{kind}",
            )
        return f"{len(columns)} properties"

    def _sources(self) -> list[CheckItem]:
        now = self._clock.now()
        recent = Window(now - timedelta(hours=1), now)
        query: dict[str, object] = {"limit": 1, "startTimestamp": int(recent.until.timestamp()) * 1000}
        return [
            self._optional("email_events", lambda: _readable(self._gateway.email_events(query)), "content"),
            self._optional("form_submissions", lambda: _readable(self._gateway.forms(None)), "forms"),
            self._optional(
                "analytics_events",
                lambda: f"types: {', '.join(self._gateway.event_types())}",
                "business-intelligence (Marketing Hub Enterprise)",
            ),
            self._optional(
                "subscriptions",
                lambda: _readable(self._gateway.subscriptions(["nobody@scoreline.invalid"])),
                "communication_preferences.read",
                unless=not self._connection.subscriptions,
                how="connections.hubspot.subscriptions: false",
            ),
        ]

    def _writes(self) -> list[CheckItem]:
        return [
            _step("read owners", lambda: _readable(self._gateway.owners()), "crm.objects.owners.read"),
            _step(
                "write contacts",
                partial(_allowed, self._gateway.update, "contacts", ()),
                _SCOPE_OF["contacts"],
            ),
            _step(
                "write companies",
                partial(_allowed, self._gateway.update, "companies", ()),
                _SCOPE_OF["companies"],
            ),
            _step(
                "create tasks", partial(_allowed, self._gateway.create, "tasks", ()), _SCOPE_OF["contacts"]
            ),
            *(
                _step(
                    f"create properties of {kind}",
                    partial(_allowed, self._gateway.create_property, kind, {"name": ""}),
                    f"crm.schemas.{kind}.write",
                )
                for kind in ("contacts", "companies")
            ),
            _step(
                "read lists", lambda: f"{self._gateway.list_id('Scoreline') or 'no'} list", "crm.lists.read"
            ),
            _step(
                "change lists",
                partial(_allowed, self._gateway.change_members, "0", (), ()),
                "crm.lists.write",
            ),
        ]

    def _optional(
        self, name: str, prove: Callable[[], str], scope: str, *, unless: bool = False, how: str = ""
    ) -> CheckItem:
        """A source the account's plan may lack; ``skip`` says that this is known."""
        if unless or name in self._connection.skip:
            return CheckItem(f"read {name}", ok=True, detail="skipped, as configured")
        return _step(f"read {name}", prove, scope, how or f"connections.hubspot.skip: [{name}]")


def _allowed(call: Callable[..., object], *given: object) -> str:
    """Permissions are looked at before contents: an empty write is refused for being empty, or not at all."""
    try:
        call(*given)
    except Refusal as refusal:
        if refusal.status not in {400, 404}:
            raise
    return "allowed"


def _readable(_answer: Mapping[str, object] | Sequence[object]) -> str:
    return "readable"


def _step(name: str, prove: Callable[[], str], scope: str, skipping: str = "") -> CheckItem:
    try:
        return CheckItem(name, ok=True, detail=prove())
    except AuthError as error:
        return CheckItem(name, ok=False, detail=error.message, remedy=error.remedy)
    except ConnectorError as error:
        missing = getattr(error, "status", None) == 403
        remedy = f"Add the scope {scope} in HubSpot" if missing and scope else error.remedy
        if missing and skipping:
            remedy += f", or if the plan does not have it, set {skipping}"
        return CheckItem(name, ok=False, detail=error.message, remedy=remedy)
