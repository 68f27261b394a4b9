"""Who wants our e-mail, as HubSpot's subscription statuses say."""

from collections.abc import Sequence

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
        for one in answer.get("results") or ():
            said = [each["status"] for each in one.get("statuses") or ()]
            if _UNSUBSCRIBED in said:
                found[one["subscriberIdString"].lower()] = "unsubscribed"
            elif _SUBSCRIBED in said:
                found[one["subscriberIdString"].lower()] = "subscribed"
    return found
