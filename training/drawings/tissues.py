"""What light shows of bodies: stained tissue, blood, glowing cells, the retina and its layers, skin, the gut from inside."""

from __future__ import annotations

import math

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.canvas import SCANS, Dice, Kind, fractal, from_array, hsv, smooth
from training.drawings.shapes import branches, grid, inside, lump, over, rough, shade, shown, uneven

_SIDE = 150


def tissue(dice: Dice) -> Image.Image:
    """Stained tissue: a ground of fibres, dark nuclei strewn or about glands, empty fat, at any magnification and dye."""
    y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.float64)
    ground = shade(dice, (0.78, 1.1), (0.1, 0.55), (0.65, 0.95))
    dark = ground * shade(dice, (0.6, 0.9), (0.2, 0.7), (0.5, 0.8))
    grain = fractal(dice, _SIDE, _SIDE, dice.uniform(8, 40), 4, 0.65)
    if dice.chance(0.5):
        grain = 0.5 + 0.5 * np.sin(grain * dice.uniform(8, 30) + x / dice.uniform(5, 40))
    pixels = ground + (dark - ground) * 0.6 * grain[..., None]
    if dice.chance(0.4):
        empty = fractal(dice, _SIDE, _SIDE, dice.uniform(12, 40), 2) > dice.uniform(0.62, 0.8)
        pixels[empty] = dice.uniform(0.88, 0.99)
    ink = shade(dice, (0.6, 0.85), (0.35, 0.9), (0.2, 0.6))
    size, crowd = dice.uniform(1.5, 9), dice.uniform(0.05, 0.75)
    count = min(900, round(crowd * _SIDE**2 / (math.pi * size**2)))
    dense = fractal(dice, _SIDE, _SIDE, dice.uniform(20, 60), 2)
    rings = [(dice.uniform(0, _SIDE), dice.uniform(0, _SIDE), dice.uniform(12, 40)) for _ in range(dice.choice((0, 0, 3, 8)))]
    nuclei = Image.new("L", (_SIDE, _SIDE))
    pen = ImageDraw.Draw(nuclei)
    for _ in range(count):
        if rings and dice.chance(0.7):
            cx, cy, radius = dice.choice(rings)
            turn = dice.uniform(0, math.tau)
            px, py = cx + radius * math.cos(turn) + dice.gauss(0, 2), cy + radius * math.sin(turn) + dice.gauss(0, 2)
        else:
            px, py = dice.uniform(0, _SIDE - 1), dice.uniform(0, _SIDE - 1)
            if dense[int(py), int(px)] < dice.uniform(0, 0.8):
                continue
        w, h = size * dice.uniform(0.6, 1.3), size * dice.uniform(0.6, 1.3)
        pen.ellipse((px - w, py - h, px + w, py + h), dice.randint(130, 255))
    for cx, cy, radius in rings:
        hole = lump(dice, x, y, (cx, cy), (radius * 0.6, radius * 0.5), 0.15) < 1
        pixels[hole] = dice.uniform(0.85, 0.98)
    share = np.asarray(nuclei.filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 1.2)))) / 255
    pixels = over(pixels, share * (0.75 + 0.25 * fractal(dice, _SIDE, _SIDE, 3, 2)), ink)
    return from_array(pixels + dice.array.normal(0, 0.015, (_SIDE, _SIDE, 1)))


