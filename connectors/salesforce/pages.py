"""Vendor columns → our tables: one function per stream, whole columns at a time."""

from collections.abc import Callable, Mapping

import pyarrow as pa

from connectors.salesforce import engagement, records
from connectors.salesforce.columns import Columns
from connectors.salesforce.layout import Layout

_BUILDERS: Mapping[str, Callable[[Layout, Columns], dict[str, pa.Table]]] = {
    "accounts": records.companies,
    "contacts": records.persons,
    "leads": records.persons,
    "opportunities": records.deals,
    "contact_roles": records.roles,
    "campaign_members": engagement.members,
    "tasks": engagement.calls,
    "events": engagement.meetings,
    "cases": engagement.cases,
}


def tables(layout: Layout, page: Columns) -> dict[str, pa.Table]:
    """Tables of ``core.tables.PULLED`` by name."""
    return _BUILDERS[layout.source.stream.name](layout, page)
