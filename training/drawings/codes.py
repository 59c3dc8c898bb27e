"""QR codes, bar codes, stamps, seals, signatures, flags, signs."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw

from training.drawings.canvas import Dice, Kind, blank, colours, face, font, hsv, title, words
from training.drawings.marks import pictogram, regular
from training.drawings.papers import scribble

Pen = ImageDraw.ImageDraw


def qr(dice: Dice) -> Image.Image:
    """A square code: finders, timing, an alignment mark, and random modules; with a caption or a logo at times."""
    count = dice.choice((21, 25, 29, 33, 37, 45))
    cells = dice.array.random((count, count)) < 0.5
    cells[6, :], cells[:, 6] = np.arange(count) % 2 == 0, np.arange(count) % 2 == 0
    finder = np.ones((7, 7), dtype=bool)
    finder[1:6, 1:6], finder[2:5, 2:5] = False, True
    for top, left in ((0, 0), (0, count - 7), (count - 7, 0)):
        cells[max(0, top - 1) : top + 8, max(0, left - 1) : left + 8] = False
        cells[top : top + 7, left : left + 7] = finder
    if count > 21:
        cells[count - 9 : count - 4, count - 9 : count - 4] = finder[1:6, 1:6] | (np.indices((5, 5)) % 4 == 0).any(0)
        cells[count - 8 : count - 5, count - 8 : count - 5] = False
        cells[count - 7, count - 7] = True
    ink, paper = (
        ((0, 0, 0), (255, 255, 255)) if dice.chance(0.7) else (hsv(dice.random(), 0.8, 0.4), hsv(dice.random(), 0.1, 1))
    )
    pixel, quiet = dice.randint(5, 8), dice.randint(1, 4)
    code = np.where(np.pad(cells, quiet)[..., None], ink, paper).astype(np.uint8)
    square = Image.fromarray(code).resize((code.shape[1] * pixel,) * 2, Image.Resampling.NEAREST)
    image, pen = blank(square.width, square.height + 34 * dice.chance(0.25), paper)
    image.paste(square)
    if image.height > square.height:
        pen.text((image.width / 2, square.height + 12), title(dice, 1, 2), ink, font(face(dice), 22), anchor="mm")
    if dice.chance(0.15):
        middle, half = square.width / 2, square.width * 0.11
        pen.rectangle((middle - half, middle - half, middle + half, middle + half), hsv(dice.random(), 0.8, 0.8), paper, 4)
    return image


def barcode(dice: Dice) -> Image.Image:
    """Bars of one to four widths with digits below, on a label at times."""
    paper = (255, 255, 255) if dice.chance(0.8) else hsv(dice.random(), 0.15, 0.95)
    width, height = dice.randint(220, 360), dice.randint(90, 200)
    image, pen = blank(width, height, paper)
    unit_, x, labelled = dice.randint(1, 3), 12, dice.chance(0.3)
    top = 40 if labelled else 10
    while x < width - 14:
        bar = unit_ * dice.randint(1, 4)
        pen.rectangle((x, top, x + bar - 1, height - 24), (0, 0, 0))
        x += bar + unit_ * dice.randint(1, 4)
    pen.text(
        (width / 2, height - 12),
        "".join(dice.choices("0123456789", k=13)),
        (0, 0, 0),
        font(face(dice, "mono"), 15),
        anchor="mm",
    )
    if labelled:
        pen.text((12, 10), title(dice, 1, 3), (0, 0, 0), font(face(dice, "sans"), 19))
    return image


def stamp(dice: Dice) -> Image.Image:
    """A rubber stamp or a seal: a ring with words around, or a framed word, worn and askew."""
    side = dice.randint(200, 260)
    ink, paper = (
        hsv(dice.choice((0.0, 0.6, 0.65, 0.35, 0.8)), dice.uniform(0.6, 1), dice.uniform(0.4, 0.8)),
        hsv(0.12, dice.uniform(0, 0.15), 1),
    )
    image, pen = blank(side, side, paper)
    name, middle = face(dice), side / 2
    if dice.chance(0.6):
        for radius, width in ((0.46, 4), (0.43, 1), (0.27, 2)):
            pen.ellipse([middle + s * side * radius for s in (-1, -1, 1, 1)], None, ink, width)
        text = (words(dice, 3, 5).upper() + " * ")[:34]
        for n, letter in enumerate(text):
            turn = 360 * n / len(text)
            tile = Image.new("L", (24, 24))
            ImageDraw.Draw(tile).text((12, 12), letter, 255, font(name, 16), anchor="mm")
            tile = tile.rotate(-turn, Image.Resampling.BICUBIC)
            at = (
                round(middle + side * 0.35 * math.sin(math.radians(turn)) - 12),
                round(middle - side * 0.35 * math.cos(math.radians(turn)) - 12),
            )
            image.paste(ink, at, tile)
        pen.polygon(regular((middle, middle), side * 0.18, dice.randint(5, 9), 0, dice.uniform(0.4, 0.8)), ink)
    else:
        pen.rounded_rectangle((12, side * 0.33, side - 12, side * 0.67), 8, None, ink, 5)
        text = dice.choice(("APPROVED", "PAID", "COPY", "DRAFT", "URGENT", "RECEIVED", "VOID", "SAMPLE"))
        pen.text((middle, middle), text, ink, font(name, 30), anchor="mm")
    worn = dice.array.random((side, side, 1)) < dice.uniform(0, 0.35)
    image = Image.fromarray(np.where(worn, np.asarray(paper), np.asarray(image)).astype(np.uint8))
    return image.rotate(dice.uniform(-30, 30), Image.Resampling.BICUBIC, fillcolor=paper)


def signature(dice: Dice) -> Image.Image:
    """A name signed on white or on a line."""
    width, height = dice.randint(220, 340), dice.randint(100, 150)
    image, pen = blank(width, height, (255, 255, 255) if dice.chance(0.7) else hsv(dice.random(), 0.05, 0.95))
    ink, x = dice.choice(((0, 0, 0), (20, 30, 120), (40, 40, 60))), dice.uniform(15, 40)
    while x < width - 60:
        length = dice.uniform(40, 120)
        scribble(
            pen,
            dice,
            (x, height * 0.62 + dice.gauss(0, 3)),
            min(length, width - x - 20),
            dice.uniform(25, 50),
            ink,
            dice.randint(1, 3),
        )
        x += length + 12
    if dice.chance(0.5):
        pen.line((14, height * 0.72, width - 14, height * 0.68), ink, 2)
    return image


def flag(dice: Dice) -> Image.Image:
    """Stripes, crosses and emblems; road signs and badges."""
    shades, width, height = colours(dice, 6), dice.randint(200, 300), 160
    image, pen = blank(width, height, shades[0])
    kind = dice.randrange(4)
    if kind == 3:
        paper = (255, 255, 255)
        image, pen = blank(200, 200, paper)
        sign = regular((100, 100), 92, dice.choice((3, 4, 8, 40)), dice.choice((0.0, 0.39)))
        pen.polygon(sign, shades[1], (200, 20, 20), 10)
        pictogram(pen, dice, (100, 108), 36, (0, 0, 0), False)
        return image
    stripes = dice.randint(2, 7)
    for n in range(stripes):
        box = (
            (0, n * height / stripes, width, (n + 1) * height / stripes)
            if kind
            else (n * width / stripes, 0, (n + 1) * width / stripes, height)
        )
        pen.rectangle(box, shades[n % 3])
    if kind == 2:
        pen.rectangle((width * 0.3, 0, width * 0.42, height), shades[4])
        pen.rectangle((0, height * 0.42, width, height * 0.58), shades[4])
    if dice.chance(0.4):
        pen.polygon(regular((width * dice.choice((0.2, 0.5)), height / 2), 34, 5, 0, 0.4), shades[5])
    return image


KINDS = (
    Kind("qr", "qr-code", qr, 1.5),
    Kind("barcode", "bar-code", barcode, 0.8),
    Kind("stamp", "stamp", stamp, 0.8),
    Kind("signature", "signature", signature, 0.7),
    Kind("flag", "icon", flag, 0.7),
)
