"""Boxes and arrows: flow charts, architectures, trees."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from training.drawings.canvas import Colour, Dice, Kind, Palette, blank, blend, face, font, palette, sheet, title, words

Pen = ImageDraw.ImageDraw
Box = tuple[float, float, float, float]
Point = tuple[float, float]


def caption(pen: Pen, dice: Dice, box: Box, text: str, name: str, ink: Colour) -> None:
    """Text in the middle of a box, broken into lines and sized to fit."""
    left, top, right, bottom = box
    size = max(6, min(22, round((bottom - top) * dice.uniform(0.25, 0.5))))
    while size > 6 and pen.textlength(max(text.split() or [""], key=len), font(name, size)) > right - left - 4:
        size -= 1
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and pen.textlength(longer, font(name, size)) > right - left - 4:
            lines.append(word)
        else:
            lines[-1] = longer
    kept = lines[: max(1, int((bottom - top) / (size * 1.15)))]
    start = (top + bottom) / 2 - (len(kept) - 1) * size * 0.575
    for n, line in enumerate(kept):
        pen.text(((left + right) / 2, start + n * size * 1.15), line, ink, font(name, size), anchor="mm")


def arrow(pen: Pen, points: Sequence[Point], ink: Colour, width: int = 1, head: float = 5) -> None:
    """A line through points with a head at its end; ``head`` 0 draws none."""
    pen.line([xy for point in points for xy in point], ink, width)
    (x0, y0), (x1, y1) = points[-2:]
    angle = math.atan2(y1 - y0, x1 - x0)
    if head:
        sides = [(x1 - head * math.cos(angle + turn), y1 - head * math.sin(angle + turn)) for turn in (0.45, -0.45)]
        pen.polygon([(x1, y1), *sides], ink)


def shape(pen: Pen, dice: Dice, box: Box, kind: str, fill: Colour | None, line: Colour, width: int = 1) -> None:
    """A node's outline: ``rect``, ``round``, ``oval``, ``diamond``, ``slant``, ``drum``, ``hexagon`` or ``note``."""
    left, top, right, bottom = box
    middle, centre, cut = (left + right) / 2, (top + bottom) / 2, min(right - left, bottom - top) * 0.25
    if kind == "oval":
        pen.ellipse(box, fill, line, width)
    elif kind == "round":
        pen.rounded_rectangle(box, cut * dice.choice((0.5, 1, 2)), fill, line, width)
    elif kind == "drum":
        pen.rectangle((left, top + cut / 2, right, bottom - cut / 2), fill, line, width)
        pen.ellipse((left, bottom - cut, right, bottom), fill, line, width)
        pen.ellipse((left, top, right, top + cut), fill, line, width)
    else:
        corners = {
            "diamond": [(middle, top), (right, centre), (middle, bottom), (left, centre)],
            "slant": [(left + cut, top), (right, top), (right - cut, bottom), (left, bottom)],
            "hexagon": [
                (left + cut, top),
                (right - cut, top),
                (right, centre),
                (right - cut, bottom),
                (left + cut, bottom),
                (left, centre),
            ],
            "note": [(left, top), (right - cut, top), (right, top + cut), (right, bottom), (left, bottom)],
        }.get(kind, [(left, top), (right, top), (right, bottom), (left, bottom)])
        pen.polygon(corners, fill, line, width)


def filling_and_ink(dice: Dice, shades: Palette) -> tuple[Colour | None, Colour]:
    """A node's filling and the ink on it."""
    if dice.chance(0.3):
        return None, shades.ink
    accent = dice.choice(shades.accents)
    if dice.chance(0.5):
        accent = blend(accent, shades.paper, dice.uniform(0.15, 0.5))
    return accent, (255, 255, 255) if sum(accent) < 330 else (20, 20, 20)


def flowchart(dice: Dice) -> Image.Image:
    """Steps below each other in one to three lanes, with decisions and their branches."""
    shades, name = palette(dice), face(dice)
    lanes, steps = dice.randint(1, 3), dice.randint(3, 7)
    wide, high = dice.randint(80, 130), dice.randint(34, 54)
    image, pen = blank(lanes * wide + 20, steps * high + 16, shades.paper)
    width, kinds = dice.choice((1, 1, 2)), ("rect", "rect", "round", "diamond", "slant", "oval")
    fixed = filling_and_ink(dice, shades) if dice.chance(0.6) else None
    for lane in range(lanes):
        for step in range(steps):
            if lane and dice.chance(0.3):
                continue
            x, y = 10 + lane * wide, 8 + step * high
            box = (x + wide * 0.1, y + high * 0.1, x + wide * 0.9, y + high * 0.72)
            if step < steps - 1:
                arrow(pen, [(x + wide / 2, box[3]), (x + wide / 2, y + high * 1.1)], shades.ink, width)
            if lane < lanes - 1 and dice.chance(0.5):
                arrow(pen, [(box[2], (box[1] + box[3]) / 2), (box[2] + wide * 0.2, (box[1] + box[3]) / 2)], shades.ink, width)
            filling, ink = fixed or filling_and_ink(dice, shades)
            kind = "oval" if step in (0, steps - 1) and dice.chance(0.5) else dice.choice(kinds)
            shape(pen, dice, box, kind, filling or shades.paper, shades.ink, width)
            caption(pen, dice, box, words(dice, 1, 4), name, ink)
    return image


