"""The pixels of a drawn image, as a reader sees them.

Most images are decoded by themselves, at their own resolution: colours converted, masks composited on white, then turned as
the page turns them and cropped as it crops them. Where a clip is no rectangle, a mask comes from elsewhere, or the image
stands at an angle, the one image is drawn again alone, on white, under all that is in force there.
"""

from __future__ import annotations

import math
from typing import Any

from PIL import Image
from pymupdf import mupdf

from gateway.errors import MedsiftError
from gateway.pdf.drawn import VIRTUAL, Drawn
from gateway.pdf.geometry import Matrix

SLANT = 0.02  # sine of the angle up to which an image counts as upright: a scan straightened by a degree is
CROP_PIXELS = 1.0  # less than this is rounding, not cropping
REDRAWN_SIDE = 4096
DECODED_PIXELS = 32_000_000  # a larger one is halved until it fits while it is decoded: 100 MB of RGB are enough

Size = tuple[int, int]


class ImageTooLarge(MedsiftError):
    """An image announces more pixels than are allowed."""

    code, status, title = "image_too_large", 422, "The image is too large"


def size(drawn: Drawn) -> Size:
    """Width and height of the image as it is stored, its mask taken into account: a 1x1 image often carries a drawn mask."""
    width, height = drawn.image.w(), drawn.image.h()
    mask = drawn.image.mask()
    if mask.m_internal:
        width, height = max(width, mask.w()), max(height, mask.h())
    return width, height


def appearance(drawn: Drawn, display_list: Any, max_pixels: int) -> Image.Image:
    """RGB, at the image's own resolution.

    Raises:
        ImageTooLarge: It has more than ``max_pixels``.
        RuntimeError: MuPDF's, where it cannot be decoded.
    """
    width, height = size(drawn)
    if width * height > max_pixels:
        raise ImageTooLarge(f"the image announces {width}x{height} pixels; {max_pixels:,} are allowed")
    if drawn.plain and _is_upright(drawn.matrix):
        return _cropped(_turned(_decoded(drawn), drawn.matrix), drawn)
    return _redrawn(drawn, display_list)


def _is_upright(matrix: Matrix) -> bool:
    along, down = matrix.sides
    if not along or not down:
        return False
    straight = max(abs(matrix.b) / along, abs(matrix.c) / down) <= SLANT
    quarter = max(abs(matrix.a) / along, abs(matrix.d) / down) <= SLANT
    return straight or quarter


def _decoded(drawn: Drawn) -> Image.Image:
    if drawn.colour is not None:
        ink = Image.new("RGB", (1, 1), tuple(round(255 * part) for part in drawn.colour))
        stencil = _channel(_pixmap(drawn.image))
        return _on_white(ink.resize(stencil.size), stencil, drawn.alpha)
    pixmap = _pixmap(drawn.image)
    coverage = _alpha(pixmap) if pixmap.alpha() else None  # colour-key masks, and JPX with alpha
    picture = _rgb(pixmap)
    mask = drawn.image.mask()
    if mask.m_internal:
        coverage = _channel(_pixmap(mask))
        target = max(picture.width, coverage.width), max(picture.height, coverage.height)
        picture, coverage = _scaled(picture, target), _scaled(coverage, target)
    if coverage is None and drawn.alpha >= 1:
        return picture
    return _on_white(picture, coverage or Image.new("L", picture.size, 255), drawn.alpha)


def _pixmap(image: Any) -> Any:
    factor = math.ceil(math.log2(max(1.0, image.w() * image.h() / DECODED_PIXELS)) / 2)
    if factor == 0:
        return mupdf.fz_get_unscaled_pixmap_from_image(image)
    wanted = mupdf.fz_scale(image.w() >> factor, image.h() >> factor)
    pixmap, _, _ = mupdf.ll_fz_get_pixmap_from_image(image.m_internal, None, wanted.internal())
    return mupdf.FzPixmap(pixmap)


