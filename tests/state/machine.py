"""The rules of the state machine, for the design and for the real code alike."""

from abc import abstractmethod
from typing import Any, Protocol

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.state.world import FIELD, LIST, Rules, World

PEOPLE = ("ann", "bob", "cem")


class Loop(Protocol):
    """What the machine drives: a run that may die after some steps, and the person's ``retry``."""

    def sync(
        self, world: World, rules: Rules, *, audit: bool = False, die_after: int | None = None
    ) -> None: ...
    def retry(self) -> None: ...
    def edited(self, record_id: str, name: str) -> bool: ...


class LoopMachine(RuleBasedStateMachine):
    """Anything may happen in any order; at the end everything stands where it should."""

    on_edit: Any = "overwrite"

    @abstractmethod
    def make_loop(self) -> Loop:
        """Empty stores, of the design or of the real code."""

    @initialize()
    def begin(self) -> None:
        self.world = World()
        self.given = Rules(on_edit=self.on_edit)
        self.loop = self.make_loop()
        for person in PEOPLE:
            self.given.scores[person] = 40
            self.world.create(person)

    # what people do

    @rule(person=st.sampled_from(PEOPLE))
    def create(self, person: str) -> None:
        self.world.create(person)

    @rule(data=st.data(), value=st.sampled_from(("7", "40", None)))
    def edit_score_by_hand(self, data: st.DataObject, value: str | None) -> None:
        self.world.edit(self._live(data), FIELD, value)

    @rule(data=st.data())
    def toggle_membership_by_hand(self, data: st.DataObject) -> None:
        record_id = self._live(data)
        on_list = self.world.records[record_id].value(LIST)
        self.world.edit(record_id, LIST, None if on_list else "member")

    @rule(data=st.data())
    def unsubscribe(self, data: st.DataObject) -> None:
        self.world.unsubscribe(self._live(data))

    @precondition(lambda self: len(self.world.live()) > 2)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.world.delete(self._live(data))

    @precondition(lambda self: len(self.world.live()) > 2)
    @rule(data=st.data(), into_new_id=st.booleans())
    def merge(self, data: st.DataObject, into_new_id: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        loser, winner = data.draw(st.permutations(self.world.live()))[:2]
        self.world.merge(loser, winner, into_new_id=into_new_id)

    @rule()
    def back_up(self) -> None:
        self.world.back_up()

    @rule()
    def restore(self) -> None:
        self.world.restore()

    # what we do

    @rule(person=st.sampled_from(PEOPLE), score=st.sampled_from((20, 35, 40, 60, 80)))
    def score_moves(self, person: str, score: int) -> None:
        self.given.scores[person] = score

    @rule(person=st.sampled_from(PEOPLE))
    def leaves_the_model(self, person: str) -> None:
        self.given.scores.pop(person, None)

    @rule(audit=st.booleans())
    def sync(self, audit: bool) -> None:  # noqa: FBT001 - drawn by Hypothesis
        self.loop.sync(self.world, self.given, audit=audit)

    @precondition(lambda self: not self.world.faults)
    @rule()
    def sync_twice_at_once(self) -> None:
        self.loop.sync(self.world, self.given)
        before = len(self.world.attempts)
        self.loop.sync(self.world, self.given)
        assert self.world.attempts[before:] == [], "nothing happened in between"

    @rule(person=st.sampled_from(PEOPLE), scores=st.permutations((20, 40, 60, 80)), late=st.integers(1, 4))
    def late_write_is_overtaken(self, person: str, scores: list[int], late: int) -> None:
        self.world.faults = ["late"] * late
        for score in scores[:3]:
            self.given.scores[person] = score
            self.loop.sync(self.world, self.given)
            self.world.faults.clear()
        self.world.now += 3
        self.world.land()
        self.loop.sync(self.world, self.given)

    @rule(steps=st.integers(0, 14))
    def crash_during_sync(self, steps: int) -> None:
        self.loop.sync(self.world, self.given, die_after=steps)

    @rule()
    def retry(self) -> None:
        self.loop.retry()

    # what goes wrong

    @rule(by=st.integers(1, 5))
    def time_passes(self, by: int) -> None:
        self.world.now += by

    @rule(fault=st.sampled_from(("none", "lost_ack", "late", "down")))
    def inject(self, fault: Any) -> None:
        self.world.faults.append(fault)

    @rule(data=st.data())
    def start_rejecting(self, data: st.DataObject) -> None:
        self.world.rejecting.add(self._live(data))

    @rule()
    def late_requests_land(self) -> None:
        self.world.land()

    @invariant()
    def no_write_lists_who_does_not_consent(self) -> None:
        assert not getattr(self, "world", World()).joined_without_consent

    def teardown(self) -> None:
        if not hasattr(self, "world"):
            return
        self._calm()
        self.loop.sync(self.world, self.given, audit=True)
        self.world.now += 5
        self.loop.sync(self.world, self.given, audit=True)
        written = len(self.world.attempts)
        self.world.now += 5
        self.loop.sync(self.world, self.given, audit=True)
        assert self.world.attempts[written:] == [], "a further run sends nothing"
        self._everything_stands()

    def _calm(self) -> None:
        self.world.land()
        self.world.faults.clear()
        self.world.rejecting.clear()
        self.loop.retry()
        self.world.now += 5

    def _everything_stands(self) -> None:
        for record_id in self.world.live():
            record = self.world.records[record_id]
            score = self.given.scores.get(record.person)
            wanted = None if score is None else str(score)
            assert record.value(FIELD) == wanted or self._edit_stands(record_id, FIELD)
            refused = any(
                other.consent != "subscribed"
                for other in self.world.records.values()
                if other.person == record.person
            )
            if refused or score is None or score < self.given.stay:
                assert record.value(LIST) is None or self._edit_stands(record_id, LIST)
            elif score >= self.given.enter:
                assert record.value(LIST) == "member" or self._edit_stands(record_id, LIST)

    def _edit_stands(self, record_id: str, name: str) -> bool:
        return (
            self.given.on_edit != "overwrite"
            and self.world.hand_edits.get((record_id, name), "") == self.world.records[record_id].value(name)
            and self.loop.edited(record_id, name)
        )

    def _live(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(self.world.live()))
