"""The canonical tables and their columns, the same in every engine.

Connectors fill the record-level tables, ``sync`` resolves them to people, ``scoring`` reads the resolved
ones. Timestamps are naive UTC whole seconds; identifiers are text; money is in the vendor's currency.
"""

from collections.abc import Mapping
from types import MappingProxyType

import pyarrow as pa

TEXT, NUMBER, WHOLE, FLAG, INSTANT = pa.string(), pa.float64(), pa.int64(), pa.bool_(), pa.timestamp("s")

_RECORD_KEY = {"vendor": TEXT, "object": TEXT, "record_id": TEXT}

#: Where a record stands with its vendor; only ``live`` ones are written to.
LIVE, DELETED, MERGED, CONVERTED, ARCHIVED = "live", "deleted", "merged", "converted", "archived"

#: What a connector's page may carry, by table name.
PULLED: Mapping[str, pa.Schema] = MappingProxyType(
    {
        # one row a person record: Lead, Contact, HubSpot contact, Mailchimp member
        "person_records": pa.schema(
            {
                **_RECORD_KEY,
                "email": TEXT,  # as the vendor holds it; identity normalises
                "first_name": TEXT,
                "last_name": TEXT,
                "title": TEXT,
                "phone": TEXT,
                "country": TEXT,
                "region": TEXT,
                "city": TEXT,
                "lifecycle": TEXT,
                "is_customer": FLAG,
                "owner": TEXT,  # vendor's user id
                "company_record_id": TEXT,  # same vendor's account record
                "company_name": TEXT,
                # "vendor:object:record_id" of the same person elsewhere, ';' between several
                "linked_to": TEXT,
                "state": TEXT,
                # "vendor:object:record_id" a merged or converted record lives on as
                "successor": TEXT,
                "created_at": INSTANT,
                "modified_at": INSTANT,
                "attributes": TEXT,  # JSON object of further mapped fields
            }
        ),
        "company_records": pa.schema(
            {
                **_RECORD_KEY,
                "name": TEXT,
                "domain": TEXT,
                "industry": TEXT,
                "employees": WHOLE,
                "annual_revenue": NUMBER,
                "country": TEXT,
                "region": TEXT,
                "city": TEXT,
                "is_customer": FLAG,
                "owner": TEXT,
                "parent_record_id": TEXT,
                "linked_to": TEXT,
                "state": TEXT,
                "successor": TEXT,
                "created_at": INSTANT,
                "modified_at": INSTANT,
                "attributes": TEXT,
            }
        ),
        # key: vendor, activity_id; object + record_id name the person record it belongs to
        "activity_records": pa.schema(
            {
                "vendor": TEXT,
                "activity_id": TEXT,
                "object": TEXT,
                "record_id": TEXT,
                "email": TEXT,  # where the vendor names the person only by address; then record_id is null
                "type": TEXT,
                "occurred_at": INSTANT,
                "product": TEXT,
                "category": TEXT,
                "asset": TEXT,
                "value": NUMBER,
                "unit": TEXT,
                "currency": TEXT,
                "campaign": TEXT,
                # 'machine' for proxy opens and link scanners, 'approximate' for counters, else null
                "origin": TEXT,
                "deleted": FLAG,
            }
        ),
        "survey_records": pa.schema(
            {
                "vendor": TEXT,
                "response_id": TEXT,
                "object": TEXT,
                "record_id": TEXT,
                "email": TEXT,
                "kind": TEXT,  # nps, csat
                "answer": NUMBER,
                "scale_min": WHOLE,
                "scale_max": WHOLE,
                "answered_at": INSTANT,
                "deleted": FLAG,
            }
        ),
        "deal_records": pa.schema(
            {
                **_RECORD_KEY,
                "name": TEXT,
                "company_record_id": TEXT,
                "amount": NUMBER,
                "currency": TEXT,
                "is_closed": FLAG,
                "is_won": FLAG,
                "created_at": INSTANT,
                "closed_at": INSTANT,
                "state": TEXT,
                "modified_at": INSTANT,
            }
        ),
        # one person's part in a deal
        "deal_roles": pa.schema(
            {
                "vendor": TEXT,
                "deal_object": TEXT,
                "deal_id": TEXT,
                "object": TEXT,
                "record_id": TEXT,
                "role": TEXT,
                "deleted": FLAG,
            }
        ),
        # latest permission per record and channel: subscribed, unsubscribed, cleaned, pending, archived, none
        "consent_records": pa.schema({**_RECORD_KEY, "channel": TEXT, "status": TEXT, "changed_at": INSTANT}),
        # our own fields and memberships as the vendor holds them; field is a vendor field or "list:<name>"
        "observed": pa.schema({**_RECORD_KEY, "field": TEXT, "value": TEXT}),
    }
)

#: Keys by which a later row replaces an earlier one.
KEYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "person_records": ("vendor", "object", "record_id"),
        "company_records": ("vendor", "object", "record_id"),
        "activity_records": ("vendor", "activity_id"),
        "survey_records": ("vendor", "response_id"),
        "deal_records": ("vendor", "object", "record_id"),
        "deal_roles": ("vendor", "deal_object", "deal_id", "object", "record_id"),
        "consent_records": ("vendor", "object", "record_id", "channel"),
        "observed": ("vendor", "object", "record_id", "field"),
    }
)

#: What scoring reads, by table name; companies may add columns to contacts and accounts.
SCORED: Mapping[str, pa.Schema] = MappingProxyType(
    {
        "contacts": pa.schema(
            {
                "contact_id": TEXT,
                "account_id": TEXT,
                "email": TEXT,
                "first_name": TEXT,
                "last_name": TEXT,
                "title": TEXT,
                "phone": TEXT,
                "country": TEXT,
                "region": TEXT,
                "city": TEXT,
                "lifecycle": TEXT,
                "is_customer": FLAG,
                "owner": TEXT,
                "created_at": INSTANT,
            }
        ),
        "accounts": pa.schema(
            {
                "account_id": TEXT,
                "name": TEXT,
                "domain": TEXT,
                "industry": TEXT,
                "employees": WHOLE,
                "annual_revenue": NUMBER,
                "country": TEXT,
                "region": TEXT,
                "city": TEXT,
                "is_customer": FLAG,
                "parent_id": TEXT,
            }
        ),
        "activities": pa.schema(
            {
                "activity_id": TEXT,
                "contact_id": TEXT,
                "type": TEXT,
                "occurred_at": INSTANT,
                "seen_at": INSTANT,
                "product": TEXT,
                "category": TEXT,
                "asset": TEXT,
                "value": NUMBER,
                "unit": TEXT,
                "currency": TEXT,
                "campaign": TEXT,
                "origin": TEXT,
            }
        ),
        "survey_responses": pa.schema(
            {
                "response_id": TEXT,
                "contact_id": TEXT,
                "kind": TEXT,
                "answer": NUMBER,
                "scale_min": WHOLE,
                "scale_max": WHOLE,
                "answered_at": INSTANT,
                "seen_at": INSTANT,
            }
        ),
        "deals": pa.schema(
            {
                "deal_id": TEXT,
                "account_id": TEXT,
                "name": TEXT,
                "amount": NUMBER,
                "currency": TEXT,
                "is_closed": FLAG,
                "is_won": FLAG,
                "created_at": INSTANT,
                "closed_at": INSTANT,
            }
        ),
        "stage_history": pa.schema(
            {
                "contact_id": TEXT,
                "model": TEXT,
                "stage": TEXT,
                "entered_at": INSTANT,
                "why": TEXT,
            }
        ),
    }
)
