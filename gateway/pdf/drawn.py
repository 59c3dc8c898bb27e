"""Which images a page draws, and where.

A file's list of images says little about what a page shows: some are never drawn, some are drawn by forms, patterns or
annotations, some lie inline in the content stream. So the page is run, and a device in place of a screen notes each image
that arrives, together with the clips, groups and masks that are in force at that moment.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

from pymupdf import mupdf

from gateway.images import Box
from gateway.pdf.geometry import Matrix, area, common, is_finite, of_rect

Colour = tuple[float, float, float]

EVERYWHERE = (-math.inf, -math.inf, math.inf, math.inf)
SEEN_SIDE = 0.5  # points; what a clip leaves of an image below this is a line that nobody takes for a picture
CLIPPED = 0.99  # of a side that shows; less than rounding makes of it
SLACK = 0.01  # of a side: images that are meant to lie on each other are placed that well
VIRTUAL = (
    "fill_image", "fill_image_mask", "clip_image_mask", "clip_path", "clip_stroke_path", "clip_text", "clip_stroke_text",
    "pop_clip", "begin_mask", "end_mask", "begin_group", "end_group", "begin_tile", "end_tile",
)  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """An image that a page draws.

    ``matrix`` places it, ``visible`` is what the clips and the page leave of it. ``colour`` is a stencil's, RGB 0-1.
    It is ``plain`` where nothing but rectangles clips it, so that its pixels and its own mask say all. ``over`` are images with
    transparency that lie exactly on it, and stencils that lie within it: a scan is often stored as its paper and, over that,
    its ink, whole or in blocks.
    """

    image: Any
    matrix: Matrix
    visible: Box
    plain: bool
    alpha: float
    colour: Colour | None
    over: tuple[Drawn, ...] = ()

    @property
    def shows_through(self) -> bool:
        """Whether what lies below may be seen as well."""
        masked = self.image.mask().m_internal or self.image.use_colorkey()
        return bool(masked) or self.colour is not None or not self.plain or self.alpha < 1

    @property
    def identity(self) -> int:
        """The same for two draws of one image, as long as one of them is kept."""
        return address(self.image.m_internal)


@dataclass(frozen=True)
class _State:
    scissor: Box
    plain: bool
    alpha: float


@dataclass(frozen=True)
class _Tile:
    """A pattern's cell, which is drawn once here and many times on paper."""

    area: Box
    step_x: tuple[float, float]
    step_y: tuple[float, float]


def drawn_images(display_list: Any, page_box: Box) -> list[Drawn]:
    """The images of a display list that lie on the page, in the order they are drawn."""
    device = _Recorder(page_box)
    everywhere = mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE)
    mupdf.fz_run_display_list(display_list, device, mupdf.FzMatrix(), everywhere, mupdf.FzCookie())
    mupdf.fz_close_device(device)
    return device.drawn


def stacked(drawn: list[Drawn]) -> list[Drawn]:
    """The same images, those that belong to the one before and let it shine through put into its ``over``."""
    stacks: list[Drawn] = []
    for one in drawn:
        below = stacks[-1] if stacks else None
        if below is not None and one.identity != below.identity and _is_over(one, below):
            stacks[-1] = replace(below, over=(*below.over, one))
        else:
            stacks.append(one)
    return stacks


def _is_over(one: Drawn, below: Drawn) -> bool:
    if one.colour is not None and below.colour is None:
        return _lies_within(one.visible, below.visible)
    return one.shows_through and _lies_within(one.visible, below.visible) and _lies_within(below.visible, one.visible)


def _lies_within(one: Box, other: Box) -> bool:
    slack = [SLACK * (one[axis + 2] - one[axis]) for axis in (0, 1)]
    return all(one[axis] >= other[axis] - slack[axis] and one[axis + 2] <= other[axis + 2] + slack[axis] for axis in (0, 1))


