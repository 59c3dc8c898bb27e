"""Document graphics drawn with code: training material for what is not medical.

Papers, reports and web pages hold far more kinds of graphics than any set of collected images. What can be drawn
credibly is drawn here: plots, tables, diagrams, text pages, screens, logos, codes, maps, textures, and what instruments
record that look at no body. Nothing drawn is ever a test image, and nothing drawn may look like a medical image to a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from training.drawings.canvas import DOCUMENTS, INSTRUMENTS, Dice, Kind, finish, flat

VERSION = 1
"""Raised whenever the same seed and index would give another picture."""


@dataclass(frozen=True)
class Drawing:
    """One drawn picture, encoded. ``suffix`` is ``.jpg`` or ``.png``."""

    kind: str
    modality: str
    source: str
    data: bytes
    suffix: str


@lru_cache(maxsize=1)
def kinds() -> tuple[Kind, ...]:
    """Every kind of drawing, always in the same order."""
    from training.drawings import (
        codes,
        detectors,
        diagrams,
        figures,
        grids,
        land,
        lineart,
        marks,
        matter,
        pages,
        papers,
        plots,
        schemes,
        screens,
        sites,
        surveys,
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
        surveys,
        matter,
        detectors,
    )
    return tuple(kind for module in drawn for kind in module.KINDS)


def draw(seed: int, index: int, kind: Kind | None = None, source: str = DOCUMENTS) -> Drawing:
    """The drawing with this seed and index: the same bytes every time, whatever was drawn before.

    ``kind`` fixes what is drawn; otherwise it follows from seed and index, each kind of ``source`` as often as its weight says.
    """
    dice = Dice(f"{seed}/{index}")
    own = [k for k in kinds() if k.source == source]
    chosen = dice.choices(own, weights=[k.weight for k in own])[0]
    kind = kind or chosen
    image = kind.draw(dice)
    while flat(image):
        image = kind.draw(dice)
    data, suffix = finish(image, dice)
    return Drawing(kind.name, kind.modality, kind.source, data, suffix)


__all__ = ["DOCUMENTS", "INSTRUMENTS", "VERSION", "Drawing", "draw", "kinds"]
