"""What ``check`` proves about an org, step by step as in docs/connecting/salesforce.md."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

from connectors.coverage import coverage
from connectors.salesforce.client import SalesforceClient
from connectors.salesforce.errors import VENDOR
from connectors.salesforce.fields import CustomFields
from connectors.salesforce.schema import Schema
from connectors.salesforce.streams import SOURCES, Source
from core.changes import CheckItem, CheckReport
from core.errors import ScorelineError

_FIELDS = "scoreline fields --apply"


class Check:
    """The steps of one report; a failed one never hides the next, but without a login there is no next."""

    def __init__(
        self,
        client: SalesforceClient,
        schema: Schema,
        fields: CustomFields,
        observe: Mapping[str, Sequence[str]],
        *,
        campaigns: bool,
    ) -> None:
        self._client, self._schema, self._fields = client, schema, fields
        self._observe, self._campaigns = observe, campaigns

    def report(self) -> CheckReport:
        login = _tried("log in", self._login)
        if not login.ok:
            return CheckReport(VENDOR, (login,))
        steps = tuple(self._steps())
        readable = {item.name for item in steps if item.ok}
        streams = {one.stream.name for one in SOURCES.values() if f"read {one.object}" in readable}
        return CheckReport(VENDOR, (login, *steps, *coverage(VENDOR, streams)))

    def _steps(self) -> Iterator[CheckItem]:
        yield _tried("API allowance", self._allowance)
        for source in SOURCES.values():
            if source.stream.name in self._client.connection.skip:
                continue
            yield _tried(f"read {source.object}", partial(self._readable, source))
        yield _tried("see e-mail opt-outs", self._opt_outs)
        for name, ours in self._observe.items():
            yield _tried(f"write {name}", partial(self._writable, name, ours))
        yield _tried("permission set", self._permission_set)
        yield _tried("create tasks", partial(self._creatable, "Task"))
        if self._campaigns:
            yield _tried("change campaign members", partial(self._creatable, "CampaignMember"))

    def _login(self) -> CheckItem:
        self._schema.forget()
        self._schema.fields("Lead")
        return CheckItem("log in", ok=True, detail=f"as {self._client.user_id or 'the integration user'}")

    def _allowance(self) -> CheckItem:
        daily = self._client.get("limits/", "limits")["DailyApiRequests"]
        left, total = int(daily["Remaining"]), int(daily["Max"])
        budget = self._client.connection.budget.calls_per_day
        detail = (
            f"{left:,} of {total:,} calls left today; our budget: {f'{budget:,}' if budget else 'none set'}"
        )
        if budget and budget > total:
            return CheckItem(
                "API allowance", ok=False, detail=detail, remedy=f"Set budget.calls_per_day below {total:,}."
            )
        return CheckItem(
            "API allowance",
            ok=left > 0,
            detail=detail,
            remedy="" if left else "Wait: it comes back over 24 hours.",
        )

    def _readable(self, source: Source) -> CheckItem:
        selection = self._schema.selection(source, observe=self._observe.get(source.object, ()))
        return CheckItem(f"read {source.object}", ok=True, detail=f"{len(selection.types)} fields")

    def _opt_outs(self) -> CheckItem:
        hidden = [
            name
            for name in ("Lead", "Contact")
            if "HasOptedOutOfEmail" not in (self._schema.fields(name) or {})
        ]
        return CheckItem(
            "see e-mail opt-outs",
            ok=not hidden,
            detail=f"Email Opt Out is hidden on {' and '.join(hidden)}" if hidden else "",
            remedy="Give the integration user read access to the field Email Opt Out." if hidden else "",
        )

    def _writable(self, name: str, ours: Sequence[str]) -> CheckItem:
        known = self._schema.fields(name) or {}
        missing = [field for field in ours if field not in known]
        locked = [field for field in ours if field in known and not known[field]["updateable"]]
        if "updateable" not in self._schema.rights(name):
            return CheckItem(
                f"write {name}",
                ok=False,
                detail="no edit access",
                remedy=f"Let the integration user edit {name}.",
            )
        if missing or locked:
            return CheckItem(f"write {name}", ok=False, detail=_listed(missing, locked), remedy=_FIELDS)
        return CheckItem(f"write {name}", ok=True, detail=f"{len(ours)} fields of ours")

    def _permission_set(self) -> CheckItem:
        name = self._client.connection.permission_set
        found = self._fields.permission_set()
        if found is None:
            return CheckItem("permission set", ok=False, detail=f"no permission set {name}", remedy=_FIELDS)
        if self._client.user_id is not None and not self._fields.assigned(found):
            return CheckItem(
                "permission set",
                ok=False,
                detail=f"{name} is not assigned to the integration user",
                remedy=_FIELDS,
            )
        return CheckItem("permission set", ok=True, detail=name)

    def _creatable(self, name: str) -> CheckItem:
        step = "create tasks" if name == "Task" else "change campaign members"
        allowed = "createable" in self._schema.rights(name)
        remedy = "" if allowed else f"Let the integration user create {name} (campaigns: Marketing User)."
        return CheckItem(step, ok=allowed, detail="" if allowed else f"cannot create {name}", remedy=remedy)


def _listed(missing: Sequence[str], locked: Sequence[str]) -> str:
    parts = [f"missing: {', '.join(missing)}"] if missing else []
    return "; ".join([*parts, *([f"cannot be edited: {', '.join(locked)}"] if locked else [])])


def _tried(name: str, step: Callable[[], CheckItem]) -> CheckItem:
    try:
        return step()
    except ScorelineError as error:
        return CheckItem(name, ok=False, detail=error.message, remedy=error.remedy)
