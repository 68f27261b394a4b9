"""What the transport does after each kind of failure, without real time or network."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from connectors.policy import Policy
from connectors.transport import AnswerLost, TokenExpired, Transport
from core.errors import AuthError, ConnectorError, OutcomeUnknown, QuotaExhausted, RateLimited, TransientError
from tests.fakes import FakeMeter, FakeSleep


def transport(sleep: FakeSleep, meter: FakeMeter | None = None, **options: Any) -> Transport:
    policy = options.pop("policy", Policy())
    return Transport("acme", policy, meter or FakeMeter(), sleep=sleep, jitter=lambda: 1.0, **options)


def script(*steps: object) -> Callable[[], object]:
    """A call that answers with one step after the other, raising those that are exceptions."""
    left: Iterator[object] = iter(steps)

    def call() -> object:
        step = next(left)
        if isinstance(step, Exception):
            raise step
        return step

    return call


def as_raised(answer: object) -> ConnectorError | None:
    return answer if isinstance(answer, ConnectorError) else None


def down(kind: type[ConnectorError] = TransientError) -> ConnectorError:
    return kind("down", vendor="acme")


def send(one: Transport, call: Callable[[], object], **options: Any) -> object:
    return one.send("read", call, classify=as_raised, **options)


def test_waits_grow_up_to_the_longest_and_stop_after_the_attempts() -> None:
    sleep, meter = FakeSleep(), FakeMeter()
    one = transport(sleep, meter, policy=Policy(attempts=6, first_wait_s=4, max_wait_s=20))
    with pytest.raises(TransientError):
        send(one, script(*[down() for _ in range(6)]))
    assert sleep.slept == [4, 8, 16, 20, 20]
    assert meter.count() == 6


def test_waiting_ends_at_the_deadline() -> None:
    sleep = FakeSleep()
    one = transport(sleep, policy=Policy(attempts=50, first_wait_s=30, max_wait_s=60, deadline_s=100))
    with pytest.raises(TransientError):
        send(one, script(*[down() for _ in range(50)]))
    assert sum(sleep.slept) <= 100


def test_a_hint_is_waited_for_exactly() -> None:
    sleep = FakeSleep()
    limited = RateLimited("slow down", vendor="acme", retry_after_s=7)
    assert send(transport(sleep), script(limited, "ok")) == "ok"
    assert sleep.slept == [7]


def test_a_rate_limit_pauses_every_thread_of_the_vendor() -> None:
    """While one thread waits for its hint, another's call does not start."""
    started, order = threading.Event(), list[str]()

    def sleep(seconds: float) -> None:
        order.append(f"slept {seconds:g}")
        started.set()
        other.join(0.2)  # the other thread must not get through while we are asleep
        order.append("woke")

    one = Transport("acme", Policy(), FakeMeter(), sleep=sleep, jitter=lambda: 1.0)

    def read_too() -> None:
        started.wait(5)
        one.send("read", lambda: order.append("other"), classify=as_raised)

    other = threading.Thread(target=read_too)
    other.start()
    send(one, script(RateLimited("slow down", vendor="acme", retry_after_s=3), "ok"))
    other.join(5)
    assert order == ["slept 3", "woke", "other"]


def test_an_error_that_is_not_transient_is_raised_at_once() -> None:
    sleep = FakeSleep()
    with pytest.raises(ConnectorError, match="down"):
        send(transport(sleep), script(down(ConnectorError), "never"))
    assert not sleep.slept


def test_an_unknown_exception_comes_through_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        send(transport(FakeSleep()), script(ZeroDivisionError()))


def test_a_lost_answer_to_a_create_is_not_sent_again() -> None:
    sleep = FakeSleep()
    with pytest.raises(OutcomeUnknown) as raised:
        send(transport(sleep), script(down(AnswerLost), "never"), write=True, once=True)
    assert isinstance(raised.value.__cause__, AnswerLost)
    assert not sleep.slept


def test_a_create_that_never_left_is_sent_again() -> None:
    assert send(transport(FakeSleep()), script(down(), "ok"), write=True, once=True) == "ok"


def test_an_absolute_value_is_sent_again_after_a_lost_answer() -> None:
    assert send(transport(FakeSleep()), script(down(AnswerLost), "ok"), write=True) == "ok"


def test_a_write_whose_answers_all_get_lost_is_of_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown):
        send(transport(FakeSleep()), script(*[down(AnswerLost) for _ in range(6)]), write=True)


def test_the_budget_ends_before_the_call_that_would_exceed_it() -> None:
    made: list[int] = []
    one = transport(FakeSleep(), FakeMeter(budget=2))
    for _ in range(2):
        send(one, lambda: made.append(1))
    with pytest.raises(QuotaExhausted):
        send(one, lambda: made.append(1))
    assert len(made) == 2


def test_retries_are_calls_too() -> None:
    meter = FakeMeter()
    send(transport(FakeSleep(), meter), script(down(), down(), "ok"), write=True)
    assert meter.calls == [("acme", "read", True)] * 3


def test_what_a_thread_reads_for_a_write_is_counted_as_one_and_what_others_read_is_not() -> None:
    meter = FakeMeter()
    one = transport(FakeSleep(), meter)
    with one.writing():
        with one.writing():
            send(one, lambda: "ok")
        send(one, lambda: "ok")
        reader = threading.Thread(target=send, args=(one, lambda: "ok"))
        reader.start()
        reader.join(10)
    send(one, lambda: "ok")
    assert [write for *_, write in meter.calls] == [True, True, False, False]


def test_a_vendor_that_stays_down_gets_single_tries_until_it_answers() -> None:
    meter = FakeMeter()
    one = transport(FakeSleep(), meter)
    for _ in range(3):
        with pytest.raises(TransientError):
            send(one, script(*[down() for _ in range(6)]))
    before = meter.count()
    with pytest.raises(TransientError):
        send(one, script(down()))
    assert meter.count() == before + 1
    assert send(one, script("ok")) == "ok"
    assert send(one, script(down(), "ok")) == "ok"


def test_eight_threads_renew_an_expired_token_once() -> None:
    good, renewals = threading.Event(), list[int]()
    barrier = threading.Barrier(8)

    def renew() -> None:
        renewals.append(1)
        good.set()

    def call() -> str:
        if not good.is_set():
            barrier.wait(5)
            raise TokenExpired("expired", vendor="acme")
        return "ok"

    one = transport(FakeSleep(), policy=Policy(concurrency=8), renew=renew)
    answers: list[object] = []
    threads = [threading.Thread(target=lambda: answers.append(send(one, call))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert answers == ["ok"] * 8
    assert len(renewals) == 1


def test_a_second_refusal_stops_the_vendor() -> None:
    one = transport(FakeSleep(), renew=lambda: None)
    with pytest.raises(AuthError) as raised:
        send(one, script(TokenExpired("expired", vendor="acme"), TokenExpired("expired", vendor="acme")))
    assert raised.value.remedy
    with pytest.raises(AuthError):
        send(one, lambda: pytest.fail("was called"))


def test_calls_keep_the_pace_of_the_vendor_and_of_their_lane() -> None:
    sleep = FakeSleep()
    one = transport(sleep, policy=Policy(lanes={"search": 4}))
    for _ in range(3):
        one.send("search", lambda: "ok", classify=as_raised, lane="search")
    assert len(sleep.slept) == 2
    assert sleep.slept[1] == pytest.approx(0.5, abs=0.1)
