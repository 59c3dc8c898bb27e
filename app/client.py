"""The gateway over HTTP: one document, or some pages of it, out; its report back."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import requests
from PIL import Image
from pydantic import TypeAdapter, ValidationError

from gateway.errors import MedsiftError
from gateway.limits import Limits
from gateway.report import Report

REPORT = TypeAdapter(Report)
CONNECT_S, READ_S = 5.0, 600.0


class GatewayFailed(MedsiftError):
    """The gateway answered with an error, or not at all: its code, status and sentence, as they came.

    ``gateway_unreachable`` and ``answer_invalid`` are this client's own codes. ``retry_after_s`` is set where the
    gateway says when to ask again.
    """

    def __init__(self, code: str, status: int, title: str, detail: str, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.code, self.status, self.title, self.retry_after_s = code, status, title, retry_after_s
        self.retryable = status in (0, 429, 502, 503, 504)


@dataclass(frozen=True)
class Document:
    """What a person hands in: the bytes of a file, or an address."""

    name: str
    data: bytes = b""
    content_type: str = ""
    url: str | None = None


class Gateway:
    """A client of ``POST /v1/classify``. May be shared by threads."""

    def __init__(self, url: str, session: requests.Session | None = None) -> None:
        self.url = url.rstrip("/")
        self._session = session or requests.Session()
        self._session.trust_env = False  # a proxy of the environment does not know this machine's gateway

    def classify(
        self, document: Document, pages: range | None = None, password: str | None = None, *, thumbnails: bool = True
    ) -> Report:
        """The report of a document; of a PDF only of ``pages``, which count from 1, where given.

        Raises:
            GatewayFailed: It refuses, cannot be reached, or its answer is no report.
        """
        query = {"thumbnails": str(thumbnails).lower()} | ({"pages": f"{pages[0]}-{pages[-1]}"} if pages else {})
        body: dict[str, Any]
        if document.url is None:
            headers = {"Content-Type": document.content_type, "Content-Disposition": _disposition(document.name)}
            body = {"data": document.data, "headers": headers | ({"X-Pdf-Password": password.encode()} if password else {})}
        else:
            body = {"json": {"url": document.url} | ({"password": password} if password else {})}
        try:
            answer = self._session.post(f"{self.url}/v1/classify", params=query, timeout=(CONNECT_S, READ_S), **body)
        except requests.Timeout:
            raise GatewayFailed("gateway_timeout", 0, "No answer", f"{self.url} does not answer in time") from None
        except requests.RequestException:
            raise GatewayFailed("gateway_unreachable", 0, "No connection", f"nothing answers at {self.url}") from None
        if not answer.ok:
            raise _failure(answer)
        return read_report(answer.content)


def read_report(data: bytes) -> Report:
    """A report from its JSON.

    Raises:
        GatewayFailed: ``answer_invalid``: it is something else, or its pictures are not what a gateway makes.
    """
    try:
        report = REPORT.validate_json(data)
    except ValidationError:
        raise GatewayFailed("answer_invalid", 200, "Not a report", "the answer is not a medsift report") from None
    # A report may also come from a person's disk: nothing but the gateway's own kind of picture is ever shown from it.
    if not all(_is_thumbnail(entry.thumbnail) for entry in report.images if entry.thumbnail):
        raise GatewayFailed("answer_invalid", 200, "Not a report", "a picture of the report is not a small PNG")
    return report


def read_reports(data: bytes) -> list[Report | tuple[str, GatewayFailed]]:
    """What a JSON file holds that medsift wrote: one report, or a list, with name and problem of what could not be read.

    Raises:
        GatewayFailed: As :func:`read_report`.
    """
    try:
        content = json.loads(data)
    except ValueError:
        content = None
    documents = content if isinstance(content, list) else [content]
    return [_failed_before(document) or read_report(json.dumps(document).encode()) for document in documents]


def _failed_before(document: Any) -> tuple[str, GatewayFailed] | None:
    match document:
        case {"source": str(name), "error": {"title": str(title), "detail": str(detail)}}:
            # A code of its own: with the gateway's, the page would offer to try again with a document that it does not have.
            return name, GatewayFailed("failed_before", 200, title, detail)
    return None


def _is_thumbnail(uri: str) -> bool:
    head, _, text = uri.partition(",")
    try:
        with Image.open(io.BytesIO(base64.b64decode(text, validate=True)), formats=("PNG",)) as image:
            if head != "data:image/png;base64" or max(image.size) > Limits.thumbnail_side:
                return False
            image.load()
    except Exception:  # Pillow raises nearly anything on damaged bytes
        return False
    return True


def _disposition(name: str) -> str:
    return f"attachment; filename*=UTF-8''{quote(name, safe='')}"


def _failure(answer: requests.Response) -> GatewayFailed:
    try:
        problem = answer.json()
    except ValueError:
        problem = None
    if not isinstance(problem, dict):
        problem = {}
    wait = answer.headers.get("Retry-After", "")
    return GatewayFailed(
        code=str(problem.get("code", f"http_{answer.status_code}")),
        status=answer.status_code,
        title=str(problem.get("title", answer.reason or "Error")),
        detail=str(problem.get("detail", f"the gateway answers {answer.status_code}")),
        retry_after_s=int(wait) if wait.isdecimal() else None,
    )
