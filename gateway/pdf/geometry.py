"""Rectangles and matrices, as small tuples. Coordinates are points from a page's top left, y down."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from gateway.images import Box

SLANT = 0.02
"""Sine of the angle up to which an image counts as upright: a scan straightened by a degree is."""


@dataclass(frozen=True)
class Matrix:
    """(x, y) -> (ax + cy + e, bx + dy + f). An image's matrix maps the unit square, whose (0, 0) is its top left pixel."""

    a: float
    b: float
    c: float
    d: float
    e: float
    f: float

    @staticmethod
    def of(matrix: Any) -> Matrix:
        """A copy of MuPDF's matrix, which may not outlive the call that shows it."""
        return Matrix(matrix.a, matrix.b, matrix.c, matrix.d, matrix.e, matrix.f)

    def moved(self, dx: float, dy: float) -> Matrix:
        """The same, and then a step by (dx, dy)."""
        return Matrix(self.a, self.b, self.c, self.d, self.e + dx, self.f + dy)

    @property
    def box(self) -> Box:
        """What the unit square covers."""
        xs = (self.e, self.e + self.a, self.e + self.c, self.e + self.a + self.c)
        ys = (self.f, self.f + self.b, self.f + self.d, self.f + self.b + self.d)
        return min(xs), min(ys), max(xs), max(ys)

    @property
    def sides(self) -> tuple[float, float]:
        """Lengths of the image of the unit square's sides: along its rows, and down its columns."""
        return math.hypot(self.a, self.b), math.hypot(self.c, self.d)

    @property
    def turn(self) -> tuple[bool, bool, bool]:
        """How an upright image is turned: by a quarter, and which of its axes run backwards."""
        quarter = abs(self.b) > abs(self.a)
        return quarter, (self.b if quarter else self.a) < 0, (self.c if quarter else self.d) < 0


def upright(matrix: Matrix) -> bool:
    """Whether an image stands straight, in quarter turns and mirrored or not."""
    along, down = matrix.sides
    if not along or not down:
        return False
    straight = max(abs(matrix.b) / along, abs(matrix.c) / down) <= SLANT
    quarter = max(abs(matrix.a) / along, abs(matrix.d) / down) <= SLANT
    return straight or quarter


def of_rect(rect: Any) -> Box:
    """A copy of MuPDF's rectangle."""
    return rect.x0, rect.y0, rect.x1, rect.y1


def common(one: Box, other: Box) -> Box:
    """What both cover; empty where they do not meet."""
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def around(one: Box, other: Box) -> Box:
    """The smallest box that covers both."""
    return min(one[0], other[0]), min(one[1], other[1]), max(one[2], other[2]), max(one[3], other[3])


def area(box: Box) -> float:
    """In square points; 0 where empty."""
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def rounded(box: Box) -> Box:
    """To a hundredth of a point, which is finer than print."""
    x0, y0, x1, y1 = (round(number, 2) for number in box)
    return x0, y0, x1, y1


def is_finite(box: Box) -> bool:
    """Whether all four numbers are; damaged files give others."""
    return all(math.isfinite(number) for number in box)
