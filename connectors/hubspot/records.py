"""HubSpot's contacts, companies and deals as rows."""

import json
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from operator import itemgetter
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from connectors import columns as col
from connectors.hubspot.errors import VENDOR
from connectors.hubspot.mapping import Mapped
from connectors.hubspot.paging import Records
from core.ids import salesforce_id
from core.tables import DELETED, LIVE, MERGED, PULLED

Tables = dict[str, pa.Table]

#: Our column → how its text is read; every other column is text.
_READERS = {
    "employees": col.wholes,
    "annual_revenue": col.numbers,
    "amount": col.numbers,
    "is_closed": col.flags,
    "is_won": col.flags,
    "created_at": col.instants,
    "closed_at": col.instants,
    "modified_at": col.instants,
}
_CUSTOMER = "customer"


class Picked:
    """What was read of some records: their ids, and by property what each of them has, None where absent."""

    def __init__(self, records: Records, names: Sequence[str]) -> None:
        properties: list[Mapping[str, Any]] = [record.get("properties") or {} for record in records]
        self.ids = [record["id"] for record in records]
        try:  # every property asked for is there, mostly as null: the fast way
            rows = list(map(itemgetter(*names), properties))
        except KeyError:
            rows = [tuple(one.get(name) for name in names) for one in properties]
        self.values = dict(zip(names, map(list, zip(*rows, strict=True)), strict=bool(rows)))

    def __len__(self) -> int:
        return len(self.ids)

    def __iadd__(self, more: Self) -> Self:
        self.ids += more.ids
        for name, values in more.values.items():
            self.values.setdefault(name, []).extend(values)
        return self


class Rows:
    """Records of one object, column by column."""

    def __init__(self, mapped: Mapped, picked: Picked, *, archived: bool) -> None:
        self.mapped, self.length, self.archived = mapped, len(picked), archived
        self.ids = col.texts(picked.ids)
        self._values = picked.values

    def values(self, name: str) -> Sequence[Any]:
        """A property of every record, as HubSpot sent it; absent ones are None."""
        return self._values.get(name) or (None,) * self.length

    def columns(self) -> dict[str, pa.Array]:
        """Keys, mapped columns, attributes and state."""
        mapped = {
            column: _READERS.get(column, col.texts)(self.values(name))
            for column, name in self.mapped.columns.items()
        }
        return {
            "vendor": col.constant(VENDOR, self.length),
            "object": col.constant(self.mapped.kind, self.length),
            "record_id": self.ids,
            **mapped,
            "state": col.constant(DELETED if self.archived else LIVE, self.length),
        }

    def attributes(self) -> pa.Array:
        """Further mapped fields as JSON objects, numbers and flags in their own types."""
        if not self.mapped.attributes:
            return pa.nulls(self.length, pa.string())
        typed = {
            name: _typed(self.values(at), self.mapped.types[at])
            for name, at in self.mapped.attributes.items()
        }
        rows = zip(*typed.values(), strict=True)
        return col.texts([json.dumps(dict(zip(typed, row, strict=True)), ensure_ascii=False) for row in rows])

    def observed(self) -> pa.Table:
        """What live records hold in our own fields."""
        fields = {
            name: _held(self.values(name), self.mapped.types[name])
            for name in (() if self.archived else self.mapped.observed)
        }
        return col.observed(VENDOR, self.mapped.kind, self.ids, fields)

    def with_merged(self, table: str, columns: Mapping[str, pa.Array]) -> pa.Table:
        """The records as a table, and a row for every id or address one of them had before a merge."""
        records = col.table(table, columns, self.length)
        former = self._former()
        if not former:
            return records
        ids, successors, addresses = zip(*former, strict=True)
        merged = {
            "vendor": col.constant(VENDOR, len(former)),
            "object": col.constant(self.mapped.kind, len(former)),
            "record_id": col.texts(ids),
            "state": col.constant(MERGED, len(former)),
            "successor": col.texts(successors),
            "email": col.texts(addresses),
        }
        known = {name: column for name, column in merged.items() if name in PULLED[table].names}
        return pa.concat_tables([records, col.table(table, known, len(former))])

    def _former(self) -> list[tuple[str, str, str | None]]:
        """Former id, the record it lives on as, and a further address of that: mail once went there.

        Either of HubSpot's two lists of ids may be incomplete. An address too many has an id made of it.
        """
        names = ("hs_merged_object_ids", "hs_calculated_merged_vids", "hs_additional_emails")
        lists = [self.values(name) for name in names]
        if not any(map(any, lists)):
            return []
        found: list[tuple[str, str, str | None]] = []
        for winner, merged, dated, further in zip(self.ids.to_pylist(), *lists, strict=True):
            parts = [part.partition(":")[0].strip() for part in _parts(merged) + _parts(dated)]
            losers = [loser for loser in dict.fromkeys(parts) if loser != winner]
            for loser, address in zip_longest(losers, _parts(further)):
                found.append(
                    (loser or f"{winner}+{address}", f"{VENDOR}:{self.mapped.kind}:{winner}", address)
                )
        return found


