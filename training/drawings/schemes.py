"""Schemes: neural networks, Venn diagrams, cycles, mind maps, sequences, classes."""

from __future__ import annotations

import math
from itertools import pairwise

from PIL import Image, ImageDraw

from training.drawings.canvas import Dice, Kind, blank, blend, face, font, palette, sheet, words
from training.drawings.diagrams import arrow, caption, filling_and_ink, shape

Pen = ImageDraw.ImageDraw
Box = tuple[float, float, float, float]
Point = tuple[float, float]


def neurons(dice: Dice) -> Image.Image:
    """Layers of units, all joined; or layers as standing blocks."""
    shades, name = palette(dice), face(dice)
    width, height = dice.randint(260, 420), dice.randint(160, 260)
    image, pen = blank(width, height, shades.paper)
    layers = dice.randint(3, 7)
    if dice.chance(0.5):
        counts = [dice.randint(1, 8) for _ in range(layers)]
        radius = dice.uniform(4, 9)
        places = [
            [((n + 0.5) * width / layers, (m + 0.5) * height / count) for m in range(count)] for n, count in enumerate(counts)
        ]
        for before, after in pairwise(places):
            for start in before:
                for end in after:
                    pen.line((*start, *end), shades.faint, 1)
        for n, layer in enumerate(places):
            for x, y in layer:
                pen.ellipse((x - radius, y - radius, x + radius, y + radius), shades.accents[n % 8], shades.ink)
        return image
    x = 12.0
    for n in range(layers):
        tall, thick = height * dice.uniform(0.2, 0.7), dice.uniform(4, 30)
        slant, top = dice.uniform(6, 22), (height - tall) / 2
        colour = shades.accents[n % 8]
        pen.polygon(
            [(x, top), (x + slant, top - slant), (x + thick + slant, top - slant), (x + thick, top)],
            blend(colour, (255, 255, 255), 0.7),
            shades.ink,
        )
        side = [
            (x + thick, top),
            (x + thick + slant, top - slant),
            (x + thick + slant, top - slant + tall),
            (x + thick, top + tall),
        ]
        pen.polygon(side, blend(colour, (0, 0, 0), 0.7), shades.ink)
        pen.rectangle((x, top, x + thick, top + tall), colour, shades.ink)
        pen.text((x, top + tall + 3), f"{2 ** dice.randint(3, 10)}", shades.ink, font(name, 10))
        arrow(pen, [(x + thick + slant / 2, height / 2), (x + thick + slant + 14, height / 2)], shades.ink)
        x += thick + slant + 16
    return image.crop((0, 0, min(width, round(x) + 6), height)) if x > 80 else image


def venn(dice: Dice) -> Image.Image:
    """Two to five overlapping sets, filled through or as rings."""
    shades, name = palette(dice), face(dice)
    width, height = sheet(dice, (220, 300), 1.5)
    image, pen = blank(width, height, shades.paper)
    count, reach = dice.randint(2, 5), min(width, height) * dice.uniform(0.16, 0.22)
    turn, radius = dice.uniform(0, 6.3), min(width, height) * dice.uniform(0.2, 0.28)
    for n in range(count):
        angle = turn + 2 * math.pi * n / count
        x, y = width / 2 + reach * math.cos(angle), height / 2 + reach * math.sin(angle)
        box = (x - radius, y - radius, x + radius, y + radius)
        layer = image.copy()
        ImageDraw.Draw(layer).ellipse(box, shades.accents[n], shades.ink, dice.choice((0, 1, 2)))
        image.paste(Image.blend(image, layer, dice.uniform(0.4, 0.7)))
        place = (width / 2 + (reach + radius * 0.5) * math.cos(angle), height / 2 + (reach + radius * 0.5) * math.sin(angle))
        pen.text(
            place, words(dice, 1) if dice.chance(0.5) else str(dice.randint(1, 900)), shades.ink, font(name, 13), anchor="mm"
        )
    pen.text((width / 2, height / 2), str(dice.randint(1, 90)), shades.ink, font(name, 13), anchor="mm")
    return image


