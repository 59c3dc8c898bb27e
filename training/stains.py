"""Tissue in the dyes of other laboratories: which colours a slide has is the choice of who stained it."""

from __future__ import annotations

import math
import random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

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
    ground = "diaminobenzidine" if dice.random() < 0.3 else dice.choice(list(_GROUND))  # what marks antibodies, mostly
    dyes = [dice.choice(list(_NUCLEI.values())), _GROUND[ground]]
    if dice.random() < 0.25:
        dyes.reverse()  # antibodies may go to nuclei
    new = _basis(*dyes)
    taken_up = np.array([dice.uniform(0.2, 1.4), dice.uniform(0.2, 1.4), 1.0])
    density = -np.log10(light / lamp) @ _UNMIX * taken_up @ new
    return Image.fromarray((lamp * 10**-density - 1).clip(0, 255).astype(np.uint8))


def magnified(image: Image.Image, dice: random.Random) -> Image.Image:
    """The same slide at another magnification, up to three times higher or six times lower."""
    if dice.random() < 0.7:
        return from_afar(image, dice)
    width, height = (max(8, round(side * dice.uniform(0.33, 0.8))) for side in image.size)
    x, y = dice.randint(0, max(0, image.width - width)), dice.randint(0, max(0, image.height - height))
    return image.crop((x, y, min(image.width, x + width), min(image.height, y + height)))


def from_afar(image: Image.Image, dice: random.Random) -> Image.Image:
    """The same slide at a lower magnification: two to six times as much tissue in view, at times up to where it ends.

    What is not in the picture is patched together of round pieces of it, turned and mirrored, at times some in other dyes
    than the rest: an antibody marks some cells and spares others. The size stays; the slide around the tissue is as bright
    as the lamp.
    """
    times = dice.randint(2, 6)
    part = image.resize([max(8, -(-side // times)) for side in image.size], Image.Resampling.BOX)
    field = image.resize((part.width * times, part.height * times))
    piece = Image.new("L", (min(part.size),) * 2)
    ImageDraw.Draw(piece).ellipse((1, 1, piece.width - 2, piece.height - 2), fill=255)
    piece = piece.filter(ImageFilter.GaussianBlur(piece.width / 12))
    parts = [part, restain(part, dice)] if dice.random() < 0.4 else [part]
    turned = [each.transpose(way) for each in parts for way in Image.Transpose] + parts
    step = piece.width * 0.55
    spots = [
        (column * step + dice.uniform(-0.2, 0.2) * step, row * step + dice.uniform(-0.2, 0.2) * step)
        for row in range(-1, round(field.height / step) + 1)
        for column in range(-1, round(field.width / step) + 1)
    ]
    dice.shuffle(spots)
    for left, top in spots:
        source = dice.choice(turned)
        x, y = dice.randint(0, source.width - piece.width), dice.randint(0, source.height - piece.height)
        field.paste(source.crop((x, y, x + piece.width, y + piece.height)), (round(left), round(top)), piece)
    return _ending(field, image, dice) if dice.random() < 0.4 else field


def _ending(field: Image.Image, slide: Image.Image, dice: random.Random) -> Image.Image:
    """Tissue with an outline, on a slide as bright as the brightest of another picture of it."""
    lamp = tuple(int(level) for level in np.percentile(np.asarray(slide), 98, axis=(0, 1)))
    x, y = (dice.uniform(0.3, 0.7) * side for side in field.size)
    reach = dice.uniform(0.4, 0.9) * min(field.size)
    outline = []
    for n in range(24):
        reach *= dice.uniform(0.9, 1.11)
        outline.append((x + reach * math.cos(n * math.tau / 24), y + reach * math.sin(n * math.tau / 24)))
    tissue = Image.new("L", field.size)
    ImageDraw.Draw(tissue).polygon(outline, fill=255)
    return Image.composite(field, Image.new("RGB", field.size, lamp), tissue.filter(ImageFilter.GaussianBlur(1)))
