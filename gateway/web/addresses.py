"""What a page writes where an address should be."""

from __future__ import annotations

import base64
import binascii
import re
from urllib.parse import SplitResult, unquote_to_bytes, urljoin, urlsplit

import idna
from requests.utils import requote_uri

IMAGE_ENDINGS = frozenset((
    "apng", "avif", "bmp", "cur", "dib", "gif", "heic", "heif", "ico", "j2k", "jfif", "jp2", "jpe", "jpeg", "jpg",
    "jxl", "pjp", "pjpeg", "png", "svg", "svgz", "tif", "tiff", "webp",
))  # fmt: skip
DRAWN_OR_UNKNOWN = frozenset((
    "heic", "heif", "jxl", "svg", "svgz",
))  # fmt: skip
"""Endings of images that cannot be decoded here, SVG among them."""

DECODED_TYPES = frozenset(
    f"image/{kind}"
    for kind in (
        *("apng", "avif", "bmp", "gif", "jp2", "jpeg", "jpg", "pjpeg", "png", "tiff", "vnd.microsoft.icon", "webp"),
        *("x-icon", "x-ms-bmp", "x-png"),
    )
)
_NO_IMAGE = ("about:", "javascript:", "blob:", "mailto:", "tel:", "chrome:", "chrome-extension:", "moz-extension:")
_SHOWN = 80


def resolve(base: str | None, reference: str) -> str | None:
    """The absolute address that a reference means, without its fragment, or None where it means no address at all.

    As the WHATWG's URL Standard has it: white space around it and line breaks inside it do not count, backslashes are
    slashes, and what may not stand in an address is percent-encoded. Without a ``base``, a relative one stays relative.
    """
    reference = re.sub(r"[\t\n\r]", "", reference).strip("".join(map(chr, range(33))))
    lowered = reference.lower()
    if lowered.startswith("data:"):
        return reference
    if not reference or reference.startswith("#") or lowered.startswith(_NO_IMAGE):
        return None
    path, mark, query = reference.partition("?")
    try:
        joined = urlsplit(urljoin(base or "", path.replace("\\", "/") + mark + query))
        return requote_uri(_in_ascii(joined)._replace(fragment="").geturl()) or None
    except ValueError:
        return reference


def _in_ascii(parts: SplitResult) -> SplitResult:
    """With the host as DNS has it: ``xn--bcher-kva.example`` (Unicode Technical Standard 46)."""
    host = parts.hostname
    if not host or host.isascii():
        return parts
    try:
        return parts._replace(netloc=re.sub(re.escape(host), idna.encode(host, uts46=True).decode(), parts.netloc, flags=re.I))
    except idna.IDNAError:
        return parts


def is_data(address: str) -> bool:
    """Whether the address holds its content itself."""
    return address[:5].lower() == "data:"


def ending(address: str) -> str:
    """The ending of the path's last part, in lower case: ``jpg``; empty where there is none."""
    try:
        name = urlsplit(address).path.rpartition("/")[2]
    except ValueError:
        return ""
    stem, dot, last = name.rpartition(".")
    return last.lower() if dot and stem else ""


def named_as_image(address: str) -> bool:
    """Whether an address says of itself that it leads to an image."""
    if is_data(address):
        return address[5:11].lower() == "image/"
    return ending(address) in IMAGE_ENDINGS


def data_of(address: str) -> tuple[str, bytes]:
    """Media type and content of a ``data:`` address (Fetch Standard, "data: URL processor").

    Raises:
        ValueError: It has no comma, or its base64 is none.
    """
    header, comma, body = address[5:].partition(",")
    if not comma:
        raise ValueError("no comma")
    data = unquote_to_bytes(body)
    media_type, *parameters = (part.strip().lower() for part in header.split(";"))
    if "base64" in parameters[-1:]:
        packed = re.sub(rb"[\t\n\f\r ]", b"", data).rstrip(b"=")
        try:
            data = base64.b64decode(packed + b"=" * (-len(packed) % 4), validate=True)
        except binascii.Error:
            raise ValueError("no base64") from None
    return media_type or "text/plain", data


def shown(address: str) -> str:
    """The address as a report shows it: a ``data:`` address only begins."""
    return address if not is_data(address) or len(address) <= _SHOWN else f"{address[:_SHOWN]}…"
