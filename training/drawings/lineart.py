"""Line drawings: circuits, structural formulas, floor plans, geometry, parts with their measures."""

from __future__ import annotations

import math

from PIL import Image, ImageChops, ImageDraw

from training.drawings.canvas import Dice, Kind, blank, face, font, palette, sheet, title
from training.drawings.diagrams import shape

Pen = ImageDraw.ImageDraw


def circuit(dice: Dice) -> Image.Image:
    """Wires at right angles with resistors, capacitors, coils, gates and chips on them."""
    shades, name = palette(dice), face(dice, "sans")
    width, height = sheet(dice, (220, 340), 1.8)
    image, pen = blank(width, height, shades.paper)
    thick, pitch = dice.choice((1, 1, 2)), dice.randint(50, 80)
    for y in range(30, height - 10, pitch):
        x = 12.0
        while x < width - 60:
            length, part = dice.uniform(12, 40), dice.randrange(6)
            pen.line((x, y, x + length, y), shades.ink, thick)
            x += length
            if part == 0:
                pen.line([(x + n * 4, y + (0 if n in (0, 7) else 7 * (-1) ** n)) for n in range(8)], shades.ink, thick)
            elif part == 1:
                pen.line([(x, y - 9), (x, y + 9)], shades.ink, thick + 1)
                pen.line([(x + 28, y - 9), (x + 28, y + 9)], shades.ink, thick + 1)
            elif part == 2:
                for n in range(4):
                    pen.arc((x + n * 7, y - 5, x + n * 7 + 7, y + 5), 180, 360, shades.ink, thick)
            elif part == 3:
                pen.polygon([(x, y - 9), (x + 28, y), (x, y + 9)], None, shades.ink, thick)
            elif part == 4:
                pen.rectangle((x, y - 14, x + 28, y + 14), None, shades.ink, thick)
            else:
                pen.ellipse((x, y - 14, x + 28, y + 14), None, shades.ink, thick)
            pen.text((x + 4, y - 26), f"{dice.choice('RCLUQD')}{dice.randint(1, 40)}", shades.ink, font(name, 10))
            x += 28
            if dice.chance(0.4):
                pen.line((x + 5, y, x + 5, y + pitch), shades.ink, thick)
                pen.ellipse((x + 2, y - 3, x + 8, y + 3), shades.ink)
        pen.line((x, y, width - 12, y), shades.ink, thick)
    return image


def molecule(dice: Dice) -> Image.Image:
    """Structural formulas: rings that share sides, double bonds, chains ending in letters."""
    shades = palette(dice, dark=0.1)
    side, name = dice.randint(200, 300), face(dice, "sans")
    image, pen = blank(side * 2, side * 2, shades.paper)
    bond, thick = dice.uniform(18, 28), dice.choice((1, 2, 2))
    x, y = image.width * 0.4, side * 1.2
    for _ in range(dice.randint(1, 4)):
        ring = [(x + bond * math.sin(math.pi / 3 * k), y + bond * math.cos(math.pi / 3 * k)) for k in range(6)]
        pen.polygon(ring, None, shades.ink, thick)
        for k in range(dice.randrange(2), 6, 2):
            (ax, ay), (bx, by) = ring[k], ring[(k + 1) % 6]
            pen.line([(x + 0.8 * (px - x), y + 0.8 * (py - y)) for px, py in ((ax, ay), (bx, by))], shades.ink, thick)
        corner = dice.randrange(6)
        px, py = ring[corner]
        for _ in range(dice.randint(0, 3)):
            turn = dice.choice((0.52, -0.52)) + math.atan2(py - y, px - x)
            qx, qy = px + bond * math.cos(turn), py + bond * math.sin(turn)
            pen.line((px, py, qx, qy), shades.ink, thick)
            px, py = qx, qy
        if dice.chance(0.8):
            atom = dice.choice(("O", "OH", "N", "NH", "F", "Cl", "S", "CH3", "NH2"))
            pen.text(
                (px, py),
                atom,
                dice.choice((shades.ink, (200, 0, 0), (0, 0, 200))),
                font(name, 14),
                anchor="mm",
                stroke_width=3,
                stroke_fill=shades.paper,
            )
        x, y = (x + bond * 1.732, y) if dice.chance(0.6) else (x + bond * 0.866, y - bond * 1.5)
    drawn = ImageChops.difference(image, Image.new("RGB", image.size, shades.paper)).getbbox() or (0, 0, *image.size)
    edge = dice.randint(6, 40)
    return image.crop((max(0, drawn[0] - edge), max(0, drawn[1] - edge), drawn[2] + edge, drawn[3] + edge))


def plan(dice: Dice) -> Image.Image:
    """Line drawings: floor plans, geometry with its angles, parts with their measures."""
    shades, name = palette(dice), face(dice)
    width, height = sheet(dice, (220, 320), 1.6)
    image, pen = blank(width, height, shades.paper)
    small, kind, thick = font(name, 10), dice.randrange(3), dice.choice((1, 2, 3))
    if kind == 0:
        pen.rectangle((12, 12, width - 12, height - 12), None, shades.ink, thick + 1)
        for _ in range(dice.randint(2, 6)):
            x, y = float(dice.randint(30, width - 30)), float(dice.randint(30, height - 30))
            pen.line((x, 12, x, y) if dice.chance(0.5) else (12, y, x, y), shades.ink, thick)
            pen.arc((x - 16, y - 16, x + 16, y + 16), 0, 90, shades.ink)
            pen.text((x - 30, y - 16), title(dice, 1), shades.ink, small)
    elif kind == 1:
        corners = [(dice.uniform(15, width - 15), dice.uniform(15, height - 15)) for _ in range(dice.randint(3, 6))]
        pen.polygon(corners, None, shades.ink, thick)
        pen.ellipse((width * 0.2, height * 0.2, width * 0.2 + 90, height * 0.2 + 90), None, shades.ink, 1)
        for n, (x, y) in enumerate(corners):
            pen.line((x, y, width / 2, height / 2), shades.faint)
            pen.text((x, y), "ABCDEF"[n], shades.ink, font(name, 15))
    else:
        for _ in range(dice.randint(2, 5)):
            w, h = dice.uniform(30, width * 0.5), dice.uniform(30, height * 0.5)
            x, y = dice.uniform(20, width - w - 15), dice.uniform(20, height - h - 15)
            shape(pen, dice, (x, y, x + w, y + h), dice.choice(("rect", "oval", "round", "hexagon")), None, shades.ink, thick)
            pen.line((x, y - 8, x + w, y - 8), shades.faint)
            pen.text((x + w / 2, y - 19), f"{dice.randint(2, 400)} mm", shades.ink, small)
    return image


KINDS = (
    Kind("circuit", "diagram", circuit, 0.7),
    Kind("molecule", "molecule", molecule, 0.8),
    Kind("plan", "lineart", plan, 0.8),
)
