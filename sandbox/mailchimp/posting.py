"""What the world says about e-mails, written into campaign reports and onto members."""

from sandbox.mailchimp.membership import leave
from sandbox.mailchimp.stamps import stamp
from sandbox.mailchimp.store import Audience, Json, Store
from sandbox.world import Event

#: Documentation ranges: a privacy proxy, a mail gateway, and people at home.
_PROXY_NET, _GATEWAY_NET, _HOME_NET = "192.0.2", "198.51.100", "203.0.113"


class Post:
    """Takes mail events in the order of time."""

    def __init__(self, store: Store, *, past: bool) -> None:
        """Write into ``store``. past: what is told now happened before the members became what they are."""
        self._store, self._past = store, past

    def take(self, event: Event, campaign_id: str, audience: Audience, contact: str) -> None:
        """Write one event down. Nobody gets mail whom the API or a marketer has since taken off."""
        recipients = self._store.recipients[campaign_id]
        member = audience.members.get(audience.by_contact.get(contact, ""))
        if event.type == "email_sent":
            if member is not None and (self._past or member["status"] == "subscribed"):
                recipients[contact] = new_recipient(audience, member)
                audience.tallies[member["id"]].sent += 1
            return
        recipient = recipients.get(contact)
        if recipient is not None:
            self._happen(event, campaign_id, recipient, audience, member)

    def _happen(
        self, event: Event, campaign_id: str, recipient: Json, audience: Audience, member: Json | None
    ) -> None:
        activity = recipient["activity"]
        at = stamp(event.at)
        if event.type == "email_open":
            activity.append({"action": "open", "timestamp": at, "ip": _ip(event), "proxy": event.machine})
        elif event.type == "email_click":
            activity.append({"action": "click", "timestamp": at, "url": event.asset, "ip": _ip(event)})
        elif event.type == "email_bounce":
            kind = str((event.order or {}).get("bounce", "soft"))
            activity.append({"action": "bounce", "type": kind, "timestamp": at})
            recipient["status"] = kind
            if kind == "hard" and member is not None:
                _end(audience, member, at, "cleaned", "")
        elif event.type == "unsubscribe":
            reason = str((event.order or {}).get("reason", ""))
            recipient["unsubscribed"] = {"timestamp": at, "reason": reason}
            if member is not None:
                _end(audience, member, at, "unsubscribed", reason)
        if member is not None:
            _count(audience, member, event, campaign_id)


def _end(audience: Audience, member: Json, at: str, status: str, reason: str) -> None:
    """End a subscription, unless the member had left before (then only say when and why)."""
    if member["status"] in ("subscribed", status):
        leave(audience, member, max(at, member["last_changed"]), status, reason)


def new_recipient(audience: Audience, member: Json) -> Json:
    """An e-mail that has just gone out."""
    return {
        "contact_id": member["contact_id"],
        "email_id": member["id"],
        "email_address": member["email_address"],
        "list_id": audience.id,
        "status": "sent",
        "activity": [],
        "unsubscribed": None,
    }


def _count(audience: Audience, member: Json, event: Event, campaign_id: str) -> None:
    tally = audience.tallies[member["id"]]
    if event.type == "email_open":
        tally.opened.add(campaign_id)
    elif event.type == "email_click":
        tally.clicked.add(campaign_id)


def _ip(event: Event) -> str:
    if event.machine:
        return f"{_PROXY_NET if event.type == 'email_open' else _GATEWAY_NET}.{event.person % 4 + 1}"
    return f"{_HOME_NET}.{event.person % 250 + 1}"
