"""PDFs that lie in a bucket already: queued, without those that have their outcome, and without a list of them in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote_plus

from gateway.errors import CloudRefused, RequestInvalid
from gateway.storage import INCOMING, RESULTS, VERDICTS, Storage, is_document, plain_etag, refusals, result_key

BATCH = 10  # what SQS takes at once
ATTEMPTS = 5
NEVER = datetime.min.replace(tzinfo=UTC)

_ADDRESS = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(.*))?", re.DOTALL)

Object = dict[str, Any]
"""An entry of a bucket's listing."""


@dataclass(frozen=True)
class Submitted:
    """How far a submission is: PDFs ``seen``, of which ``settled`` have an outcome and ``queued`` are on their way now."""

    seen: int = 0
    settled: int = 0
    queued: int = 0


def parse_address(address: str) -> tuple[str, str]:
    """Bucket and prefix of ``s3://BUCKET/PREFIX``; everything that is classified where no prefix is given.

    Raises:
        RequestInvalid: Not such an address, or a prefix of which nothing is ever classified.
    """
    match = _ADDRESS.fullmatch(address)
    if not match:
        raise RequestInvalid("an address like s3://BUCKET/incoming/PREFIX is needed")
    bucket, prefix = match[1], match[2] or ""
    if INCOMING.startswith(prefix):
        prefix = INCOMING  # nothing else in the bucket is classified
    if not prefix.startswith(INCOMING):
        raise RequestInvalid(f"only what lies under {INCOMING} is classified: s3://{bucket}/{INCOMING}{prefix}")
    return bucket, prefix


def submit(
    storage: Storage,
    prefix: str,
    sqs: Any,
    queue_url: str,
    *,
    progress: Callable[[Submitted], None] | None = None,
) -> Submitted:
    """Queue the PDFs under a prefix that have no outcome, or one of an older state.

    Can be stopped at any moment and run again: what has its outcome by then is left out. What is still in the queue from
    last time comes into it a second time, which costs the function a look and no work.

    Args:
        storage: The bucket.
        prefix: Under ``incoming/``.
        sqs: A boto3 client.
        queue_url: The queue that the function works through.
        progress: Called after each page of the listing, which has up to 1,000 keys.

    Raises:
        CloudRefused: The bucket or the queue cannot be used.
    """
    done = Submitted()
    with refusals():
        for page in storage.listing(prefix):
            documents = [entry for entry in page if is_document(entry["Key"])]
            waiting = _without_outcome(storage, documents)
            for start in range(0, len(waiting), BATCH):
                _send(sqs, queue_url, [_message(storage.bucket, entry) for entry in waiting[start : start + BATCH]])
            seen, queued = done.seen + len(documents), done.queued + len(waiting)
            done = Submitted(seen, seen - queued, queued)
            if progress:
                progress(done)
    return done


def _without_outcome(storage: Storage, documents: list[Object]) -> list[Object]:
    settled = _settled(storage, documents) if documents else {}
    return [entry for entry in documents if _is_waiting(storage, entry, settled.get(entry["Key"]))]


def _is_waiting(storage: Storage, entry: Object, settled: datetime | None) -> bool:
    if settled is None:
        return True
    # One that came after its outcome may be the same once more, of which the function makes nothing new.
    return bool(entry["LastModified"] > settled) and storage.outcome(entry["Key"], plain_etag(entry["ETag"])) is None


def _settled(storage: Storage, documents: list[Object]) -> dict[str, datetime]:
    """When each document of a page got its outcome, where it has one.

    The listing of the results is walked beside that of the documents, page by page: a call for every 1,000 results, instead
    of two for every document. The two are not quite in the same order (``a.pdf`` comes before ``a.pdf-2.pdf``, but
    ``a.pdf/`` after ``a.pdf-2.pdf/``), so each page looks from the first place where a document of it can have its outcome
    to the last.
    """
    places = {result_key(entry["Key"], name): entry["Key"] for entry in documents for name in VERDICTS}
    first, last = min(places), max(places)  # S3 sorts by UTF-8, which is the order of Python's strings
    settled: dict[str, datetime] = {}
    for page in storage.listing(RESULTS, start_after=first[:-1]):
        for entry in page:
            if key := places.get(entry["Key"]):
                settled[key] = max(entry["LastModified"], settled.get(key, NEVER))
        if page and page[-1]["Key"] >= last:
            break
    return settled


def _message(bucket: str, entry: Object) -> str:
    """What S3 would have sent."""
    change = {"bucket": {"name": bucket}, "object": {"key": quote_plus(entry["Key"]), "size": entry["Size"]}}
    return json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": change}]})


def _send(sqs: Any, queue_url: str, bodies: list[str]) -> None:
    entries = [{"Id": str(index), "MessageBody": body} for index, body in enumerate(bodies)]
    for _ in range(ATTEMPTS):
        # A batch may be accepted in part; botocore has already tried again, with waits, what failed as a whole.
        answer = sqs.send_message_batch(QueueUrl=queue_url, Entries=entries)
        refused = {failure["Id"] for failure in answer.get("Failed", [])}
        entries = [entry for entry in entries if entry["Id"] in refused]
        if not entries:
            return
    raise CloudRefused(f"the queue refuses {len(entries)} of {len(bodies)} messages")
