"""What is handed in: a file, some bytes or an address, and which of PDF, page or image it turns out to be."""

from __future__ import annotations

import io
import math
import os
import re
import warnings
from dataclasses import dataclass
from mimetypes import MimeTypes
from pathlib import Path

from PIL import Image

from gateway.errors import SourceEmpty, SourceNotFound, SourceTooLarge, SourceUnsupported
from gateway.fetch import Fetcher
from gateway.limits import Limits
from gateway.report import Kind
from handler.preprocess import FORMATS

PDF_HEADER_WITHIN = 1024
"""Readers look for ``%PDF-`` among the first KB (ISO 32000-1, annex H, note 13)."""

PAGE_TYPES = frozenset({"text/html", "application/xhtml+xml"})

# What a page starts with, by the WHATWG's MIME Sniffing Standard, section 7.1, and XHTML.
_PAGE_START = re.compile(
    rb"\s*(?:<\?xml[^>]*\?>\s*)?"
    rb"(?:<!--|<(?:!doctype html|html|head|script|iframe|h1|div|font|table|a|style|title|b|body|br|p)[\s>])",
    re.IGNORECASE,
)
_TYPES = MimeTypes()  # Python's own list: what this machine's has besides would make answers differ between machines
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Source:
    """A document at hand. ``url`` is where it was fetched from, after redirects, or None."""

    kind: Kind
    name: str
    data: bytes
    url: str | None = None
    charset: str | None = None


def from_bytes(data: bytes, name: str, *, content_type: str = "", url: str | None = None, charset: str | None = None) -> Source:
    """Tell what bytes are. The bytes decide; a media type only where they say nothing.

    Raises:
        SourceEmpty: No bytes.
        SourceUnsupported: Neither a PDF nor a page nor an image.
    """
    if not data:
        raise SourceEmpty("the source holds no bytes")
    return Source(_kind(data, content_type.lower()), name, data, url, charset)


def from_file(path: Path, limits: Limits) -> Source:
    """Read a file, named as its path is given, in characters.

    Raises:
        SourceNotFound: No file there, or one that may not be read.
        SourceTooLarge: More than ``Limits.source_bytes``.
        SourceEmpty, SourceUnsupported: As :func:`from_bytes`.
    """
    try:
        if not path.exists():
            raise SourceNotFound("there is no such file")
        if not path.is_file():
            raise SourceNotFound("it is not a file")
        with path.open("rb") as file:
            data = file.read(limits.source_bytes + 1)
    except (OSError, ValueError) as error:
        raise SourceNotFound(f"the file cannot be read ({getattr(error, 'strerror', None) or 'no such name'})") from None
    if len(data) > limits.source_bytes:
        raise SourceTooLarge(f"the file has more than {limits.source_bytes:,} bytes")
    return from_bytes(data, in_characters(str(path)), content_type=media_type(path.name))


def from_address(url: str, fetcher: Fetcher, limits: Limits, deadline: float = math.inf) -> Source:
    """Fetch an address by a moment of :func:`time.monotonic`, and tell what it gives.

    Raises:
        FetchError: As :meth:`Fetcher.get`.
        SourceTooLarge: More than ``Limits.source_bytes``.
        SourceEmpty, SourceUnsupported: As :func:`from_bytes`.
    """
    response = fetcher.get(url, max_bytes=limits.source_bytes, deadline=deadline)
    return from_bytes(response.data, url, content_type=response.content_type, url=response.url, charset=response.charset)


def media_type(name: str) -> str:
    """What a file's name says that it is; empty where it says nothing that is known."""
    return _TYPES.guess_type(name, strict=False)[0] or ""


def in_characters(path: str) -> str:
    """A path as a report can hold it: on POSIX, names are bytes, and need not be UTF-8."""
    return os.fsencode(path).decode("utf-8", "replace")


def is_address(text: str) -> bool:
    """Whether a command line's argument is an address and no path."""
    return re.match(r"https?://", text, re.IGNORECASE) is not None


def _kind(data: bytes, content_type: str) -> Kind:
    if b"%PDF-" in data[: PDF_HEADER_WITHIN + len(b"%PDF-")]:
        return "pdf"
    if _is_image(data):
        return "image"
    if content_type in PAGE_TYPES or _PAGE_START.match(data.removeprefix(_BYTE_ORDER_MARK)):
        return "page"
    if content_type == "application/pdf":
        return "pdf"
    if content_type.startswith("image/"):
        return "image"
    raise SourceUnsupported("it is neither a PDF nor a web page nor an image of a supported format")


def _is_image(data: bytes) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=FORMATS):
                return True
    except Image.DecompressionBombError:
        return True
    except Exception:  # Pillow's plug-ins raise nearly anything on what only looks like an image
        return False
