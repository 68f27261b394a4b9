"""What happens in the world, as HubSpot hears of it: events, submissions, e-mail, calls, answers, orders."""

from collections.abc import Callable, Sequence
from hashlib import blake2b
from typing import Any

from sandbox.hubspot.emails import EmailEvent
from sandbox.hubspot.engagement import Tally
from sandbox.hubspot.forms import Submission
from sandbox.hubspot.growing import Registry
from sandbox.hubspot.occurrences import VISIT, Occurrence
from sandbox.hubspot.permissions import opt_out
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Record, Write
from sandbox.hubspot.sales import Sales
from sandbox.hubspot.values import iso_ms, to_ms
from sandbox.world import HUBSPOT, SITE, Event, World

VIDEO = "pe_brightloom_video"
_PROXY = "Mozilla/5.0"
_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/128.0 Safari/537.36"
_GROUPS = ((9, "PROMOTER"), (7, "PASSIVE"), (-1, "DETRACTOR"))
_LIKED_FROM = 4


class Seeder:
    """Feeds one account from the world, first all that was and then day by day."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.registry = Registry(portal)
        self._tally = Tally(portal)
        self._sales = Sales(self.registry)
        self._handlers: dict[str, Callable[[World, Event, Record], None]] = {
            "page_view": self._visited,
            "search": self._visited,
            "video_view": self._watched,
            "form_submit": self._submitted,
            "download": self._submitted,
            "demo_request": self._submitted,
            "signup": self._submitted,
            "email_sent": self._mailed,
            "email_open": self._mailed,
            "email_click": self._mailed,
            "email_bounce": self._mailed,
            "unsubscribe": self._mailed,
            "meeting": self._met,
            "call": self._called,
            "survey_response": self._answered,
            "purchase": self._sales.ordered,
            "cart_update": self._sales.carted,
        }

    def seed(self, world: World) -> None:
        self.portal.occurrences.definitions.add(VIDEO)
        self.registry.add_basics(world)
        self.registry.add_companies(world)
        self.registry.add_campaigns(world)
        for person in world.people:
            self.registry.add_person(person)
        for deal in world.deals:
            if HUBSPOT in deal.vendors:
                self.registry.add_deal(deal)
        self._take(world, sorted(world.events, key=lambda event: (event.at, event.key)))

    def live(self, world: World, events: Sequence[Event]) -> None:
        self.registry.add_companies(world)
        self.registry.add_campaigns(world)
        for event in events:
            self._change(world, event)
        self._take(world, sorted(events, key=lambda event: (event.at, event.key)))

    def _take(self, world: World, events: Sequence[Event]) -> None:
        self._bounced = {(event.person, event.campaign) for event in events if event.type == "email_bounce"}
        for event in events:
            handler = self._handlers.get(event.type)
            contact = self.registry.contact(event.person) if handler and HUBSPOT in event.vendors else None
            if handler is not None and contact is not None:
                handler(world, event, contact)
        self._tally.settle()

    def _change(self, world: World, event: Event) -> None:
        """People who come, and deals that open and close, on a lived day."""
        person = world.people[event.person]
        if event.type == "person_created":
            self.registry.add_person(person)
        if event.deal is not None and event.type in ("deal_created", "deal_won", "deal_lost"):
            deal = world.deals[event.deal]
            record = self.portal.stores["deals"].find(self.registry.deals.get(deal.key, -1))
            if record is not None:
                write = Write(max(to_ms(event.at), record.modified_ms), "CRM_UI")
                self.portal.stores["deals"].update(record, self.registry.stage(deal), write)
            elif HUBSPOT in deal.vendors:
                self.registry.add_deal(deal)
            self._promote([world.people[key].key for key, _ in deal.people], world, to_ms(event.at))

    def _promote(self, people: Sequence[int], world: World, at_ms: int) -> None:
        for key in people:
            contact = self.registry.contact(key)
            stage = world.people[key].lifecycle
            if contact is not None and contact.properties.get("lifecyclestage") != stage:
                write = Write(max(at_ms, contact.modified_ms), "CRM_UI")
                self.portal.stores["contacts"].update(contact, {"lifecyclestage": stage}, write)

    def _id(self, event: Event, part: str = "") -> str:
        """The same id every time for the same happening, as a checker expects."""
        digest = blake2b(f"{event.key}:{part}".encode(), digest_size=16).hexdigest()
        return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:]}"

    def _visited(self, world: World, event: Event, contact: Record) -> None:
        del world
        at_ms, url = to_ms(event.at), event.asset or ""
        title = url.removeprefix(SITE).strip("/").rpartition("/")[2] or "Home"
        properties = {
            "hs_url": url,
            "hs_title": f"{title} | Brightloom",
            "hs_base_url": url.partition("?")[0],
        }
        self.portal.occurrences.add(Occurrence(at_ms, self._id(event), VISIT, contact.id, properties))
        self._tally.visit(contact, at_ms, url)

    def _watched(self, world: World, event: Event, contact: Record) -> None:
        del world
        properties = {
            "video": event.asset or "",
            "percent": str(int(event.value or 0)),
            "product": event.product or "",
        }
        self.portal.occurrences.add(
            Occurrence(to_ms(event.at), self._id(event), VIDEO, contact.id, properties)
        )

    def _submitted(self, world: World, event: Event, contact: Record) -> None:
        form = None if event.form is None else world.forms[event.form]
        if form is None or form.guid not in self.portal.forms.forms:
            return
        typed = {"email": world.people[event.person].address(HUBSPOT), **contact.properties}
        values = [
            {"objectTypeId": "0-1", "name": name, "value": value}
            for name in self.portal.forms.forms[form.guid].fields
            if (value := typed.get(name))
        ]
        submission = Submission(to_ms(event.at), self._id(event), values, event.asset or form.url)
        self.portal.forms.submit(form.guid, submission)
        self._tally.conversion(contact, to_ms(event.at), form.name)

    def _mailed(self, world: World, event: Event, contact: Record) -> None:
        recipient = contact.properties.get("email")
        campaign_id = self.registry.campaigns.get(-1 if event.campaign is None else event.campaign)
        if recipient is None or campaign_id is None:
            return
        campaign = self.portal.emails.campaigns[campaign_id]
        for type_, delay_ms, details in self._told(event, campaign.subject, campaign.sent_ms or 0):
            found = EmailEvent(
                to_ms(event.at) + delay_ms, self._id(event, type_), type_, recipient, campaign_id,
                filtered=event.machine and type_ in ("OPEN", "CLICK"), details=details,
            )  # fmt: skip
            self.portal.emails.add(found)
            self._tally.mail(contact, found, campaign.name)
        if event.type == "unsubscribe":
            opt_out(self.portal, recipient)
        if event.type == "email_bounce" and (event.order or {}).get("bounce") == "hard":
            self._tally.hard_bounce(contact)
        del world

    def _told(self, event: Event, subject: str, sent_ms: int) -> list[tuple[str, int, dict[str, Any]]]:
        """``(type, delay in ms, details)`` of the log entries one happening makes."""
        sent_by = {"sentBy": {"id": self._id(event, "sent"), "created": sent_ms}}
        agent = {"userAgent": _PROXY if event.machine else _BROWSER, **sent_by}
        if event.type == "email_sent":
            told: list[tuple[str, int, dict[str, Any]]] = [
                ("SENT", 0, {"subject": subject, "from": "Brightloom <news@brightloom.io>", "replyTo": []})
            ]
            if (event.person, event.campaign) not in self._bounced:
                told.append(("DELIVERED", 1000, {"response": "250 2.0.0 OK", **sent_by}))
            return told
        if event.type == "email_open":
            return [("OPEN", 0, {**agent, "duration": 0 if event.machine else 6000})]
        if event.type == "email_click":
            return [("CLICK", 0, {**agent, "url": event.asset, "referer": ""})]
        if event.type == "email_bounce":
            hard = (event.order or {}).get("bounce") == "hard"
            category, status = ("UNKNOWN_USER", "5.1.1") if hard else ("MAILBOX_FULL", "4.2.2")
            return [
                (
                    "BOUNCE",
                    0,
                    {"category": category, "status": status, "response": f"{status} refused", **sent_by},
                )
            ]
        change = {
            "subscriptions": [],
            "portalSubscriptionStatus": "UNSUBSCRIBED",
            "source": "SOURCE_RECIPIENT",
        }
        return [("STATUSCHANGE", 0, change)]

    def _engaged(self, kind_name: str, contact: Record, at_ms: int, values: dict[str, str]) -> None:
        record = self.portal.stores[kind_name].create(
            {"hs_timestamp": iso_ms(at_ms), **values}, Write(at_ms, "CRM_UI")
        )
        self.portal.associate(
            self.portal.kind(kind_name), record.id, self.portal.kind("contacts"), contact.id
        )
        self._tally.sales_activity(contact, at_ms)

    def _met(self, world: World, event: Event, contact: Record) -> None:
        del world
        at_ms = to_ms(event.at)
        values = {
            "hs_meeting_title": event.asset or "Meeting",
            "hs_meeting_start_time": iso_ms(at_ms),
            "hs_meeting_end_time": iso_ms(at_ms + int(event.value or 1800) * 1000),
            "hs_meeting_outcome": "COMPLETED",
        }
        self._engaged("meetings", contact, at_ms, values)

    def _called(self, world: World, event: Event, contact: Record) -> None:
        del world
        values = {
            "hs_call_title": event.asset or "Call",
            "hs_call_duration": str(int(event.value or 0) * 1000),
            "hs_call_direction": "OUTBOUND",
            "hs_call_status": "COMPLETED",
        }
        self._engaged("calls", contact, to_ms(event.at), values)

    def _answered(self, world: World, event: Event, contact: Record) -> None:
        survey = None if event.survey is None else world.surveys[event.survey]
        if survey is None:
            return
        at_ms, value = to_ms(event.at), int(event.value or 0)
        if survey.kind == "nps":
            group = next(name for least, name in _GROUPS if value >= least)
        else:
            group = "POSITIVE" if value >= _LIKED_FROM else "NEGATIVE"
        values = {
            "hs_survey_id": str(5000 + survey.key),
            "hs_survey_name": survey.name,
            "hs_survey_type": survey.kind.upper(),
            "hs_survey_channel": "EMAIL",
            "hs_value": str(value),
            "hs_response_group": group,
            "hs_content": str((event.order or {}).get("text") or ""),
            "hs_submission_timestamp": iso_ms(at_ms),
            "hs_contact_id": str(contact.id),
            "hs_contact_email_rollup": contact.properties.get("email", ""),
        }
        record = self.portal.stores["feedback_submissions"].create(values, Write(at_ms, "SURVEYS"))
        kind = self.portal.kind("feedback_submissions")
        self.portal.associate(kind, record.id, self.portal.kind("contacts"), contact.id)
