"""Document graphics drawn with code: training material for what is not medical.

Papers, reports and web pages hold far more kinds of graphics than any set of collected images. What can be drawn
credibly is drawn here: plots, tables, diagrams, text pages, screens, logos, codes, maps, textures. Nothing drawn is
ever a test image, and nothing drawn may look like a medical image to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from training.drawings.canvas import Dice, Kind, finish, flat

VERSION = 1
"""Raised whenever the same seed and index would give another picture."""


@dataclass(frozen=True)
class Drawing:
    """One drawn picture, encoded. ``suffix`` is ``.jpg`` or ``.png``."""

    kind: str
    modality: str
    data: bytes
    suffix: str


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """Every kind of drawing, always in the same order."""
    from training.drawings import (
        codes,
        diagrams,
        figures,
        grids,
        land,
        lineart,
        marks,
        pages,
        papers,
        plots,
        schemes,
        screens,
        sites,
        textures,
        views,
    )

    drawn = (
        plots,
        figures,
        grids,
        diagrams,
        schemes,
        lineart,
        pages,
        papers,
        screens,
        sites,
        marks,
        codes,
        textures,
        land,
        views,
    )
    return tuple(kind for module in drawn for kind in module.KINDS)


def draw(seed: int, index: int, kind: Kind | None = None) -> Drawing:
    """The drawing with this seed and index: the same bytes every time, whatever was drawn before.

    ``kind`` fixes what is drawn; otherwise it follows from seed and index, each kind as often as its weight says.
    """
    dice = Dice(f"{seed}/{index}")
    chosen = dice.choices(kinds(), weights=[k.weight for k in kinds()])[0]
    kind = kind or chosen
    image = kind.draw(dice)
    while flat(image):
        image = kind.draw(dice)
    data, suffix = finish(image, dice)
    return Drawing(kind.name, kind.modality, data, suffix)


__all__ = ["VERSION", "Drawing", "draw", "kinds"]
