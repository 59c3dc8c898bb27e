"""Tissue in the dyes of other laboratories: which colours a slide has is the choice of who stained it."""

from __future__ import annotations

import random

import numpy as np
from PIL import Image

STAINED = frozenset({"histology", "cytology", "blood-smear"})
"""Modalities whose colours come from dyes."""

_NUCLEI = {
    "haematoxylin": (0.644, 0.717, 0.267),
    "methylene blue": (0.835, 0.514, 0.196),
    "methyl green": (0.980, 0.144, 0.133),
    "fast blue": (0.749, 0.606, 0.267),
    "Feulgen": (0.464, 0.830, 0.308),
}
_GROUND = {
    "eosin": (0.093, 0.954, 0.283),
    "diaminobenzidine": (0.268, 0.570, 0.776),
    "aminoethylcarbazole": (0.274, 0.680, 0.680),
    "fast red": (0.214, 0.851, 0.478),
    "periodic acid-Schiff": (0.175, 0.972, 0.155),
    "Ponceau": (0.100, 0.737, 0.668),
    "light green": (0.947, 0.254, 0.197),
    "alcian blue": (0.875, 0.458, 0.158),
    "aniline blue": (0.853, 0.509, 0.113),
}
"""How strongly each dye absorbs red, green and blue, of length one: as Landini measured them for ImageJ's plugin Colour
Deconvolution. The method is Ruifrok and Johnston's ("Quantification of histochemical staining by color deconvolution", 2001).
"""


def _basis(nuclei: tuple[float, ...], ground: tuple[float, ...]) -> np.ndarray:
    """The absorption of both dyes and of what neither of them absorbs, float64 [3,3], a dye a row."""
    rest = np.cross(nuclei, ground)
    return np.array([nuclei, ground, rest / np.linalg.norm(rest)])


_UNMIX = np.linalg.inv(_basis(_NUCLEI["haematoxylin"], _GROUND["eosin"]))
"""From the densities of red, green and blue to how much of each dye is there, and of what neither explains."""


def restain(image: Image.Image, dice: random.Random) -> Image.Image:
    """The picture as if stained with two other dyes, each taken up more or less than before.

    What absorbed like haematoxylin and eosin absorbs like the new pair; what neither explains, and the light behind the
    slide, stay as they are.
    """
    light = np.asarray(image, dtype=np.float64) + 1
    lamp = np.percentile(light, 98, axis=(0, 1))
    new = _basis(dice.choice(list(_NUCLEI.values())), dice.choice(list(_GROUND.values())))
    taken_up = np.array([dice.uniform(0.6, 1.4), dice.uniform(0.6, 1.4), 1.0])
    density = -np.log10(light / lamp) @ _UNMIX * taken_up @ new
    return Image.fromarray((lamp * 10**-density - 1).clip(0, 255).astype(np.uint8))
