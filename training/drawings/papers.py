"""Receipts, slides, handwriting, sheet music, and paper of every kind as a scanner sees it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.canvas import (
    Dice,
    Kind,
    blank,
    blend,
    face,
    font,
    fractal,
    hsv,
    palette,
    sheet,
    title,
    words,
)
from training.drawings.pages import form, table, text

Pen = ImageDraw.ImageDraw


def receipt(dice: Dice) -> Image.Image:
    """A narrow till receipt or an invoice, thermal print included."""
    name, ink = face(dice, dice.choice(("mono", "mono", "sans"))), dice.choice(((20, 20, 20), (70, 70, 80), (50, 40, 90)))
    size = dice.randint(10, 13)
    width, rows = dice.randint(180, 260), dice.randint(5, 16)
    image, pen = blank(width, rows * (size + 5) + 120, hsv(dice.random(), dice.uniform(0, 0.08), dice.uniform(0.88, 1)))
    pen.text((width / 2, 16), title(dice, 1, 2).upper(), ink, font(name, size + 5), anchor="mm")
    pen.text(
        (width / 2, 36),
        f"{dice.randint(1, 28)}.{dice.randint(1, 12)}.20{dice.randint(10, 26)} {dice.randint(8, 20)}:{dice.randint(10, 59)}",
        ink,
        font(name, size),
        anchor="mm",
    )
    for row in range(rows):
        y = 54 + row * (size + 5)
        pen.text((8, y), words(dice, 1, 2)[:16], ink, font(name, size))
        pen.text((width - 8, y), f"{dice.uniform(0.5, 99):.2f}", ink, font(name, size), anchor="ra")
    y = 58 + rows * (size + 5)
    pen.line((8, y, width - 8, y), ink)
    pen.text((8, y + 6), "TOTAL", ink, font(name, size + 3))
    pen.text((width - 8, y + 6), f"{dice.uniform(10, 400):.2f}", ink, font(name, size + 3), anchor="ra")
    for x in range(14, width - 14, 3):
        if dice.chance(0.55):
            pen.line((x, y + 28, x, y + 52), ink, dice.choice((1, 2)))
    return image


def slide(dice: Dice) -> Image.Image:
    """A heading, points, and a plot, boxes or a picture's place beside them."""
    shades, name = palette(dice, dark=0.35), face(dice, dice.choice(("sans", "sans", "serif")))
    width = dice.randint(360, 440)
    image, pen = blank(width, round(width * dice.choice((0.5625, 0.75))), shades.paper)
    height = image.height
    if dice.chance(0.4):
        bar = dice.choice(shades.accents)
        pen.rectangle((0, 0, width, 44) if dice.chance(0.6) else (0, 0, 14, height), bar)
    if dice.chance(0.15):
        pen.text((width / 2, height * 0.42), title(dice, 2, 4), shades.ink, font(name, 30), anchor="mm")
        pen.text((width / 2, height * 0.6), title(dice, 2, 4), shades.faint, font(name, 15), anchor="mm")
        return image
    pen.text((24, 10), title(dice, 2, 4), shades.ink, font(name, dice.randint(20, 27)))
    half, size = dice.chance(0.6), dice.randint(11, 17)
    for n in range(dice.randint(2, 6)):
        y = 60 + n * round(size * 1.9)
        pen.text((26, y), f"{dice.choice('•▪–')} {words(dice, 2, 4 if half else 8)}", shades.ink, font("DejaVuSans", size))
    if half:
        pen.rectangle((width * 0.58, 56, width, height), shades.paper)
        for n in range(dice.randint(2, 6)):
            x, tall = width * 0.62 + n * 26, dice.uniform(20, height - 110)
            pen.rectangle((x, height - 30 - tall, x + 18, height - 30), shades.accents[n])
    pen.text((width - 20, height - 12), str(dice.randint(1, 60)), shades.faint, font(name, 10), anchor="mm")
    return image


def scribble(
    pen: Pen, dice: Dice, start: tuple[float, float], length: float, size: float, ink: tuple[int, int, int], width: int = 1
) -> None:
    """A word as a hand writes it: loops and strokes that lean, some above and some below the line."""
    x, y = start
    lean, t, points = dice.uniform(-0.1, 0.6), 0.0, []
    tall = 1.0
    while x - start[0] < length:
        t += 0.35
        if int(t / math.tau) != int((t - 0.35) / math.tau):
            tall = dice.choice((0.4, 0.5, 0.6, 0.7, 1.3, -0.9))
        rise = size * 0.5 * tall * (1 - math.cos(t))
        points.append((x + size * 0.22 * math.sin(t) + lean * rise, y - rise + dice.gauss(0, size * 0.02)))
        x += size * dice.uniform(0.03, 0.07)
    if len(points) > 1:
        pen.line(points, ink, width, joint="curve")


