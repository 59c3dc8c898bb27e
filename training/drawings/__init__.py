"""Pictures drawn with code, as training material: of kinds that the collected images have few of, or of one origin only.

What documents hold (plots, tables, diagrams, text pages, screens, logos, codes, maps, textures), what instruments record
that look at no body, what looks like a scan and is none, and scans: sections, films, echoes, stained tissue, in more
contrasts and proportions than a few hospitals have, after Tobin et al., "Domain randomization" (2017). Nothing drawn is ever
a test image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from training.drawings.canvas import DOCUMENTS, INSTRUMENTS, LOOKALIKES, SCANS, SOURCES, Dice, Kind, finish, flat

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
        bodies,
        codes,
        detectors,
        diagrams,
        figures,
        films,
        grids,
        land,
        lineart,
        lookalikes,
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
        tissues,
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
        bodies,
        films,
        tissues,
        lookalikes,
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


__all__ = ["DOCUMENTS", "INSTRUMENTS", "LOOKALIKES", "SCANS", "SOURCES", "VERSION", "Drawing", "draw", "kinds"]
