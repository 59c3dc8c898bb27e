"""``python -m app.sample FILE``: a sample PDF of four pages, every picture of it drawn by this module.

Nothing in it was photographed or scanned: the slices are phantoms, the photographs are landscapes of a few sine waves.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import numpy as np
import pymupdf
import typer
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Plane = NDArray[np.float64]

# Shepp and Logan's head phantom (1974) with Toft's contrast: value, half axes, centre, degrees.
HEAD = (
    (1.0, 0.69, 0.92, 0.0, 0.0, 0), (-0.8, 0.6624, 0.874, 0.0, -0.0184, 0), (-0.2, 0.11, 0.31, 0.22, 0.0, -18),
    (-0.2, 0.16, 0.41, -0.22, 0.0, 18), (0.1, 0.21, 0.25, 0.0, 0.35, 0), (0.1, 0.046, 0.046, 0.0, 0.1, 0),
    (0.1, 0.046, 0.046, 0.0, -0.1, 0), (0.1, 0.046, 0.023, -0.08, -0.605, 0), (0.1, 0.023, 0.046, 0.06, -0.605, 0),
)  # fmt: skip


def main(output: Annotated[Path, typer.Argument(help="The PDF to write.")]) -> None:
    """Write the sample PDF."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_bytes(draw())


def draw() -> bytes:
    """The sample document: the same bytes' worth of pictures each time."""
    document = pymupdf.open()
    contents: tuple[tuple[str, tuple[tuple[str, Callable[[], Image.Image]], ...]], ...] = (
        ("Head phantom and film", (("A slice of the head phantom", head), ("A drawn chest film", chest))),
        ("Sound and stain", (("A drawn ultrasound sector", ultrasound), ("Drawn cells, pink and violet", tissue))),
        ("The way to the hospital", (("Hills at noon", landscape), ("Visits per month", chart))),
        ("Colophon", (("The department's mark", logo),)),
    )
    for title, pictures in contents:
        page = document.new_page()
        page.insert_text((60, 70), title, fontsize=20, fontname="tiro")
        for place, (caption, picture) in enumerate(pictures):
            top = 100 + place * 330
            page.insert_image(pymupdf.Rect(60, top, 340, top + 280), stream=_png(picture()), keep_proportion=True)
            page.insert_text((60, top + 300), caption, fontsize=10, fontname="tiro")
            page.insert_textbox(pymupdf.Rect(360, top, 540, top + 280), _PROSE, fontsize=9, fontname="tiro")
    return bytes(document.tobytes(garbage=3, deflate=True))


def head() -> Image.Image:
    """A CT slice: the head phantom with the grain of a low dose."""
    y, x = _grid(360)
    slice_ = np.zeros_like(x)
    for value, a, b, x0, y0, degrees in HEAD:
        angle = np.deg2rad(degrees)
        along = (x - x0) * np.cos(angle) + (-y - y0) * np.sin(angle)
        across = (-y - y0) * np.cos(angle) - (x - x0) * np.sin(angle)
        slice_[(along / a) ** 2 + (across / b) ** 2 <= 1] += value
    brain = (x / 0.66) ** 2 + ((-y + 0.0184) / 0.874) ** 2 <= 1
    folds = _clouds(360, 9) * 0.10 * brain
    return _grey(np.clip(slice_ * 1.4 + folds, 0, 1) + _noise(360, 0.03), blur=1.0)


def chest() -> Image.Image:
    """A frontal film: two dark lungs, ribs, spine, heart and shoulders."""
    y, x = _grid(360)
    film = 0.62 - 0.25 * np.abs(x) ** 3 - 0.1 * y
    for side in (-1, 1):
        lung = ((x - side * 0.42) / 0.33) ** 2 + ((y - 0.02) / (0.68 - 0.1 * side)) ** 2
        film -= 0.42 / (1 + np.exp((lung - 1) * 9))
        for rib in range(9):
            centre = -0.62 + rib * 0.155 + 0.32 * np.clip(np.abs(x) - 0.15, 0, None) ** 1.6
            film += 0.09 * np.exp(-(((y - centre) / 0.02) ** 2)) * (np.sign(x) == side) * (np.abs(x) > 0.08) * (np.abs(x) < 0.8)
        clavicle = -0.72 - 0.16 * (np.abs(x) - 0.1)
        film += 0.2 * np.exp(-(((y - clavicle) / 0.025) ** 2)) * (np.sign(x) == side) * (np.abs(x) < 0.75)
    film += 0.28 * np.exp(-((x / 0.1) ** 2)) * (0.8 + 0.2 * np.sin(y * 40))
    film += 0.34 / (1 + np.exp((((x - 0.13) / 0.3) ** 2 + ((y - 0.3) / 0.33) ** 2 - 1) * 7))
    film += 0.45 / (1 + np.exp((0.72 - y) * 14))
    outside = np.abs(x) > 0.93 - 0.25 * np.exp(-((y + 0.95) ** 2) * 9)
    film[outside] = 0.04
    return _grey(np.clip(film + 0.05 * (_clouds(360, 5) - 0.5), 0, 1) + _noise(360, 0.02), blur=1.4)


