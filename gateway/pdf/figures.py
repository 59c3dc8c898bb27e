"""Pages that are one big drawing: no image is on them, yet a reader sees a picture.

The rule: a page that draws no image is a figure where

- it draws at least ``SHAPES`` shapes (paths that are wider and higher than a rule between table rows) or a shading,
- these together span at least ``SPAN`` of the page, backgrounds that fill the page not counted,
- text covers at most ``TEXT`` of the span: a chart has labels, a form or a table has sentences,
- and it has no fields to fill in.

Such a page is rendered, cropped to what is drawn.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

from PIL import Image
from pymupdf import mupdf

from gateway.images import Box
from gateway.pdf import redraw
from gateway.pdf.geometry import area, around, common

SHAPES = 8
SPAN = 0.35
TEXT = 0.12
RULE_SIDE = 2.0  # points
BACKGROUND = 0.95
RENDERED_SIDE = 1024

Mark = tuple[str, Box]
"""What MuPDF calls an operation, and what it covers."""


def figure(display_list: Any, marks: list[Mark], page_box: Box) -> tuple[Image.Image, Box] | None:
    """The page as a picture and what of it the picture shows, or None where the page is no figure.

    Args:
        display_list: All that the page shows.
        marks: The same as a list of boxes, as :meth:`pymupdf.Page.get_bboxlog` gives it.
        page_box: The page, from its top left.
    """
    span = figure_span(marks, page_box)
    if span is None:
        return None
    scale = RENDERED_SIDE / max(span[2] - span[0], span[3] - span[1])
    matrix = mupdf.FzMatrix(scale, 0, 0, scale, -span[0] * scale, -span[1] * scale)
    size = max(1, round((span[2] - span[0]) * scale)), max(1, round((span[3] - span[1]) * scale))
    return redraw.page(display_list, matrix, size), span


def figure_span(marks: list[Mark], page_box: Box) -> Box | None:
    """The box of a page's drawing, its labels included, where the rule above makes the page a figure."""
    seen = [(kind, common(box, page_box)) for kind, box in marks]
    seen = [(kind, box) for kind, box in seen if box[2] >= box[0] and box[3] >= box[1]]
    drawings = [(kind, box) for kind, box in seen if kind.endswith(("path", "shade")) and _is_shape(box, page_box)]
    if len(drawings) < SHAPES and not any(kind.endswith("shade") for kind, _ in drawings):
        return None
    span = reduce(around, (box for _, box in drawings))
    if area(span) < SPAN * area(page_box):
        return None
    texts = [box for kind, box in seen if kind.endswith("text") and not kind.startswith("ignore")]
    if sum(area(common(box, span)) for box in texts) > TEXT * area(span):
        return None
    return reduce(around, texts, span)


def _is_shape(box: Box, page_box: Box) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) >= RULE_SIDE and area(box) < BACKGROUND * area(page_box)