def handwriting(dice: Dice) -> Image.Image:
    """Lines by hand on white, ruled or squared paper."""
    width, height = sheet(dice, (240, 360), 1.7)
    paper = hsv(dice.uniform(0.08, 0.16), dice.uniform(0, 0.18), dice.uniform(0.85, 1))
    ink = dice.choice(((20, 20, 60), (30, 40, 120), (20, 20, 20), (90, 90, 95)))
    image, pen = blank(width, height, paper)
    lead, ruled = dice.randint(18, 40), dice.randrange(3)
    for at in range(lead, height, lead if ruled == 1 else lead // 2):
        if ruled:
            pen.line((0, at, width, at), blend((90, 130, 200), paper, 0.4))
    for at in range(0, width, lead // 2):
        if ruled == 2:
            pen.line((at, 0, at, height), blend((90, 130, 200), paper, 0.4))
    for y in range(lead + 4, height - 6, lead):
        x = dice.uniform(8, 30)
        while x < width - 50:
            length = dice.uniform(15, 70)
            scribble(pen, dice, (x, y - 3 + dice.gauss(0, 1)), length, lead * 0.42, ink, dice.choice((1, 1, 2)))
            x += length + lead * 0.6
            if dice.chance(0.08):
                break
    return image


def score(dice: Dice) -> Image.Image:
    """Sheet music."""
    width, staves, gap = dice.randint(280, 400), dice.randint(2, 6), dice.randint(5, 8)
    image, pen = blank(width, staves * gap * 9 + 24, (255, 255, 255) if dice.chance(0.7) else (245, 236, 215))
    for staff in range(staves):
        top = 20 + staff * gap * 9
        for line in range(5):
            pen.line((10, top + line * gap, width - 10, top + line * gap), (0, 0, 0))
        x = 36
        while x < width - 20:
            y = top + dice.randint(-1, 9) * gap / 2
            pen.ellipse(
                (x - gap * 0.65, y - gap / 2, x + gap * 0.65, y + gap / 2), (0, 0, 0) if dice.chance(0.8) else None, (0, 0, 0)
            )
            pen.line((x + gap * 0.6, y, x + gap * 0.6, y - gap * 3.2), (0, 0, 0))
            x += dice.randint(14, 34)
            if dice.chance(0.2):
                pen.line((x - 8, top, x - 8, top + 4 * gap), (0, 0, 0))
    return image


def scanned(dice: Dice) -> Image.Image:
    """Any of these as a scanner or a telephone sees it: askew, stained, shadowed, noisy, or in black and white alone."""
    source: Callable[[Dice], Image.Image] = dice.choice((text, text, form, table, handwriting, receipt, score))
    paper = source(dice)
    edge = dice.choice(((0, 0, 0), (255, 255, 255), (90, 80, 70)))
    paper = paper.rotate(dice.uniform(-4, 4), Image.Resampling.BICUBIC, expand=dice.chance(0.5), fillcolor=edge)
    pixels = np.asarray(paper, dtype=np.float32) / 255
    height, width = pixels.shape[:2]
    tint = np.asarray(hsv(dice.uniform(0.06, 0.18), dice.uniform(0, 0.3), 1.0)) / 255
    shade = 1 - dice.uniform(0.05, 0.5) * fractal(dice, height, width, max(height, width) / 1.5, 3)
    pixels = pixels * tint * shade[..., None] + dice.array.normal(0, dice.uniform(0.005, 0.06), (height, width, 1))
    if dice.chance(0.25):
        pixels = np.repeat((pixels.mean(2, keepdims=True) > dice.uniform(0.4, 0.6)).astype(np.float32), 3, 2)
    image = Image.fromarray((pixels.clip(0, 1) * 255).astype(np.uint8))
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 1.1)))


KINDS = (
    Kind("receipt", "textpage", receipt, 0.8),
    Kind("slide", "slide", slide, 1.8),
    Kind("handwriting", "handwriting", handwriting, 1.2),
    Kind("score", "textpage", score, 0.4),
    Kind("scanned", "scan", scanned, 2.5),
)
