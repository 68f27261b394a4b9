"""What becomes of each e-mail sent: opens, clicks, bounces, goodbyes; machines open and click too."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sandbox.world.browsing import Visitor
from sandbox.world.chance import Chance
from sandbox.world.diary import Diary
from sandbox.world.model import HUBSPOT, MAILCHIMP, Campaign, Person, Scene
from sandbox.world.moods import Traits, mood

_STILL_OPENED = timedelta(days=6)
_SOFT_BOUNCE, _LEAVES = 0.008, 0.004
_CLICK_SHARE = (0.12, 0.22, 0.38, 0.5)
_REASONS = ("NORMAL_REASON", "NOT_SIGNED_UP_REASON", "OTHER_REASON", "SPAM_REASON")


def channel(campaign: Campaign) -> str:
    """Name the consent that a mailing needs."""
    return f"{MAILCHIMP}:{campaign.audience}" if campaign.vendor == MAILCHIMP else HUBSPOT


def pick_goodbyes(scene: Scene) -> None:
    """Choose, for those who no longer get mail, the past mailing at which it stopped."""
    for key in ("hubspot", *sorted({channel(c) for c in scene.campaigns if c.vendor == MAILCHIMP})):
        sent = [
            c for c in scene.campaigns if c.kind == "email" and c.starts_at is not None and channel(c) == key
        ]
        for person in scene.people:
            if person.consent.get(key) in ("unsubscribed", "cleaned", "archived"):
                got = [c.key for c in sent if c.starts_at is not None and person.created_at < c.starts_at]
                chance = Chance.of(scene.seed, "goodbye", person.key, key)
                scene.left[person.key, key] = chance.choice(got) if got else -1


def deliver(
    scene: Scene, diary: Diary, visitors: Mapping[int, Visitor], manners: Mapping[int, Traits]
) -> None:
    """Send what is due and live through its opens and clicks, as far as the diary reaches.

    People who leave in a mailing of a lived day have their consent changed here.
    """
    for campaign in scene.campaigns:
        sent_at = campaign.starts_at
        if (
            campaign.kind != "email"
            or sent_at is None
            or not diary.start - _STILL_OPENED <= sent_at < diary.end
        ):
            continue
        for person in scene.people:
            if _gets(scene, person, campaign, sent_at):
                letter = _Letter(scene, diary, campaign, sent_at, visitors[person.key])
                letter.arrive(manners[person.key])


def _gets(scene: Scene, person: Person, campaign: Campaign, sent_at: datetime) -> bool:
    key = channel(campaign)
    if person.created_at >= sent_at or person.kind == "test":
        return False
    left = scene.left.get((person.key, key))
    if (
        left != campaign.key
        and (person.key * 2654435761 + campaign.key * 40503) % 1000 >= campaign.reach * 1000
    ):
        return False
    return campaign.key <= left if left is not None else person.consent.get(key) == "subscribed"


class _Letter:
    """One mailing to one person."""

    def __init__(
        self, scene: Scene, diary: Diary, campaign: Campaign, sent_at: datetime, visitor: Visitor
    ) -> None:
        self._scene, self._diary, self._campaign, self._sent_at = scene, diary, campaign, sent_at
        self._person, self._visitor = visitor.person, visitor
        self._chance = Chance.of(scene.seed, "mail", campaign.key, self._person.key)

    def _note(self, type_: str, at: datetime, **details: object) -> None:
        campaign = self._campaign
        self._diary.note(
            self._person,
            type_,
            at,
            campaign.vendor,
            campaign=campaign.key,
            product=campaign.product,
            category=campaign.category,
            **details,
        )

    def arrive(self, manners: Traits) -> None:
        """Deliver, or bounce, and let machine and person do what they do."""
        self._note("email_sent", self._sent_at)
        if self._bounces():
            return
        if manners.apple_mail:
            self._note(
                "email_open", self._sent_at + timedelta(seconds=self._chance.randrange(2, 90)), machine=True
            )
        if manners.scanned:
            self._scan()
        keen = mood(self._visitor.phases, self._sent_at)
        if self._chance.often(min(manners.opens + 0.14 * keen, 0.92)):
            self._read(keen)
        self._leave()

    def _bounces(self) -> bool:
        last = self._scene.left.get((self._person.key, channel(self._campaign))) == self._campaign.key
        hard = last and self._person.consent.get(channel(self._campaign)) == "cleaned"
        if hard or self._chance.often(_SOFT_BOUNCE):
            at = self._sent_at + timedelta(seconds=self._chance.randrange(3, 400))
            self._note("email_bounce", at, order={"bounce": "hard" if hard else "soft"})
            return True
        return False

    def _scan(self) -> None:
        """Follow every link within seconds, as a mail gateway does."""
        for link in self._campaign.links:
            at = self._sent_at + timedelta(seconds=self._chance.randrange(1, 20))
            self._note("email_click", at, asset=link, machine=True)

    def _read(self, keen: int) -> None:
        at = self._sent_at + timedelta(minutes=self._chance.expovariate(1 / 300) + 2)
        for _ in range(1 + self._chance.poisson(0.35)):
            self._note("email_open", at)
            if self._chance.often(_CLICK_SHARE[keen]):
                at += timedelta(seconds=self._chance.randrange(6, 90))
                self._note("email_click", at, asset=self._chance.choice(self._campaign.links))
            at += timedelta(minutes=self._chance.expovariate(1 / 600))

    def _leave(self) -> None:
        person, key = self._person, channel(self._campaign)
        leaves_at = self._sent_at + timedelta(minutes=self._chance.randrange(4, 900))
        drawn = self._chance.often(_LEAVES)
        gone = self._scene.left.get((person.key, key))
        if gone is None and drawn and self._diary.start <= leaves_at < self._diary.end and self._is_news():
            self._scene.left[person.key, key] = gone = self._campaign.key
            person.consent[key] = "unsubscribed"
            person.consent[self._campaign.vendor] = "unsubscribed"
        if gone == self._campaign.key and person.consent.get(key) == "unsubscribed":
            reason = self._chance.choice(_REASONS)
            self._note(
                "unsubscribe", leaves_at, order={"reason": reason, "audience": self._campaign.audience}
            )

    def _is_news(self) -> bool:
        """Whether this is a lived day: goodbyes before the world was grown are chosen beforehand."""
        return self._diary.start >= self._scene.now
