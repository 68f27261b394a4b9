"""How keen a person is, when: what makes buyers behave like buyers before they buy."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sandbox.world.catalogue import SOFTWARE
from sandbox.world.chance import Chance
from sandbox.world.model import Deal, Person, Scene

IDLE, CURIOUS, EVALUATING, BUYING = range(4)


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of a person's life. rate: visits a day."""

    start: datetime
    end: datetime
    rate: float
    mood: int


@dataclass(frozen=True, slots=True)
class Traits:
    """What a person is like. opens: share of mailings opened; rate: visits a day when nothing is up."""

    opens: float
    rate: float
    favourite: str
    apple_mail: bool
    scanned: bool


_WHIMS = 0.04
_RATE_BY_KIND = {"student": 0.03, "competitor": 0.04, "employee": 0.035, "test": 0.004}


def traits(scene: Scene, person: Person) -> Traits:
    """Say what the person is like; the same whenever asked."""
    chance = Chance.of(scene.seed, "traits", person.key)
    rate = min(chance.lognormvariate(-5.5, 1.15), 0.25) * (1.4 if person.is_buyer else 1.0)
    company = Chance.of(scene.seed, "gateway", person.company)
    return Traits(
        opens=chance.betavariate(1.3, 4.5),
        rate=_RATE_BY_KIND.get(person.kind, rate),
        favourite=chance.choice(SOFTWARE),
        apple_mail=chance.often(0.22),
        scanned=person.company is not None and company.often(0.05),
    )


def deals_by_person(deals: Sequence[Deal]) -> dict[int, list[Deal]]:
    """List each person's deals."""
    found: dict[int, list[Deal]] = defaultdict(list)
    for deal in deals:
        for key, _ in deal.people:
            found[key].append(deal)
    return found


def phases(person: Person, theirs: Sequence[Deal], rate: float) -> list[Phase]:
    """Lay out a person's keener stretches, over the one that never ends.

    A buyer is curious two to three months before the purchase, evaluates for a month, and buys; somebody
    whose deal comes to nothing gets as far as evaluating, briefly.
    """
    laid = [Phase(person.created_at, datetime.max.replace(tzinfo=person.created_at.tzinfo), rate, IDLE)]
    if person.buys_at is not None:
        opened = min((deal.created_at for deal in theirs), default=person.buys_at - timedelta(days=30))
        laid.extend(_ramp(opened, person.buys_at))
    else:
        for deal in theirs:
            opened = deal.created_at
            laid.append(Phase(opened - timedelta(days=35), opened - timedelta(days=8), 0.05, CURIOUS))
            laid.append(Phase(opened - timedelta(days=8), opened + timedelta(days=8), 0.12, EVALUATING))
    return laid


def whim(scene: Scene, person: Person) -> list[Phase]:
    """A fortnight of keenness that leads nowhere, for one prospect in twenty-five: scores must bear it."""
    chance = Chance.of(scene.seed, "whim", person.key)
    if person.kind != "prospect" or person.is_buyer or not chance.often(_WHIMS):
        return []
    start = person.created_at + timedelta(days=chance.uniform(0, 540))
    return [Phase(start, start + timedelta(days=14), 0.3, EVALUATING)]


def _ramp(opened: datetime, bought: datetime) -> list[Phase]:
    middle = max(opened, bought - timedelta(days=21))
    return [
        Phase(opened - timedelta(days=75), opened - timedelta(days=35), 0.06, CURIOUS),
        Phase(opened - timedelta(days=35), opened - timedelta(days=7), 0.16, EVALUATING),
        Phase(opened - timedelta(days=7), opened + timedelta(days=3), 0.38, BUYING),
        Phase(opened + timedelta(days=3), middle, 0.12, EVALUATING),
        Phase(middle, bought, 0.24, BUYING),
    ]


def mood(laid: Sequence[Phase], at: datetime) -> int:
    """Say how keen the person is at an instant."""
    return max((phase.mood for phase in laid if phase.start <= at < phase.end), default=IDLE)
