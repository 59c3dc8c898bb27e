"""MuPDF's pixmaps as Pillow's images."""

from __future__ import annotations

import math
from typing import Any

from PIL import Image
from pymupdf import mupdf

DECODED_PIXELS = 32_000_000  # a larger image is halved until it fits while it is decoded: 100 MB of RGB are enough

Size = tuple[int, int]
"""Width and height in pixels."""


RGB = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB)
"""The colour space that everything ends in."""


def decoded(image: Any) -> Any:
    """An image's own pixels, in its own colour space, its mask not applied."""
    factor = math.ceil(math.log2(max(1.0, image.w() * image.h() / DECODED_PIXELS)) / 2)
    if factor == 0:
        return mupdf.fz_get_unscaled_pixmap_from_image(image)
    # MuPDF halves as long as two pixels more than asked for are left.
    wanted = mupdf.fz_scale(max(1, (image.w() >> factor) - 2), max(1, (image.h() >> factor) - 2))
    pixmap, _, _ = mupdf.ll_fz_get_pixmap_from_image(image.m_internal, None, wanted.internal())
    return mupdf.FzPixmap(pixmap)


def to_rgb(pixmap: Any) -> Image.Image:
    """A pixmap of any colour space as RGB, its alpha, by which MuPDF multiplies, undone."""
    if not pixmap.colorspace().m_internal:
        return Image.new("RGB", (pixmap.w(), pixmap.h()), "black")
    converted = mupdf.fz_convert_pixmap(
        pixmap, RGB, mupdf.FzColorspace(), mupdf.FzDefaultColorspaces(), mupdf.FzColorParams(), 1
    )
    if converted.alpha():
        return to_image(converted, "RGBa").convert("RGBA").convert("RGB")
    return to_image(converted, "RGB")


def to_alpha(pixmap: Any) -> Image.Image:
    """A pixmap's alpha alone."""
    alone = mupdf.fz_convert_pixmap(
        pixmap, mupdf.FzColorspace(), mupdf.FzColorspace(), mupdf.FzDefaultColorspaces(), mupdf.FzColorParams(), 1
    )
    return to_image(alone, "L")


def to_image(pixmap: Any, mode: str) -> Image.Image:
    """A copy of a pixmap's samples, which are ``mode``: a mask's and a stencil's are L."""
    width, height, stride = pixmap.w(), pixmap.h(), pixmap.stride()
    samples = mupdf.python_memoryview_from_memory(mupdf.ll_fz_pixmap_samples(pixmap.m_internal), stride * height, 0)
    return Image.frombytes(mode, (width, height), samples, "raw", mode, stride)
