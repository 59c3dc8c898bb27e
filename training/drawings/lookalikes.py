"""What grew or is a part of somebody and is yet no scan: irises and finger prints for passports, leaves, fruit, wood."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.canvas import LOOKALIKES, Dice, Kind, from_array, turned
from training.drawings.shapes import grid, inside, lump, over, rough, shade, uneven


def _grey(dice: Dice, pixels: np.ndarray, share: float) -> Image.Image:
    """As a camera gives it, one for near infrared this often."""
    pixels = pixels + dice.array.normal(0, dice.uniform(0.003, 0.03), (*pixels.shape[:2], 1))
    if dice.chance(share):
        pixels = pixels.mean(2, keepdims=True).repeat(3, 2) * dice.uniform(0.7, 1.3)
    return from_array(pixels).filter(ImageFilter.GaussianBlur(dice.uniform(0, 1)))


def iris(dice: Dice) -> Image.Image:
    """An eye from near: pupil, iris with its rays, the white between two lids, lashes, a lamp's reflection."""
    x, y = grid(dice.uniform(0.65, 1))
    zoom = dice.uniform(0.3, 0.95)
    at = (dice.gauss(0, 0.12), dice.gauss(0, 0.08))
    skin = shade(dice, (0.0, 0.1), (0.1, 0.5), (0.35, 0.95))
    pixels = skin * (0.8 + 0.3 * uneven(dice, x, 60) + 0.1 * rough(dice, x, 6, 3))[..., None]
    white = shade(dice, (0.0, 0.1), (0.0, 0.12), (0.6, 0.95))
    ball = lump(dice, x, y, at, (zoom, zoom), 0.01)
    pupil = dice.uniform(0.2, 0.55)
    turn = np.arctan2(y - at[1], x - at[0])
    rays = np.interp(turn, np.linspace(-math.pi, math.pi, 90), dice.array.random(90)) * rough(dice, x, 8, 3)
    colour = shade(dice, (0.05, 0.62), (0.1, 0.8), (0.2, 0.75))
    eye = white * (1.05 - 0.3 * abs(x))[..., None]
    eye = over(eye, inside(ball, 30), colour * (0.6 + 0.9 * rays - 0.35 * ball**4)[..., None])
    eye = eye * (1 - inside(ball / pupil, 40 * pupil) * dice.uniform(0.85, 0.98))[..., None]
    up, down, reach = dice.uniform(0.5, 1.2) * zoom, dice.uniform(0.6, 1.2) * zoom, dice.uniform(1.4, 2.5) * zoom
    lids = np.where(y < at[1], (at[1] - y) / up, (y - at[1]) / down) + ((x - at[0]) / reach) ** 2
    pixels = over(pixels, inside(lids, 25), eye)
    pixels = pixels * (1 - 0.6 * np.exp(-(((lids - 1) / 0.06) ** 2)))[..., None]
    for _ in range(dice.randint(1, 3)):
        spot = (at[0] + dice.gauss(0, 0.2) * zoom, at[1] + dice.gauss(0, 0.2) * zoom)
        pixels = pixels + 0.9 * inside(lump(dice, x, y, spot, (0.05 * zoom, 0.05 * zoom)), 8)[..., None]
    image = _grey(dice, pixels, 0.5)
    pen = ImageDraw.Draw(image)
    for _ in range(dice.choice((0, 20, 40))):
        px = dice.uniform(0.05, 0.95) * image.width
        py = (
            (1 + (at[1] - up * max(0.0, 1 - ((px / image.width * 2 - 1 - at[0]) / reach) ** 2)) / float(y.max()))
            * image.height
            / 2
        )
        pen.line((px, py, px + dice.gauss(0, 6), py - dice.uniform(-12, 22)), (20, 18, 16), 1)
    return image


