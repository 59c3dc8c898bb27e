"""Pictures made from held-out ones, in which what goes with a label in our sources goes with the other label, or with both.

A network that took *grey* for medical fails on grey photographs; one that took *colour* for non-medical on tinted scans.
Nothing here shares code with the augmentation of the training: the same idea drawn twice by one hand proves less.
"""

from __future__ import annotations

import io
import math
import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from training.data import Example

MEDICAL, NON_MEDICAL = 0, 1

SCANS = ("angiography", "bone-scan", "ct-", "mammography", "mri-", "oct", "pet", "us-", "xray-")
"""Medical modalities that come in grey, by how their names begin."""

GRAPHICS = (
    "anatomy-drawing", "attention-map", "bar-code", "chart", "code", "diagram", "elevation-map", "equation", "fractal", "game",
    "gradient", "handwriting", "heatmap", "icon", "lineart", "logo", "map", "meme", "molecule", "noise", "pdfimage",
    "people-mask", "qr-code", "scan", "screenshot", "segmap", "signature", "slide", "spectrogram", "stamp", "table",
    "textpage", "webbanner", "webimage", "webpage-screenshot",
)  # fmt: skip
"""Non-medical modalities that are made, drawn or written; every other one was taken with a camera or another instrument."""

Make = Callable[[Image.Image, random.Random], Image.Image]


@dataclass(frozen=True)
class Case:
    """One picture to be judged: RGB, its label as an index of LABELS, its sub-type, and where it is from."""

    image: Image.Image
    label: int
    modality: str
    source: str


@dataclass(frozen=True)
class Shortcut:
    """How pictures are changed, and which ones: those whose label and modality ``takes`` accepts."""

    name: str
    takes: Callable[[Example], bool]
    make: Make


def is_graphic(modality: str) -> bool:
    """Whether a non-medical modality is a graphic rather than a photograph."""
    return modality in GRAPHICS


def inverted(image: Image.Image, dice: random.Random) -> Image.Image:
    """A negative; grey half of the time, as on film."""
    return ImageOps.invert(image.convert("L").convert("RGB") if dice.random() < 0.5 else image)


def grey(image: Image.Image, dice: random.Random) -> Image.Image:
    """Without colour, some with the contrast that scans have."""
    plain = image.convert("L")
    return (ImageOps.autocontrast(plain, cutoff=dice.choice((1, 3))) if dice.random() < 0.5 else plain).convert("RGB")


def tinted(image: Image.Image, dice: random.Random) -> Image.Image:
    """Through a colour map of a viewer or a plot."""
    name = dice.choice(("jet", "hot", "bone", "inferno", "viridis", "copper", "winter", "cool", "turbo", "pink", "gnuplot2"))
    values = np.asarray(image.convert("L"))
    return Image.fromarray((np.asarray(matplotlib.colormaps[name](values))[..., :3] * 255).round().astype(np.uint8))


def bordered(image: Image.Image, dice: random.Random) -> Image.Image:
    """On a mount: white, black, grey or coloured, a caption's strip below at times."""
    width, height = image.size
    edges = [round(side * dice.uniform(0.03, 0.3)) for side in (width, height, width, height)]
    mount = dice.choice(("white", "black", "#808080", "#1f4e79", "#f2e6c9", "#a02020"))
    framed = ImageOps.expand(image, (edges[0], edges[1], edges[2], edges[3]), mount)
    if dice.random() < 0.4:
        strip = Image.new("RGB", (framed.width, framed.height + 16), "white")
        strip.paste(framed)
        text = f"Fig. {dice.randint(1, 12)}{dice.choice('abcd')}"
        ImageDraw.Draw(strip).text((4, framed.height + 1), text, "black", ImageFont.load_default(12))
        return strip
    return framed


