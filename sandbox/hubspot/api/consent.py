"""Communication preferences: v3 by address, v4 (and date-versioned) with channel and batches."""

from typing import Any

from sandbox.hubspot.api.batches import complete
from sandbox.hubspot.call import Answer, Call, Route
from sandbox.hubspot.errors import invalid, not_found
from sandbox.hubspot.permissions import opt_out, say
from sandbox.hubspot.preferences import SubscriptionType
from sandbox.hubspot.values import iso_ms

READ = ("communication_preferences.read", "communication_preferences.read_write")
WRITE = ("communication_preferences.read_write",)
_BATCH = 100
_SINCE_MS = 1_700_000_000_000
_STATES = ("SUBSCRIBED", "UNSUBSCRIBED", "NOT_SPECIFIED")

Item = dict[str, Any]


def definitions_v3(call: Call) -> Answer:
    return 200, {
        "subscriptionDefinitions": [_definition(one) for one in call.portal.preferences.types.values()]
    }


def definitions_v4(call: Call) -> Answer:
    return complete(call, [_definition(one) for one in call.portal.preferences.types.values()])


def _definition(one: SubscriptionType) -> Item:
    return {
        "id": str(one.id),
        "name": one.name,
        "description": one.description,
        "purpose": "Marketing",
        "communicationMethod": "Email",
        "isActive": True,
        "isDefault": one.internal,
        "isInternal": one.internal,
        "createdAt": iso_ms(_SINCE_MS),
        "updatedAt": iso_ms(_SINCE_MS),
    }


def status_v3(call: Call, address: str) -> Answer:
    statuses = [_v3(call, address, one) for one in call.portal.preferences.types.values()]
    return 200, {"recipient": address, "subscriptionStatuses": statuses}


def _v3(call: Call, address: str, one: SubscriptionType) -> Item:
    """v3 knows no third state: whoever has said nothing is NOT_SUBSCRIBED."""
    standing = call.portal.preferences.of(address)
    status = call.portal.preferences.status(address, one.id)
    body = {
        "id": str(one.id),
        "name": one.name,
        "description": one.description,
        "status": "SUBSCRIBED" if status == "SUBSCRIBED" else "NOT_SUBSCRIBED",
        "sourceOfStatus": "SUBSCRIPTION_STATUS" if standing.opted_out_ms is None else "PORTAL_WIDE_STATUS",
        "preferenceGroupName": None,
        "legalBasis": standing.said.get(one.id, (None, None, None, None))[2],
        "legalBasisExplanation": standing.said.get(one.id, (None, None, None, None))[3],
    }
    return {key: value for key, value in body.items() if value is not None}


def _requested(call: Call) -> tuple[str, SubscriptionType, Item]:
    body = call.body()
    address, raw_id = str(body.get("emailAddress") or ""), str(body.get("subscriptionId") or "")
    return address, _type(call, raw_id), body


def _type(call: Call, raw_id: str) -> SubscriptionType:
    found = call.portal.preferences.types.get(int(raw_id)) if raw_id.isdigit() else None
    if found is None:
        raise not_found(f"Subscription {raw_id} does not exist")
    return found


def subscribe(call: Call) -> Answer:
    """v3 cannot bring back somebody who has opted out."""
    address, one, body = _requested(call)
    if call.portal.preferences.status(address, one.id) == "UNSUBSCRIBED":
        raise invalid(f"{address} has unsubscribed and cannot be resubscribed with this API")
    say(call.portal, address, one.id, "SUBSCRIBED", body.get("legalBasis"), body.get("legalBasisExplanation"))
    return 200, _v3(call, address, one)


def unsubscribe(call: Call) -> Answer:
    address, one, body = _requested(call)
    if call.portal.preferences.status(address, one.id) == "UNSUBSCRIBED":
        raise invalid(f"{address} is already unsubscribed from {one.id}")
    say(
        call.portal,
        address,
        one.id,
        "UNSUBSCRIBED",
        body.get("legalBasis"),
        body.get("legalBasisExplanation"),
    )
    return 200, _v3(call, address, one)


def _email_only(call: Call) -> None:
    if call.text("channel") != "EMAIL":
        raise invalid("channel is required and must be EMAIL")


