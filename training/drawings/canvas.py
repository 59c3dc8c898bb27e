"""What every drawing shares: dice, colours, fonts, words, and the finish that makes it look like a picture from a document."""

from __future__ import annotations

import colorsys
import io
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib
import numpy as np
import pymupdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

Colour = tuple[int, int, int]

DOCUMENTS, INSTRUMENTS, LOOKALIKES, SCANS = "drawn", "drawn-instruments", "drawn-lookalikes", "drawn-scans"
SOURCES = (DOCUMENTS, INSTRUMENTS, LOOKALIKES, SCANS)
"""Sources of drawings. What SCANS draws is labelled medical, all else non-medical."""

SHORT, LONG = 144, 288
"""Sides of a finished drawing are at most this long, in pixels, like those of the other training images."""

_WORDS = (  # noqa: SIM905  (a list of 200 quoted words reads worse)
    "the of and to in a is that for it as was with be by on not this are or from at which an have were been their one all "
    "can more other than into only its time may these two some most such our through between each both during results data "
    "model analysis sample value method figure table total mean rate index level group control test score signal network "
    "process system design market report budget annual service customer region sales growth policy review project energy "
    "water temperature pressure distance frequency response function number average standard error deviation regression "
    "training validation accuracy feature cluster density volume surface weight height speed power phase cycle order input "
    "output server client request database cache queue storage gateway worker module layer filter user account login home "
    "profile settings search upload file edit view help window open close next north south east west river road street park "
    "school library museum station airport hotel harbour summer winter spring autumn january march may july october"
).split()


class Dice(random.Random):
    """Random numbers of one drawing. ``array`` is a numpy generator for whole arrays, seeded from the same seed."""

    def __init__(self, seed: str) -> None:
        super().__init__(seed)
        self.array = np.random.default_rng(self.getrandbits(64))

    def chance(self, share: float) -> bool:
        """True this often."""
        return self.random() < share


Draw = Callable[[Dice], Image.Image]


@dataclass(frozen=True)
class Kind:
    """A kind of drawing: its name, the manifest's modality, what draws it (RGB, any size), and how often it is drawn.

    What is no document's has a ``source`` of its own, because no source has more than a certain share of what is seen.
    """

    name: str
    modality: str
    draw: Draw
    weight: float = 1.0
    source: str = DOCUMENTS


@dataclass(frozen=True)
class Palette:
    """Paper, ink, a fainter ink for rules and small print, and accents."""

    paper: Colour
    ink: Colour
    faint: Colour
    accents: tuple[Colour, ...]

    @property
    def dark(self) -> bool:
        """Light ink on dark paper."""
        return sum(self.paper) < 380


def palette(dice: Dice, dark: float = 0.2) -> Palette:
    """Mostly white paper with dark ink; dark, tinted and grey ones among them."""
    tone = dice.random()
    hue = dice.random()
    if tone < dark:
        paper = dice.choice(((0, 0, 0), (18, 18, 18), hsv(hue, dice.uniform(0.1, 0.7), dice.uniform(0.05, 0.3))))
        ink: Colour = dice.choice(((255, 255, 255), (220, 220, 220), hsv(dice.random(), 0.3, 1.0)))
    elif tone < dark + 0.15:
        paper, ink = hsv(hue, dice.uniform(0.03, 0.25), dice.uniform(0.85, 1.0)), hsv(dice.random(), 0.6, 0.2)
    else:
        paper, ink = (255, 255, 255), dice.choice(((0, 0, 0), (40, 40, 40), (70, 70, 80), hsv(hue, 0.8, 0.4)))
    weight = dice.uniform(0.25, 0.6)
    return Palette(paper, ink, blend(ink, paper, weight), colours(dice, 8))


def colours(dice: Dice, count: int) -> tuple[Colour, ...]:
    """Colours that go together: of one lightness, of one hue, from a colour map, or greys."""
    scheme = dice.random()
    if scheme < 0.35:
        start, saturation, value = dice.random(), dice.uniform(0.25, 0.95), dice.uniform(0.5, 1.0)
        return tuple(hsv(start + n * 0.381966, saturation, value) for n in range(count))
    if scheme < 0.55:
        hue = dice.random()
        return tuple(hsv(hue, dice.uniform(0.2, 1), 0.3 + 0.65 * n / count) for n in range(count))
    if scheme < 0.85:
        chosen = matplotlib.colormaps[
            dice.choice(("tab10", "Set2", "Paired", "viridis", "plasma", "coolwarm", "Spectral", "Dark2"))
        ]
        return tuple(rgb(chosen(n / count if chosen.N > 20 else n % chosen.N)) for n in range(count))
    return tuple((v, v, v) for v in np.linspace(50, 210, count).round().astype(int).tolist())


def hsv(hue: float, saturation: float, value: float) -> Colour:
    """A colour from hue, saturation and value, each 0 to 1."""
    return rgb(colorsys.hsv_to_rgb(hue % 1, saturation, value))


def rgb(colour: Sequence[float]) -> Colour:
    """0 to 1 floats to 0 to 255."""
    red, green, blue = (round(255 * float(c)) for c in colour[:3])
    return red, green, blue


def blend(one: Colour, other: Colour, share: float) -> Colour:
    """``share`` of ``one``, the rest of ``other``."""
    red, green, blue = (round(share * a + (1 - share) * b) for a, b in zip(one, other, strict=True))
    return red, green, blue


def words(dice: Dice, low: int, high: int | None = None) -> str:
    """Some words; a number among them now and then."""
    chosen = [dice.choice(_WORDS) for _ in range(dice.randint(low, high or low))]
    return " ".join(str(dice.randint(0, 2030)) if dice.chance(0.05) else word for word in chosen)