def marked(image: Image.Image, dice: random.Random) -> Image.Image:
    """With arrows, letters, lines of text in the corners, a ruler, a ring."""
    image = image.copy()
    pen, (width, height) = ImageDraw.Draw(image), image.size
    ink = dice.choice(("white", "yellow", "red", "cyan", "lime", "black"))
    for _ in range(dice.randint(1, 3)):
        x, y, angle = dice.uniform(0.2, 0.8) * width, dice.uniform(0.2, 0.8) * height, dice.uniform(0, math.tau)
        tail = (x + 26 * math.cos(angle), y + 26 * math.sin(angle))
        pen.line((x, y, *tail), ink, 2)
        pen.polygon([(x, y), *((x + 8 * math.cos(angle + turn), y + 8 * math.sin(angle + turn)) for turn in (0.5, -0.5))], ink)
    for x, y in dice.sample(((3, 2), (width - 56, 2), (3, height - 24), (width - 56, height - 24)), dice.randint(1, 3)):
        lines = "\n".join("".join(dice.choices("ABCDEGHLMNRST 0123456789:./", k=dice.randint(3, 9))) for _ in range(2))
        pen.multiline_text((x, y), lines, ink, ImageFont.load_default(dice.choice((8, 10))), spacing=1)
    if dice.random() < 0.6:
        for tick in range(11):
            y = height * (0.15 + 0.07 * tick)
            pen.line((width - (12 if tick % 5 == 0 else 8), y, width - 4, y), ink)
        pen.line((width - 4, height * 0.15, width - 4, height * 0.85), ink)
    if dice.random() < 0.4:
        x, y, reach = dice.uniform(0.3, 0.7) * width, dice.uniform(0.3, 0.7) * height, dice.uniform(10, 30)
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), None, ink, 2)
    return image


def small(image: Image.Image, dice: random.Random) -> Image.Image:
    """A thumbnail of 64 px on its short side."""
    scale = 64 / min(image.size)
    return image.resize((max(64, round(image.width * scale)), max(64, round(image.height * scale))), Image.Resampling.BICUBIC)


