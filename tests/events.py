"""What API Gateway's HTTP APIs (payload 2.0) and function URLs hand to a function."""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl


def event(method: str, target: str, body: bytes | str | None = None, **headers: str) -> dict[str, Any]:
    """A request. Bytes come in base64, text as it is; ``content_type=...`` becomes the header ``content-type``."""
    path, _, query = target.partition("?")
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {name.replace("_", "-"): value for name, value in headers.items()},
        "queryStringParameters": dict(parse_qsl(query)),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "domainName": "api.execute-api.us-east-1.amazonaws.com",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "test"},
            "requestId": "request",
            "routeKey": "$default",
            "stage": "$default",
            "time": "25/Nov/2026:13:00:00 +0000",
            "timeEpoch": 1795611600000,
        },
        "body": base64.b64encode(body).decode() if isinstance(body, bytes) else body,
        "isBase64Encoded": isinstance(body, bytes),
    }