def print_of_a_finger(dice: Dice) -> Image.Image:
    """Ridges in loops and whorls, inked, scanned or on a sensor; a palm's creases at times."""
    x, y = grid(dice.uniform(1, 1.4))
    tall = float(y.max())
    core = (dice.gauss(0, 0.2), dice.gauss(0, 0.2))
    u, v = x - core[0], y - core[1]
    loop = dice.uniform(0.4, 1.6)
    phase = np.hypot(u * loop, v * np.where(v < 0, 1, dice.uniform(0.2, 1))) + 0.06 * rough(dice, x, 40, 2)
    ridge = 0.5 + 0.5 * np.sin(phase * dice.uniform(45, 110))
    ridge = (ridge + 0.5 * (rough(dice, x, 4, 2) - 0.5) > dice.uniform(0.35, 0.6)).astype(float)
    tip = inside(lump(dice, x, y, (0, 0), (dice.uniform(0.6, 1.3), tall * dice.uniform(0.7, 1.3))), 20)
    ink = ridge * tip * (0.5 + 0.6 * uneven(dice, x, 30))
    for _ in range(dice.choice((0, 0, 2, 4))):
        crease = abs(y - dice.uniform(-1, 1) * tall - dice.uniform(-0.5, 0.5) * x - 0.2 * np.sin(2 * x))
        ink = ink * (crease > 0.02)
    paper, dye = shade(dice, (0, 1), (0, 0.15), (0.75, 1)), shade(dice, (0, 1), (0, 0.6), (0, 0.35))
    if dice.chance(0.25):
        paper, dye = dye, paper
    return _grey(dice, paper + ink[..., None] * (dye - paper), 0.5)


def leaf(dice: Dice) -> Image.Image:
    """A leaf on a plain ground or from so near that nothing else is seen: veins, spots of a blight, holes, drops."""
    x, y = grid(dice.uniform(0.75, 1.2))
    u, v = turned(x, y, dice.uniform(0, math.tau))
    near = dice.uniform(0.7, 2.5)
    blade = np.hypot(u / near, v / (near * dice.uniform(0.35, 0.7))) + 0.2 * abs(u / near) ** 3 + 0.05 * uneven(dice, x, 15)
    ground = shade(dice, (0, 1), (0, 0.4), (0.05, 1.0)) * (0.85 + 0.3 * uneven(dice, x, 80))[..., None]
    green = shade(dice, (0.15, 0.4), (0.3, 0.9), (0.3, 0.8))
    body = green * (0.75 + 0.4 * rough(dice, x, 12, 4))[..., None]
    rib = abs(v) / 0.03
    side = abs(((u - abs(v) * dice.uniform(0.4, 1.2)) / dice.uniform(0.14, 0.3) + 0.5) % 1 - 0.5) / 0.07
    vein = np.exp(-(np.minimum(rib, side) ** 2))[..., None]
    body = body + dice.uniform(-0.3, 0.5) * vein * (1 - body)
    for _ in range(dice.choice((0, 4, 15, 40))):
        size = dice.uniform(0.02, 0.2)
        spot = lump(dice, x, y, (dice.uniform(-1, 1), dice.uniform(-1, 1)), (size, size), 0.25)
        body = over(body, inside(spot, 8), shade(dice, (0.02, 0.17), (0.2, 0.8), (0.1, 0.8)))
        body = over(body, 0.5 * np.exp(-(((spot - 1.1) / 0.15) ** 2)), shade(dice, (0.1, 0.2), (0.4, 0.9), (0.6, 1)))
    return _grey(dice, over(ground, inside(blade, 30), body), 0.12)