def _rgb(pixmap: Any) -> Image.Image:
    """A pixmap of any colour space as RGB, its alpha, by which MuPDF multiplies, undone."""
    target = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB)
    if not pixmap.colorspace().m_internal:
        return Image.new("RGB", (pixmap.w(), pixmap.h()), "black")
    converted = mupdf.fz_convert_pixmap(
        pixmap, target, mupdf.FzColorspace(), mupdf.FzDefaultColorspaces(), mupdf.FzColorParams(), 1
    )
    if converted.alpha():
        return _image(converted, "RGBa").convert("RGBA").convert("RGB")
    return _image(converted, "RGB")


def _alpha(pixmap: Any) -> Image.Image:
    target = mupdf.FzColorspace()
    alone = mupdf.fz_convert_pixmap(
        pixmap, target, mupdf.FzColorspace(), mupdf.FzDefaultColorspaces(), mupdf.FzColorParams(), 1
    )
    return _image(alone, "L")


def _channel(pixmap: Any) -> Image.Image:
    """A mask's or a stencil's one channel."""
    return _image(pixmap, "L")


def _image(pixmap: Any, mode: str) -> Image.Image:
    width, height, stride = pixmap.w(), pixmap.h(), pixmap.stride()
    samples = mupdf.python_memoryview_from_memory(mupdf.ll_fz_pixmap_samples(pixmap.m_internal), stride * height, 0)
    return Image.frombytes(mode, (width, height), samples, "raw", mode, stride)


def _scaled(image: Image.Image, target: Size) -> Image.Image:
    return image if image.size == target else image.resize(target, Image.Resampling.BILINEAR)


def _on_white(picture: Image.Image, coverage: Image.Image, alpha: float) -> Image.Image:
    if alpha < 1:
        coverage = coverage.point(lambda value: round(value * alpha))
    return Image.composite(picture, Image.new("RGB", picture.size, "white"), coverage)


def _turned(image: Image.Image, matrix: Matrix) -> Image.Image:
    if abs(matrix.a) >= abs(matrix.b):
        if matrix.a < 0 and matrix.d < 0:
            return image.transpose(Image.Transpose.ROTATE_180)
        if matrix.a < 0:
            return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        return image.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if matrix.d < 0 else image
    if matrix.b > 0:
        return image.transpose(Image.Transpose.TRANSPOSE if matrix.c > 0 else Image.Transpose.ROTATE_270)
    return image.transpose(Image.Transpose.ROTATE_90 if matrix.c > 0 else Image.Transpose.TRANSVERSE)


def _cropped(image: Image.Image, drawn: Drawn) -> Image.Image:
    """What is left of an image, upright by now, inside the visible box."""
    x0, y0, x1, y1 = drawn.matrix.box
    across, down = image.width / (x1 - x0), image.height / (y1 - y0)
    left, top = (drawn.visible[0] - x0) * across, (drawn.visible[1] - y0) * down
    right, bottom = (drawn.visible[2] - x0) * across, (drawn.visible[3] - y0) * down
    if max(left, top, image.width - right, image.height - bottom) < CROP_PIXELS:
        return image
    left, top = min(round(left), image.width - 1), min(round(top), image.height - 1)
    return image.crop((left, top, max(left + 1, round(right)), max(top + 1, round(bottom))))