def _v4(call: Call, address: str, one: SubscriptionType) -> Item:
    standing = call.portal.preferences.of(address)
    _, at_ms, basis, explanation = standing.said.get(one.id, ("", _SINCE_MS, None, None))
    return {
        "subscriberIdString": address,
        "channel": "EMAIL",
        "subscriptionId": one.id,
        "subscriptionName": one.name,
        "status": call.portal.preferences.status(address, one.id),
        "source": "Portal-wide opt-out" if standing.opted_out_ms is not None else "Contact preference",
        "legalBasis": basis,
        "legalBasisExplanation": explanation,
        "timestamp": iso_ms(standing.opted_out_ms or at_ms),
    }


def statuses(call: Call, address: str) -> Answer:
    _email_only(call)
    return complete(call, [_v4(call, address, one) for one in call.portal.preferences.types.values()])


def set_status(call: Call, address: str) -> Answer:
    return complete(call, [_set(call, address, call.body())])


def _set(call: Call, address: str, given: Item) -> Item:
    if given.get("channel") != "EMAIL" or given.get("statusState") not in _STATES:
        raise invalid(f"channel must be EMAIL and statusState one of {list(_STATES)}")
    one = _type(call, str(given.get("subscriptionId")))
    basis, explanation = given.get("legalBasis"), given.get("legalBasisExplanation")
    say(call.portal, address, one.id, str(given["statusState"]), basis, explanation)
    return _v4(call, address, one)


def statuses_of_many(call: Call) -> Answer:
    _email_only(call)
    results = [
        {
            "subscriberIdString": address,
            "statuses": [_v4(call, address, one) for one in call.portal.preferences.types.values()],
        }
        for address in _addresses(call)
    ]
    return complete(call, results)


def _addresses(call: Call) -> list[str]:
    given = call.body().get("inputs")
    if not isinstance(given, list) or not given or len(given) > _BATCH:
        raise invalid(f"inputs must be a list of 1 to {_BATCH} addresses")
    return [str(one) for one in given]


def write_many(call: Call) -> Answer:
    inputs = call.inputs(_BATCH)
    results = [_set(call, str(one.get("subscriberIdString")), one) for one in inputs]
    call.wrote(len(results))
    return complete(call, results)


def _wide(call: Call, address: str) -> list[Item]:
    """Empty unless the address has opted out of everything."""
    at_ms = call.portal.preferences.of(address).opted_out_ms
    if at_ms is None:
        return []
    return [
        {
            "subscriberIdString": address,
            "channel": "EMAIL",
            "wideStatusType": "PORTAL_WIDE",
            "status": "UNSUBSCRIBED",
            "timestamp": iso_ms(at_ms),
        }
    ]


def opted_out(call: Call, address: str) -> Answer:
    _email_only(call)
    return complete(call, _wide(call, address))


def opt_out_one(call: Call, address: str) -> Answer:
    _email_only(call)
    opt_out(call.portal, address)
    return complete(call, _wide(call, address))


def opted_out_many(call: Call) -> Answer:
    _email_only(call)
    results = [
        {"subscriberIdString": address, "wideStatuses": _wide(call, address)} for address in _addresses(call)
    ]
    return complete(call, results)


def opt_out_many(call: Call) -> Answer:
    _email_only(call)
    addresses = _addresses(call)
    for address in addresses:
        opt_out(call.portal, address)
    call.wrote(len(addresses))
    return complete(call, [one for address in addresses for one in _wide(call, address)])


_V3 = "/communication-preferences/v3"
_V4 = "/communication-preferences/v4"
ROUTES = (
    Route("GET", f"{_V3}/definitions", definitions_v3, READ),
    Route("GET", f"{_V3}/status/email/<address>", status_v3, READ),
    Route("POST", f"{_V3}/subscribe", subscribe, WRITE, write=True),
    Route("POST", f"{_V3}/unsubscribe", unsubscribe, WRITE, write=True),
    Route("GET", f"{_V4}/definitions", definitions_v4, READ),
    Route("GET", f"{_V4}/statuses/<address>", statuses, READ),
    Route("POST", f"{_V4}/statuses/<address>", set_status, WRITE, write=True),
    Route("POST", f"{_V4}/statuses/batch/read", statuses_of_many, READ),
    Route("POST", f"{_V4}/statuses/batch/write", write_many, WRITE, write=True),
    Route("GET", f"{_V4}/statuses/<address>/unsubscribe-all", opted_out, READ),
    Route("POST", f"{_V4}/statuses/<address>/unsubscribe-all", opt_out_one, WRITE, write=True),
    Route("POST", f"{_V4}/statuses/batch/unsubscribe-all/read", opted_out_many, READ),
    Route("POST", f"{_V4}/statuses/batch/unsubscribe-all", opt_out_many, WRITE, write=True),
)