class _Recorder(mupdf.FzDevice2):  # type: ignore[misc]
    def __init__(self, page_box: Box) -> None:
        super().__init__()
        for name in VIRTUAL:
            getattr(self, f"use_virtual_{name}")()
        self.drawn: list[Drawn] = []
        self._states = [_State(page_box, True, 1.0)]
        self._tiles: list[_Tile] = []
        self._masks = 0

    # The names and the arguments of the methods below are MuPDF's.

    def fill_image(self, _: Any, image: Any, ctm: Any, alpha: float, *__: Any) -> None:
        self._note(image, Matrix.of(ctm), alpha, None)

    def fill_image_mask(self, _: Any, image: Any, ctm: Any, colorspace: Any, color: Any, alpha: float, *__: Any) -> None:
        self._note(image, Matrix.of(ctm), alpha, _rgb(colorspace, color))

    def clip_image_mask(self, _: Any, __: Any, ctm: Any, ___: Any) -> None:
        self._push(Matrix.of(ctm).box, False)

    def clip_path(self, _: Any, path: Any, __: int, ctm: Any, ___: Any) -> None:
        self._push(of_rect(mupdf.ll_fz_bound_path(path, None, ctm)), bool(mupdf.ll_fz_path_is_rect(path, ctm)))

    def clip_stroke_path(self, _: Any, path: Any, stroke: Any, ctm: Any, __: Any) -> None:
        self._push(of_rect(mupdf.ll_fz_bound_path(path, stroke, ctm)), False)

    def clip_text(self, _: Any, text: Any, ctm: Any, __: Any) -> None:
        self._push(of_rect(mupdf.ll_fz_bound_text(text, None, ctm)), False)

    def clip_stroke_text(self, _: Any, text: Any, stroke: Any, ctm: Any, __: Any) -> None:
        self._push(of_rect(mupdf.ll_fz_bound_text(text, stroke, ctm)), False)

    def pop_clip(self, _: Any) -> None:
        self._pop()

    def begin_mask(self, _: Any, area: Any, *__: Any) -> None:
        # What is drawn from here on is the mask itself, which nobody sees as such.
        self._masks += 1
        self._push(EVERYWHERE, False)

    def end_mask(self, *_: Any) -> None:
        self._masks -= 1
        self._pop()
        self._push(EVERYWHERE, False)

    def begin_group(self, _: Any, area: Any, cs: Any, isolated: int, knockout: int, blendmode: int, alpha: float) -> None:
        self._push(EVERYWHERE, True, alpha)

    def end_group(self, _: Any) -> None:
        self._pop()

    def begin_tile(self, _: Any, area: Any, view: Any, xstep: float, ystep: float, ctm: Any, *__: Any) -> int:
        top = self._states[-1]
        matrix = Matrix.of(ctm)
        covered = of_rect(mupdf.ll_fz_transform_rect(area, ctm))
        step_x, step_y = (matrix.a * xstep, matrix.b * xstep), (matrix.c * ystep, matrix.d * ystep)
        self._tiles.append(_Tile(common(covered, top.scissor), step_x, step_y))
        # The cell's own clips lie where the cell is drawn, which may be nowhere near the area that it fills.
        self._states.append(replace(top, scissor=EVERYWHERE))
        return 0  # 0: not seen before, so that its content comes

    def end_tile(self, _: Any) -> None:
        self._tiles.pop()
        self._pop()

    def _push(self, box: Box, plain: bool, alpha: float = 1.0) -> None:
        top = self._states[-1]
        self._states.append(_State(common(top.scissor, box), top.plain and plain, top.alpha * alpha))

    def _pop(self) -> None:
        if len(self._states) > 1:  # damaged files close what they never opened
            self._states.pop()

    def _note(self, image: Any, matrix: Matrix, alpha: float, colour: Colour | None) -> None:
        top = self._states[-1]
        alpha *= top.alpha
        if self._masks or alpha <= 0 or not is_finite(matrix.box):
            return
        visible = common(matrix.box, top.scissor)
        for tile in reversed(self._tiles):
            matrix, visible = _first_whole(matrix, visible, tile)
        if any(_is_sliver(visible, matrix.box, axis) for axis in (0, 1)):
            return
        kept = mupdf.FzImage(mupdf.ll_fz_keep_image(image))
        self.drawn.append(Drawn(kept, matrix, visible, top.plain and not self._tiles, alpha, colour))


def address(image: Any) -> int:
    """Where MuPDF keeps an fz_image."""
    return int(image.this)


def _is_sliver(visible: Box, whole: Box, axis: int) -> bool:
    # An image that is as thin itself is a scan line of a picture, perhaps, stored one by one.
    left = visible[axis + 2] - visible[axis]
    return left <= 0 or left < min(SEEN_SIDE, CLIPPED * (whole[axis + 2] - whole[axis]))


def _first_whole(matrix: Matrix, visible: Box, tile: _Tile) -> tuple[Matrix, Box]:
    """The first of a pattern's many copies of an image that shows whole, or else the one that shows most."""
    best, most = (matrix, common(visible, tile.area)), -1.0
    for x, y in _moves(visible, tile):
        seen = common((visible[0] + x, visible[1] + y, visible[2] + x, visible[3] + y), tile.area)
        if (share := area(seen)) > most * 1.001:
            best, most = (matrix.moved(x, y), seen), share
    return best


def _moves(box: Box, tile: _Tile) -> list[tuple[float, float]]:
    """Steps, in points, that bring a box from a pattern's cell into the area which the pattern fills."""
    (ax, ay), (bx, by) = tile.step_x, tile.step_y
    determinant = ax * by - ay * bx
    if abs(determinant) < 1e-9 or not is_finite(tile.area):
        return [(0.0, 0.0)]
    # The area's corner in units of the two steps, as seen from the box.
    dx, dy = tile.area[0] - box[0], tile.area[1] - box[1]
    column = math.floor((dx * by - dy * bx) / determinant)
    row = math.floor((dy * ax - dx * ay) / determinant)
    steps = [(i, j) for j in (row, row + 1, row - 1) for i in (column, column + 1, column - 1)]
    return [(i * ax + j * bx, i * ay + j * by) for i, j in [(0, 0), *steps]]


def _rgb(colorspace: Any, color: Any) -> Colour:
    if not colorspace:
        return 0.0, 0.0, 0.0
    target, params = mupdf.FzColorspace(mupdf.FzColorspace.Fixed_RGB), mupdf.FzColorParams()
    red, green, blue = mupdf.ll_fz_convert_color(colorspace, color, target.m_internal, None, params.internal())[:3]
    return red, green, blue
