"""The gateway outside Lambda: ``uvicorn --factory gateway.asgi:create``, with the same routes."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable, MutableMapping
from functools import partial
from typing import Any

from aws_lambda_powertools.event_handler.http_resolver import HttpResolverLocal
from aws_lambda_powertools.utilities.data_classes.common import BaseProxyEvent

from gateway import compose
from gateway.errors import BodyTimeout
from gateway.http import create_app
from gateway.limits import Limits
from gateway.problems import problem
from gateway.settings import Settings

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class LocalResolver(HttpResolverLocal):
    """Powertools' own ASGI resolver, for bodies of any bytes and of bounded size.

    That one reads a body without end and takes it for UTF-8 text. Here it is base64, as API Gateway hands binary bodies
    over, and what goes beyond ``Limits.inline_bytes`` is read and thrown away, so that the caller hears the answer.
    """

    def __init__(self, limits: Limits, **options: Any) -> None:
        super().__init__(**options)
        self._limits = limits

    def _to_proxy_event(self, event: dict[str, Any]) -> BaseProxyEvent:
        return super()._to_proxy_event(event | {"isBase64Encoded": True})

    async def asgi_handler(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            try:
                async with asyncio.timeout(self._limits.inline_s):
                    body = await self._read(receive)
            except TimeoutError:
                late = problem(BodyTimeout(f"the body is not here after {self._limits.inline_s:.0f} s"))
                answer = {"Content-Type": late.content_type, "Connection": "close"}
                await self._send_response(send, {"statusCode": late.status_code, "headers": answer, "body": late.body})
                return
            if body is None:
                return
            scope = {**scope, "headers": [(name, _as_utf8(value)) for name, value in scope["headers"]]}
            receive = partial(_once, base64.b64encode(body))
        await super().asgi_handler(scope, receive, send)

    async def _read(self, receive: Receive) -> bytes | None:
        """The body, cut one byte past its bound; None where the caller has gone."""
        body, seen = bytearray(), 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return None
            chunk = message.get("body", b"")
            seen += len(chunk)
            body += chunk[: self._limits.inline_bytes + 1 - len(body)]
            if not message.get("more_body", False) or seen > self._limits.source_bytes:
                return bytes(body)


def create() -> LocalResolver:
    """The app, as the environment's settings have it."""
    settings = Settings()
    service = compose.service(settings)
    resolver = partial(LocalResolver, service.limits)
    app = create_app(service, compose.jobs(settings), origins=settings.allowed_origins, resolver=resolver)
    assert isinstance(app, LocalResolver)  # noqa: S101 - for the type checker: create_app returns what resolver makes
    return app


def _as_utf8(value: bytes) -> bytes:
    """A header's value, which may be any bytes, for Powertools, which takes it for UTF-8: what is none is Latin-1."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1").encode()
    return value


async def _once(body: bytes) -> Message:
    return {"type": "http.request", "body": body, "more_body": False}
