"""The contract: what OpenAPI says of each route, and the page that shows it."""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Any

from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver
from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from gateway.errors import RequestInvalid
from gateway.problems import CONTENT_TYPE as PROBLEM
from gateway.report import Report

TITLE, VERSION = "medsift", "1"
DESCRIPTION = "Finds every image in a PDF or on a web page and says which are medical."


class JobRequest(BaseModel):
    """The body of ``POST /v1/jobs``."""

    model_config = ConfigDict(extra="forbid")

    name: str = "document.pdf"


class Problem(BaseModel):
    """An error (RFC 9457). ``code`` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class Reason(BaseModel):
    """Why a source has no report. ``code`` is stable."""

    code: str
    title: str
    detail: str


class Unread(BaseModel):
    """One of several sources, without a report."""

    source: str
    error: Reason


class Answer(RootModel[Report | list[Report | Unread]]):
    """A report; or, of a form, a list with one entry for each file."""


def job_name(body: str | None) -> str:
    """The name that a new job's document is to have.

    Raises:
        RequestInvalid: A body that is neither empty nor ``{"name": "..."}``.
    """
    try:
        return JobRequest.model_validate_json(body or "{}").name
    except ValidationError:
        raise RequestInvalid('the body must be empty or {"name": "..."}') from None


def _failures(*statuses: int) -> dict[int, dict[str, Any]]:
    content = {PROBLEM: {"model": Problem}}
    return {status: {"description": _MEANINGS[status], "content": content} for status in statuses}


_MEANINGS = {
    400: "The request cannot be understood",
    403: "The address may not be fetched",
    404: "There is no such thing",
    408: "The request does not arrive in time",
    413: "The body is too large to send inline: use a job",
    415: "Neither a PDF nor a web page nor an image",
    422: "The source cannot be read",
    500: "A fault of medsift's own",
    501: "There are no jobs here",
    502: "The address, the classifier or the bucket failed",
    503: "The classifier is asleep or full: come back after Retry-After",
    504: "The address does not answer in time",
}

_BINARY = {"schema": {"type": "string", "format": "binary"}}
_FILES = {"schema": {"type": "object", "properties": {
    "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
    "password": {"type": "string"},
}}}  # fmt: skip
_ADDRESS = {"schema": {"type": "object", "required": ["url"], "additionalProperties": False, "properties": {
    "url": {"type": "string", "format": "uri"},
    "password": {"type": "string"},
}}}  # fmt: skip
_PARAMETERS = [
    {"name": "pages", "in": "query", "schema": {"type": "string"}, "description": "Of a PDF: 3 or 1-8, counted from 1"},
    {"name": "thumbnails", "in": "query", "schema": {"type": "boolean"}, "description": "Each image as a data: URI too"},
    {"name": "X-Pdf-Password", "in": "header", "schema": {"type": "string"}, "description": "Opens an encrypted PDF"},
]

_TEXT, _MAYBE = {"type": "string"}, {"type": ["string", "null"]}
_UPLOAD = {"type": "object", "properties": {
    "job_id": _TEXT,
    "upload_url": _TEXT | {"description": "POST a form of upload_fields, then the PDF as the last field, file, to it"},
    "upload_fields": {"type": "object", "additionalProperties": _TEXT},
    "max_bytes": {"type": "integer"},
    "expires_in_s": {"type": "integer"},
}}  # fmt: skip
_STATE = {"type": "object", "properties": {
    "job_id": _TEXT,
    "state": {"enum": ["waiting", "queued", "done", "failed"]},
    "report_json": _MAYBE | {"description": "A link, where the job is done; so is report_csv"},
    "report_csv": _MAYBE,
    "error": {"type": ["object", "null"], "description": "The problem, where the job has failed"},
}}  # fmt: skip

CLASSIFY: dict[str, Any] = {
    "summary": "Find and classify the images of a source",
    "description": "A form with files gives a list: a report of each, or its name and error.",
    "responses": {
        200: {
            "description": "The report, or a list",
            "content": {"application/json": {"model": Answer}, "text/csv": {"schema": {"type": "string"}}},
        },
        **_failures(400, 403, 408, 413, 415, 422, 500, 502, 503, 504),
    },
    "openapi_extensions": {
        "parameters": _PARAMETERS,
        "requestBody": {
            "required": True,
            "content": {
                "application/pdf": _BINARY,
                "image/*": _BINARY,
                "multipart/form-data": _FILES,
                "application/json": _ADDRESS,
            },
        },
    },
}
NEW_JOB: dict[str, Any] = {
    "summary": "Ask for an upload, for a PDF too large to send inline",
    "responses": {
        201: {"description": "Where and how to upload", "content": {"application/json": {"schema": _UPLOAD}}},
        **_failures(400, 408, 500, 501, 502),
    },
    "openapi_extensions": {"requestBody": {"content": {"application/json": {"schema": JobRequest.model_json_schema()}}}},
}
JOB: dict[str, Any] = {
    "summary": "A job's state, and links to its reports",
    "responses": {
        200: {"description": "The state", "content": {"application/json": {"schema": _STATE}}},
        **_failures(404, 500, 501, 502),
    },
}
HEALTH: dict[str, Any] = {
    "summary": "Ready only if a real prediction succeeds",
    "responses": {200: {"description": "Ready"}, **_failures(500, 502, 503)},
}


@cache
def document(app: ApiGatewayResolver) -> str:
    """The OpenAPI document, as JSON."""
    return app.get_openapi_json_schema(title=TITLE, version=VERSION, description=DESCRIPTION)


@cache
def page(app: ApiGatewayResolver) -> str:
    """Swagger UI with the document, all in one page: nothing is loaded from elsewhere."""
    from aws_lambda_powertools.event_handler.openapi import swagger_ui

    files = resources.files(swagger_ui)
    script = (files / "swagger-ui-bundle.min.js").read_text("utf-8")
    style = (files / "swagger-ui.min.css").read_text("utf-8")
    spec = document(app).replace("</", "<\\/")  # so that no text can end the script element
    return swagger_ui.generate_swagger_html(spec, script, style, "", None)