def fruit(dice: Dice) -> Image.Image:
    """A fruit, a root or a cabbage cut through: peel, flesh in segments or rings, a core with seeds; on a board or black."""
    x, y = grid(dice.uniform(0.75, 1.1))
    at, size = (dice.gauss(0, 0.1), dice.gauss(0, 0.1)), dice.uniform(0.55, 1.0)
    far = lump(dice, x, y, at, (size, size * dice.uniform(0.8, 1.1)), 0.05)
    turn = np.arctan2(y - at[1], x - at[0])
    ground = shade(dice, (0, 1), (0, 0.5), (0.02, 1)) * (0.85 + 0.25 * rough(dice, x, 30, 3))[..., None]
    hue = dice.uniform(-0.05, 0.4)
    flesh = shade(dice, (hue, hue + 0.06), (0.2, 0.9), (0.6, 1)) * (0.8 + 0.35 * rough(dice, x, 9, 4))[..., None]
    pith = shade(dice, (0.08, 0.2), (0.05, 0.4), (0.8, 1))
    if dice.chance(0.5):
        parts = dice.randint(5, 12)
        wall = abs((turn * parts / math.tau + 0.08 * uneven(dice, x, 30)) % 1 - 0.5) * far
        flesh = np.where((wall < 0.03)[..., None], pith, flesh)
    else:
        flesh = flesh * (0.9 + 0.15 * np.cos(far * dice.uniform(6, 45)))[..., None]
    flesh = over(flesh, inside(far / dice.uniform(0.08, 0.35), 6), pith)
    for number in range(seeds := dice.choice((0, 5, 12, 30))):
        angle, reach = math.tau * number / seeds, dice.uniform(0.2, 0.5) * size
        place = (at[0] + reach * math.cos(angle), at[1] + reach * math.sin(angle))
        seed = inside(lump(dice, x, y, place, (0.03, 0.05)), 9)
        flesh = over(flesh, seed, shade(dice, (0.03, 0.12), (0.2, 0.8), (0.05, 0.9)))
    peel = shade(dice, (hue - 0.05, hue + 0.1), (0.4, 1), (0.3, 0.9))
    rim = dice.uniform(0.86, 0.97)
    flesh = over(flesh, 1 - inside(far / rim, 40), peel if dice.chance(0.6) else pith)
    return _grey(dice, over(ground, inside(far, 45), flesh), 0.12)


def wood(dice: Dice) -> Image.Image:
    """A trunk or a shell cut across: rings about a middle, cracks from it, bark; or a board along its grain."""
    x, y = grid(dice.uniform(0.75, 1.1))
    across = dice.chance(0.6)
    far = lump(dice, x, y, (dice.gauss(0, 0.15), dice.gauss(0, 0.15)), (0.95, 0.9), 0.05)
    where = far if across else abs(y + 0.25 * rough(dice, x, 80, 2) * np.cos(x * 1.5))
    ring = 0.5 + 0.5 * np.sin(where * dice.uniform(25, 110) + 3 * uneven(dice, x, 50))
    timber = shade(dice, (0.04, 0.12), (0.2, 0.7), (0.45, 0.95))
    pixels = timber * (0.6 + 0.3 * ring + 0.25 * rough(dice, x, 5, 3))[..., None]
    turn = np.arctan2(y, x)
    for _ in range(dice.choice((0, 1, 4)) if across else 0):
        crack = abs(turn - dice.uniform(-math.pi, math.pi) + 0.1 * np.sin(far * 9)) * far
        pixels[(crack < 0.015) & (far < dice.uniform(0.5, 1))] *= 0.3
    if across:
        ground = shade(dice, (0, 1), (0, 0.5), (0.02, 1)) * (0.8 + 0.3 * rough(dice, x, 15, 3))[..., None]
        bark = timber * dice.uniform(0.2, 0.6)
        pixels = over(pixels, 1 - inside(far / 0.92, 60), bark)
        pixels = over(ground, inside(far, 60), pixels)
    return _grey(dice, pixels, 0.25)


KINDS = (
    Kind("iris", "eye", iris, 1.6, LOOKALIKES),
    Kind("finger print", "fingerprint", print_of_a_finger, 0.8, LOOKALIKES),
    Kind("leaf", "plants", leaf, 1.3, LOOKALIKES),
    Kind("fruit", "food", fruit, 1.0, LOOKALIKES),
    Kind("wood", "texture", wood, 0.8, LOOKALIKES),
)
