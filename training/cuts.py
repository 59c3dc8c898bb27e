"""``python -m training.cuts``: grey and speckled windows of photographs, as textures that are not medical.

Sonar, seismic sections, galaxies, radar, metal under a microscope: there is always one more kind of grey texture that no
collection at hand holds, and a network that has seen texture in scans alone calls it a scan. Windows cut from photographs
are textures without end. A window keeps the source of its photograph, so that what leaves the source out leaves it out too.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from PIL import Image, ImageOps
from rich.progress import track

from training.data import Example, draw_weights, read_manifest
from training.manifest import COLUMNS
from training.options import DATA, Data
from training.shortcuts import is_graphic

NON_MEDICAL = 1
BODIES = ("eye", "hands", "medical-scene", "people", "people-mask")
"""Photographs of bodies and their parts: cut in grey alone, for a window of skin in colour is a dermatologist's picture."""


def main(
    output: Annotated[Path, typer.Argument(help="Folder for the pictures and manifest.csv.")],
    data: Data = DATA,
    count: Annotated[int, typer.Option(help="How many to cut.", min=1)] = 1500,
    seed: Annotated[int, typer.Option(help="Another seed cuts other windows.")] = 0,
) -> None:
    """Cut windows from the photographs of the training split. Training material only."""
    dice = random.Random(seed)
    photographs = [example for example in read_manifest(data) if is_photograph(example)]
    output.mkdir(parents=True, exist_ok=True)
    # Modalities and sources as often as training draws them.
    drawn = dice.choices(photographs, draw_weights(photographs), k=count) if photographs else []
    with (output / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number, example in enumerate(track(drawn, "cutting")):
            name = f"{seed}-{number:05d}.jpg"
            cut(example.load(), dice, 0.0 if example.modality in BODIES else 0.25).save(output / name, quality=92)
            told = ("non-medical", "cut", "train", example.source, "training.cuts", "as the photograph's")
            writer.writerow((name, *told, Path(example.path).name))


def is_photograph(example: Example) -> bool:
    """Whether windows may be cut from it: a photograph of the training split."""
    return example.label == NON_MEDICAL and example.split == "train" and not is_graphic(example.modality)


def cut(image: Image.Image, dice: random.Random, colour: float = 0.25) -> Image.Image:
    """A window of a quarter to three fifths of the short side, in ``colour`` at times, its contrast stretched."""
    side = dice.uniform(0.25, 0.6) * min(image.size)
    stretch = dice.choice((1.0, 1.0, 1.0, dice.uniform(1, 3)))  # layers, scratches, grain
    width, height = min(image.width, round(side * stretch)), round(side)
    left, top = dice.randint(0, image.width - width), dice.randint(0, image.height - height)
    window = image.crop((left, top, left + width, top + height)).resize((2 * height, 2 * height), Image.Resampling.BICUBIC)
    if dice.random() >= colour:
        window = window.convert("L").convert("RGB")
    if dice.random() < 0.25:
        window = window.transpose(Image.Transpose.ROTATE_90)
    window = ImageOps.equalize(window) if dice.random() < 0.2 else ImageOps.autocontrast(window, cutoff=dice.choice((0, 1, 3)))
    if dice.random() < 0.25:
        window = ImageOps.invert(window)
    return _speckled(window, dice) if dice.random() < 0.3 else window


def _speckled(image: Image.Image, dice: random.Random) -> Image.Image:
    # Multiplied, as waves that interfere leave it: sonar, radar and ultrasound have it (Goodman, 1976).
    looks, coarse = dice.uniform(1, 8), dice.choice((1, 1, 2, 3))
    generator = np.random.default_rng(dice.getrandbits(32))
    grain = generator.gamma(looks, 1 / looks, (image.height // coarse + 1, image.width // coarse + 1)).astype(np.float32)
    fine = np.asarray(Image.fromarray(grain).resize(image.size, Image.Resampling.BICUBIC))[..., None]
    dark = dice.uniform(0.3, 1)
    return Image.fromarray((np.asarray(image, dtype=np.float32) * dark * fine).clip(0, 255).astype(np.uint8))


if __name__ == "__main__":
    typer.run(main)
