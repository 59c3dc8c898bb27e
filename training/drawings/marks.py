"""Logos, icons, drawn faces."""

from __future__ import annotations

import math

from PIL import Image, ImageDraw

from training.drawings.canvas import Colour, Dice, Kind, blank, blend, face, font, hsv, palette, title

Pen = ImageDraw.ImageDraw
Point = tuple[float, float]


def regular(centre: Point, radius: float, corners: int, turn: float = 0.0, inner: float = 1.0) -> list[Point]:
    """A regular polygon; with ``inner`` below 1 a star."""
    count = corners * (2 if inner < 1 else 1)
    reach = [radius * (inner if inner < 1 and n % 2 else 1) for n in range(count)]
    return [
        (centre[0] + r * math.sin(turn + math.tau * n / count), centre[1] - r * math.cos(turn + math.tau * n / count))
        for n, r in enumerate(reach)
    ]


def _emblem(pen: Pen, dice: Dice, centre: Point, radius: float, shades: tuple[Colour, ...], paper: Colour) -> None:
    """Two to five plain shapes on one centre, as emblems are made."""
    x, y = centre
    for n in range(dice.randint(1, 4)):
        size, kind, colour = (
            radius * 0.72**n,
            dice.randrange(7),
            shades[n % len(shades)] if n % 2 == 0 or dice.chance(0.5) else paper,
        )
        box = (x - size, y - size, x + size, y + size)
        if kind == 0:
            pen.ellipse(box, colour)
        elif kind == 1:
            pen.rounded_rectangle(box, size * dice.uniform(0, 0.6), colour)
        elif kind == 2:
            pen.polygon(regular(centre, size, dice.randint(3, 8), dice.choice((0, 0.4))), colour)
        elif kind == 3:
            pen.polygon(regular(centre, size, dice.randint(4, 12), 0, dice.uniform(0.35, 0.8)), colour)
        elif kind == 4:
            start = dice.randint(0, 359)
            pen.pieslice(box, start, start + dice.choice((90, 180, 270)), colour)
        elif kind == 5:
            pen.arc(box, dice.randint(0, 180), dice.randint(200, 400), colour, max(2, round(size * 0.3)))
        else:
            bars = dice.randint(2, 4)
            for bar in range(bars):
                left = x - size + bar * 2 * size / bars
                pen.rectangle((left, y - size * dice.uniform(0.2, 1), left + size / bars, y + size), colour)


def logo(dice: Dice) -> Image.Image:
    """An emblem with a name beside, below or within it; either alone at times."""
    shades = palette(dice, dark=0.3)
    name, text, size = face(dice), title(dice, 1, 2), dice.randint(24, 46)
    width = round(blank(1, 1, shades.paper)[1].textlength(text, font(name, size)))
    kind, few = dice.randrange(4), shades.accents[: dice.randint(1, 4)]
    ink = dice.choice((shades.ink, few[0]))
    if kind == 0:
        image, pen = blank(width + size * 4, size * 3, shades.paper)
        _emblem(pen, dice, (size * 1.5, size * 1.5), size, few, shades.paper)
        pen.text((size * 3, size * 1.5), text, ink, font(name, size), anchor="lm")
    elif kind == 1:
        image, pen = blank(max(width + size, size * 5), size * 5, shades.paper)
        _emblem(pen, dice, (image.width / 2, size * 1.9), size * 1.5, few, shades.paper)
        pen.text((image.width / 2, size * 4.2), text, ink, font(name, size), anchor="mm")
    elif kind == 2:
        image, pen = blank(width + size * 2, size * 2, shades.paper if dice.chance(0.5) else few[0])
        pen.text((image.width / 2, size), text, shades.ink, font(name, size), anchor="mm")
        if dice.chance(0.5):
            pen.line((size, size * 1.7, width + size, size * 1.7), few[-1], dice.randint(2, 6))
    else:
        image, pen = blank(size * 5, size * 5, shades.paper)
        _emblem(pen, dice, (size * 2.5, size * 2.5), size * 2, few, shades.paper)
        if dice.chance(0.5):
            pen.text((size * 2.5, size * 2.5), text[:2], shades.paper, font(name, size * 2), anchor="mm")
    return image


