"""S3 and SQS for tests: moto's server on loopback, real HTTP, with a bucket that notifies a queue."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

from gateway.local import as_record

REGION = "us-east-1"


@dataclass(frozen=True)
class Cloud:
    """A bucket and its queue. ``environment`` leads another process there."""

    endpoint_url: str
    s3: Any
    sqs: Any
    bucket: str
    queue_url: str
    dead_url: str

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.endpoint_url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "MEDSIFT_BUCKET": self.bucket,
            "MEDSIFT_QUEUE_URL": self.queue_url,
        }

    def put(self, key: str, data: bytes) -> str:
        """Upload; answers the ETag."""
        return str(self.s3.put_object(Bucket=self.bucket, Key=key, Body=data)["ETag"]).strip('"')

    def get(self, key: str) -> bytes:
        return bytes(self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read())

    def json(self, key: str) -> Any:
        return json.loads(self.get(key))

    def listing(self, prefix: str = "") -> list[str]:
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
        return [entry["Key"] for page in pages for entry in page.get("Contents", [])]

    def receive(self, wait_s: float = 0) -> list[dict[str, Any]]:
        """Up to ten messages as Lambda would hand them over; they stay in the queue, invisible for a while."""
        deadline = time.monotonic() + wait_s
        while True:
            answer = self.sqs.receive_message(QueueUrl=self.queue_url, MaxNumberOfMessages=10, AttributeNames=["All"])
            if "Messages" in answer or time.monotonic() >= deadline:
                return [as_record(message) for message in answer.get("Messages", [])]
            time.sleep(0.1)

    def delete(self, record: dict[str, Any]) -> None:
        self.sqs.delete_message(QueueUrl=self.queue_url, ReceiptHandle=record["receiptHandle"])

    def waiting(self) -> int:
        """Messages in the queue, visible or not."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        answer = self.sqs.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)["Attributes"]
        return sum(int(answer[name]) for name in names)


@contextmanager
def new_cloud(endpoint_url: str, visibility_s: int = 30, tries: int = 10) -> Iterator[Cloud]:
    """A fresh bucket and queue on a server."""
    s3, sqs = _clients(endpoint_url)
    name = f"medsift-{uuid.uuid4().hex[:8]}"
    dead_url = sqs.create_queue(QueueName=f"{name}-dead")["QueueUrl"]
    redrive = json.dumps({"deadLetterTargetArn": _arn(sqs, dead_url), "maxReceiveCount": str(tries)})
    attributes = {"VisibilityTimeout": str(visibility_s), "RedrivePolicy": redrive}
    queue_url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
    s3.create_bucket(Bucket=name)
    rule = {
        "QueueArn": _arn(sqs, queue_url),
        "Events": ["s3:ObjectCreated:*"],
        "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "incoming/"}]}},
    }
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={"QueueConfigurations": [rule]})
    yield Cloud(endpoint_url, s3, sqs, name, queue_url, dead_url)


@cache
def _clients(endpoint_url: str) -> tuple[Any, Any]:
    session = boto3.Session("test", "test", region_name=REGION)
    s3 = session.client("s3", endpoint_url=endpoint_url, config=Config(signature_version="s3v4"))
    return s3, session.client("sqs", endpoint_url=endpoint_url)


def _arn(sqs: Any, queue_url: str) -> str:
    return str(sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])
