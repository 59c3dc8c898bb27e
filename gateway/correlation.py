"""One id per call, from the caller's header through every log line to the classifier's."""

from __future__ import annotations

import re
import uuid
from contextvars import ContextVar

HEADER = "X-Request-Id"

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The call being worked on; a thread started for it must run in a copy of its context."""

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._:@=+/-]{1,128}")


def new_request_id() -> str:
    """An id that nobody else has."""
    return uuid.uuid4().hex


def accepted(given: str | None) -> str:
    """A caller's id where it is harmless in a log and a header, else a new one."""
    return given if given and _ACCEPTABLE.fullmatch(given) else new_request_id()