def _redrawn(drawn: Drawn, display_list: Any) -> Image.Image:
    width, height = size(drawn)
    along, down = drawn.matrix.sides
    x0, y0, x1, y1 = drawn.visible
    if abs(drawn.matrix.b) > abs(drawn.matrix.a):
        width, height, along, down = height, width, down, along
    across_scale, down_scale = width / max(along, 1e-6), height / max(down, 1e-6)
    if not _is_upright(drawn.matrix):
        across_scale = down_scale = max(across_scale, down_scale)
    across_scale = min(across_scale, REDRAWN_SIDE / (x1 - x0))
    down_scale = min(down_scale, REDRAWN_SIDE / (y1 - y0))
    columns, rows = max(1, round((x1 - x0) * across_scale)), max(1, round((y1 - y0) * down_scale))
    across_scale, down_scale = columns / (x1 - x0), rows / (y1 - y0)
    target = mupdf.FzMatrix(across_scale, 0, 0, down_scale, -x0 * across_scale, -y0 * down_scale)
    canvas = mupdf.fz_new_pixmap(mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB), columns, rows, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(canvas, 255)
    screen = mupdf.fz_new_draw_device(target, canvas)
    device = _Alone(screen, drawn)
    box = mupdf.FzRect(*drawn.visible)
    mupdf.fz_run_display_list(display_list, device, mupdf.FzMatrix(), box, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    mupdf.fz_close_device(screen)
    return _image(canvas, "RGB")


class _Alone(mupdf.FzDevice2):  # type: ignore[misc]
    """Hands on to a drawing device every clip, group and mask, but of what is filled one image alone."""

    def __init__(self, screen: Any, drawn: Drawn) -> None:
        super().__init__()
        for name in (*VIRTUAL, "fill_path", "stroke_path", "fill_text", "stroke_text", "fill_shade"):
            getattr(self, f"use_virtual_{name}")()
        self._screen = screen.m_internal
        self._image = int(drawn.image.m_internal.this)
        self._masks = 0

    def fill_image(self, _: Any, image: Any, *rest: Any) -> None:
        if self._masks or int(image.this) == self._image:
            mupdf.ll_fz_fill_image(self._screen, image, *rest)

    def fill_image_mask(self, _: Any, image: Any, *rest: Any) -> None:
        if self._masks or int(image.this) == self._image:
            mupdf.ll_fz_fill_image_mask(self._screen, image, *rest)

    def fill_path(self, _: Any, *rest: Any) -> None:
        if self._masks:
            mupdf.ll_fz_fill_path(self._screen, *rest)

    def stroke_path(self, _: Any, *rest: Any) -> None:
        if self._masks:
            mupdf.ll_fz_stroke_path(self._screen, *rest)

    def fill_text(self, _: Any, *rest: Any) -> None:
        if self._masks:
            mupdf.ll_fz_fill_text(self._screen, *rest)

    def stroke_text(self, _: Any, *rest: Any) -> None:
        if self._masks:
            mupdf.ll_fz_stroke_text(self._screen, *rest)

    def fill_shade(self, _: Any, *rest: Any) -> None:
        if self._masks:
            mupdf.ll_fz_fill_shade(self._screen, *rest)

    def clip_image_mask(self, _: Any, *rest: Any) -> None:
        mupdf.ll_fz_clip_image_mask(self._screen, *rest)

    def clip_path(self, _: Any, *rest: Any) -> None:
        mupdf.ll_fz_clip_path(self._screen, *rest)

    def clip_stroke_path(self, _: Any, *rest: Any) -> None:
        mupdf.ll_fz_clip_stroke_path(self._screen, *rest)

    def clip_text(self, _: Any, *rest: Any) -> None:
        mupdf.ll_fz_clip_text(self._screen, *rest)

    def clip_stroke_text(self, _: Any, *rest: Any) -> None:
        mupdf.ll_fz_clip_stroke_text(self._screen, *rest)

    def pop_clip(self, _: Any) -> None:
        mupdf.ll_fz_pop_clip(self._screen)

    def begin_mask(self, _: Any, *rest: Any) -> None:
        self._masks += 1
        mupdf.ll_fz_begin_mask(self._screen, *rest)

    def end_mask(self, _: Any, function: Any) -> None:
        self._masks -= 1
        mupdf.ll_fz_end_mask_tr(self._screen, function)

    def begin_group(self, _: Any, *rest: Any) -> None:
        mupdf.ll_fz_begin_group(self._screen, *rest)

    def end_group(self, _: Any) -> None:
        mupdf.ll_fz_end_group(self._screen)

    def begin_tile(self, _: Any, *rest: Any) -> int:
        return int(mupdf.ll_fz_begin_tile_tid(self._screen, *rest))

    def end_tile(self, _: Any) -> None:
        mupdf.ll_fz_end_tile(self._screen)