def smear(dice: Dice) -> Image.Image:
    """Blood on a slide: red cells with pale middles, a white cell or two with a lobed nucleus, parasites at times."""
    y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.float64)
    light = shade(dice, (0.0, 1.0), (0.0, 0.2), (0.7, 1.0))
    pixels = np.ones((_SIDE, _SIDE, 3)) * light * (1 - dice.uniform(0, 0.25) * smooth(dice, _SIDE, _SIDE, 100))[..., None]
    red = light * shade(dice, (0.88, 1.1), (0.1, 0.5), (0.6, 0.95))
    size, pale = dice.uniform(5, 22), dice.uniform(0, 0.8)
    for _ in range(round(dice.uniform(0.15, 0.9) * _SIDE**2 / (math.pi * size**2))):
        at, r = (dice.uniform(0, _SIDE), dice.uniform(0, _SIDE)), size * dice.uniform(0.85, 1.15)
        cell = lump(dice, x, y, at, (r, r * dice.uniform(0.8, 1.1)), 0.04)
        share = (cell < 1) * (1 - pale * np.exp(-((cell / 0.45) ** 2))) * dice.uniform(0.7, 1)
        pixels = over(pixels, share, red)
        pixels[abs(cell - 0.97) < 0.06] *= dice.uniform(0.75, 1)
        if dice.chance(0.06):
            spot = lump(dice, x, y, (at[0] + dice.gauss(0, r / 3), at[1]), (r * 0.25, r * 0.2), 0.3)
            pixels[spot < 1] = shade(dice, (0.65, 0.85), (0.4, 0.9), (0.3, 0.6))
    for _ in range(dice.choice((0, 1, 1, 2, 4))):
        at, r = (dice.uniform(0, _SIDE), dice.uniform(0, _SIDE)), size * dice.uniform(1.3, 2.3)
        pixels = over(pixels, (lump(dice, x, y, at, (r, r)) < 1) * 0.8, shade(dice, (0.6, 0.9), (0.1, 0.4), (0.6, 0.9)))
        ink = shade(dice, (0.68, 0.82), (0.4, 0.9), (0.3, 0.65))
        for _ in range(dice.randint(1, 4)):
            lobe = (at[0] + dice.gauss(0, r / 3), at[1] + dice.gauss(0, r / 3))
            pixels = over(pixels, (lump(dice, x, y, lobe, (r * 0.45, r * 0.4), 0.12) < 1) * 0.95, ink)
    image = from_array(pixels + dice.array.normal(0, 0.012, pixels.shape))
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0.2, 1)))


def glow(dice: Dice) -> Image.Image:
    """Fluorescence: glowing nuclei, cell bodies and filaments on black, in one channel or three."""
    pixels = np.zeros((_SIDE, _SIDE, 3))
    y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.float64)
    size = dice.uniform(4, 18)
    spots = [(dice.uniform(0, _SIDE), dice.uniform(0, _SIDE)) for _ in range(dice.randint(4, 50))]
    nuclei, bodies = np.zeros((_SIDE, _SIDE)), np.zeros((_SIDE, _SIDE))
    for at in spots:
        cell = lump(dice, x, y, at, (size, size * dice.uniform(0.6, 1)), 0.08)
        nuclei = np.maximum(nuclei, dice.uniform(0.4, 1) * inside(cell, 12))
        bodies = np.maximum(bodies, dice.uniform(0.3, 0.9) * np.exp(-((cell / dice.uniform(1.8, 2.8)) ** 4)))
    nuclei = nuclei * (0.6 + 0.5 * fractal(dice, _SIDE, _SIDE, 5, 2))
    strands = np.exp(-((abs(fractal(dice, _SIDE, _SIDE, dice.uniform(10, 30), 3) - 0.5) / 0.04) ** 2))
    parts = [nuclei, bodies * (0.4 + 0.6 * strands), strands * bodies]
    for part, hue in zip(parts[: dice.choice((1, 1, 2, 3))], dice.sample((0.62, 0.33, 0.0, 0.5, 0.83), 3), strict=False):
        pixels = pixels + part[..., None] * np.asarray(hsv(hue, dice.choice((0.0, 1.0, 1.0)), 1)) / 255
    pixels = pixels * dice.uniform(0.6, 1.2) + dice.array.normal(0.02, dice.uniform(0.005, 0.05), (_SIDE, _SIDE, 1))
    return from_array(pixels)


