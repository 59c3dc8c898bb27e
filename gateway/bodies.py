"""The body of ``POST /v1/classify``, in each of its forms, to the sources that it holds."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from email.policy import default as policy

from pydantic import BaseModel, ConfigDict
from python_multipart import create_form_parser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import Field, File, MultipartParser, MultipartState

from gateway.errors import RequestInvalid, SourceUnsupported
from gateway.limits import Limits
from gateway.sources import Source, from_bytes, media_type

FALLBACK_NAME = "document"


class AddressRequest(BaseModel):
    """The JSON form."""

    model_config = ConfigDict(extra="forbid")

    url: str
    password: str | None = None


@dataclass(frozen=True)
class Part:
    """One source of a body; ``read`` tells what it is, or raises what is wrong with it."""

    name: str
    read: Callable[[], Source]


@dataclass(frozen=True)
class Body:
    """What a body holds. ``several`` is whether the answer is a list."""

    parts: tuple[Part, ...]
    several: bool
    password: str | None = None


def read_body(data: bytes, content_type: str, disposition: str, limits: Limits, fetch: Callable[[str], Source]) -> Body:
    """Take a body apart.

    Args:
        data: The bytes.
        content_type: The header of this name; so is ``disposition``, which may name the file.
        limits: Bounds.
        fetch: What an address gives.

    Raises:
        RequestInvalid: Malformed JSON or multipart, or no file in it.
        SourceUnsupported: A media type that holds no source.
    """
    media_type, _ = _header(content_type, "")
    if media_type == "multipart/form-data":
        return _multipart(data, content_type, limits)
    if media_type == "application/json":
        try:
            # Windows' editors and shells write a byte order mark, or UTF-16.
            request = AddressRequest.model_validate_json(data.decode(json.detect_encoding(data)))
        except ValueError:  # which pydantic's own errors are as well
            raise RequestInvalid('the body must be {"url": "..."}, with "password" where the PDF needs one') from None
        return Body((Part(request.url, lambda: fetch(request.url)),), False, request.password)
    if media_type in ("application/pdf", "application/octet-stream", "") or media_type.startswith("image/"):
        _, name = _header(disposition, "filename")
        name = name or FALLBACK_NAME
        return Body((Part(name, lambda: from_bytes(data, name, content_type=media_type)),), False)
    raise SourceUnsupported("send application/pdf, image/*, multipart/form-data, or application/json with an address")


def parse_pages(text: str | None) -> range | None:
    """``"3"`` or ``"1-8"``, counted from 1 and both ends included, to a range.

    Raises:
        RequestInvalid: Anything else.
    """
    if not text:
        return None
    match = re.fullmatch(r"([0-9]{1,9})(?:-([0-9]{1,9}))?", text)
    if match:
        first, last = int(match[1]), int(match[2] or match[1])
        if 1 <= first <= last:
            return range(first, last + 1)
    raise RequestInvalid("pages must be a page such as 3 or a range such as 1-8, counted from 1")


def parse_flag(text: str | None, name: str) -> bool:
    """``true`` or ``false``; absent means false.

    Raises:
        RequestInvalid: Anything else.
    """
    if text not in (None, "", "true", "false", "1", "0"):
        raise RequestInvalid(f"{name} must be true or false")
    return text in ("true", "1")


def wants_csv(accept: str | None) -> bool:
    """Whether a caller prefers text/csv to JSON (RFC 9110, section 12.5.1)."""
    weights: dict[str, float] = {}
    for item in (accept or "").split(","):
        media_type, weight = _header(item, "q")
        try:
            weights[media_type] = float(weight or 1)
        except ValueError:
            weights[media_type] = 0.0
    csv = weights.get("text/csv", 0.0)
    return csv > 0 and csv >= weights.get("application/json", 0.0)


def _multipart(data: bytes, content_type: str, limits: Limits) -> Body:
    files: list[File] = []
    fields: dict[str, str] = {}

    def keep_file(file: File) -> None:
        if len(files) == limits.parts:
            raise RequestInvalid(f"the form holds more than {limits.parts} files")
        files.append(file)

    def keep_field(field: Field) -> None:
        if len(fields) < limits.parts:
            fields[_text(field.field_name)] = _text(field.value)

    try:
        parser = create_form_parser(
            {"Content-Type": content_type.encode()}, keep_field, keep_file, config={"MAX_MEMORY_FILE_SIZE": float("inf")}
        )
        parser.write(data)
        parser.finalize()
        if not isinstance(parser.parser, MultipartParser) or parser.parser.state != MultipartState.END:
            raise RequestInvalid("the form ends before its last file does")
    except (FormParserError, ValueError):
        raise RequestInvalid("the form is malformed") from None
    if not files:
        raise RequestInvalid("the form holds no file")
    return Body(tuple(_part(file) for file in files), True, fields.get("password") or None)


def _part(file: File) -> Part:
    file.file_object.seek(0)
    data = file.file_object.read()
    file.close()
    name = _text(file.file_name)
    if name.startswith("=?") and name.endswith("?="):  # RFC 2047, as .NET writes what is not ASCII, PowerShell with it
        name = str(policy.header_factory("filename", name))
    name = name or FALLBACK_NAME
    kind, charset = _header(file.content_type or media_type(name), "charset")
    return Part(name, lambda: from_bytes(data, name, content_type=kind, charset=charset or None))


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def _header(value: str, parameter: str) -> tuple[str, str]:
    """A header's value and one of its parameters, decoded (RFC 2231); both empty where there is none."""
    message = Message()
    message["Content-Type"] = value.strip() or "/"
    found = message.get_param(parameter, "") if parameter else ""
    if isinstance(found, tuple):
        # RFC 8187 knows of UTF-8 alone, whatever the parameter claims to be in.
        found = found[2].encode("latin-1", "replace").decode("utf-8", "replace")
    kind = value.partition(";")[0].strip().lower()
    return kind, str(found)
