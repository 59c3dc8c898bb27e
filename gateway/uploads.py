"""PDFs that land in the bucket: S3 tells a queue, the queue calls this function, the report lands beside.

A message only says that a document has changed; what is to be done is read from the bucket each time. So a message that is
delivered twice, late or in the wrong order does no harm, and one whose function died is simply delivered again. What a
document itself makes impossible (encrypted, corrupt, too large) is its result; everything else sends the message back to
the queue, and after the last try to the dead letters.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import unquote_plus

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes import S3Event
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from gateway import sources, telemetry
from gateway.correlation import accepted
from gateway.errors import InferenceUnavailable, MedsiftError, SourceError, SourceUnsupported
from gateway.limits import Limits
from gateway.service import Service
from gateway.storage import Storage, is_document


class Uploads:
    """Classifies what a queue says has come.

    Args:
        storage: The bucket.
        service: Finds and classifies.
        limits: How long to wait for an absent classifier.
        sqs: A boto3 client, and with ``queue_url`` the queue, so that a message comes back sooner than one whose
            function died. Without them, all come back at the same pace.
        dice: A number from [0, 1).
    """

    def __init__(
        self,
        storage: Storage,
        service: Service,
        limits: Limits,
        *,
        sqs: Any = None,
        queue_url: str | None = None,
        dice: Callable[[], float] = random.random,
    ) -> None:
        self._storage = storage
        self._service = service
        self._limits = limits
        self._sqs = sqs
        self._queue_url = queue_url
        self._dice = dice
        self._processor = BatchProcessor(EventType.SQS, raise_on_entire_batch_failure=False)

    def handle(self, event: dict[str, Any], context: Any = None) -> dict[str, Any]:
        """Work through a batch of SQS messages; the answer names those that are to be delivered again."""
        return dict(process_partial_response(event, self._message, self._processor, context))

    def _message(self, record: SQSRecord) -> None:
        with telemetry.correlated(accepted(record.message_id)):
            try:
                body = record.json_body
                if body.get("Event") == "s3:TestEvent":  # sent once, when the notification is set up
                    return
                for change in S3Event(body).records:
                    if change.s3.bucket.name != self._storage.bucket:
                        raise ValueError("a message about another bucket")
                    self._settle(unquote_plus(change.s3.get_object.key))
            except InferenceUnavailable as error:
                telemetry.record_failure(error)
                self._postpone(record, error)
                raise
            except MedsiftError as error:
                telemetry.record_failure(error)
                raise
            except Exception as error:
                telemetry.record_crash(error)
                raise

    def _settle(self, key: str) -> None:
        """See to it that the document's present state has its outcome.

        Looked at again after the work: whoever meanwhile put another document in this place gets that one's report, even
        if this one finished after it.
        """
        if not is_document(key):
            return
        while (etag := self._storage.etag(key)) and not self._storage.outcome(key, etag):
            try:
                source = sources.from_bytes(self._storage.read(key, etag), key.rpartition("/")[2])
                if source.kind != "pdf":
                    raise SourceUnsupported("only PDFs are classified from the bucket")
                report = self._service.classify(source)
            except SourceError as error:
                self._storage.write_error(key, etag, error)
                telemetry.record_failure(error)
            else:
                self._storage.write_report(key, etag, report)
                telemetry.record(report)

    def _postpone(self, record: SQSRecord, error: InferenceUnavailable) -> None:
        """Have the message come back when the classifier may be there: later each time, and not all at once."""
        if self._sqs is None or self._queue_url is None:
            return
        tries = int(record.attributes.approximate_receive_count)
        bound = min(self._limits.upload_retry_s * 2.0 ** (tries - 1), self._limits.upload_retry_max_s)
        wait_s = max(error.retry_after_s, bound / 2 * (1 + self._dice()))
        try:
            self._sqs.change_message_visibility(
                QueueUrl=self._queue_url, ReceiptHandle=record.receipt_handle, VisibilityTimeout=round(wait_s)
            )
        except Exception as failure:  # it comes back all the same, after the queue's own time
            telemetry.record_crash(failure)


@cache
def _uploads() -> Uploads:
    from gateway import compose
    from gateway.settings import Settings

    return compose.uploads(Settings())


@telemetry.instrumented
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda function: SQS messages in, ``batchItemFailures`` out."""
    return _uploads().handle(event, context)