def retina(dice: Dice) -> Image.Image:
    """The back of an eye: an orange or grey disc, the nerve head with vessels out of it, the macula, spots at times."""
    x, y = grid()
    side = len(x)
    far = np.hypot(x, y) / dice.uniform(0.85, 1.25)
    base = shade(dice, (0.0, 0.09), (0.5, 0.95), (0.5, 0.95))
    pixels = base * (1.1 - 0.5 * far - 0.2 * smooth(dice, side, side, 60))[..., None]
    head = (dice.choice((-1, 1)) * dice.uniform(0.2, 0.6), dice.uniform(-0.15, 0.15))
    disc = lump(dice, x, y, head, (dice.uniform(0.1, 0.17), dice.uniform(0.12, 0.18)), 0.04)
    pixels = over(pixels, 0.85 * inside(disc, 14), shade(dice, (0.08, 0.15), (0.1, 0.6), (0.85, 1)))
    pixels = over(pixels, 0.5 * np.exp(-((np.hypot(x + head[0] * 0.5, y) / 0.2) ** 2)), base * 0.5)
    start = ((head[0] + 1) * side / 2, (head[1] + 1) * side / 2)
    tree = branches(dice, side, dice.randint(5, 8), dice.uniform(2, 4), 0.12, start)
    pixels = over(pixels, tree * dice.uniform(0.4, 0.8), base * (0.5, 0.25, 0.3))
    for _ in range(dice.choice((0, 0, 8, 30))):
        at, size = (dice.gauss(0, 0.4), dice.gauss(0, 0.4)), dice.uniform(0.01, 0.06)
        pixels[lump(dice, x, y, at, (size, size), 0.3) < 1] = dice.choice(((0.95, 0.85, 0.5), (0.35, 0.05, 0.05)))
    if dice.chance(0.25):
        pixels = np.repeat(pixels[..., 1:2] * dice.uniform(1, 1.8), 3, 2)
    pixels[far > 1] = 0
    return from_array(pixels + dice.array.normal(0, 0.01, pixels.shape))


def layers(dice: Dice) -> Image.Image:
    """Optical coherence tomography: layers of the retina or the skin in speckle, a pit or fluid among them."""
    x, y = grid(dice.uniform(0.5, 0.9))
    tall = float(y.max())
    dip = (
        dice.uniform(-0.3, 0.4) * np.exp(-((x / dice.uniform(0.15, 0.4)) ** 2))
        + dice.uniform(-0.2, 0.2) * x
        + dice.uniform(-0.2, 0.2) * x**2
    )
    depth = (y / tall - dip * 0.6 + 0.05 * uneven(dice, x, 40)) * 0.7 + dice.uniform(0.2, 0.5)
    edges = np.cumsum([dice.uniform(0.05, 0.16) for _ in range(dice.randint(4, 9))])
    shades = [0.03, *(dice.uniform(0.1, 0.95) for _ in edges[1:]), dice.uniform(0.2, 0.5)]
    values = np.asarray(shades)[np.digitize(depth, edges)]
    values = np.where(depth > edges[-1], values * np.exp(-(depth - edges[-1]) * dice.uniform(1, 5)), values)
    for _ in range(dice.choice((0, 0, 1, 3))):
        values[lump(dice, x, y, (dice.gauss(0, 0.3), 0.0), (dice.uniform(0.05, 0.25), 0.08), 0.2) < 1] = 0.03
    values = values * (0.5 + 0.5 * dice.array.exponential(1, x.shape)) + 0.04 * dice.array.random(x.shape)
    if dice.chance(0.2):
        return from_array(
            np.asarray(matplotlib.colormaps[dice.choice(("jet", "inferno", "viridis"))](values.clip(0, 1)))[..., :3]
        )
    image = shown(dice, 1 - values.clip(0, 1) if dice.chance(0.2) else values, 0.15)
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 0.8)))


