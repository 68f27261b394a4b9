"""The shop: real purchase histories (CDNOW, 1997-98), moved so that the last order is last week.

Mailchimp holds every order; for some customers a native integration copies orders to HubSpot.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files

from sandbox.world.addresses import well_formed
from sandbox.world.chance import Chance
from sandbox.world.diary import Diary
from sandbox.world.model import HUBSPOT, MAILCHIMP, SHOP_AUDIENCE, Person, Product, Scene

_SHARE = 0.3
_CONSENT = {"subscribed": 72.0, "none": 12.0, "unsubscribed": 10.0, "cleaned": 3.0, "archived": 3.0}
_STRICTNESS = ("subscribed", "pending", "none", "archived", "cleaned", "unsubscribed")
_DAILY = 0.0054
_ABANDONED = 0.3


@dataclass(frozen=True, slots=True)
class Sale:
    """One CDNOW order line: so many CDs for so many dollars on a day."""

    customer: int
    day: date
    quantity: int
    dollars: float


@cache
def cdnow() -> dict[int, tuple[Sale, ...]]:
    """Read the sample: each customer's orders, by its second column (the number within the sample)."""
    found: dict[int, list[Sale]] = {}
    text = files("sandbox").joinpath("data", "cdnow", "CDNOW_sample.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        _, customer, day, quantity, dollars = line.split()
        sale = Sale(
            int(customer), date(int(day[:4]), int(day[4:6]), int(day[6:])), int(quantity), float(dollars)
        )
        found.setdefault(sale.customer, []).append(sale)
    return {customer: tuple(sales) for customer, sales in found.items()}


def shift(now: datetime) -> timedelta:
    """Say how far to move the histories: whole days, the last order to seven days before ``now``."""
    return now.date() - timedelta(days=7) - _last_day()


@cache
def _last_day() -> date:
    return max(sales[-1].day for sales in cdnow().values())


def choose_customers(chance: Chance, people: Sequence[Person], now: datetime) -> None:
    """Give three people in ten a purchase history, among them the one that ends last."""
    histories = cdnow()
    able = [
        p for p in people if p.kind not in ("test", "competitor", "shared_mailbox") and well_formed(p.email)
    ]
    latest = max(histories, key=lambda customer: (histories[customer][-1].day, customer))
    count = min(int(len(people) * _SHARE), len(able), len(histories))
    if not count:
        return
    others = chance.sample([customer for customer in histories if customer != latest], count - 1)
    for person, customer in zip(chance.sample(able, count), [latest, *others], strict=True):
        first = datetime.combine(histories[customer][0].day + shift(now), time(), UTC)
        person.shop_customer = customer
        person.created_at = min(person.created_at, first - timedelta(hours=chance.randrange(2, 72)))
        enrol(person, chance.one(_CONSENT))


def enrol(person: Person, consent: str) -> None:
    """Make the person a member of the shop's audience."""
    person.mailchimp = (*person.mailchimp, SHOP_AUDIENCE)
    person.consent[f"{MAILCHIMP}:{SHOP_AUDIENCE}"] = consent
    person.consent[MAILCHIMP] = max(
        (status for key, status in person.consent.items() if key.startswith(f"{MAILCHIMP}:")),
        key=_STRICTNESS.index,
    )


def relive(scene: Scene, diary: Diary) -> None:
    """Note every order of the histories, and what came just before it."""
    moved = shift(scene.now)
    shop = _goods(scene)
    for person in scene.people:
        if person.shop_customer is None:
            continue
        chance = Chance.of(scene.seed, "shop", person.key)
        copied = is_copied(scene, person)
        for number, sale in enumerate(cdnow()[person.shop_customer]):
            opens, closes = (datetime.combine(sale.day + moved, time(hour), UTC) for hour in (6, 23))
            at = chance.waking(opens, closes)
            buy(
                chance,
                diary,
                person,
                Basket(f"S{person.key:05d}-{number:03d}", shop, sale, copied=copied),
                at,
            )


@dataclass(frozen=True, slots=True)
class Basket:
    """What is bought: an amount from the histories, in goods of the shop."""

    number: str
    shop: Sequence[Product]
    sale: Sale
    copied: bool


def is_copied(scene: Scene, person: Person) -> bool:
    """Whether a native integration copies this person's orders to HubSpot."""
    return person.hubspot > 0 and Chance.of(scene.seed, "copied", person.key).often(0.35)


def buy(chance: Chance, diary: Diary, person: Person, basket: Basket, at: datetime) -> None:
    """Look at the goods, perhaps fill a cart, and order; sometimes fill one and leave it."""
    product = chance.choice(basket.shop)
    for _ in range(chance.randrange(3)):
        before = at - timedelta(minutes=chance.randrange(5, 4000))
        diary.note(
            person, "page_view", before, HUBSPOT, asset=product.url, product=product.name, category="shop"
        )
    quantity, dollars = max(basket.sale.quantity, 1), basket.sale.dollars
    line = {"id": "1", "product": product.key, "quantity": quantity, "price": round(dollars / quantity, 2)}
    order: dict[str, object] = {"id": basket.number, "cart": f"C-{basket.number}", "lines": [line]}
    sold = {"value": dollars, "product": product.name, "category": product.category, "currency": "USD"}
    if basket.copied:
        order["hubspot_id"] = f"mc-{basket.number}"
    vendors = (MAILCHIMP, HUBSPOT) if basket.copied else (MAILCHIMP,)
    diary.note(person, "purchase", at, *vendors, order=order, asset=product.url, **sold)
    if chance.often(_ABANDONED):
        later = at + timedelta(days=chance.uniform(2, 30))
        cart = {"id": f"A-{basket.number}", "cart": f"A-{basket.number}", "lines": [line]}
        diary.note(person, "cart_update", later, MAILCHIMP, order=cart, asset=product.url, **sold)


def shop_for_a_day(scene: Scene, diary: Diary) -> None:
    """Let shop customers buy as often, and for as much, as the histories do."""
    chance = Chance.of(scene.seed, "shop", diary.start.isoformat())
    customers = [person for person in scene.people if person.shop_customer is not None]
    days = (diary.end - diary.start).total_seconds() / 86400
    if not customers:
        return
    weights = [len(cdnow()[person.shop_customer or 0]) for person in customers]
    for number in range(chance.poisson(_DAILY * len(customers) * days)):
        person = chance.choices(customers, weights=weights)[0]
        sale = chance.choice(cdnow()[person.shop_customer or 0])
        basket = Basket(
            f"L{diary.start:%y%m%d%H%M}-{number:03d}", _goods(scene), sale, copied=is_copied(scene, person)
        )
        buy(chance, diary, person, basket, chance.waking(diary.start, diary.end))


def _goods(scene: Scene) -> list[Product]:
    return [product for product in scene.products if product.kind == "shop"]
