"""The scheduler: the same jobs as the command line, on their schedules, until told to stop.

Its memory is disposable: what is due is decided by the clock, what has been done by the stores.
"""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobSubmissionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from core.errors import LeaseHeld, ScorelineError
from sync import jobs
from sync.wiring import Runtime

log = logging.getLogger("scoreline.daemon")
#: What it would warn of, ``_still_at_work`` says in our words.
logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)

#: A run that comes late (the machine slept) is still done, once; the default of a second would drop it.
_LATE_S = 12 * 3600

#: How long a stopping daemon waits for the step under way; systemd and Kubernetes kill after 30 s and more.
_STOP_S = 25


def run(runtime_of: Callable[[threading.Event], Runtime]) -> None:
    """Work until SIGTERM or SIGINT; then finish or release the step under way and return.

    runtime_of: assembles a runtime anew for every run, so that an edited model is picked up between two.
    """
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = runtime_of(stop).settings
    scheduler = _scheduler(settings.time_zone)
    _schedule(scheduler, runtime_of, stop)
    scheduler.add_listener(_still_at_work, EVENT_JOB_MAX_INSTANCES)
    scheduler.start()
    log.info("running; stop with SIGTERM")
    stop.wait()
    log.info("stopping: finishing the step under way")
    finished = threading.Thread(target=scheduler.shutdown, daemon=True)
    finished.start()
    finished.join(_STOP_S)


def _scheduler(time_zone: str) -> BackgroundScheduler:
    # one worker: jobs share stores and allowances, so they take turns anyway
    return BackgroundScheduler(
        timezone=ZoneInfo(time_zone),
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": _LATE_S},
    )


def _schedule(
    scheduler: BackgroundScheduler, runtime_of: Callable[[threading.Event], Runtime], stop: threading.Event
) -> None:
    schedules = runtime_of(stop).settings.schedules
    zone = ZoneInfo(runtime_of(stop).settings.time_zone)
    hour, minute = schedules.rescore.split(":")
    soon = datetime.now(zone)
    after_it = soon + timedelta(seconds=1)
    timers = {
        "pull": (_every(schedules.pull), jobs.refresh, soon),
        "rescore": (CronTrigger(hour=hour, minute=minute, timezone=zone), jobs.rescore, None),
        "apply": (_every(schedules.apply), jobs.deliver, after_it),
        "audit": (_every(schedules.audit), jobs.audit, None),
    }
    for name, (trigger, job, first) in timers.items():
        start = {"next_run_time": first} if first else {}
        scheduler.add_job(_guarded, trigger, args=[name, job, runtime_of, stop], id=name, **start)


def _still_at_work(event: JobSubmissionEvent) -> None:
    log.info("%s: its last run is still at work, so this one is left out; nothing is lost", event.job_id)


def _every(interval: timedelta) -> IntervalTrigger:
    return IntervalTrigger(seconds=int(interval.total_seconds()))


def _guarded(
    name: str,
    job: Callable[[Runtime], object],
    runtime_of: Callable[[threading.Event], Runtime],
    stop: threading.Event,
) -> None:
    """One run of one job; whatever it raises ends here, in the log, and the next run tries again."""
    if stop.is_set():
        return
    try:
        log.info("%s: %s", name, job(runtime_of(stop)))
    except LeaseHeld as error:
        log.info("%s: waits for its next turn: %s", name, error)
    except ScorelineError as error:
        log.error("%s: %s", name, error)  # noqa: TRY400  # the message says what to do; a trace would not
    except Exception:
        log.exception("%s: a defect; the next run tries again", name)