def cycle(dice: Dice) -> Image.Image:
    """Stages in a ring, a mind map around a centre, or a chain of chevrons."""
    shades, name = palette(dice), face(dice)
    kind, count = dice.randrange(3), dice.randint(3, 8)
    if kind == 2:
        wide, high = dice.randint(60, 90), dice.randint(60, 110)
        image, pen = blank(count * wide + 30, high * dice.choice((1, 2)), shades.paper)
        for n in range(count):
            x, y = float(8 + n * wide), image.height / 2
            edge = [(x, y - 20), (x + wide - 14, y - 20), (x + wide, y), (x + wide - 14, y + 20), (x, y + 20), (x + 14, y)]
            pen.polygon(edge, shades.accents[n % 8])
            caption(pen, dice, (x + 14, y - 18, x + wide - 12, y + 18), words(dice, 1, 2), name, (255, 255, 255))
        return image
    side = dice.randint(240, 330)
    image, pen = blank(round(side * dice.uniform(1, 1.5)), side, shades.paper)
    places = [
        (
            image.width / 2 + math.cos(2 * math.pi * n / count) * image.width * 0.36,
            side / 2 + math.sin(2 * math.pi * n / count) * side * 0.37,
        )
        for n in range(count)
    ]
    for n, (x, y) in enumerate(places):
        start = (image.width / 2, side / 2) if kind else places[n - 1]
        middle = ((start[0] + x) / 2, (start[1] + y) / 2)
        arrow(pen, [start, middle, (x, y)], shades.ink, dice.choice((1, 2)), 0)
        arrow(pen, [start, middle], shades.ink, 1, 0 if kind else 8)
    nodes = [*places, (image.width / 2, side / 2)] if kind else places
    for n, (x, y) in enumerate(nodes):
        box = (x - side * 0.13, y - side * 0.075, x + side * 0.13, y + side * 0.075)
        shape(pen, dice, box, dice.choice(("oval", "round", "rect")), shades.accents[n % 8], shades.ink)
        caption(pen, dice, box, words(dice, 1, 2), name, (255, 255, 255) if sum(shades.accents[n % 8]) < 360 else (0, 0, 0))
    return image


def sequence(dice: Dice) -> Image.Image:
    """UML: messages between life lines, or classes with their members."""
    shades, name = palette(dice), face(dice)
    width, height = dice.randint(280, 420), dice.randint(200, 320)
    image, pen = blank(width, height, shades.paper)
    small = font(name, 10)
    count = dice.randint(2, 5)
    if dice.chance(0.5):
        places = [(n + 0.5) * width / count for n in range(count)]
        for x in places:
            head = (x - width / count * 0.4, 6, x + width / count * 0.4, 28)
            shape(pen, dice, head, "rect", filling_and_ink(dice, shades)[0], shades.ink)
            pen.line((x, 28, x, height - 6), shades.faint)
        for n, level in enumerate(range(46, height - 12, dice.randint(18, 30))):
            start, end = dice.sample(places, 2) if n else (places[0], places[1])
            arrow(pen, [(start, level), (end, level)], shades.ink, 1, 6)
            pen.text((min(start, end) + 4, level - 12), words(dice, 1, 2), shades.ink, small)
        return image
    before: Point | None = None
    for n in range(count):
        x, y = 10 + n % 2 * width * 0.55, 8 + n // 2 * height / ((count + 1) // 2)
        members = dice.randint(1, 5)
        box = (x, y, x + width * 0.36, y + 18 + members * 12)
        if before:
            arrow(pen, [before, (x, y + 10)], shades.ink, 1, 8)
        shape(pen, dice, box, "rect", blend(shades.accents[0], shades.paper, 0.15), shades.ink)
        pen.rectangle((x, y, box[2], y + 14), shades.accents[0], shades.ink)
        for m in range(members):
            pen.text((x + 3, y + 16 + m * 12), f"{dice.choice('+-#')} {words(dice, 1)}: {words(dice, 1)}", shades.ink, small)
        before = (box[2], y + 10)
    return image


KINDS = (
    Kind("neurons", "diagram", neurons, 1.2),
    Kind("venn", "diagram", venn, 0.8),
    Kind("cycle", "diagram", cycle, 1),
    Kind("sequence", "diagram", sequence, 0.8),
)