def ultrasound() -> Image.Image:
    """A sector with speckle, two vessels and a shadow behind a stone."""
    y, x = _grid(360)
    depth, angle = np.hypot(x, y + 1.15), np.arctan2(x, y + 1.15)
    tissue_ = 0.35 + 0.4 * _clouds(360, 7)
    for cx, cy, radius in ((-0.25, 0.0, 0.2), (0.3, 0.35, 0.13)):
        hole = ((x - cx) / radius) ** 2 + ((y - cy) / (radius * 0.8)) ** 2
        tissue_ = np.where(hole < 1, 0.05, tissue_ + 0.35 * np.exp(-((hole - 1.1) ** 2) * 30))
    tissue_[(np.abs(angle - 0.02) < 0.06) & (depth > 1.25)] *= 0.25
    speckle = np.random.default_rng(3).rayleigh(0.75, x.shape)
    speckle = (speckle + np.roll(speckle, 1, 0) + np.roll(speckle, 1, 1)) / 3
    sector = (np.abs(angle) < 0.66) & (depth > 0.3) & (depth < 2.05)
    return _grey(np.clip(tissue_ * speckle * (1.15 - 0.3 * depth), 0, 1) * sector, blur=0.6)


def tissue() -> Image.Image:
    """Haematoxylin and eosin: violet nuclei in pink fibres."""
    dice = np.random.default_rng(11)
    fibres = _clouds(360, 12)[..., None]
    base = np.array((236, 190, 214)) * (1 - fibres) + np.array((205, 120, 170)) * fibres
    picture = Image.fromarray(base.astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for _ in range(330):
        x, y = dice.uniform(0, 360, 2)
        a, b = dice.uniform(4, 8), dice.uniform(3, 6)
        violet = tuple(int(v) for v in np.array((98, 58, 138)) + dice.integers(-22, 22, 3))
        pen.ellipse((x - a, y - b, x + a, y + b), fill=violet, outline=(70, 38, 112))
    return picture.filter(ImageFilter.GaussianBlur(1.1))


def landscape() -> Image.Image:
    """A photograph of hills under a noon sky."""
    width, height = 480, 320
    rows = np.linspace(0, 1, height)[:, None, None]
    sky = np.array((92, 150, 225)) * (1 - rows) + np.array((215, 232, 250)) * rows
    picture = np.repeat(sky, width, axis=1)
    clouds = np.asarray(Image.fromarray(_clouds(480, 6).astype(np.float32)).resize((width, height)))[..., None]
    picture = picture + np.clip(clouds - 0.55, 0, 1) * 300 * (1 - rows)
    columns = np.arange(width)
    for depth, colour in enumerate(((130, 150, 165), (92, 128, 96), (66, 108, 52), (48, 84, 34))):
        ridge = 130 + 45 * depth + 24 * np.sin(columns / (47 - 8 * depth) + depth * 2) + 9 * np.sin(columns / 11 + depth)
        below = np.arange(height)[:, None] > ridge[None, :]
        picture[below] = np.array(colour) + np.random.default_rng(depth).normal(0, 9, (int(below.sum()), 1))
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.8))


def chart() -> Image.Image:
    """A bar chart."""
    picture = Image.new("RGB", (460, 320), "white")
    pen = ImageDraw.Draw(picture)
    pen.line((50, 20, 50, 280, 440, 280), fill="black", width=2)
    for month, visits in enumerate((31, 44, 52, 47, 60, 73, 68, 55)):
        left = 66 + month * 46
        pen.rectangle((left, 280 - visits * 3, left + 30, 279), fill=(52, 101, 164) if month % 2 else (143, 176, 215))
        pen.text((left + 8, 288), "JFMAMJJA"[month], fill="black")
    for tick in range(0, 81, 20):
        pen.text((22, 274 - tick * 3), str(tick), fill="black")
        pen.line((46, 280 - tick * 3, 54, 280 - tick * 3), fill="black")
    return picture


def logo() -> Image.Image:
    """A mark: a sieve that lets some dots through."""
    picture = Image.new("RGB", (320, 320), (250, 250, 247))
    pen = ImageDraw.Draw(picture)
    pen.arc((40, 20, 280, 260), 0, 180, fill=(20, 90, 110), width=22)
    pen.rectangle((28, 130, 292, 150), fill=(20, 90, 110))
    for x, y, colour in (
        (100, 80, (230, 120, 60)),
        (160, 60, (230, 120, 60)),
        (220, 88, (230, 120, 60)),
        (160, 285, (20, 90, 110)),
    ):
        pen.ellipse((x - 16, y - 16, x + 16, y + 16), fill=colour)
    return picture


_PROSE = (
    "Every picture in this document was drawn by a program. Some of them look like what a scanner makes and some do not, "
    "which is all that they are for. " * 4
)


def _grid(side: int) -> tuple[Plane, Plane]:
    line = np.linspace(-1, 1, side)
    y, x = np.meshgrid(line, line, indexing="ij")
    return y, x


def _clouds(side: int, cells: int) -> Plane:
    """Smooth noise between 0 and 1, in three octaves."""
    dice = np.random.default_rng(cells)
    layers = [
        np.asarray(
            Image.fromarray(dice.random((cells * 2**n, cells * 2**n), dtype=np.float32)).resize(
                (side, side), Image.Resampling.BICUBIC
            )
        )
        / 2**n
        for n in range(3)
    ]
    total = np.sum(layers, axis=0, dtype=np.float64)
    return np.asarray((total - total.min()) / np.ptp(total))


def _noise(side: int, sigma: float) -> Plane:
    return np.random.default_rng(side).normal(0, sigma, (side, side))


def _grey(values: Plane, blur: float) -> Image.Image:
    return Image.fromarray((np.clip(values, 0, 1) * 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))


def _png(picture: Image.Image) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


if __name__ == "__main__":
    typer.run(main)
