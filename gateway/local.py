"""A bucket on this machine, with the queue and the function behind it: what ``medsift up`` has in place of a cloud.

The bucket and the queue are moto's server, which speaks S3's and SQS's protocols and sends the same notifications; the
messages go through the code of the deployed function. Objects are kept in memory, and end with the process.

    curl -T scan.pdf http://127.0.0.1:9000/medsift/incoming/
    curl http://127.0.0.1:9000/medsift/results/scan.pdf/report.json
"""

from __future__ import annotations

import io
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from gateway.errors import CloudRefused
from gateway.limits import Limits
from gateway.service import Service
from gateway.storage import INCOMING, Storage, refusals
from gateway.uploads import Uploads

HOST = "127.0.0.1"
PORT = 9000
REGION = "us-east-1"
QUEUE, DEAD_LETTERS = "medsift-uploads", "medsift-uploads-dead"
VISIBILITY_S = 900
TRIES = 10
POLL_S = 0.5
JOIN_S = 5.0


class LocalBucket:
    """The bucket ``bucket`` at ``endpoint_url`` while the context lasts; whatever lands under ``incoming/`` is classified.

    Args:
        service: Finds and classifies.
        limits: How large a document may be, and how long to wait for an absent classifier.
        bucket: The bucket's name.
        port: Of 127.0.0.1; 0 takes one that is free.
    """

    def __init__(self, service: Service, limits: Limits, *, bucket: str = "medsift", port: int = PORT) -> None:
        self.bucket = bucket
        self._service = service
        self._limits = limits
        self._port = port
        self._stop = threading.Event()

    def __enter__(self) -> Self:
        """Start.

        Raises:
            CloudRefused: The port is taken, or moto is not installed.
        """
        self._server = serve(self._port)
        self.endpoint_url = self._server.__enter__()
        try:
            with refusals():
                self.s3, self._sqs = self._client("s3"), self._client("sqs")
                self.queue_url = self._build()
        except CloudRefused:
            self._server.__exit__(None, None, None)
            raise
        uploads = Uploads(
            Storage(self.s3, self.bucket, self._limits), self._service, self._limits, sqs=self._sqs, queue_url=self.queue_url
        )
        self._worker = threading.Thread(target=self._work, args=(uploads,), name="uploads", daemon=True)
        self._worker.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        self._worker.join(JOIN_S)
        self._server.__exit__(kind, error, trace)

    @property
    def environment(self) -> dict[str, str]:
        """Variables that lead another process of medsift, or the AWS command line, to this bucket."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "MEDSIFT_BUCKET": self.bucket,
            "MEDSIFT_QUEUE_URL": self.queue_url,
        }

    def _client(self, name: str) -> Any:
        import boto3
        from botocore.config import Config

        # No proxies: the environment's know nothing of this machine.
        config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, proxies={})
        session = boto3.Session("local", "local", region_name=REGION)  # a key and a secret; moto takes any
        return session.client(name, endpoint_url=self.endpoint_url, config=config)

    def _build(self) -> str:
        """Bucket, queue, dead letters and notification, as the template has them; but read without a signature."""
        dead = self._queue(DEAD_LETTERS, {})
        redrive = json.dumps({"deadLetterTargetArn": self._arn(dead), "maxReceiveCount": str(TRIES)})
        queue = self._queue(QUEUE, {"VisibilityTimeout": str(VISIBILITY_S), "RedrivePolicy": redrive})
        self.s3.create_bucket(Bucket=self.bucket)
        reader = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{self.bucket}/*"}
        self.s3.put_bucket_policy(Bucket=self.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [reader]}))
        self.s3.put_bucket_notification_configuration(
            Bucket=self.bucket,
            NotificationConfiguration={
                "QueueConfigurations": [
                    {
                        "QueueArn": self._arn(queue),
                        "Events": ["s3:ObjectCreated:*"],
                        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": INCOMING}]}},
                    }
                ]
            },
        )
        return queue

    def _queue(self, name: str, attributes: dict[str, str]) -> str:
        return str(self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    def _arn(self, queue_url: str) -> str:
        answer = self._sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])
        return str(answer["Attributes"]["QueueArn"])

    def _work(self, uploads: Uploads) -> None:
        """What Lambda's poller does: receive, call the function, delete what it did not name as failed."""
        while not self._stop.is_set():
            try:
                answer = self._sqs.receive_message(
                    QueueUrl=self.queue_url, MaxNumberOfMessages=1, WaitTimeSeconds=0, AttributeNames=["All"]
                )
                for message in answer.get("Messages", []):
                    if not uploads.handle({"Records": [as_record(message)]})["batchItemFailures"]:
                        self._sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=message["ReceiptHandle"])
                    break
                else:
                    self._stop.wait(POLL_S)
            except (ClientError, BotoCoreError):
                self._stop.wait(POLL_S)


def as_record(message: dict[str, Any]) -> dict[str, Any]:
    """A message as ``ReceiveMessage`` gives it, in the form in which Lambda hands it to a function."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:123456789012:{QUEUE}",
        "awsRegion": REGION,
    }


@contextmanager
def serve(port: int = 0) -> Iterator[str]:
    """moto's server at ``port`` of 127.0.0.1, or at one that is free; its address.

    It answers one call at a time: moto's queues are lists without a lock, and a message that arrives while another one is
    deleted would be lost. So nobody may poll for long.

    Raises:
        CloudRefused: The port is taken, or moto is not installed.
    """
    try:
        from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
        from werkzeug.serving import WSGIRequestHandler, make_server
    except ModuleNotFoundError:
        raise CloudRefused("the local bucket needs moto: pip install 'moto[server]'") from None
    application, lock = DomainDispatcherApplication(create_backend_app), threading.Lock()

    def one_at_a_time(environ: Any, start_response: Any) -> Any:
        # The body first, so that a sender who stalls holds nobody up. Werkzeug ends a chunked one itself.
        stream, length = environ["wsgi.input"], int(environ.get("CONTENT_LENGTH") or 0)
        environ["wsgi.input"] = io.BytesIO(stream.read() if environ.get("wsgi.input_terminated") else stream.read(length))
        with lock:
            return application(environ, start_response)

    class Quiet(WSGIRequestHandler):
        def log_request(self, *_: Any) -> None:
            pass

    try:  # werkzeug would end the process
        socket.create_server((HOST, port)).close()
    except OSError:
        raise CloudRefused(f"port {port} of {HOST} is taken; the local bucket needs it") from None
    server = make_server(HOST, port, one_at_a_time, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, name="moto", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
