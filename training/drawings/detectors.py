"""What falls on a detector: interfering light, X-rays through a bag, a weather satellite's view."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.drawings.canvas import INSTRUMENTS, Dice, Kind, blank, fractal, from_array, hsv, sheet, turned
from training.drawings.textures import grainy


def fringes(dice: Dice) -> Image.Image:
    """Interference: rings, bent stripes, wrapped phase, diffraction spots, speckle of a laser."""
    side = dice.randint(110, 180)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(x - dice.uniform(-0.4, 0.4), y - dice.uniform(-0.4, 0.4))
    kind, speckle = dice.randrange(4), dice.array.exponential(1, (side, side))
    if kind == 0:
        values = 0.5 + 0.5 * np.cos(dice.uniform(10, 60) * radius ** dice.choice((1, 2)))
        values = values * np.exp(-radius * dice.uniform(0, 2.5))
    elif kind == 1:
        phase = dice.uniform(10, 60) * fractal(dice, side, side, dice.uniform(50, 120), 2) + x * dice.uniform(0, 40)
        values = phase / math.tau % 1 if dice.chance(0.5) else 0.5 + 0.5 * np.cos(phase)
    elif kind == 2:
        values = np.exp(-radius * dice.uniform(2, 8)) * dice.uniform(0.2, 0.8)
        tilt, pitch = dice.uniform(0, math.pi), dice.uniform(0.08, 0.3)
        u, v = turned(x, y, tilt)
        nearest = np.hypot((u / pitch + 0.5) % 1 - 0.5, (v / pitch + 0.5) % 1 - 0.5)
        values = values + np.exp(-((nearest * dice.uniform(4, 9)) ** 2)) * np.exp(-radius * dice.uniform(0.5, 2.5))
    else:
        values = np.asarray(from_array(speckle / 4).convert("L").filter(ImageFilter.GaussianBlur(dice.uniform(0.5, 2)))) / 160
        values = values * np.exp(-radius * dice.uniform(0, 1.5))
    if kind < 2 and dice.chance(0.4):
        values = values * (0.4 + 0.6 * speckle)
    return grainy(dice, values, ("jet", "viridis", "hsv", "hot"), 0.65)


def luggage(dice: Dice) -> Image.Image:
    """A bag in a security scanner: things through each other in orange, green and blue on white."""
    width, height = sheet(dice, (140, 180), 1.6)
    image, _ = blank(width, height, (255, 255, 255))
    for _ in range(dice.randint(6, 28)):
        layer, pen = blank(width, height, (255, 255, 255))
        colour = hsv(dice.choice((0.08, 0.1, 0.33, 0.58, 0.6)), dice.uniform(0.15, 0.7), dice.uniform(0.55, 1))
        left, top, w, h = dice.uniform(0, width), dice.uniform(0, height), dice.uniform(5, 80), dice.uniform(4, 60)
        box = (left - w / 2, top - h / 2, left + w / 2, top + h / 2)
        hollow = dice.chance(0.4)
        paint = dice.choice((pen.rectangle, pen.ellipse))
        paint(box, None if hollow else colour, colour, dice.randint(1, 4))
        turned = layer.rotate(dice.uniform(-40, 40), fillcolor=(255, 255, 255))
        image = ImageChops.multiply(image, turned.filter(ImageFilter.GaussianBlur(dice.uniform(0, 1.5))))
    return image


def clouds(dice: Dice) -> Image.Image:
    """Clouds from a weather satellite, in bands or about the eye of a storm, with a grid over them at times."""
    width, height = sheet(dice, (130, 190), 1.6)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    if dice.chance(0.5):
        cx, cy = dice.uniform(0.2, 0.8) * width, dice.uniform(0.2, 0.8) * height
        far, turn = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
        wound = turn + dice.choice((-1, 1)) * np.log(far / 20 + 0.3) * dice.uniform(1, 2.5)
        values = (0.5 + 0.5 * np.cos(dice.choice((1, 2)) * wound)) * np.exp(-far / dice.uniform(40, 120)) * (far > 4)
        values = 0.6 * values + 0.5 * fractal(dice, height, width, 25, 5, 0.6)
    else:
        values = fractal(dice, height, width, dice.uniform(30, 90), 6, dice.uniform(0.5, 0.65)) ** dice.uniform(1, 2.5)
    image = grainy(dice, values, ("Blues_r", "PuBu_r", "jet"), 0.65)
    if dice.chance(0.35):
        pen, pitch = ImageDraw.Draw(image), dice.randint(25, 60)
        for n in range(0, max(width, height), pitch):
            pen.line((n, 0, n, height), (255, 255, 0))
            pen.line((0, n, width, n), (255, 255, 0))
    return image


KINDS = (
    Kind("fringes", "texture", fringes, 1.6, INSTRUMENTS),
    Kind("luggage", "industrial", luggage, 1.1, INSTRUMENTS),
    Kind("clouds", "satellite", clouds, 1.3, INSTRUMENTS),
)
