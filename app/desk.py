"""What lies on the desk: the documents handed in, and a thread that has them classified one after the other.

Knows nothing of Streamlit: the page looks at :meth:`Desk.jobs` whenever it draws itself.
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import count

from app.client import Document, Gateway, GatewayFailed
from app.merge import merge, next_pages
from gateway.images import Skipped
from gateway.outcomes import Failure, Outcome
from gateway.report import Report

UNSEEN_S = 120.0
"""A desk that nobody has looked at for so long stops working: the browser's tab was closed."""
PATIENCE_S = 180.0
"""How long a classifier may take to wake up, all waits together."""
RESTART_S = 30.0
"""How long a gateway may be away: it may be starting anew, and the documents that wait are not to fail one after the other."""
DEFAULT_WAIT_S = 5


class State(StrEnum):
    """Where a document stands. A failed one may hold a report of the pages before the failure."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class Job:
    """A document with its progress. ``awaits`` is the code of what is waited for: a classifier that wakes, or the gateway."""

    id: int
    document: Document
    key: str
    state: State = State.WAITING
    done: range | None = None
    report: Report | None = None
    problem: GatewayFailed | None = None
    password: str | None = None
    took_s: float = 0.0
    awaits: str | None = None

    @property
    def pages(self) -> int | None:
        """How many pages the document has, as far as that is known."""
        return self.report.source.pages if self.report else None

    @property
    def pages_done(self) -> int:
        """How many of them have been searched."""
        return min(self.done[-1], self.pages or 0) if self.done else 0

    @property
    def busy(self) -> bool:
        """Whether more is to come."""
        return self.state in (State.WAITING, State.WORKING)

    @property
    def outcome(self) -> Outcome:
        """The report, or what went wrong. A report of some of the pages says in its ``skipped`` which it lacks, and why."""
        lacks = self.problem or GatewayFailed("not_finished", 0, "Not finished", "it was taken away before it was finished")
        if self.report is None:
            return Failure(self.document.name, lacks)
        if self.state is State.DONE:
            return self.report
        missing = Skipped("not_finished", f"pages {self.pages_done + 1} to {self.pages}: {lacks.detail}")
        skipped = (*self.report.skipped, missing)
        return replace(self.report, skipped=skipped, summary=replace(self.report.summary, skipped=len(skipped)))


class Desk:
    """The documents of one visitor. All methods may be called from any thread."""

    def __init__(
        self, gateway: Gateway, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.gateway = gateway
        self._clock, self._sleep = clock, sleep
        self._jobs: dict[int, Job] = {}
        self._ids = count(1)
        self._lock = threading.Lock()
        self._worker: threading.Thread | None = None
        self._seen = clock()

    def add(self, document: Document) -> int:
        """Put a document on the desk: its job's id. One that lies there under the same name, and failed, is tried again."""
        # A copy under another name is a row of its own: whoever hands in 300 files looks for 300 names.
        key = document.url or f"{hashlib.sha256(document.data).hexdigest()} {document.name}"
        with self._lock:
            job = next((job for job in self._jobs.values() if job.key == key), None) or Job(next(self._ids), document, key)
            self._jobs[job.id] = replace(job, state=State.WAITING, problem=None) if job.state is State.FAILED else job
        self._work()
        return job.id

    def put(self, report: Report) -> None:
        """Put a report on the desk that was made before, unless it lies there."""
        with self._lock:
            if not any(job.report and job.report.id == report.id for job in self._jobs.values()):
                job = Job(next(self._ids), Document(report.source.name), "", State.DONE, report=report)
                self._jobs[job.id] = job

    def refuse(self, name: str, problem: GatewayFailed) -> None:
        """Put a file on the desk that cannot be taken, for its problem to be seen."""
        with self._lock:
            job = Job(next(self._ids), Document(name), "", State.FAILED, problem=problem)
            self._jobs[job.id] = job

    def jobs(self) -> list[Job]:
        """Everything on the desk, in the order of arrival. Whoever looks keeps the work going."""
        self._seen = self._clock()
        self._work()
        with self._lock:
            return list(self._jobs.values())

    def retry(self, job_id: int, password: str | None = None) -> None:
        """Go on with a document that failed, from the page where it did; with the password from before if none is given."""
        self._change(job_id, state=State.WAITING, problem=None, **({"password": password} if password else {}))
        self._work()

    def remove(self, job_id: int) -> None:
        """Take a document off the desk, whatever its state."""
        with self._lock:
            self._jobs.pop(job_id, None)

    def _work(self) -> None:
        with self._lock:
            if (self._worker and self._worker.is_alive()) or not any(job.busy for job in self._jobs.values()):
                return
            self._worker = threading.Thread(target=self._run, name="desk", daemon=True)
            self._worker.start()

    def _run(self) -> None:
        while self._clock() - self._seen < UNSEEN_S:
            with self._lock:
                job = next((job for job in self._jobs.values() if job.busy), None)
                if job is None:
                    self._worker = None  # under the lock: what is added from now on starts a new thread
                    return
            self._step(job)

    def _step(self, job: Job) -> None:
        """The next pages of a document."""
        pages = next_pages(job.done, job.took_s, job.pages)
        self._change(job.id, state=State.WORKING)
        try:
            started = self._clock()
            part, pages = self._ask(job, pages)
            took_s = self._clock() - started
        except GatewayFailed as problem:
            self._change(job.id, state=State.FAILED, problem=problem, awaits=None)
            return
        report = merge(job.report, part)
        finished = report.source.pages is None or next_pages(pages, took_s, report.source.pages) is None
        state = State.DONE if finished else State.WORKING
        # Nobody needs a file's bytes once it is done, and they may be many.
        document = replace(job.document, data=b"") if finished and not job.document.url else job.document
        self._change(job.id, state=state, report=report, done=pages, took_s=took_s, awaits=None, document=document)

    def _ask(self, job: Job, pages: range | None) -> tuple[Report, range | None]:
        """Ask, and while the classifier is still asleep, or the gateway away, wait and ask again.

        A report that is too large for the gateway's way out is asked for again with fewer pages, at last without pictures.
        Returns it with the pages that it covers.
        """
        waited, thumbnails = 0.0, True
        while True:
            try:
                return self.gateway.classify(job.document, pages, job.password, thumbnails=thumbnails), pages
            except GatewayFailed as problem:
                if problem.code == "answer_too_large" and thumbnails:
                    if pages and len(pages) > 1 and (job.pages or job.document.content_type == "application/pdf"):
                        pages = pages[: len(pages) // 2]
                    else:
                        thumbnails = False
                    continue
                wait = problem.retry_after_s or DEFAULT_WAIT_S
                patience = RESTART_S if problem.code == "gateway_unreachable" else PATIENCE_S if problem.status == 503 else 0.0
                if waited + wait > patience or not self._on_desk(job.id):
                    raise
                self._change(job.id, awaits=problem.code)
                self._sleep(wait)
                waited += wait

    def _on_desk(self, job_id: int) -> bool:
        with self._lock:
            return job_id in self._jobs

    def _change(self, job_id: int, **changes: object) -> None:
        with self._lock:
            if job_id in self._jobs:
                self._jobs[job_id] = replace(self._jobs[job_id], **changes)  # type: ignore[arg-type]