def mole(dice: Dice) -> Image.Image:
    """Skin close up: a brown, black, red or blue lesion with a net, dots, hairs, a bubble of gel, a ruler's ticks."""
    x, y = grid(dice.uniform(0.7, 1))
    skin = shade(dice, (0.0, 0.09), (0.15, 0.6), (0.5, 0.98))
    pixels = skin * (0.9 + 0.15 * rough(dice, x, 8, 4) - 0.25 * uneven(dice, x, 90))[..., None]
    at, size = (dice.gauss(0, 0.15), dice.gauss(0, 0.12)), (dice.uniform(0.2, 0.7), dice.uniform(0.2, 0.6))
    spot = lump(dice, x, y, at, size, 0.15) + 0.3 * (rough(dice, x, 14, 3) - 0.5)
    share = dice.uniform(0.5, 0.95) * inside(spot, dice.uniform(6, 25))
    net = rough(dice, x, dice.uniform(4, 12), 2)
    pixels = over(pixels, share * (0.6 + 0.4 * net), skin * shade(dice, (0.95, 1.1), (0.2, 0.8), (0.15, 0.75)))
    if dice.chance(0.4):
        pixels = over(pixels, share * (net > 0.65), skin * shade(dice, (0.5, 1.1), (0.1, 0.6), (0.2, 0.7)))
    image = from_array(pixels)
    pen = ImageDraw.Draw(image)
    for _ in range(dice.choice((0, 0, 5, 20))):
        px, py, turn, bow = dice.uniform(0, 160), dice.uniform(0, 160), dice.uniform(0, math.tau), dice.gauss(0, 0.1)
        path = [(px, py)]
        for _ in range(14):
            turn += bow
            path.append((path[-1][0] + 5 * math.cos(turn), path[-1][1] + 5 * math.sin(turn)))
        pen.line(path, hsv(0.06, 0.4, dice.uniform(0.05, 0.5)), 1)
    if dice.chance(0.25):
        dark = np.asarray(image) / 255
        dark[np.hypot(x, y) > dice.uniform(0.85, 1.1)] = 0
        image = from_array(dark)
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 1)))


def gut(dice: Dice) -> Image.Image:
    """A tube from inside: folds about a dark way on, wet highlights, fine vessels, a polyp, the black frame of the scope."""
    x, y = grid(dice.uniform(0.8, 1))
    way = (dice.gauss(0, 0.35), dice.gauss(0, 0.35))
    far = lump(dice, x, y, way, (1, 1), 0.15)
    flesh = shade(dice, (0.97, 1.08), (0.3, 0.75), (0.7, 1))
    folds = 0.5 + 0.5 * np.cos(np.log(far + 0.1) * dice.uniform(3, 12) + 2 * uneven(dice, x, 50))
    light = (far / (far + dice.uniform(0.1, 0.6))) * (0.65 + 0.35 * folds) * (1.15 - 0.3 * np.hypot(x, y))
    pixels = flesh * light[..., None]
    side = max(x.shape)
    if dice.chance(0.5):
        tree = branches(dice, side, 3, 2, 0.2)[: x.shape[0], : x.shape[1]]
        pixels = over(pixels, 0.4 * tree, flesh * (0.7, 0.3, 0.3))
    if dice.chance(0.4):
        at, size = (dice.gauss(0, 0.4), dice.gauss(0, 0.4)), dice.uniform(0.12, 0.35)
        knob = lump(dice, x, y, at, (size, size))
        pixels = over(pixels, (knob < 1) * 0.8, flesh * dice.uniform(0.7, 1.1))
        pixels[abs(knob - 1) < 0.08] *= 0.7
    wet = rough(dice, x, dice.uniform(5, 12), 2) * (0.5 + 0.5 * folds) > dice.uniform(0.72, 0.85)
    pixels[wet] = dice.uniform(0.9, 1)
    if dice.chance(0.7):
        corner = dice.uniform(1.2, 1.6)
        frame = (abs(x) + abs(y) > corner) | (np.hypot(x, y) > dice.uniform(0.95, 1.3))
        pixels[frame] = 0.01
    return from_array(pixels).filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 1.2)))


KINDS = (
    Kind("tissue", "histology", tissue, 2.0, SCANS),
    Kind("smear", "blood-smear", smear, 1.3, SCANS),
    Kind("glow", "other", glow, 1.3, SCANS),
    Kind("retina", "fundus", retina, 0.9, SCANS),
    Kind("layers", "oct", layers, 1.0, SCANS),
    Kind("mole", "dermoscopy", mole, 0.9, SCANS),
    Kind("gut", "endoscopy", gut, 0.9, SCANS),
)
