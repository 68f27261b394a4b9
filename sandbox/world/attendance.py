"""Webinars, trade shows and offers: who answered, who came. Salesforce keeps these as campaign members."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sandbox.world.browsing import Visitor
from sandbox.world.chance import Chance
from sandbox.world.diary import Diary
from sandbox.world.model import SALESFORCE, Campaign, Scene
from sandbox.world.moods import Traits, mood

_REGISTERS = (0.018, 0.10, 0.20, 0.24)
_COMES = (0.02, 0.035, 0.06, 0.07)
_RESPONDS = (0.03, 0.06, 0.10, 0.10)
_LEAD_TIME = timedelta(days=25)


def attend(
    scene: Scene, diary: Diary, visitors: Mapping[int, Visitor], manners: Mapping[int, Traits]
) -> None:
    """Live through registrations, attendance and responses, as far as the diary reaches."""
    for campaign in scene.campaigns:
        held_at = campaign.starts_at
        if campaign.kind == "email" or held_at is None:
            continue
        if held_at + _LEAD_TIME < diary.start or held_at - _LEAD_TIME >= diary.end:
            continue
        for visitor in visitors.values():
            person = visitor.person
            if person.salesforce and person.created_at < held_at - _LEAD_TIME and person.kind != "test":
                chance = Chance.of(scene.seed, "attend", campaign.key, person.key)
                _one(chance, diary, visitor, campaign, held_at, manners[person.key].rate)


def _one(
    chance: Chance, diary: Diary, visitor: Visitor, campaign: Campaign, held_at: datetime, rate: float
) -> None:
    keen = mood(visitor.phases, held_at - timedelta(days=3))
    person, about = (
        visitor.person,
        {"campaign": campaign.key, "product": campaign.product, "asset": campaign.name},
    )
    if campaign.kind == "webinar" and chance.often(_REGISTERS[keen] + rate):
        registered_at = chance.waking(held_at - timedelta(days=20), held_at - timedelta(hours=1))
        diary.note(person, "webinar_register", registered_at, SALESFORCE, category="webinar", **about)
        if chance.often(0.4 + 0.15 * keen):
            minutes = {"minutes": 15 + chance.randrange(45)}
            joined_at = held_at + timedelta(seconds=chance.randrange(20, 900))
            diary.note(
                person, "webinar_attend", joined_at, SALESFORCE, category="webinar", order=minutes, **about
            )
    elif campaign.kind == "event" and chance.often(_COMES[keen]):
        came_at = held_at + timedelta(minutes=chance.randrange(480))
        diary.note(person, "event_attend", came_at, SALESFORCE, category="event", **about)
    elif campaign.kind == "response" and chance.often(_RESPONDS[keen]):
        answered_at = chance.waking(held_at, held_at + timedelta(days=20))
        diary.note(person, "campaign_response", answered_at, SALESFORCE, category="offer", **about)
