"""Uploads that are too large for a request: the caller sends the PDF to the bucket itself, then asks what became of it.

No job is written down anywhere. Its id says when it was given out; what else there is to know lies in the bucket.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from gateway.errors import JobUnknown
from gateway.limits import Limits
from gateway.storage import INCOMING, REPORT_CSV, REPORT_JSON, RESULTS, Storage, refusals, result_key

State = Literal["waiting", "queued", "done", "failed"]

CONTENT_TYPE = "application/pdf"
JOBS = "jobs/"
NAME_LENGTH = 100

_ID = re.compile(r"[0-9a-f]{32}")
_UNFIT = re.compile(r"[^\w.-]+")


@dataclass(frozen=True)
class NewJob:
    """Where to send the PDF: a multipart form POST of ``upload_fields``, then the file as the last field, ``file``."""

    job_id: str
    upload_url: str
    upload_fields: dict[str, str]
    max_bytes: int
    expires_in_s: int


@dataclass(frozen=True)
class JobState:
    """How far a job is. The links are there where it is ``done``, the problem document where it has ``failed``."""

    job_id: str
    state: State
    report_json: str | None = None
    report_csv: str | None = None
    error: dict[str, Any] | None = None


class Jobs:
    """Gives out uploads and says what became of them. May be shared by threads.

    Args:
        s3: A boto3 client.
        bucket: Where uploads and reports lie.
        limits: How large an upload may be, and how long links work.
        clock: Seconds since 1970.
    """

    def __init__(self, s3: Any, bucket: str, limits: Limits, clock: Callable[[], float]) -> None:
        self._storage = Storage(s3, bucket, limits)
        self._limits = limits
        self._clock = clock

    def create(self, name: str) -> NewJob:
        """A place for one PDF, which S3 accepts with the right type and size alone.

        Raises:
            CloudRefused: There are no credentials to sign with.
        """
        job_id = f"{int(self._clock()):08x}{secrets.token_hex(12)}"
        with refusals():
            post = self._storage.s3.generate_presigned_post(
                self._storage.bucket,
                f"{INCOMING}{JOBS}{job_id}/{_file_name(name)}",
                Fields={"Content-Type": CONTENT_TYPE},
                Conditions=[{"Content-Type": CONTENT_TYPE}, ["content-length-range", 1, self._limits.source_bytes]],
                ExpiresIn=self._limits.upload_s,
            )
        return NewJob(job_id, post["url"], post["fields"], self._limits.source_bytes, self._limits.upload_s)

    def get(self, job_id: str) -> JobState:
        """The state of a job: ``waiting`` for its upload, ``queued``, ``done`` or ``failed``.

        Raises:
            JobUnknown: Never given out, or nothing was uploaded in time, or removed since.
            CloudRefused: The bucket cannot be used.
        """
        if not _ID.fullmatch(job_id):
            raise JobUnknown("no job has this id")
        with refusals():
            return self._state(job_id)

    def _state(self, job_id: str) -> JobState:
        key = self._only(f"{INCOMING}{JOBS}{job_id}/")
        if key is None:  # sources may be removed before their results
            result = self._only(f"{RESULTS}{JOBS}{job_id}/")
            if result is None:
                return self._unused(job_id)
            key, etag = INCOMING + result.removeprefix(RESULTS).rpartition("/")[0], None
        else:
            etag = self._storage.etag(key)
        verdict = self._storage.outcome(key, etag)
        if verdict == "done":
            return JobState(job_id, "done", self._link(key, REPORT_JSON), self._link(key, REPORT_CSV))
        if verdict == "failed":
            return JobState(job_id, "failed", error=self._storage.error(key))
        return JobState(job_id, "queued")

    def _unused(self, job_id: str) -> JobState:
        age_s = self._clock() - int(job_id[:8], 16)
        if not -1 <= age_s <= self._limits.upload_s:
            raise JobUnknown("no job has this id, or its upload never came")
        return JobState(job_id, "waiting")

    def _only(self, prefix: str) -> str | None:
        page = next(self._storage.listing(prefix))
        return str(page[0]["Key"]) if page else None

    def _link(self, key: str, name: str) -> str:
        target = {"Bucket": self._storage.bucket, "Key": result_key(key, name)}
        return str(self._storage.s3.generate_presigned_url("get_object", Params=target, ExpiresIn=self._limits.link_s))


def _file_name(name: str) -> str:
    stem = re.sub(r"(?i)\.pdf$", "", name.replace("\\", "/").rpartition("/")[2])
    return (_UNFIT.sub("_", stem).strip("._")[:NAME_LENGTH] or "document") + ".pdf"
