"""Who wants our e-mail, as HubSpot's subscription statuses say."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from connectors.hubspot.gateway import BATCH, Gateway

_SUBSCRIBED, _UNSUBSCRIBED = "SUBSCRIBED", "UNSUBSCRIBED"


def email_statuses(gateway: Gateway, addresses: Sequence[str]) -> dict[str, str]:
    """Lower-case address → ``subscribed`` or ``unsubscribed``; absent where a person was never asked.

    Having left any subscription outweighs being in another: a list for e-mail does not say which it serves.
    """
    wanted = list(dict.fromkeys(address.lower() for address in addresses if "@" in address))
    found: dict[str, str] = {}
    for start in range(0, len(wanted), BATCH):
        answer = gateway.subscriptions(wanted[start : start + BATCH])
        said = {str(one.get("subscriberIdString")).lower(): one for one in answer.get("results") or ()}
        for address, one in said.items():
            status = _status(one.get("statuses") or ())
            if status is not None:
                found[address] = status
    return found


def _status(statuses: Iterable[Mapping[str, Any]]) -> str | None:
    given = {str(one.get("status")) for one in statuses}
    if _UNSUBSCRIBED in given:
        return "unsubscribed"
    return "subscribed" if _SUBSCRIBED in given else None
