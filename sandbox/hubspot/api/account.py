"""Account details, allowance used, owners, pipelines, object schemas."""

from typing import Any

from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.catalog import OBJECT_TYPES
from sandbox.hubspot.errors import not_found
from sandbox.hubspot.limits import TIME_ZONE
from sandbox.hubspot.portal import PORTAL_ID, Owner
from sandbox.hubspot.values import iso_ms

_SINCE = "2021-03-01T09:00:00Z"
_PIPELINES = {
    "deals": (
        "default",
        "Sales Pipeline",
        (
            ("appointmentscheduled", "Appointment Scheduled", "0.2"),
            ("qualifiedtobuy", "Qualified To Buy", "0.4"),
            ("presentationscheduled", "Presentation Scheduled", "0.6"),
            ("contractsent", "Contract Sent", "0.9"),
            ("closedwon", "Closed Won", "1.0"),
            ("closedlost", "Closed Lost", "0.0"),
        ),
    ),
    "tickets": (
        "0",
        "Support Pipeline",
        (("1", "New", ""), ("2", "Waiting on contact", ""), ("4", "Closed", "")),
    ),
}


def details(call: Call) -> Answer:
    del call
    return 200, {
        "portalId": PORTAL_ID,
        "timeZone": TIME_ZONE,
        "accountType": "STANDARD",
        "currency": "EUR",
        "companyCurrency": "EUR",
        "additionalCurrencies": ["USD"],
        "utcOffset": "-05:00",
        "utcOffsetMilliseconds": -18_000_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }


def daily_usage(call: Call) -> Answer:
    portal = call.portal
    usage = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": portal.limits.daily_now,
        "currentUsage": portal.meter.used_on(portal.clock.now()),
        "collectedAt": iso_ms(portal.now_ms),
        "fetchStatus": "SUCCESS",
        "resetsAt": None,
    }
    return 200, {"results": [usage]}


def owners(call: Call) -> Answer:
    wanted, limit = call.text("email"), call.number("limit", 100, high=500)
    first_id = call.number("after", 0, low=0)
    known = [
        one
        for one in sorted(call.portal.owners.values(), key=lambda one: one.id)
        if one.archived is call.flag("archived") and wanted in (None, "", one.email) and one.id >= first_id
    ]
    after = str(known[limit].id) if len(known) > limit else None
    return 200, {"results": [owner_json(one) for one in known[:limit]], **call.paging(after)}


def owner(call: Call, owner_id: str) -> Answer:
    by_user = call.text("idProperty") == "userId"
    for one in call.portal.owners.values():
        if str(one.user_id if by_user else one.id) == owner_id and one.archived is call.flag("archived"):
            return 200, owner_json(one)
    raise not_found(f"No owner with ID {owner_id}")


def owner_json(one: Owner) -> dict[str, Any]:
    body: dict[str, Any] = {
        "id": str(one.id),
        "type": "PERSON",
        "email": one.email,
        "firstName": one.first_name,
        "lastName": one.last_name,
        "userIdIncludingInactive": one.user_id,
        "createdAt": iso_ms(one.created_ms),
        "updatedAt": iso_ms(one.created_ms),
        "archived": one.archived,
    }
    if not one.archived:
        body["userId"] = one.user_id
    return body


def pipelines(call: Call, kind_name: str) -> Answer:
    known = _PIPELINES.get(call.portal.kind(kind_name).name)
    return 200, {"results": [] if known is None else [_pipeline(*known)]}


def pipeline(call: Call, kind_name: str, pipeline_id: str) -> Answer:
    known = _PIPELINES.get(call.portal.kind(kind_name).name)
    if known is None or known[0] != pipeline_id:
        raise not_found(f"No pipeline with ID {pipeline_id}")
    return 200, _pipeline(*known)


def _pipeline(pipeline_id: str, label: str, stages: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    return {
        "id": pipeline_id,
        "label": label,
        "displayOrder": 0,
        "createdAt": _SINCE,
        "updatedAt": _SINCE,
        "archived": False,
        "stages": [
            {
                "id": stage_id,
                "label": stage_label,
                "displayOrder": order,
                "metadata": {"probability": probability} if probability else {},
                "createdAt": _SINCE,
                "updatedAt": _SINCE,
                "archived": False,
                "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            }
            for order, (stage_id, stage_label, probability) in enumerate(stages)
        ],
    }


def schemas(call: Call) -> Answer:
    """Custom objects: this account has none."""
    del call
    return 200, {"results": []}


_KINDS = tuple(f"crm.objects.{kind.scope}.read" for kind in OBJECT_TYPES)
ROUTES = (
    Route("GET", "/account-info/v3/details", details),
    Route("GET", "/account-info/v3/api-usage/daily/private-apps", daily_usage),
    Route("GET", "/crm/v3/owners", owners, ("crm.objects.owners.read",)),
    Route("GET", "/crm/v3/owners/<owner_id>", owner, ("crm.objects.owners.read",)),
    Route("GET", "/crm/v3/pipelines/<kind_name>", pipelines, ("crm.objects.{kind}.read",)),
    Route("GET", "/crm/v3/pipelines/<kind_name>/<pipeline_id>", pipeline, ("crm.objects.{kind}.read",)),
    Route("GET", "/crm-object-schemas/v3/schemas", schemas, _KINDS),
)
