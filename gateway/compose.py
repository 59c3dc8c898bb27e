"""From settings to the parts that work together; the only place where they are chosen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from gateway.errors import RequestInvalid
from gateway.fetch import Fetcher
from gateway.inference import Inference
from gateway.limits import Limits
from gateway.service import Service
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.backlog import Submitted
    from gateway.jobs import Jobs
    from gateway.uploads import Uploads


def service(settings: Settings, limits: Limits | None = None) -> Service:
    """Finding and classifying, as configured.

    Raises:
        RequestInvalid: ``allow_hosts`` holds something that is not host:port.
    """
    limits = limits or settings.limits
    try:
        fetcher = Fetcher(limits, settings.allowed_hosts)
    except ValueError as error:
        raise RequestInvalid(f"MEDSIFT_ALLOW_HOSTS: {error}") from None
    return Service(inference(settings, limits), fetcher, limits)


def inference(settings: Settings, limits: Limits) -> Inference:
    """The way to the networks: SageMaker where an endpoint is named, else HTTP."""
    # boto3 takes longer to load than all the rest, and half of the functions never need it.
    if settings.sagemaker_endpoint:
        from gateway.sagemaker import SageMakerInference, connect

        return SageMakerInference(connect(limits), settings.sagemaker_endpoint, limits)
    from gateway.http_inference import HttpInference

    return HttpInference(settings.inference_url, limits, ca_file=settings.inference_ca_file)


def jobs(settings: Settings, limits: Limits | None = None) -> Jobs | None:
    """Uploads through the bucket, where one is configured."""
    if not settings.bucket:
        return None
    import time

    from gateway import storage
    from gateway.jobs import Jobs

    return Jobs(storage.connect(), settings.bucket, limits or settings.limits, time.time)


def uploads(settings: Settings, limits: Limits | None = None) -> Uploads:
    """What works through the queue of uploads.

    Raises:
        RequestInvalid: No bucket is configured.
    """
    import boto3

    from gateway import storage
    from gateway.uploads import Uploads

    if not settings.bucket:
        raise RequestInvalid("uploads need a bucket: set MEDSIFT_BUCKET")
    limits = limits or settings.limits
    return Uploads(
        storage.Storage(storage.connect(), settings.bucket, limits),
        service(settings, limits),
        limits,
        sqs=boto3.client("sqs") if settings.queue_url else None,
        queue_url=settings.queue_url,
    )


def submit(settings: Settings, address: str, progress: Callable[[Submitted], None] | None = None) -> Submitted:
    """Queue the PDFs that lie at ``s3://BUCKET/PREFIX`` and have no outcome yet; see :func:`gateway.backlog.submit`.

    Raises:
        RequestInvalid: Nothing at this address is ever classified, or no queue is configured.
        CloudRefused: The bucket or the queue cannot be used.
    """
    import boto3

    from gateway import backlog, storage

    bucket, prefix = backlog.parse_address(address)
    if not settings.queue_url:
        raise RequestInvalid("there is no queue to submit to: set MEDSIFT_QUEUE_URL")
    with storage.refusals():
        place, sqs = storage.Storage(storage.connect(), bucket, settings.limits), boto3.client("sqs")
    return backlog.submit(place, prefix, sqs, settings.queue_url, progress=progress)
