"""Drawing for pixels: a whole page, or one of its images alone, on white, under all the clips and masks in force there."""

from __future__ import annotations

from typing import Any

from PIL import Image
from pymupdf import mupdf

from gateway.pdf.drawn import VIRTUAL, Drawn, address
from gateway.pdf.pixmaps import RGB, Size, to_image

FILLS = ("fill_path", "stroke_path", "fill_text", "stroke_text", "fill_shade")


def page(display_list: Any, matrix: Any, size: Size) -> Image.Image:
    """What a display list shows, under an FzMatrix that brings the part of interest into width x height pixels."""
    canvas = _canvas(size)
    screen = mupdf.fz_new_draw_device(matrix, canvas)
    _run(display_list, screen, mupdf.FzRect(mupdf.FzRect.Fixed_INFINITE))
    return to_image(canvas, "RGB")


def alone(display_list: Any, drawn: Drawn, matrix: Any, size: Size) -> Image.Image:
    """The same for one image of a display list and those over it, as if nothing else were on the page."""
    canvas = _canvas(size)
    screen = mupdf.fz_new_draw_device(matrix, canvas)
    _run(display_list, _Alone(screen, drawn), mupdf.FzRect(*drawn.visible))
    mupdf.fz_close_device(screen)
    return to_image(canvas, "RGB")


def _canvas(size: Size) -> Any:
    canvas = mupdf.fz_new_pixmap(RGB, *size, mupdf.FzSeparations(), 0)
    mupdf.fz_clear_pixmap_with_value(canvas, 255)
    return canvas


def _run(display_list: Any, device: Any, area: Any) -> None:
    mupdf.fz_run_display_list(display_list, device, mupdf.FzMatrix(), area, mupdf.FzCookie())
    mupdf.fz_close_device(device)


class _Alone(mupdf.FzDevice2):  # type: ignore[misc]
    """Hands on to a drawing device every clip, group and mask, but of what is filled one image alone."""

    def __init__(self, screen: Any, drawn: Drawn) -> None:
        super().__init__()
        for name in (*VIRTUAL, *FILLS):
            getattr(self, f"use_virtual_{name}")()
        self._screen = screen.m_internal
        self._images = {drawn.identity, *(one.identity for one in drawn.over)}
        self._masks = 0

    def fill_image(self, _: Any, image: Any, *rest: Any) -> None:
        if self._masks or address(image) in self._images:
            mupdf.ll_fz_fill_image(self._screen, image, *rest)

    def fill_image_mask(self, _: Any, image: Any, *rest: Any) -> None:
        if self._masks or address(image) in self._images:
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
