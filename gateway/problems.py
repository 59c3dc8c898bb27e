"""Errors as HTTP answers: application/problem+json (RFC 9457)."""

from __future__ import annotations

import json
from typing import Any

from aws_lambda_powertools.event_handler import Response

from gateway.errors import InferenceUnavailable, MedsiftError

CONTENT_TYPE = "application/problem+json"


def problem(error: MedsiftError) -> Response[Any]:
    """An error as its HTTP answer, with Retry-After where waiting helps."""
    headers: dict[str, Any] = {}
    if isinstance(error, InferenceUnavailable):
        headers["Retry-After"] = str(error.retry_after_s)
    return Response(error.status, CONTENT_TYPE, json.dumps(error.problem(), ensure_ascii=False), headers)
