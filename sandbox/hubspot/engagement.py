"""The counters and last dates that HubSpot keeps on contacts."""

from sandbox.hubspot.emails import EmailEvent
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Record, Write
from sandbox.hubspot.values import iso_ms

_COUNTED = {
    "DELIVERED": ("hs_email_delivered", "hs_email_last_send_date"),
    "OPEN": ("hs_email_open", "hs_email_last_open_date"),
    "CLICK": ("hs_email_click", "hs_email_last_click_date"),
    "BOUNCE": ("hs_email_bounce", None),
}


class Tally:
    """Gathers what many events change, so that each contact is written once."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._changes: dict[int, dict[str, str]] = {}
        self._latest_ms: dict[int, int] = {}

    def settle(self) -> None:
        """Write what was gathered; each contact changed when its last event happened."""
        store = self._portal.stores["contacts"]
        for contact_id, changes in self._changes.items():
            record = store.live.get(contact_id)
            if record is not None:
                at_ms = max(self._latest_ms[contact_id], record.modified_ms)
                store.update(record, changes, Write(at_ms, "ANALYTICS"))
        self._changes.clear()
        self._latest_ms.clear()

    def visit(self, contact: Record, at_ms: int, url: str) -> None:
        self._count(contact, "hs_analytics_num_page_views", at_ms)
        if self._get(contact, "hs_analytics_first_timestamp") is None:
            self._put(contact, "hs_analytics_first_timestamp", iso_ms(at_ms))
        self._put(contact, "hs_analytics_last_timestamp", iso_ms(at_ms))
        self._put(contact, "hs_analytics_last_url", url)

    def conversion(self, contact: Record, at_ms: int, form_name: str) -> None:
        self._count(contact, "num_conversion_events", at_ms)
        if self._get(contact, "first_conversion_date") is None:
            self._put(contact, "first_conversion_date", iso_ms(at_ms))
        self._put(contact, "recent_conversion_date", iso_ms(at_ms))
        self._put(contact, "recent_conversion_event_name", form_name)

    def mail(self, contact: Record, event: EmailEvent, campaign_name: str) -> None:
        """Filtered events are not counted; opens that a proxy makes and HubSpot does not spot would be."""
        counted = _COUNTED.get(event.type)
        if counted is None or event.filtered:
            return
        counter, last_date = counted
        self._count(contact, counter, event.at_ms)
        if last_date is not None:
            self._put(contact, last_date, iso_ms(event.at_ms))
        self._put(contact, "hs_email_last_email_name", campaign_name)

    def hard_bounce(self, contact: Record) -> None:
        self._put(contact, "hs_email_hard_bounce_reason_enum", "UNKNOWN_USER")
        self._put(contact, "hs_email_quarantined", "true")

    def sales_activity(self, contact: Record, at_ms: int) -> None:
        self._touch(contact, at_ms)
        self._put(contact, "hs_last_sales_activity_timestamp", iso_ms(at_ms))
        self._put(contact, "notes_last_contacted", iso_ms(at_ms))

    def _count(self, contact: Record, name: str, at_ms: int) -> None:
        self._touch(contact, at_ms)
        self._put(contact, name, str(int(self._get(contact, name) or 0) + 1))

    def _get(self, contact: Record, name: str) -> str | None:
        return self._changes.get(contact.id, {}).get(name, contact.properties.get(name))

    def _put(self, contact: Record, name: str, value: str) -> None:
        self._changes.setdefault(contact.id, {})[name] = value
        self._latest_ms.setdefault(contact.id, contact.modified_ms)

    def _touch(self, contact: Record, at_ms: int) -> None:
        self._latest_ms[contact.id] = max(at_ms, self._latest_ms.get(contact.id, 0))