def icon(dice: Dice) -> Image.Image:
    """One pictogram, or a sheet of them, in lines or filled."""
    shades = palette(dice, dark=0.3)
    across, down = dice.choice(((1, 1), (1, 1), (1, 1), (2, 2), (3, 3), (4, 3), (5, 4), (6, 2)))
    side = 200 if across * down == 1 else 60
    image, pen = blank(across * side, down * side, shades.paper)
    line, backed, many = dice.chance(0.5), dice.chance(0.4), dice.chance(0.5)
    for n in range(across * down):
        x, y = (n % across + 0.5) * side, (n // across + 0.5) * side
        colour = shades.accents[n % 8] if many else shades.ink
        if backed:
            corner = side * dice.choice((0.1, 0.42))
            pen.rounded_rectangle((x - side * 0.42, y - side * 0.42, x + side * 0.42, y + side * 0.42), corner, colour)
            colour = (255, 255, 255) if sum(colour) < 500 else (20, 20, 20)
        pictogram(pen, dice, (x, y), side * 0.3, colour, line)
    return image


def pictogram(pen: Pen, dice: Dice, centre: Point, r: float, ink: Colour, line: bool) -> None:
    """One of ten well-known signs, ``r`` pixels from its centre to its edge."""
    x, y = centre
    width, fill = max(2, round(r * 0.13)), None if line else ink
    kind = dice.randrange(10)
    if kind == 0:  # house
        pen.polygon([(x - r, y), (x, y - r), (x + r, y)], fill, ink, width)
        pen.rectangle((x - r * 0.7, y, x + r * 0.7, y + r), fill, ink, width)
    elif kind == 1:  # envelope
        pen.rectangle((x - r, y - r * 0.7, x + r, y + r * 0.7), None, ink, width)
        pen.line((x - r, y - r * 0.7, x, y + r * 0.1, x + r, y - r * 0.7), ink, width)
    elif kind == 2:  # magnifying glass
        pen.ellipse((x - r, y - r, x + r * 0.4, y + r * 0.4), None, ink, width)
        pen.line((x + r * 0.2, y + r * 0.2, x + r, y + r), ink, width * 2)
    elif kind == 3:  # cog
        pen.polygon(regular(centre, r, 8, 0, 0.78), fill, ink, width)
        pen.ellipse((x - r * 0.3, y - r * 0.3, x + r * 0.3, y + r * 0.3), None if line else (128, 128, 128), ink, width)
    elif kind == 4:  # person
        pen.ellipse((x - r * 0.4, y - r, x + r * 0.4, y - r * 0.2), fill, ink, width)
        pen.pieslice((x - r, y, x + r, y + r * 2), 180, 360, fill, ink, width)
    elif kind == 5:  # tick or cross
        ends = (
            ((-1, 0), (-0.3, 0.7), (1, -0.7))
            if dice.chance(0.5)
            else ((-0.8, -0.8), (0, 0), (0.8, -0.8), (0, 0), (0.8, 0.8), (0, 0), (-0.8, 0.8))
        )
        pen.line([(x + a * r, y + b * r) for a, b in ends], ink, width * 2)
    elif kind == 6:  # arrow
        pen.polygon(
            [
                (x - r, y - r * 0.3),
                (x, y - r * 0.3),
                (x, y - r),
                (x + r, y),
                (x, y + r),
                (x, y + r * 0.3),
                (x - r, y + r * 0.3),
            ],
            fill,
            ink,
            width,
        )
    elif kind == 7:  # star
        pen.polygon(regular(centre, r, 5, 0, 0.45), fill, ink, width)
    elif kind == 8:  # sheet with lines
        pen.rectangle((x - r * 0.7, y - r, x + r * 0.7, y + r), None, ink, width)
        for n in range(4):
            pen.line((x - r * 0.4, y - r * 0.6 + n * r * 0.4, x + r * 0.4, y - r * 0.6 + n * r * 0.4), ink, width)
    else:  # bars
        for n, tall in enumerate((0.6, 1.2, 0.9, 1.8)):
            pen.rectangle((x - r + n * r * 0.5, y + r - tall * r, x - r * 0.65 + n * r * 0.5, y + r), ink)


def smiley(dice: Dice) -> Image.Image:
    """Drawn faces in one colour."""
    image, pen = blank(200, 200, dice.choice(((255, 255, 255), (0, 0, 0), hsv(dice.random(), 0.3, 0.9))))
    skin = hsv(dice.uniform(0.08, 0.17) if dice.chance(0.7) else dice.random(), dice.uniform(0.5, 0.9), 1.0)
    pen.ellipse((20, 20, 180, 180), skin, blend(skin, (0, 0, 0), 0.6), dice.randint(0, 6))
    ink, gap, high = (60, 40, 20), dice.randint(25, 40), dice.randint(6, 18)
    for x in (100 - gap, 100 + gap):
        if dice.chance(0.8):
            pen.ellipse((x - 9, 80 - high, x + 9, 80 + high), ink)
        else:
            pen.arc((x - 14, 70, x + 14, 96), 180, 360, ink, 5)
    mouth = dice.randrange(4)
    if mouth == 0:
        pen.arc((60, 80, 140, 150), 20, 160, ink, 6)
    elif mouth == 1:
        pen.chord((60, 80, 140, 155), 10, 170, ink)
    elif mouth == 2:
        pen.arc((65, 120, 135, 170), 200, 340, ink, 6)
    else:
        pen.ellipse((85, 115, 115, 150), ink)
    return image


KINDS = (
    Kind("logo", "logo", logo, 3),
    Kind("icon", "icon", icon, 2.5),
    Kind("smiley", "icon", smiley, 0.6),
)
