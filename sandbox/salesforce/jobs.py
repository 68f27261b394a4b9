"""Bulk 2.0 jobs and how far they are."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import Refused, not_found
from sandbox.salesforce.ids import make_id, to18
from sandbox.salesforce.query import Result

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_PREFIX = "750"


@dataclass(slots=True)
class Job:
    """A query or ingest job. ``polls_left`` replies will still say InProgress once the work is done."""

    id: str
    kind: str
    operation: str
    object: str
    version: str
    user_id: str
    created_at: str
    delimiter: str
    line_end: str
    state: str = "Open"
    polls_left: int = 0
    error: str | None = None
    query: str | None = None
    result: Result | None = None
    key: str | None = None
    content: bytes = b""
    header: list[str] = field(default_factory=list)
    succeeded: list[list[str]] = field(default_factory=list)
    failed: list[list[str]] = field(default_factory=list)
    unprocessed: list[list[str]] = field(default_factory=list)

    @property
    def done(self) -> bool:
        return self.state in {"JobComplete", "Failed", "Aborted"}


class Jobs:
    """All jobs of an org, for seven days."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._jobs: dict[str, Job] = {}

    def open(self, **given: Any) -> Job:
        job = Job(id=make_id(_PREFIX, self._org.next_number("job")), created_at=self._org.now(), **given)
        self._jobs[job.id] = job
        return job

    def find(self, kind: str, job_id: str) -> Job:
        """A job of this kind. Refused (404) if there is none, or no longer."""
        job = self._jobs.get(to18(job_id))
        if job is None or job.kind != kind:
            raise not_found()
        if self._org.age(job.created_at).days >= self._org.limits.job_days:
            del self._jobs[job.id]
            raise not_found()
        return job

    def of_kind(self, kind: str) -> list[Job]:
        return [job for job in self._jobs.values() if job.kind == kind]

    def drop(self, job: Job) -> None:
        """Refused while the job is at work."""
        if not job.done:
            raise Refused(
                "API_ERROR", "Jobs must be in a terminal state (JobComplete, Failed or Aborted) to be deleted"
            )
        del self._jobs[job.id]

    def opened_today(self, kind: str) -> int:
        return sum(1 for job in self.of_kind(kind) if self._org.age(job.created_at).total_seconds() < 86_400)

    @staticmethod
    def poll(job: Job) -> None:
        """Move on by one look: InProgress for ``polls_left`` replies, then the end."""
        if job.state in {"UploadComplete", "InProgress"}:
            job.state = "InProgress" if job.polls_left > 0 else "JobComplete"
            job.polls_left -= 1
            if job.error is not None and job.state == "JobComplete":
                job.state = "Failed"
