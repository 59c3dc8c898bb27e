"""The pixels of a drawn image, as a reader sees them.

Most images are decoded by themselves, at their own resolution: colours converted, masks composited on white, then turned as
the page turns them and cropped as it crops them. Where a clip is no rectangle, a mask comes from elsewhere, or the image
stands at an angle, the one image is drawn again alone, on white, under all that is in force there.
"""

from __future__ import annotations

from typing import Any

from PIL import Image
from pymupdf import mupdf

from gateway.pdf import redraw
from gateway.pdf.drawn import Drawn
from gateway.pdf.geometry import Matrix, upright
from gateway.pdf.pixmaps import Size, decoded, to_alpha, to_image, to_rgb

CROP_PIXELS = 1.0  # less than this is rounding, not cropping
REDRAWN_SIDE = 4096


class ImageTooLarge(Exception):
    """An image announces more pixels than are allowed."""


def stored_size(drawn: Drawn) -> Size:
    """Width and height of the image as it is stored: the finest of it, its mask (a 1x1 image often carries a drawn one) and
    what lies over it."""
    sizes = [_own_size(drawn), *(_at_resolution_of(over, drawn) for over in drawn.over)]
    return max(width for width, _ in sizes), max(height for _, height in sizes)


def _own_size(drawn: Drawn) -> Size:
    image, mask = drawn.image, drawn.image.mask()
    if not mask.m_internal:
        return image.w(), image.h()
    return max(image.w(), mask.w()), max(image.h(), mask.h())


def _at_resolution_of(over: Drawn, drawn: Drawn) -> Size:
    """The size that an image would have if it were as fine as one over it."""
    fine, coarse = over.matrix.box, drawn.matrix.box
    pixels = _swapped(_own_size(over), over.matrix)
    sides = [
        min(REDRAWN_SIDE, pixels[axis] * (coarse[axis + 2] - coarse[axis]) / (fine[axis + 2] - fine[axis])) for axis in (0, 1)
    ]
    return _swapped((round(sides[0]), round(sides[1])), drawn.matrix)


def _swapped(size: Size, matrix: Matrix) -> Size:
    """A size once a matrix has turned it, or before."""
    return size[::-1] if matrix.turn[0] else size


def seen_size(drawn: Drawn) -> Size:
    """Width and height of :func:`appearance`, without decoding."""
    if is_direct(drawn):
        left, top, right, bottom = _window(drawn, _turned_size(drawn))
        return right - left, bottom - top
    _, size = _enlargement(drawn)
    return size


def is_direct(drawn: Drawn) -> bool:
    """Whether the image's own pixels, turned and cropped, are what is seen."""
    return drawn.plain and not drawn.over and upright(drawn.matrix)


def window(drawn: Drawn) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is seen of a direct image, in pixels once it is turned."""
    return _window(drawn, _turned_size(drawn))


def appearance(drawn: Drawn, display_list: Any, max_pixels: int) -> Image.Image:
    """RGB, at the image's own resolution.

    Raises:
        ImageTooLarge: It has more than ``max_pixels``.
        FzErrorBase: MuPDF's, where it cannot be decoded.
    """
    for width, height in map(_own_size, (drawn, *drawn.over)):
        if width * height > max_pixels:
            raise ImageTooLarge(f"the image announces {width}x{height} pixels; {max_pixels:,} are allowed")
    if not is_direct(drawn):
        matrix, size = _enlargement(drawn)
        return redraw.alone(display_list, drawn, matrix, size)
    image = _turned(_decoded(drawn), drawn.matrix)
    part = _window(drawn, image.size)
    return image if part == (0, 0, *image.size) else image.crop(part)


def _decoded(drawn: Drawn) -> Image.Image:
    if drawn.colour is not None:
        ink = Image.new("RGB", (1, 1), tuple(round(255 * min(1.0, max(0.0, part))) for part in drawn.colour))
        stencil = to_image(decoded(drawn.image), "L")
        return _on_white(ink.resize(stencil.size), stencil, drawn.alpha)
    pixmap = decoded(drawn.image)
    coverage = to_alpha(pixmap) if pixmap.alpha() else None  # colour-key masks, and JPX with alpha
    picture = to_rgb(pixmap)
    mask = drawn.image.mask()
    if mask.m_internal:
        coverage = to_image(decoded(mask), "L")
        target = max(picture.width, coverage.width), max(picture.height, coverage.height)
        picture, coverage = _scaled(picture, target), _scaled(coverage, target)
    if coverage is None and drawn.alpha >= 1:
        return picture
    return _on_white(picture, coverage or Image.new("L", picture.size, 255), drawn.alpha)


def _scaled(image: Image.Image, target: Size) -> Image.Image:
    return image if image.size == target else image.resize(target, Image.Resampling.BILINEAR)


def _on_white(picture: Image.Image, coverage: Image.Image, alpha: float) -> Image.Image:
    if alpha < 1:
        coverage = coverage.point(lambda value: round(value * alpha))
    seen = Image.composite(picture, Image.new("RGB", picture.size, "white"), coverage)
    low, high = coverage.getextrema()
    if low != high and seen.convert("L").getextrema()[0] == 255:
        # White ink is meant for a dark ground, and would vanish on white.
        return Image.composite(picture, Image.new("RGB", picture.size, "black"), coverage)
    return seen


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


def _turned_size(drawn: Drawn) -> Size:
    return _swapped(stored_size(drawn), drawn.matrix)


def _window(drawn: Drawn, size: Size) -> tuple[int, int, int, int]:
    """What of an image of this size, upright by now, lies inside the visible box."""
    width, height = size
    x0, y0, x1, y1 = drawn.matrix.box
    across, down = width / (x1 - x0), height / (y1 - y0)
    left, top = (drawn.visible[0] - x0) * across, (drawn.visible[1] - y0) * down
    right, bottom = (drawn.visible[2] - x0) * across, (drawn.visible[3] - y0) * down
    if max(left, top, width - right, height - bottom) < CROP_PIXELS:
        return 0, 0, width, height
    first_column, first_row = min(round(left), width - 1), min(round(top), height - 1)
    return first_column, first_row, max(first_column + 1, round(right)), max(first_row + 1, round(bottom))


def _enlargement(drawn: Drawn) -> tuple[Any, Size]:
    """The FzMatrix that brings what is seen of an image to its stored resolution, and the size that it has there."""
    width, height = stored_size(drawn)
    along, down = drawn.matrix.sides
    x0, y0, x1, y1 = drawn.visible
    if abs(drawn.matrix.b) > abs(drawn.matrix.a):
        width, height, along, down = height, width, down, along
    across_scale, down_scale = width / max(along, 1e-6), height / max(down, 1e-6)
    if not upright(drawn.matrix):
        across_scale = down_scale = max(across_scale, down_scale)
    columns = max(1, round(min(REDRAWN_SIDE, (x1 - x0) * across_scale)))
    rows = max(1, round(min(REDRAWN_SIDE, (y1 - y0) * down_scale)))
    across_scale, down_scale = columns / (x1 - x0), rows / (y1 - y0)
    matrix = mupdf.FzMatrix(across_scale, 0, 0, down_scale, -x0 * across_scale, -y0 * down_scale)
    return matrix, (columns, rows)
