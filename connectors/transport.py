"""One policy for every vendor: timeouts, retries, pacing, counting calls.

A connector wraps each HTTP call in ``Transport.send`` with a function that says what an answer or an
exception means (``classify``). What happens next follows from the error it names: ``core.errors`` has the
vocabulary, and two more stand below. ``connectors.session`` has what HTTP clients share.
"""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

import tenacity

from connectors.policy import Policy
from core.errors import AuthError, ConnectorError, OutcomeUnknown, RateLimited, TransientError

T = TypeVar("T")

#: Operations in a row that may run out of attempts before the vendor is taken to be down; from then on each
#: operation is tried once, and the first success closes the breaker.
_BREAKER_AFTER = 3


class CallMeter(Protocol):
    """Counts calls against a budget, durably where a process may die."""

    def spend(self, vendor: str, operation: str, *, write: bool = False) -> None:
        """Count one HTTP call about to be made. Raises QuotaExhausted before the budget is exceeded.

        write: it writes, or a write needs it, so that it may use what the budget keeps for writes.
        """

    def observe(self, vendor: str, *, used: int, limit: int) -> None:
        """Take in what the vendor itself says about its allowance."""


class TokenExpired(AuthError):
    """The access token is no longer accepted: renew it once, then try again."""


class AnswerLost(TransientError):
    """The request may have been carried out, but no whole answer came back."""


class Transport:
    """The way to one vendor, shared by all its threads.

    ``sleep`` and ``jitter`` are injected so that tests need no real time. ``renew`` mints a new access token;
    it runs at most once for any number of threads that saw the old one refused.
    """

    def __init__(
        self,
        vendor: str,
        policy: Policy,
        meter: CallMeter,
        *,
        renew: Callable[[], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.vendor, self.policy, self.meter, self.sleep = vendor, policy, meter, sleep
        self._renew, self._jitter = renew, jitter
        self._slots = threading.BoundedSemaphore(policy.concurrency)
        self._gate = threading.Lock()
        self._token_lock = threading.Lock()
        self._generation = 0
        self._next_at: dict[str, float] = {}
        self._mine = threading.local()
        self._exhausted = 0
        self._stopped: AuthError | None = None

    def send(
        self,
        operation: str,
        call: Callable[[], T],
        *,
        classify: Callable[[T | Exception], ConnectorError | None],
        write: bool = False,
        once: bool = False,
        lane: str | None = None,
    ) -> T:
        """Make one HTTP call, again where that helps, and return its answer.

        call: does exactly one HTTP request.
        classify: gets the answer, or the exception that came instead, and returns what is wrong with it, or
        None when it is fine. TransientError is retried, RateLimited after its hint and with every other
        thread of this vendor waiting along, TokenExpired after one renewal, anything else is raised.
        once: a repeat could double the effect (a create), so a lost answer raises OutcomeUnknown at once;
        other writes set absolute values and are resent.

        Raises what ``classify`` named once retrying is over (OutcomeUnknown for a write whose answer stayed
        lost), and QuotaExhausted before a call that would exceed the budget. An exception that ``classify``
        does not know comes through as it is.
        """

        def attempt() -> T:
            return self._attempt(operation, call, classify, write=write, lane=lane)

        generation = self._generation
        try:
            try:
                return self._with_retries(attempt, once=once)
            except TokenExpired:
                if self._renew is None:
                    raise
                self._renew_once(generation)
                return self._with_retries(attempt, once=once)
        except TokenExpired as error:
            self._stopped = AuthError(
                "the access token was refused, also after renewing it",
                vendor=self.vendor,
                operation=operation,
                code=error.code,
                remedy=error.remedy or f"Check the {self.vendor} credentials, then: scoreline check",
            )
            raise self._stopped from error
        except AnswerLost as error:
            if not write:
                raise
            raise OutcomeUnknown(
                "the request was sent and its answer never came",
                vendor=self.vendor,
                operation=operation,
                code=error.code,
                remedy="Run sync again: it reads what the vendor holds before sending.",
            ) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """What this thread reads meanwhile serves a write: it may use what the budget keeps for writes."""
        before = self._is_writing()
        self._mine.writing = True
        try:
            yield
        finally:
            self._mine.writing = before

    def _is_writing(self) -> bool:
        return getattr(self._mine, "writing", False)

    def _renew_once(self, generation: int) -> None:
        with self._token_lock:
            if generation == self._generation and self._renew is not None:
                self._renew()
                self._generation += 1

    def _with_retries(self, attempt: Callable[[], T], *, once: bool) -> T:
        attempts = 1 if self._exhausted >= _BREAKER_AFTER else self.policy.attempts
        retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(
                lambda error: (
                    isinstance(error, TransientError) and not (once and isinstance(error, AnswerLost))
                )
            ),
            stop=lambda state: state.attempt_number >= attempts or self._past_deadline(state),
            wait=self._wait_s,
            before_sleep=self._pause,
            sleep=lambda _seconds: None,  # _pause has slept, with the whole vendor where it must
            reraise=True,
        )
        try:
            answer = retrying(attempt)
        except TransientError:
            self._exhausted += 1
            raise
        self._exhausted = 0
        return answer

    def _attempt(
        self,
        operation: str,
        call: Callable[[], T],
        classify: Callable[[T | Exception], ConnectorError | None],
        *,
        write: bool,
        lane: str | None,
    ) -> T:
        with self._turn(lane):
            self.meter.spend(self.vendor, operation, write=write or self._is_writing())
            try:
                answer = call()
            except Exception as error:
                named = classify(error)
                if named is None:
                    raise
                raise named from error
        wrong = classify(answer)
        if wrong is not None:
            raise wrong
        return answer

    @contextmanager
    def _turn(self, lane: str | None) -> Iterator[None]:
        """Wait for a free slot, for a pause of the whole vendor to end, and for the pace."""
        with self._slots:
            with self._gate:
                if self._stopped is not None:
                    raise self._stopped
                self._keep_pace("", self.policy.calls_per_s)
                if lane is not None:
                    self._keep_pace(lane, self.policy.lanes.get(lane))
            yield

    def _keep_pace(self, lane: str, calls_per_s: float | None) -> None:
        if not calls_per_s:
            return
        now = time.monotonic()
        due = max(now, self._next_at.get(lane, now))
        self._next_at[lane] = due + 1 / calls_per_s
        if due > now:
            self.sleep(due - now)

    def _wait_s(self, state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        hint = error.retry_after_s if isinstance(error, RateLimited) else None
        if hint is not None:
            return hint
        ceiling = min(self.policy.max_wait_s, self.policy.first_wait_s * 2.0 ** (state.attempt_number - 1))
        return ceiling * (0.5 + self._jitter() / 2)

    def _past_deadline(self, state: tenacity.RetryCallState) -> bool:
        return state.idle_for + state.upcoming_sleep > self.policy.deadline_s

    def _pause(self, state: tenacity.RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        if isinstance(error, RateLimited):
            with self._gate:
                self.sleep(state.upcoming_sleep)
        else:
            self.sleep(state.upcoming_sleep)
