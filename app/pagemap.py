"""A page in small, with the places of a picture marked."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.images import Box, Placement
from gateway.report import Report

Size = tuple[float, float]

FORMATS: tuple[Size, ...] = (
    (595.0, 842.0), (612.0, 792.0), (720.0, 405.0), (720.0, 540.0), (842.0, 595.0), (960.0, 540.0), (842.0, 1191.0),
)  # fmt: skip
"""A4, letter, slides in 16:9 and 4:3, A4 across, wide slides and A3, in points."""
SLACK = 2.0


def page_size(report: Report) -> Size:
    """The size of a report's pages in points, as far as its pictures tell.

    A report names places, not page sizes: the first common format that holds every place is taken, and where none does
    the page is as large as its pictures reach.
    """
    corners = [place.bbox[2:] for entry in report.images for place in entry.placements]
    corners += [skipped.bbox[2:] for skipped in report.skipped if skipped.bbox]
    right, bottom = (max((corner[axis] for corner in corners), default=0.0) for axis in (0, 1))
    for width, height in FORMATS:
        if right <= width + SLACK and bottom <= height + SLACK:
            return width, height
    return right, bottom


def boxes_on(placements: Iterable[Placement], page: int) -> list[Box]:
    """Where on a page a picture is."""
    return [place.bbox for place in placements if place.page == page]


def draw(size: Size, boxes: Iterable[Box], height: int = 40) -> str:
    """The page as HTML, ``height`` pixels high. Only numbers go into it; colours are the style sheet's."""
    width_pt, height_pt = (max(side, 1.0) for side in size)
    marks = "".join(_mark(box, width_pt, height_pt) for box in boxes)
    return f'<span class="pagemap" style="width:{width_pt / height_pt * height:.0f}px;height:{height}px">{marks}</span>'


def _mark(box: Box, width: float, height: float) -> str:
    # Pictures may reach beyond the page, and boxes may be given from any corner.
    x0, x1 = (min(max(x / width, 0.0), 1.0) for x in sorted((box[0], box[2])))
    y0, y1 = (min(max(y / height, 0.0), 1.0) for y in sorted((box[1], box[3])))
    return f'<i style="left:{x0:.1%};top:{y0:.1%};width:{x1 - x0:.1%};height:{y1 - y0:.1%}"></i>'