def title(dice: Dice, low: int = 1, high: int = 4) -> str:
    """Words as a heading has them."""
    text = words(dice, low, high)
    return dice.choice((text.title(), text.capitalize(), text.upper()))


def number(dice: Dice) -> str:
    """A figure as tables hold them."""
    style = dice.randrange(5)
    if style == 0:
        return str(dice.randint(0, 9999))
    if style == 1:
        return f"{dice.uniform(0, 100):.1f}%"
    if style == 2:
        return f"{dice.uniform(-10, 10):.2f}"
    if style == 3:
        return f"{dice.uniform(0, 1):.3f}"
    return f"{dice.randint(1, 90000):,}"


FACES: dict[str, tuple[str, ...]] = {
    "sans": ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "cmss10", "helv", "hebo", "heit"),
    "serif": ("DejaVuSerif", "DejaVuSerif-Bold", "STIXGeneral", "STIXGeneralBol", "STIXGeneralItalic", "cmr10", "tiro", "tibo"),
    "mono": ("DejaVuSansMono", "DejaVuSansMono-Bold", "cmtt10", "cour", "cobo"),
    "cjk": ("china-s",),
}
"""Faces that come with matplotlib and PyMuPDF, so that a drawing looks the same on every machine."""


def face(dice: Dice, family: str | None = None) -> str:
    """A typeface's name."""
    return dice.choice(FACES[family or dice.choice(("sans", "sans", "serif", "serif", "mono"))])


@lru_cache(maxsize=400)
def font(name: str, size: int) -> ImageFont.FreeTypeFont:
    """A typeface at a size in pixels."""
    bundled = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / f"{name}.ttf"
    source = str(bundled) if bundled.is_file() else io.BytesIO(pymupdf.Font(name).buffer)
    return ImageFont.truetype(source, size)


def blank(width: int, height: int, colour: Colour) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """An empty sheet and its pen."""
    image = Image.new("RGB", (width, height), colour)
    return image, ImageDraw.Draw(image)


def sheet(dice: Dice, short: tuple[int, int] = (240, 420), stretch: float = 2.0) -> tuple[int, int]:
    """A random width and height, upright or wide, at most ``stretch`` times as long as broad."""
    side = dice.randint(*short)
    other = round(side * stretch ** dice.uniform(0, 1))
    return (side, other) if dice.chance(0.4) else (other, side)


def from_array(pixels: np.ndarray) -> Image.Image:
    """Values 0 to 1, [H,W] or [H,W,3], to an image."""
    return Image.fromarray((np.clip(pixels, 0, 1) * 255).round().astype(np.uint8)).convert("RGB")


def turned(x: np.ndarray, y: np.ndarray, angle: float) -> tuple[np.ndarray, np.ndarray]:
    """The coordinates in axes that are turned by ``angle``, radians."""
    return x * math.cos(angle) + y * math.sin(angle), y * math.cos(angle) - x * math.sin(angle)


def smooth(dice: Dice, height: int, width: int, scale: float) -> np.ndarray:
    """Smooth random values 0 to 1, [height,width]: white noise through a low-pass of about ``scale`` pixels."""
    rows, columns = (max(2, round(side / scale) + 2) for side in (height, width))
    coarse = Image.fromarray(dice.array.random((rows, columns)).astype(np.float32))
    values = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC))
    low, high = float(values.min()), float(values.max())
    return (values - low) / max(high - low, 1e-6)


def fractal(dice: Dice, height: int, width: int, scale: float, octaves: int = 4, fade: float = 0.5) -> np.ndarray:
    """Smooth noise at several scales, 0 to 1, [height,width]."""
    total = sum(fade**n * smooth(dice, height, width, max(1.5, scale / 2**n)) for n in range(octaves))
    values = np.asarray(total)
    return (values - values.min()) / max(float(np.ptp(values)), 1e-6)


def flat(image: Image.Image) -> bool:
    """Whether hardly anything is on it: a grey level's standard deviation below two."""
    return float(np.asarray(image.convert("L"), dtype=np.float32).std()) < 2


def finish(image: Image.Image, dice: Dice) -> tuple[bytes, str]:
    """As documents hold it: cropped, grey or inverted now and then, at its final size; encoded, with its suffix."""
    if dice.chance(0.12):
        width, height = image.size
        w, h = round(width * dice.uniform(0.5, 0.95)), round(height * dice.uniform(0.5, 0.95))
        x, y = dice.randint(0, width - w), dice.randint(0, height - h)
        part = image.crop((x, y, x + w, y + h))
        image = image if flat(part) else part
    if dice.chance(0.18):
        image = image.convert("L").convert("RGB")
    if dice.chance(0.05):
        image = ImageOps.invert(image)
    width, height = image.size
    largest = min(SHORT / min(width, height), LONG / max(width, height))
    scale = largest if dice.chance(0.75) else largest * dice.uniform(0.5, 1.0)
    size = (max(24, min(LONG, round(width * scale))), max(24, min(LONG, round(height * scale))))
    kind = dice.choice((Image.Resampling.LANCZOS, Image.Resampling.BICUBIC, Image.Resampling.BOX))
    image = image.resize(size, kind)
    if dice.chance(0.08):
        image = image.filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 0.8)))
    buffer = io.BytesIO()
    if dice.chance(0.3):
        image.save(buffer, "PNG")
        return buffer.getvalue(), ".png"
    image.save(buffer, "JPEG", quality=dice.randint(70, 95), subsampling=dice.choice((0, 2)))
    return buffer.getvalue(), ".jpg"
