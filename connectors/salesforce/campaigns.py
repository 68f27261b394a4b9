"""Lists in Salesforce are campaigns; being on one is a CampaignMember."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from connectors.salesforce.client import Json, SalesforceClient
from connectors.salesforce.errors import ALREADY_CODES
from connectors.salesforce.outcomes import Settled, record_of
from connectors.salesforce.soql import chunks, one_of, quoted
from core.changes import Done, ListSpec, Ref, SetMembership, Withheld
from core.errors import SchemaDrift

_PER_CALL = 200


class Campaigns:
    """Campaigns by name, and who is in them."""

    def __init__(self, client: SalesforceClient, lists: Sequence[ListSpec]) -> None:
        self._client = client
        self._specs = {spec.name: spec for spec in lists if spec.kind == "campaign"}
        self._ids: dict[str, str] | None = None

    def names(self) -> dict[str, str]:
        """Campaign id → list name, for the lists whose membership is read back."""
        if self._ids is None:
            found = self.find(list(self._specs))
            self._ids = {found[name]: name for name in self._specs if name in found}
        return self._ids

    def find(self, names: Sequence[str]) -> dict[str, str]:
        """Name → id; of several campaigns with one name the oldest counts."""
        if not names:
            return {}
        rows = self._client.rows(
            f"SELECT Id, Name FROM Campaign WHERE Name IN {one_of(names)} ORDER BY CreatedDate DESC, Id DESC"  # noqa: S608 - quoted
        )
        return {row["Name"]: row["Id"] for row in rows}

    def ensure(self, specs: Sequence[ListSpec], *, create: bool) -> list[str | None]:
        """Ids of the campaigns; missing ones, and missing member statuses, are created when told."""
        found = self.find(sorted({spec.name for spec in specs}))
        for spec in specs:
            if create and spec.name not in found:
                found[spec.name] = self._create(spec.name)
        if create:
            self._ensure_statuses([spec for spec in specs if spec.status], found)
        self._ids = None
        return [found.get(spec.name) for spec in specs]

    def _create(self, name: str) -> str:
        body = {"Name": name[:80], "IsActive": True, "Status": "In Progress", "Type": "Other"}
        return self._client.create(
            "sobjects/Campaign", body, "create campaign", lambda: self.find([name]).get(name)
        )

    def _ensure_statuses(self, specs: Sequence[ListSpec], ids: Mapping[str, str]) -> None:
        """An unknown status silently becomes the default one, so it has to exist before it is used."""
        if not specs:
            return
        rows = self._statuses(sorted({ids[spec.name] for spec in specs}))
        labels = {(row["CampaignId"], row["Label"]) for row in rows}
        orders: dict[str, int] = defaultdict(int)
        for row in rows:
            orders[row["CampaignId"]] = max(orders[row["CampaignId"]], int(row["SortOrder"] or 0))
        for spec in specs:
            campaign = ids[spec.name]
            if (campaign, spec.status) not in labels:
                orders[campaign] += 1
                body = {"CampaignId": campaign, "Label": spec.status, "SortOrder": orders[campaign]}
                find = partial(self._status, campaign, str(spec.status))
                self._client.create("sobjects/CampaignMemberStatus", body, "create member status", find)

    def _status(self, campaign: str, label: str) -> str | None:
        return next((row["Id"] for row in self._statuses([campaign]) if row["Label"] == label), None)

    def _statuses(self, campaigns: Sequence[str]) -> list[Json]:
        return self._client.rows(
            "SELECT Id, CampaignId, Label, SortOrder FROM CampaignMemberStatus "  # noqa: S608 - quoted
            f"WHERE CampaignId IN {one_of(campaigns)}"
        )

    def push(self, changes: Sequence[SetMembership], settled: Settled) -> None:
        """Put people on campaigns and take them off; consent is asked again right before an addition."""
        adding = [change for change in changes if change.member]
        allowed = self._with_consent(adding, settled)
        leaving = [change for change in changes if not change.member]
        members = self._members([*allowed, *leaving])
        joining = []
        for change in allowed:
            if _key(change) in members:
                settled.put(change, Done(change))
            else:
                joining.append(change)
        self._insert(joining, settled)
        self._remove([change for change in leaving if _key(change) in members], members, settled)
        for change in leaving:
            if _key(change) not in members:
                settled.put(change, Done(change))

    def _with_consent(self, changes: Sequence[SetMembership], settled: Settled) -> list[SetMembership]:
        asked: dict[str, list[str]] = defaultdict(list)
        for change in changes:
            if change.channel == "email":
                asked[change.ref.object].append(change.ref.record_id)
        for name, ids in asked.items():
            try:
                refused, status = set(self._opted_out(name, ids)), "unsubscribed"
            except SchemaDrift:  # the field is hidden from us: who cannot be asked is not added
                refused, status = set(ids), "unknown"
            for change in changes:
                if change.channel == "email" and change.ref.record_id in refused:
                    settled.put(change, Withheld(change, status))
        return [change for change in changes if change not in settled]

    def _opted_out(self, object_name: str, ids: Sequence[str]) -> Iterable[str]:
        for some in chunks(ids):
            rows = self._client.rows(
                f"SELECT Id FROM {object_name} WHERE HasOptedOutOfEmail = true AND Id IN {one_of(some)}"  # noqa: S608 - quoted
            )
            yield from (row["Id"] for row in rows)

    def denied(self, refs: Sequence[Ref]) -> dict[Ref, str]:
        """Who opted out; nobody where the field is hidden from us."""
        found: dict[Ref, str] = {}
        for kind in dict.fromkeys(ref.object for ref in refs):
            here = {ref.record_id: ref for ref in refs if ref.object == kind}
            with suppress(SchemaDrift):
                found |= {here[one]: "unsubscribed" for one in self._opted_out(kind, list(here))}
        return found

    def _members(self, changes: Sequence[SetMembership]) -> dict[tuple[str, str], str]:
        """(campaign, person) → id of the membership, for the people of these changes."""
        wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
        for change in changes:
            wanted[change.list_id, f"{change.ref.object}Id"].append(change.ref.record_id)
        found = {}
        for (campaign, column), ids in wanted.items():
            for some in chunks(ids):
                rows = self._client.rows(
                    f"SELECT Id, {column} FROM CampaignMember "  # noqa: S608 - quoted
                    f"WHERE CampaignId = {quoted(campaign)} AND {column} IN {one_of(some)}"
                )
                found.update({(campaign, row[column]): row["Id"] for row in rows})
        return found

    def _insert(self, changes: Sequence[SetMembership], settled: Settled) -> None:
        for some in chunks(changes, _PER_CALL):
            records = [self._member(change) for change in some]
            results = self._client.collection("POST", "add members", records=records)
            settled.take(some, results, already=ALREADY_CODES)

    def _member(self, change: SetMembership) -> dict[str, Any]:
        record = {
            "attributes": {"type": "CampaignMember"},
            "CampaignId": change.list_id,
            f"{change.ref.object}Id": change.ref.record_id,
        }
        spec = self._specs.get(change.list_name)
        return {**record, "Status": spec.status} if spec and spec.status else record

    def _remove(
        self, changes: Sequence[SetMembership], members: Mapping[tuple[str, str], str], settled: Settled
    ) -> None:
        for some in chunks(changes, _PER_CALL):
            ids = [members[_key(change)] for change in some]
            results = self._client.collection("DELETE", "remove members", ids=ids)
            # a membership that went by itself is just as good
            settled.take(
                some, results, already=frozenset({"ENTITY_IS_DELETED", "INVALID_CROSS_REFERENCE_KEY"})
            )


def _key(change: SetMembership) -> tuple[str, str]:
    return change.list_id, record_of(change)