def damaged(image: Image.Image, dice: random.Random) -> Image.Image:
    """A JPEG of quality 20."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=20)
    with Image.open(buffer) as copy:
        return copy.convert("RGB")


def on_screen(image: Image.Image, dice: random.Random) -> Image.Image:
    """As a telephone photographs a monitor: askew, with its bezel, moiré, glare, a cast and some blur."""
    width, height = image.size
    bezel = round(0.07 * min(width, height))
    screen = ImageOps.expand(image, bezel, dice.choice(("#101010", "#202024", "#c8c8c8")))
    room = ImageOps.expand(screen, 2 * bezel, dice.choice(("#4a4038", "#8a8a80", "#26303a", "#d8d2c4")))
    w, h = room.size
    corners = [(dice.uniform(0, 0.09) * w, dice.uniform(0, 0.09) * h) for _ in range(4)]
    seen = [
        (x if left else w - x, y if top else h - y)
        for (x, y), left, top in zip(corners, (1, 0, 0, 1), (1, 1, 0, 0), strict=True)
    ]
    skewed = room.transform((w, h), Image.Transform.PERSPECTIVE, _perspective(seen, [(0, 0), (w, 0), (w, h), (0, h)]),
                            Image.Resampling.BICUBIC, fillcolor=room.getpixel((0, 0)))  # fmt: skip
    y, x = np.mgrid[:h, :w]
    angle, pitch = dice.uniform(0, math.pi), dice.uniform(2.2, 6)
    moire = 1 + dice.uniform(0.03, 0.12) * np.sin((x * math.cos(angle) + y * math.sin(angle)) * math.tau / pitch)
    glare = dice.uniform(0, 0.4) * np.exp(-(((x / w - dice.random()) ** 2 + (y / h - dice.random()) ** 2) / 0.05))
    cast = np.array([dice.uniform(0.85, 1.1) for _ in range(3)])
    pixels = np.asarray(skewed, dtype=np.float64) / 255 * moire[..., None] * cast * dice.uniform(0.75, 1.05) + glare[..., None]
    photograph = Image.fromarray((pixels.clip(0, 1) * 255).round().astype(np.uint8))
    return photograph.filter(ImageFilter.GaussianBlur(dice.uniform(0, 0.9)))


def _perspective(seen: list[tuple[float, float]], corners: list[tuple[float, float]]) -> list[float]:
    """The eight coefficients with which Pillow finds for every point seen its place between the corners."""
    rows, values = [], []
    for (x, y), (u, v) in zip(seen, corners, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return [float(value) for value in np.linalg.solve(np.array(rows, dtype=np.float64), np.array(values, dtype=np.float64))]


def _is_photograph(example: Example) -> bool:
    return example.label == NON_MEDICAL and not is_graphic(example.modality)


def _is_scan(example: Example) -> bool:
    return example.label == MEDICAL and example.modality.startswith(SCANS)


SHORTCUTS = (
    Shortcut("grey photograph", _is_photograph, grey),
    Shortcut("inverted photograph", _is_photograph, inverted),
    Shortcut("tinted scan", _is_scan, tinted),
    Shortcut("bordered scan", lambda e: e.label == MEDICAL, bordered),
    Shortcut("marked scan", lambda e: e.label == MEDICAL, marked),
    Shortcut("64 px", lambda e: True, small),
    Shortcut("JPEG 20", lambda e: True, damaged),
    Shortcut("on a screen", lambda e: True, on_screen),
)


def shortcuts(examples: Sequence[Example], seed: int, most: int = 120) -> Iterator[Case]:
    """At most ``most`` pictures of every shortcut and label, spread over modalities and sources, and pages of panels.

    The same examples and seed give the same pictures. Raises OSError where an example cannot be read.
    """
    for shortcut in SHORTCUTS:
        for label in (MEDICAL, NON_MEDICAL):
            dice = random.Random(f"{seed}/{shortcut.name}/{label}")
            fitting = [e for e in examples if e.label == label and shortcut.takes(e)]
            for example in spread(fitting, most, dice):
                yield Case(shortcut.make(example.load(), dice), label, shortcut.name, example.source)
    yield from panels(examples, random.Random(f"{seed}/panels"), most)


def spread(examples: Sequence[Example], most: int, dice: random.Random) -> list[Example]:
    """At most this many, taken from every (modality, source) in turn."""
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in sorted(examples, key=lambda e: e.path):
        groups[example.modality, example.source].append(example)
    order = list(groups.values())
    dice.shuffle(order)
    for group in order:
        dice.shuffle(group)
    turn = [group[n] for n in range(max(map(len, order), default=0)) for group in order if n < len(group)]
    return turn[:most]


def panels(examples: Sequence[Example], dice: random.Random, most: int) -> Iterator[Case]:
    """Pages of two to six pictures with gutters, letters and sometimes text, as many of each label.

    Medical where medical pictures fill a quarter or more. Pages near that boundary are not made: a hair's breadth is no
    certain label.
    """
    pools = {label: spread([e for e in examples if e.label == label], 400, dice) for label in (MEDICAL, NON_MEDICAL)}
    if not all(pools.values()):
        return
    wanted = {MEDICAL: most, NON_MEDICAL: most}
    while any(wanted.values()):
        only = dice.choice((MEDICAL, NON_MEDICAL, None, None))
        rows, columns = dice.choice(((1, 2), (2, 1), (2, 2), (1, 3), (3, 2), (2, 3)))
        chosen = [
            dice.choice(pools[dice.choice((MEDICAL, NON_MEDICAL)) if only is None else only]) for _ in range(rows * columns)
        ]
        page, boxes = _page(rows, columns, dice)
        area = sum((x1 - x0) * (y1 - y0) for (x0, y0, x1, y1), e in zip(boxes, chosen, strict=True) if e.label == MEDICAL)
        share = area / (page.width * page.height)
        label = MEDICAL if share >= 0.25 else NON_MEDICAL
        if 0.2 < share < 0.3 or not wanted[label]:
            continue
        for box, example in zip(boxes, chosen, strict=True):
            page.paste(example.load().resize((box[2] - box[0], box[3] - box[1]), Image.Resampling.BICUBIC), box[:2])
        wanted[label] -= 1
        yield Case(page, label, "panels", "+".join(sorted({e.source for e in chosen})))


def _page(rows: int, columns: int, dice: random.Random) -> tuple[Image.Image, list[tuple[int, int, int, int]]]:
    """An empty page, lettered and partly filled with lines of text, and its panels' boxes."""
    side, gap, below = dice.randint(90, 130), dice.randint(2, 14), dice.choice((0, 0, 40, 90))
    paper = dice.choice(((255, 255, 255), (255, 255, 255), (255, 255, 255), (0, 0, 0), (238, 238, 238)))
    ink = (0, 0, 0) if sum(paper) > 380 else (255, 255, 255)
    page = Image.new("RGB", (columns * (side + gap) + gap, rows * (side + gap + 12) + gap + below), paper)
    pen, boxes = ImageDraw.Draw(page), []
    for n in range(rows * columns):
        left, top = gap + n % columns * (side + gap), gap + n // columns * (side + gap + 12)
        pen.text((left + 2, top + side), f"({'abcdef'[n]})", ink, ImageFont.load_default(10))
        boxes.append((left, top, left + side, top + side))
    for y in range(page.height - below, page.height - 8, 9):
        text = " ".join("".join(dice.choices("aeionrstlmdu", k=dice.randint(2, 9))) for _ in range(page.width // 30))
        pen.text((gap, y), text, ink, ImageFont.load_default(8))
    return page, boxes