def _parts(text: str | None) -> list[str]:
    return [part for part in (text or "").split(";") if part]


def people(rows: Rows, statuses: Mapping[str, str]) -> Tables:
    """Contacts as person records, with consent and what they hold of ours.

    statuses: e-mail subscription status by lower-case address.
    """
    base = rows.columns()
    lifecycle = rows.values("lifecyclestage")
    linked = [
        _linked(contact, lead) if contact or lead else None
        for contact, lead in zip(
            rows.values("salesforcecontactid"), rows.values("salesforceleadid"), strict=True
        )
    ]
    people_columns = {
        **base,
        "is_customer": _is_customer(lifecycle),
        "linked_to": col.texts(linked),
        "attributes": rows.attributes(),
    }
    return {
        "person_records": rows.with_merged("person_records", people_columns),
        "consent_records": _consents(rows, base, statuses),
        "observed": rows.observed(),
    }


def companies(rows: Rows) -> Tables:
    """Companies as company records, and what they hold of ours."""
    linked = [
        f"salesforce:Account:{salesforce_id(given)}" if given else None
        for given in rows.values("salesforceaccountid")
    ]
    company_columns = {
        **rows.columns(),
        "is_customer": _is_customer(rows.values("lifecyclestage")),
        "linked_to": col.texts(linked),
        "attributes": rows.attributes(),
    }
    return {
        "company_records": rows.with_merged("company_records", company_columns),
        "observed": rows.observed(),
    }


def deals(rows: Rows, company_ids: Mapping[str, str]) -> pa.Table:
    """Deals; ``company_ids`` has each deal's primary company."""
    deal_columns = {
        **rows.columns(),
        "company_record_id": col.texts([company_ids.get(deal) for deal in rows.ids.to_pylist()]),
    }
    return rows.with_merged("deal_records", deal_columns)


def _linked(contact: str | None, lead: str | None) -> str:
    """At least one of them is given; a converted lead's contact leaves both."""
    contacts = f"salesforce:Contact:{salesforce_id(contact)}" if contact else ""
    leads = f"salesforce:Lead:{salesforce_id(lead)}" if lead else ""
    return f"{contacts};{leads}" if contacts and leads else contacts or leads


def _is_customer(lifecycle: Sequence[Any]) -> pa.Array:
    return pc.equal(col.texts(lifecycle), _CUSTOMER)


def _consents(rows: Rows, base: Mapping[str, pa.Array], statuses: Mapping[str, str]) -> pa.Table:
    """Opting out of everything stands above the subscription status, and is all that archived records say."""
    consent_columns = {
        "vendor": base["vendor"],
        "object": base["object"],
        "record_id": rows.ids,
        "channel": col.constant("email", rows.length),
        "status": _statuses(rows, statuses),
        "changed_at": base["modified_at"],
    }
    found = col.table("consent_records", consent_columns, rows.length)
    return found.filter(pc.equal(found["status"], "unsubscribed")) if rows.archived else found


def _statuses(rows: Rows, statuses: Mapping[str, str]) -> pa.Array:
    opt_outs = rows.values("hs_email_optout")
    if not statuses and not any(opt_outs):
        return col.constant("none", rows.length)
    emails = rows.values(rows.mapped.columns["email"])
    return col.texts(
        [
            "unsubscribed" if opted_out in (True, "true") else statuses.get(str(email).lower(), "none")
            for opted_out, email in zip(opt_outs, emails, strict=True)
        ]
    )


def _typed(values: Sequence[Any], kind: str) -> list[Any]:
    if kind == "number":
        return [
            int(one) if one is not None and one.is_integer() else one
            for one in col.numbers(values).to_pylist()
        ]
    return list(col.flags(values).to_pylist()) if kind == "bool" else list(values)


def _held(values: Sequence[Any], kind: str) -> pa.Array:
    """Numbers come as text, and mostly in the form they are kept in."""
    if kind == "number" and any(value and "." in value for value in set(values)):
        return col.held(col.numbers(values).to_pylist())
    return col.texts(values)
