"""One picture that a program cut into strips or tiles, made one again.

Two images drawn one after the other belong together where they touch along the whole of a side, have the same resolution,
and the picture goes on across the seam. Strips join to larger strips and rows of tiles to larger rows, so any grid becomes
whole. Panels of a figure that stand side by side stay apart: their edges differ, or are blank. A blank seam contradicts
nothing and proves nothing; a quarter of a picture's seams must prove it, or its pieces be too thin for pictures themselves.
Where a line of the picture lies on a cut, its seam looks broken; it counts as blank where the others say enough.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gateway.images import Box
from gateway.pdf.geometry import around

GAP_PIXELS = 1.5  # programs round where they cut
GAP_MOST = 1.5  # points
RESOLUTION = 0.04  # by how much, relatively, two pieces' resolutions may differ: again rounding
SEAM_EXTRA = 8.0  # grey levels
SEAM_FACTOR = 2.5
PROVEN = 0.25  # of a picture's seams
TRUSTED = 3  # proven seams, from which on strips of one thickness belong together all the same
FLAT = 3.0  # standard deviation, in grey levels, of an edge without content
THIN = 4.0  # length over thickness from which a piece is a strip

Direction = Literal["down", "right"]
Edge = NDArray[np.float32]


@dataclass(frozen=True)
class Part:
    """A drawn image that may be a piece of a larger one.

    ``box`` is what is seen of it, ``identity`` tells one image from another, ``pixels`` decodes it: RGB, or None where that
    fails.
    """

    index: int
    box: Box
    identity: int
    pixels: Callable[[], Image.Image | None]


@dataclass(frozen=True)
class Whole:
    """Pieces that belong together: ``parts`` in the order they are drawn, ``image`` only where there are several."""

    parts: tuple[Part, ...]
    box: Box
    image: Image.Image | None


@dataclass(frozen=True)
class _Piece:
    box: Box
    width: int
    height: int
    tiles: tuple[tuple[Image.Image, int, int], ...]
    parts: tuple[Part, ...]
    seams: int = 0
    proofs: int = 0


def joined(parts: list[Part], sizes: list[tuple[int, int]], thin_side: int, max_pixels: int) -> list[Whole]:
    """The pictures that some drawn images make up, in the order of their first pieces.

    Args:
        parts: The images, as they are drawn.
        sizes: Their widths and heights in pixels as seen, known without decoding.
        thin_side: Pieces with a side shorter than this many pixels are no pictures by themselves.
        max_pixels: What a whole may have at most.
    """
    stack: list[_Piece | tuple[Part, tuple[int, int]]] = []
    for part, size in zip(parts, sizes, strict=True):
        stack.append((part, size))
        while len(stack) > 1 and (merged := _merged(stack[-2], stack[-1], thin_side, max_pixels)):
            stack[-2:] = [merged]
    return sorted((whole for item in stack for whole in _wholes(item)), key=lambda whole: whole.parts[0].index)


def _merged(
    one: _Piece | tuple[Part, tuple[int, int]], other: _Piece | tuple[Part, tuple[int, int]], thin_side: int, max_pixels: int
) -> _Piece | None:
    (box, size), (other_box, other_size) = _outline(one), _outline(other)
    direction, swapped = _touching(box, size, other_box, other_size)
    if direction is None or size[0] * size[1] + other_size[0] * other_size[1] > max_pixels:
        return None
    first, second = _decoded(one), _decoded(other)
    if first is None or second is None or _is_repetition(first, second):
        return None
    if swapped:
        first, second = second, first
    seam = _seam(first, second, direction, thin_side)
    # A program cuts all strips alike but the last: another picture that follows has no piece of that thickness before it.
    one_cut = first.tiles[-1][0].size == second.tiles[0][0].size
    if seam == "broken" and not (one_cut and first.proofs + second.proofs >= TRUSTED):
        return None
    dx, dy = (0, first.height) if direction == "down" else (first.width, 0)
    tiles = (*first.tiles, *((image, x + dx, y + dy) for image, x, y in second.tiles))
    return _Piece(
        box=around(first.box, second.box),
        width=max(first.width, second.width) if direction == "down" else first.width + second.width,
        height=first.height + second.height if direction == "down" else max(first.height, second.height),
        tiles=tiles,
        parts=tuple(sorted((*first.parts, *second.parts), key=lambda part: part.index)),
        seams=first.seams + second.seams + 1,
        proofs=first.proofs + second.proofs + (seam == "proof"),
    )


def _outline(item: _Piece | tuple[Part, tuple[int, int]]) -> tuple[Box, tuple[int, int]]:
    if isinstance(item, _Piece):
        return item.box, (item.width, item.height)
    return item[0].box, item[1]


def _touching(one: Box, size: tuple[int, int], other: Box, other_size: tuple[int, int]) -> tuple[Direction | None, bool]:
    """Where the second of two boxes continues the first, and whether they have to be swapped for that."""
    pixel = [(one[axis + 2] - one[axis]) / size[axis] for axis in (0, 1)]
    other_pixel = [(other[axis + 2] - other[axis]) / other_size[axis] for axis in (0, 1)]
    gap = [min(GAP_MOST, GAP_PIXELS * points) for points in pixel]
    directions: tuple[tuple[int, Direction], ...] = ((1, "down"), (0, "right"))
    for axis, direction in directions:
        seam = 1 - axis
        if any(abs(one[end] - other[end]) > gap[seam] for end in (seam, seam + 2)):
            continue
        if not _alike((size[seam], other_size[seam]), (pixel[axis], other_pixel[axis]), (size[axis], other_size[axis])):
            continue
        if abs(one[axis] - other[axis]) < pixel[axis] / 2:
            continue  # one upon the other
        if abs(one[axis + 2] - other[axis]) <= gap[axis]:
            return direction, False
        if abs(other[axis + 2] - one[axis]) <= gap[axis]:
            return direction, True
    return None, False


def _alike(lengths: tuple[int, int], resolutions: tuple[float, float], thicknesses: tuple[int, int]) -> bool:
    """Whether two pieces have seams of one length, in pixels, and one resolution."""
    if abs(lengths[0] - lengths[1]) > 1 + RESOLUTION * max(lengths):
        return False
    # A piece of n pixels is placed to a pixel or so: its resolution is uncertain by about 2 / n.
    uncertain = RESOLUTION + sum(2 / count for count in thicknesses)
    return abs(resolutions[0] - resolutions[1]) <= uncertain * max(resolutions)


def _decoded(item: _Piece | tuple[Part, tuple[int, int]]) -> _Piece | None:
    if isinstance(item, _Piece):
        return item
    part = item[0]
    image = part.pixels()
    if image is None:
        return None
    return _Piece(part.box, image.width, image.height, ((image, 0, 0),), (part,))


def _is_repetition(one: _Piece, other: _Piece) -> bool:
    """One image drawn twice side by side is a wallpaper."""
    return {part.identity for part in one.parts} == {part.identity for part in other.parts}


def _seam(first: _Piece, second: _Piece, direction: Direction, thin_side: int) -> Literal["proof", "blank", "broken"]:
    """Whether the picture goes on from one piece to the next."""
    thickness = [piece.height if direction == "down" else piece.width for piece in (first, second)]
    length = first.width if direction == "down" else first.height
    if min(thickness) < thin_side:
        return "proof"
    (inner, edge), (other_edge, other_inner) = _rows(first, direction, last=True), _rows(second, direction, last=False)
    size = min(len(edge), len(other_edge))
    seam = float(np.abs(edge[:size] - other_edge[:size]).mean())
    inside = (float(np.abs(edge - inner).mean()) + float(np.abs(other_edge - other_inner).mean())) / 2
    if seam > SEAM_FACTOR * inside + SEAM_EXTRA:
        return "broken"
    textured = max(float(edge.std()), float(other_edge.std())) >= FLAT
    return "proof" if textured or length >= THIN * min(thickness) else "blank"


def _rows(piece: _Piece, direction: Direction, *, last: bool) -> tuple[Edge, Edge]:
    """The two outermost rows (or columns) of a piece at its end or at its start, in reading order: grey levels."""
    if direction == "down":
        span = (piece.height - 2, piece.height) if last else (0, 2)
        window = _paste(piece, (0, max(0, span[0]), piece.width, min(span[1], piece.height)))
        lines = np.asarray(window.convert("L"), dtype=np.float32)
    else:
        span = (piece.width - 2, piece.width) if last else (0, 2)
        window = _paste(piece, (max(0, span[0]), 0, min(span[1], piece.width), piece.height))
        lines = np.asarray(window.convert("L"), dtype=np.float32).T
    return lines[0], lines[-1]


def _paste(piece: _Piece, window: tuple[int, int, int, int]) -> Image.Image:
    left, top, right, bottom = window
    canvas = Image.new("RGB", (right - left, bottom - top), "white")
    for image, x, y in piece.tiles:
        if x < right and y < bottom and x + image.width > left and y + image.height > top:
            canvas.paste(image, (x - left, y - top))
    return canvas


def _wholes(item: _Piece | tuple[Part, tuple[int, int]]) -> list[Whole]:
    if not isinstance(item, _Piece):
        return [Whole((item[0],), item[0].box, None)]
    if item.proofs < PROVEN * item.seams:
        return [Whole((part,), part.box, None) for part in item.parts]
    return [Whole(item.parts, item.box, _paste(item, (0, 0, item.width, item.height)))]