def architecture(dice: Dice) -> Image.Image:
    """Boxes within boxes, joined at right angles."""
    shades, name = palette(dice, dark=0.3), face(dice, "sans")
    width, height = sheet(dice, (260, 380), 1.9)
    image, pen = blank(width, height, shades.paper)
    groups, stacked = dice.randint(1, 3), dice.chance(0.5)
    ports: list[Point] = []
    for group in range(groups):
        along = (height if stacked else width) / groups
        frame = (
            (8, group * along + 8, width - 8, (group + 1) * along - 8)
            if stacked
            else (group * along + 8, 8, (group + 1) * along - 8, height - 8)
        )
        if dice.chance(0.7):
            back = blend(dice.choice(shades.accents), shades.paper, 0.15)
            shape(pen, dice, frame, dice.choice(("rect", "round")), back, shades.faint)
            pen.text((frame[0] + 5, frame[1] + 2), title(dice, 1, 2), shades.ink, font(name, 11))
        columns, rows = dice.randint(1, 3 if stacked else 2), dice.randint(1, 2 if stacked else 4)
        for n in range(columns * rows):
            cell_w, cell_h = (frame[2] - frame[0]) / columns, (frame[3] - frame[1] - 14) / rows
            x, y = frame[0] + n % columns * cell_w, frame[1] + 14 + n // columns * cell_h
            box = (x + cell_w * 0.15, y + cell_h * 0.2, x + cell_w * 0.85, y + cell_h * 0.2 + max(12, min(cell_h * 0.6, 50)))
            middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            if ports:
                start = ports[-1] if dice.chance(0.7) else dice.choice(ports)
                arrow(pen, [start, (middle[0], start[1]), (middle[0], box[1])], shades.ink, 1, dice.choice((0, 5)))
            ports.append((middle[0], box[3]))
            filling, ink = filling_and_ink(dice, shades)
            shape(
                pen,
                dice,
                box,
                dice.choice(("rect", "rect", "round", "drum", "hexagon", "note")),
                filling or shades.paper,
                shades.ink,
            )
            caption(pen, dice, box, words(dice, 1, 3), name, ink)
    return image


def hierarchy(dice: Dice) -> Image.Image:
    """Organisation charts, decision trees and directory trees."""
    shades, name = palette(dice), face(dice)
    levels, lying = dice.randint(2, 4), dice.chance(0.3)
    spread = [1]
    for _ in range(levels - 1):
        spread.append(min(9, spread[-1] * dice.randint(2, 3)))
    width, height = max(220, spread[-1] * dice.randint(36, 60)), levels * dice.randint(46, 70)
    image, pen = blank(*((height * 2, width) if lying else (width, height)), shades.paper)
    kind, (filling, ink) = dice.choice(("rect", "round", "oval", "hexagon")), filling_and_ink(dice, shades)
    square = dice.chance(0.6)
    above: list[Point] = []
    for level, count in enumerate(spread):
        places: list[Point] = []
        for n in range(count):
            across, down = (n + 0.5) * width / count, (level + 0.5) * height / levels
            x, y = (down * 2, across) if lying else (across, down)
            half_w = min(46.0, (height / levels * 0.75) if lying else width / count * 0.44)
            half_h = min(14.0, (width / count * 0.4) if lying else height / levels * 0.28)
            if above:
                px, py = above[n * len(above) // count]
                bend = [((px + x) / 2, py), ((px + x) / 2, y)] if lying else [(px, (py + y) / 2), (x, (py + y) / 2)]
                pen.line([(px, py), *(bend if square else []), (x, y)], shades.ink, 1)
            places.append((x, y))
            box = (x - half_w, y - half_h, x + half_w, y + half_h)
            above_box = (box, words(dice, 1, 2))
            shape(pen, dice, above_box[0], kind, filling or shades.paper, shades.ink)
            caption(pen, dice, above_box[0], above_box[1], name, ink)
        above = [
            (x + (min(46.0, height / levels * 0.75) if lying else 0), y + (0 if lying else min(14.0, height / levels * 0.28)))
            for x, y in places
        ]
    return image


KINDS = (
    Kind("flowchart", "diagram", flowchart, 2),
    Kind("architecture", "diagram", architecture, 2),
    Kind("hierarchy", "diagram", hierarchy, 1),
)
