"""What the finders find: an image, one more place where it is drawn, or a reason why something was left out."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from PIL import Image

from gateway.limits import Limits
from handler.preprocess import Pixels, to_input, to_rgb

SUFFIXES = frozenset(
    ".pdf .avif .bmp .dib .gif .ico .jfif .jp2 .jpe .jpeg .jpg .mpo .pgm .png .ppm .tif .tiff .webp".split()  # noqa: SIM905
)
"""Of files that hold images: taken from a directory, and told of where a PDF carries them. Named itself, a file may be called
anything."""

Origin = Literal[
    "embedded", "inline", "annotation", "rendered",
    "img", "srcset", "picture", "lazy", "css", "meta", "data", "svg", "direct",
]  # fmt: skip
"""How the image was found: the first four in PDFs, the others on web pages, ``direct`` where the source is the image."""

Box = tuple[float, float, float, float]
"""x0, y0, x1, y1 in PDF points from the page's top left, as the page is shown."""

BAND = 256


class Keep(StrEnum):
    """What of an image is kept beside the model's input."""

    NOTHING = "nothing"
    THUMBNAIL = "thumbnail"
    FULL = "full"


@dataclass(frozen=True)
class Placement:
    """A place on a page where an image is drawn. Pages count from 1."""

    page: int
    bbox: Box


@dataclass(frozen=True)
class FoundImage:
    """A distinct image, where it was first met.

    ``pixels`` is the model's input, uint8 [128,128,3]; ``png`` is the image or its thumbnail, where one was asked for.
    """

    sha256: str
    width: int
    height: int
    origin: Origin
    pixels: Pixels
    placement: Placement | None = None
    url: str | None = None
    png: bytes | None = None


@dataclass(frozen=True)
class Repeated:
    """An image that was found before is drawn once more."""

    sha256: str
    placement: Placement


@dataclass(frozen=True)
class Skipped:
    """An image that is left out of the classification, or a part of the source that could not be searched.

    ``reason`` is a stable code, ``detail`` one sentence for people.
    """

    reason: str
    detail: str
    page: int | None = None
    bbox: Box | None = None
    url: str | None = None


@dataclass(frozen=True)
class Searched:
    """A page has been searched: ``page`` of ``pages``; page 0 where none was to be."""

    page: int
    pages: int


Finding = FoundImage | Repeated | Skipped | Searched


def inspect(
    image: Image.Image,
    origin: Origin,
    limits: Limits,
    *,
    placement: Placement | None = None,
    url: str | None = None,
    keep: Keep = Keep.NOTHING,
) -> FoundImage | Skipped:
    """Turn a decoded image into a finding: skipped as ``too_small`` or ``blank``, or found."""
    page, bbox = (placement.page, placement.bbox) if placement else (None, None)
    width, height = image.size
    if min(width, height) < limits.image_side:
        detail = f"{width}x{height} px; images under {limits.image_side} px on a side are left out"
        return Skipped("too_small", detail, page, bbox, url)
    image = to_rgb(image)
    if all(low == high for low, high in image.getextrema()):  # type: ignore[misc]
        return Skipped("blank", "the image is one colour", page, bbox, url)
    return FoundImage(
        sha256=fingerprint(image), width=width, height=height, origin=origin, pixels=to_input(image),
        placement=placement, url=url, png=_png(image, keep, limits),
    )  # fmt: skip


def fingerprint(image: Image.Image) -> str:
    """SHA-256 of an image's size and RGB pixels: the same for the same picture, however it was stored."""
    digest = hashlib.sha256(f"{image.width}x{image.height}:".encode())
    image = to_rgb(image)
    for top in range(0, image.height, BAND):  # all the bytes at once would be as much memory once more
        digest.update(image.crop((0, top, image.width, min(top + BAND, image.height))).tobytes())
    return digest.hexdigest()


def _png(image: Image.Image, keep: Keep, limits: Limits) -> bytes | None:
    if keep is Keep.NOTHING:
        return None
    if keep is Keep.THUMBNAIL:
        image = image.copy()
        image.thumbnail((limits.thumbnail_side, limits.thumbnail_side))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
