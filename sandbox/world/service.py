"""What sales and support do with people: calls, meetings, tickets, and the surveys asked afterwards."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sandbox.world.chance import Chance
from sandbox.world.diary import Diary
from sandbox.world.model import HUBSPOT, MAILCHIMP, SALESFORCE, Deal, Person, Scene

_SUBJECTS = ("Cannot log in", "Import fails", "Question about invoice", "Feature request", "Loom offline")
_TICKETS_A_DAY, _COLD_CALL = 0.006, 0.14
_NPS = {10: 20.0, 9: 22.0, 8: 18.0, 7: 12.0, 6: 8.0, 5: 6.0, 4: 4.0, 3: 4.0, 2: 2.0, 1: 2.0, 0: 2.0}
_CSAT = {5: 45.0, 4: 30.0, 3: 12.0, 2: 8.0, 1: 5.0}
_REMARKS = ("", "", "Great team!", "Too expensive", "Très bien 👍", "Slow at month end", "Would buy again")
CUSTOMER_NPS, SUPPORT_CSAT, SHOP_NPS = 0, 1, 2


def talk(scene: Scene, diary: Diary) -> None:
    """Note the calls and meetings of every deal, and the cold calls."""
    for deal in scene.deals:
        _talk_about(Chance.of(scene.seed, "talk", deal.key), diary, deal, scene.people)
    for person in scene.people:
        chance = Chance.of(scene.seed, "cold", person.key)
        if person.kind == "prospect" and person.salesforce and chance.often(_COLD_CALL):
            at = person.created_at + timedelta(days=chance.uniform(0.2, 40))
            _call(chance, diary, person, at, "Cold call")


def _talk_about(chance: Chance, diary: Diary, deal: Deal, people: Sequence[Person]) -> None:
    length = deal.closed_at - deal.created_at
    keen = 1.0 if people[deal.people[0][0]].is_buyer else 0.5
    for key, _ in deal.people:
        for _ in range(1 + chance.poisson(2.2 * keen)):
            _call(
                chance,
                diary,
                people[key],
                deal.created_at + length * chance.random(),
                f"Call: {deal.product}",
            )
        for _ in range(chance.poisson(1.6 * keen)):
            at = deal.created_at + length * chance.random()
            vendors = (SALESFORCE, HUBSPOT) if chance.often(0.2) else (SALESFORCE,)
            diary.note(
                people[key],
                "meeting",
                at,
                *vendors,
                value=float(chance.choice((1800, 2700, 3600))),
                asset=f"Meeting: {deal.product}",
                product=deal.product,
                category="meeting",
                deal=deal.key,
            )


def _call(chance: Chance, diary: Diary, person: Person, at: datetime, subject: str) -> None:
    vendors = (SALESFORCE, HUBSPOT) if chance.often(0.2) else (SALESFORCE,)
    diary.note(
        person, "call", at, *vendors, value=float(chance.randrange(20, 1800)), asset=subject, category="call"
    )


def support(scene: Scene, diary: Diary) -> None:
    """Note tickets of customers since they bought, and what they answered about the help."""
    for person in scene.people:
        if person.kind != "customer" or person.buys_at is None:
            continue
        start = max(diary.start, person.buys_at)
        chance = Chance.of(scene.seed, "support", person.key, diary.start.isoformat())
        for _ in range(chance.poisson(_TICKETS_A_DAY * (diary.end - start).total_seconds() / 86400)):
            at = chance.waking(start, diary.end)
            ticket = {
                "priority": chance.choice(("Low", "Medium", "High")),
                "subject": chance.choice(_SUBJECTS),
            }
            diary.note(person, "support_ticket", at, SALESFORCE, asset=ticket["subject"], order=ticket)
            if chance.often(0.4):
                answered_at = at + timedelta(days=chance.uniform(1, 3))
                _answer(chance, diary, person, answered_at, HUBSPOT, SUPPORT_CSAT, chance.one(_CSAT))


def ask(scene: Scene, diary: Diary) -> None:
    """Note NPS answers: customers a month after buying and twice a year; shop customers once in a while."""
    for person in scene.people:
        chance = Chance.of(scene.seed, "nps", person.key)
        if person.kind == "customer" and person.buys_at is not None:
            for wave in range(4):
                at = person.buys_at + timedelta(days=30 + 182 * wave + chance.uniform(0, 9))
                if chance.often(0.55):
                    _answer(chance, diary, person, at, HUBSPOT, CUSTOMER_NPS, chance.one(_NPS))
        if person.shop_customer is not None and chance.often(0.4):
            at = person.created_at + timedelta(days=chance.uniform(20, 900))
            _answer(chance, diary, person, at, MAILCHIMP, SHOP_NPS, chance.one(_NPS))


def _answer(
    chance: Chance, diary: Diary, person: Person, at: datetime, vendor: str, survey: int, value: int
) -> None:
    diary.note(
        person,
        "survey_response",
        at,
        vendor,
        value=float(value),
        survey=survey,
        category="survey",
        order={"text": chance.choice(_REMARKS)},
    )
