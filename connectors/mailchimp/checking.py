"""``check`` for Mailchimp: each step of docs/connecting/mailchimp.md, proved by the cheapest call."""

from collections.abc import Callable
from functools import partial

from connectors.coverage import coverage
from connectors.mailchimp.audiences import Audience, Audiences
from connectors.mailchimp.connection import MailchimpConnection
from connectors.mailchimp.errors import VENDOR
from connectors.mailchimp.gateway import Gateway
from connectors.mailchimp.mapping import drift
from core.changes import CheckItem, CheckReport
from core.errors import ConnectorError, ScorelineError


class Checks:
    """Runs the steps; a step that fails is an item of the report."""

    def __init__(self, gateway: Gateway, connection: MailchimpConnection, audiences: Audiences) -> None:
        self._gateway, self._connection, self._audiences = gateway, connection, audiences

    def run(self) -> CheckReport:
        """Stops after the first step only when the credentials themselves are refused."""
        first = _step("credentials", self._account)
        if not first.ok:
            return CheckReport(VENDOR, (first,))
        named = _step("audiences", lambda: ", ".join(one.name for one in self._audiences.all()))
        items = [first, named]
        if named.ok:
            items += [
                _step(f"mapping of {one.name}", partial(self._mapping, one)) for one in self._audiences.all()
            ]
        sources: tuple[tuple[str, Callable[[], str]], ...] = (
            ("email_activity", lambda: f"{self._gateway.reports(0).get('total_items', 0)} campaigns"),
            ("orders", self._shops),
            ("carts", self._shops),
            ("surveys", lambda: f"{len(self._gateway.surveys())} surveys"),
        )
        items += [self._source(name, prove) for name, prove in sources]
        readable = {item.name for item in items if item.ok} - set(self._connection.skip)
        if named.ok and "members" not in self._connection.skip:
            readable.add("members")
        return CheckReport(VENDOR, (*items, *coverage(VENDOR, readable)))

    def _account(self) -> str:
        account = self._gateway.account()
        return f"account {account.get('account_name')}, role {account.get('role')}"

    def _mapping(self, audience: Audience) -> str:
        types = {str(one["tag"]): str(one.get("type")) for one in self._gateway.merge_fields(audience.id)}
        wanted = {
            **self._connection.map.get("members", {}),
            **self._connection.attributes.get("members", {}),
        }
        if problems := drift(audience.name, wanted, types):
            raise ConnectorError(
                "; ".join(problems),
                vendor=VENDOR,
                operation="merge fields",
                remedy="Map other merge fields in config/scoreline.yaml: connections.mailchimp.map.members",
            )
        return f"{len(types)} merge fields"

    def _shops(self) -> str:
        return f"shops: {', '.join(str(one['id']) for one in self._gateway.stores()) or 'none'}"

    def _source(self, name: str, prove: Callable[[], str]) -> CheckItem:
        if name in self._connection.skip:
            return CheckItem(name, ok=True, detail="skipped, as configured")
        item = _step(name, prove)
        if item.ok:
            return item
        skipping = f"If the plan does not have it, set connections.mailchimp.skip: [{name}]"
        return CheckItem(name, ok=False, detail=item.detail, remedy=item.remedy or skipping)


def _step(name: str, prove: Callable[[], str]) -> CheckItem:
    try:
        return CheckItem(name, ok=True, detail=prove())
    except ScorelineError as error:
        return CheckItem(name, ok=False, detail=error.message, remedy=error.remedy)
