"""Growing the world: who and what there is, then eighteen months of what happened."""

from collections.abc import Sequence
from datetime import timedelta

from sandbox.world.attendance import attend
from sandbox.world.browsing import Visitor, browse
from sandbox.world.catalogue import SOFTWARE, campaigns, forms, mailing, products, surveys
from sandbox.world.chance import Chance
from sandbox.world.companies import REPS, grow_companies
from sandbox.world.deals import grow_deals
from sandbox.world.diary import Diary
from sandbox.world.mailings import deliver, pick_goodbyes
from sandbox.world.model import HUBSPOT, MAILCHIMP, NEWS_AUDIENCE, SALESFORCE, Campaign, Deal, Person, Scene
from sandbox.world.moods import Phase, Traits, deals_by_person, phases, traits, whim
from sandbox.world.people import Census
from sandbox.world.purchases import choose_customers, relive
from sandbox.world.service import ask, support, talk

#: Eighteen months, from the first CDNOW order to a week after the last.
SPAN = timedelta(days=553)
#: Vendors write things down at once, but nothing is newer than this.
QUIET = timedelta(minutes=10)
_PEOPLE_PER_COMPANY = 5


def grow(scene: Scene, people: int) -> None:
    """Fill an empty scene."""
    start = (scene.now - SPAN).replace(hour=0, minute=0, second=0)
    seed, now = scene.seed, scene.now
    scene.reps = list(REPS)
    scene.products, scene.forms, scene.surveys = products(), forms(start), surveys(start)
    scene.campaigns = campaigns(Chance.of(seed, "campaigns"), start, now)
    scene.campaigns.append(_webinar_ahead(len(scene.campaigns), scene))
    scene.companies = grow_companies(
        Chance.of(seed, "companies"), max(people // _PEOPLE_PER_COMPANY, 10), start, now
    )
    Census(Chance.of(seed, "people"), scene.companies, scene.people).fill(
        people, start, now - timedelta(hours=20)
    )
    scene.deals = grow_deals(Chance.of(seed, "deals"), scene.companies, scene.people, start, now)
    choose_customers(Chance.of(seed, "shop"), scene.people, now)
    pick_goodbyes(scene)
    diary = Diary(start, now - QUIET)
    relive(scene, diary)
    happen(scene, diary)
    scene.events = diary.close(0)


def happen(scene: Scene, diary: Diary) -> None:
    """Live everybody through the diary's stretch of time; purchases and new people are not part of it."""
    theirs = deals_by_person(scene.deals)
    manners: dict[int, Traits] = {person.key: traits(scene, person) for person in scene.people}
    visitors = {
        person.key: Visitor(
            person,
            manners[person.key].favourite,
            _life(scene, person, theirs.get(person.key, ()), manners[person.key].rate),
        )
        for person in scene.people
    }
    for visitor in visitors.values():
        chance = Chance.of(scene.seed, "visits", visitor.person.key, diary.start.isoformat())
        browse(chance, diary, visitor, scene.forms)
    deliver(scene, diary, visitors, manners)
    attend(scene, diary, visitors, manners)
    talk(scene, diary)
    support(scene, diary)
    ask(scene, diary)
    _sign_up(scene, diary)


def _life(scene: Scene, person: Person, theirs: Sequence[Deal], rate: float) -> list[Phase]:
    return [*phases(person, theirs, rate), *whim(scene, person)]


def _sign_up(scene: Scene, diary: Diary) -> None:
    form = next(form for form in scene.forms if form.kind == "signup")
    for person in scene.people:
        if NEWS_AUDIENCE in person.mailchimp and Chance.of(scene.seed, "signup", person.key).often(0.45):
            diary.note(person, "signup", person.created_at, MAILCHIMP, asset=form.url, form=form.key)


def _webinar_ahead(key: int, scene: Scene) -> Campaign:
    at = scene.now.replace(hour=15, minute=0, second=0) + timedelta(days=9)
    name = f"Webinar {at:%Y-%m}: {SOFTWARE[0]}"
    return Campaign(
        key, "webinar", name, name, SALESFORCE, at - timedelta(days=30), at, SOFTWARE[0], "webinar"
    )


def due_mailings(scene: Scene, diary: Diary) -> None:
    """Send what is due on a lived day: a mailing to a small segment from either vendor."""
    chance = Chance.of(scene.seed, "mailing", diary.start.isoformat())
    for vendor, audience in ((MAILCHIMP, NEWS_AUDIENCE), (HUBSPOT, None)):
        at = chance.waking(diary.start, diary.start + (diary.end - diary.start) / 2)
        scene.campaigns.append(mailing(chance, at, vendor, audience, key=len(scene.campaigns), reach=0.12))
