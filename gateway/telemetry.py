"""Logs, metrics and traces, through Powertools. Nothing of a document is in any of them: no content, no names, no addresses.

Logs go to standard error as JSON lines, each with the id of its call. Metrics (CloudWatch's embedded metric format) and
traces exist in a Lambda function alone; elsewhere the same calls do nothing.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer, single_metric
from aws_lambda_powertools.metrics import MetricUnit

from gateway.correlation import request_id
from gateway.errors import MedsiftError
from gateway.report import Report

SERVICE = "medsift"
NAMESPACE = "medsift"

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


def in_lambda() -> bool:
    """Whether this process is a Lambda function."""
    return "AWS_LAMBDA_FUNCTION_NAME" in os.environ


def _level() -> str | None:
    # Powertools reads its own variables; a command line that nobody asked for logs keeps to what is wrong.
    chosen = in_lambda() or "POWERTOOLS_LOG_LEVEL" in os.environ
    return None if chosen else "WARNING"


def _tracer() -> Tracer | None:
    # X-Ray's library loads botocore, so not for a command line. It patches no other one: its traces of requests and of S3
    # would name addresses and files.
    if not in_lambda() or find_spec("aws_xray_sdk") is None:
        return None
    return Tracer(service=SERVICE, auto_patch=False)


class _Correlate(logging.Filter):
    # Powertools keeps its own correlation id per process; several calls run side by side under uvicorn.
    def filter(self, record: logging.LogRecord) -> bool:
        if identity := request_id.get():
            record.correlation_id = identity
        return True


logger = Logger(service=SERVICE, level=_level(), stream=sys.stderr)
logger.addFilter(_Correlate())
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)
tracer = _tracer()


@contextmanager
def correlated(identity: str) -> Iterator[None]:
    """Every log line and every request to the classifier inside carries ``identity``."""
    token = request_id.set(identity)
    try:
        yield
    finally:
        request_id.reset(token)


def record(report: Report) -> None:
    """Count a classified source: documents, images, shares of medical and unsure ones in percent, time by stage."""
    summary = report.summary
    logger.info(
        "classified",
        extra={
            "report": report.id, "kind": report.source.kind, "images": summary.images, "skipped": summary.skipped,
            "timing_ms": report.timing_ms,
        },
    )  # fmt: skip
    if not in_lambda():
        return
    metrics.add_metric("Documents", MetricUnit.Count, 1)
    metrics.add_metric("Images", MetricUnit.Count, summary.images)
    metrics.add_metric("Skipped", MetricUnit.Count, summary.skipped)
    if summary.images:
        metrics.add_metric("MedicalShare", MetricUnit.Percent, 100 * summary.medical / summary.images)
        metrics.add_metric("ReviewShare", MetricUnit.Percent, 100 * summary.review / summary.images)
    for stage, spent_ms in report.timing_ms.items():
        metrics.add_metric(f"Time{stage.title()}", MetricUnit.Milliseconds, spent_ms)


def record_failure(error: MedsiftError) -> None:
    """Count a source that gave no report, by the error's code."""
    logger.warning("failed", extra={"code": error.code, "retryable": error.retryable})
    _count_failure(error.code)


def record_crash(error: Exception) -> None:
    """Count a failure that nobody foresaw. Its message may hold anything, so the log has its type and its way alone."""
    frames = traceback.extract_tb(error.__traceback__)
    way = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    logger.error("unexpected failure", extra={"error": type(error).__name__, "way": way})
    _count_failure("unexpected")


def instrumented(handler: Handler) -> Handler:
    """A Lambda handler with its context in the logs, its metrics flushed and its calls traced.

    Neither its answer nor its exceptions go into the trace: both can hold what a document says.
    """
    if not in_lambda():
        return handler
    warnings.filterwarnings("ignore", "No application metrics")  # not every call classifies something
    if tracer:
        handler = tracer.capture_lambda_handler(handler, capture_response=False, capture_error=False)
    counted = metrics.log_metrics(handler, capture_cold_start_metric=True)
    return logger.inject_lambda_context(counted, clear_state=True)


def _count_failure(code: str) -> None:
    if in_lambda():
        dimensions = {"service": SERVICE, "code": code}
        with single_metric("Failures", MetricUnit.Count, 1, namespace=NAMESPACE, default_dimensions=dimensions):
            pass
