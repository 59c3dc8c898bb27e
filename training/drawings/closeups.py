"""Scans from so near that they fill their frame: soft parts in a section, slides at low power and in any dye, cultures."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.bodies import level
from training.drawings.canvas import CLOSEUPS, Dice, Kind, fractal, from_array, smooth
from training.drawings.shapes import grid, inside, lump, over, rough, shade, shown, uneven

_SIDE = 150


def soft(dice: Dice) -> Image.Image:
    """Soft parts without a border of air: fat, muscles in pairs about a middle line, round organs with walls and zones."""
    x, y = grid(dice.uniform(0.75, 1.25))
    tall = float(y.max())
    fat = level(dice)
    values = fat * (0.85 + 0.3 * rough(dice, x, 20, 4))
    strands = abs(rough(dice, x, dice.uniform(12, 35), 3) - 0.5)
    values = values + (level(dice) - fat) * np.exp(-((strands / 0.025) ** 2)) * dice.uniform(0.2, 0.9)
    muscle, film = level(dice), level(dice)
    for _ in range(dice.randint(1, 4)):
        place, size = (dice.uniform(0.35, 1.05), dice.uniform(-1, 1) * tall), (dice.uniform(0.1, 0.5), dice.uniform(0.2, 0.7))
        for side in (-1, 1):
            part = lump(dice, x, y, (side * place[0], place[1]), size, 0.2)
            share = inside(part, 20)
            values = values + share * (muscle * (0.85 + 0.3 * rough(dice, x, 7, 3)) - values)
            values = values + (film - values) * 0.6 * np.exp(-(((part - 1.03) / 0.04) ** 2))
    if dice.chance(0.4):
        for side in (-1, 1):
            bone = lump(dice, x, y, (side * dice.uniform(0.6, 1.0), dice.uniform(-0.5, 0.5) * tall), (0.25, 0.3), 0.12)
            values[bone < 1] = level(dice)
            values[abs(bone - 1) < 0.1] = dice.choice((0.03, 0.95))
    down = dice.uniform(-0.6, 0.1) * tall
    for _ in range(dice.randint(1, 4)):
        size = dice.uniform(0.12, 0.45)
        organ = lump(dice, x, y, (dice.gauss(0, 0.12), down), (size, size * dice.uniform(0.6, 1.2)), 0.08)
        values[organ < 1] = (level(dice) * (0.8 + 0.4 * rough(dice, x, dice.uniform(4, 16), 3)))[organ < 1]
        values[organ < dice.uniform(0.3, 0.8)] = dice.choice((level(dice), 0.02))
        values[abs(organ - 1) < dice.uniform(0.02, 0.12)] = level(dice)
        down += dice.uniform(0.3, 0.7) * tall
    values = values * (1 - dice.uniform(0, 0.7) * np.hypot(x, y).clip(0, 1.4) ** 2 / 2) * dice.uniform(0.5, 1.1)
    image = shown(dice, values, 0.15)
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0.4, 1.3)))


def slide(dice: Dice) -> Image.Image:
    """Tissue at low power: small nuclei close together in one dye, some in a second; fibres, glands, fat; torn on white."""
    y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.float64)
    glass = dice.uniform(0.86, 1.0) * np.array([1, 1, 1]) - dice.uniform(0, 0.06) * dice.array.random(3)
    immune = dice.chance(0.5)  # haematoxylin's blue and the brown, or red, of an antibody; otherwise two dyes of any kind
    ground = (
        shade(dice, (0.55, 0.7), (0.02, 0.2), (0.75, 0.97)) if immune else shade(dice, (0.8, 1.05), (0.1, 0.6), (0.7, 0.97))
    )
    first = shade(dice, (0.58, 0.8), (0.15, 0.6), (0.35, 0.75))
    second = shade(dice, (0.03, 0.11), (0.4, 0.9), (0.25, 0.75)) if immune else shade(dice, (0.7, 1.0), (0.3, 0.8), (0.3, 0.8))
    grain = fractal(dice, _SIDE, _SIDE, dice.uniform(5, 30), 4, 0.65)
    if dice.chance(0.45):  # fibres that run together
        along = (x * math.cos(turn := dice.uniform(0, math.tau)) + y * math.sin(turn)) / dice.uniform(2, 6)
        grain = 0.5 + 0.5 * np.sin(along + 9 * smooth(dice, _SIDE, _SIDE, 50))
    pixels = ground * (1 - dice.uniform(0.05, 0.35) * grain[..., None])
    size = dice.uniform(0.9, 4)
    crowd = round(dice.uniform(0.08, 0.7) * _SIDE**2 / (math.pi * size**2))
    where = fractal(dice, _SIDE, _SIDE, dice.uniform(20, 90), 3)
    stained = fractal(dice, _SIDE, _SIDE, dice.uniform(10, 90), 3) if dice.chance(0.6) else dice.array.random((_SIDE, _SIDE))
    much = dice.choice((0.0, 0.1, 0.3, 0.6, 0.9, 1.0)) if immune else dice.choice((0.0, 0.0, 0.4))
    layers = [Image.new("L", (_SIDE, _SIDE)) for _ in range(2)]
    pens = [ImageDraw.Draw(layer) for layer in layers]
    for _ in range(min(crowd, 2600)):
        px, py = dice.randrange(_SIDE), dice.randrange(_SIDE)
        if where[py, px] < dice.uniform(0, 0.6):
            continue
        w, h = size * dice.uniform(0.6, 1.4), size * dice.uniform(0.6, 1.4)
        pens[int(stained[py, px] < much)].ellipse((px - w, py - h, px + w, py + h), dice.randint(110, 255))
    for layer, ink in zip(layers, (first, second), strict=True):
        pixels = over(pixels, np.asarray(layer.filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 0.9)))) / 255, ink)
    for _ in range(dice.choice((0, 0, 4, 14, 40))):  # glands and fat: holes with a rim
        reach = dice.uniform(4, 22)
        hole = lump(dice, x, y, (dice.uniform(0, _SIDE), dice.uniform(0, _SIDE)), (reach, reach * dice.uniform(0.6, 1)), 0.1)
        pixels = over(pixels, inside(hole, 25), glass)
        pixels = over(pixels, 0.5 * np.exp(-(((hole - 1.1) / 0.12) ** 2)), first)
    if dice.chance(0.45):  # the specimen's edge, tears in it
        torn = fractal(dice, _SIDE, _SIDE, dice.uniform(40, 140), 5, 0.55) + dice.uniform(-0.2, 0.5)
        if dice.chance(0.5):
            torn = torn - 0.6 * lump(dice, x, y, (75, 75), (70, 60), 0.2) + 0.6
        pixels = over(pixels, 1 / (1 + np.exp(((torn - 0.4) * 60).clip(-50, 50))), glass)
    return from_array(pixels * dice.uniform(0.8, 1.05) + dice.array.normal(0, 0.012, (_SIDE, _SIDE, 1)))


def culture(dice: Dice) -> Image.Image:
    """Small life under a microscope: rods, balls in chains and clumps, commas; dyed, on a dark field or in phase contrast."""
    light = shade(dice, (0.0, 1.0), (0.0, 0.25), (0.6, 1.0))
    dark = dice.chance(0.2)
    paper = shade(dice, (0, 1), (0, 0.5), (0.0, 0.2)) if dark else light
    inks = [shade(dice, (0.62, 0.98), (0.4, 0.9), (0.3, 0.8)) for _ in range(2)]
    if dark or dice.chance(0.3):
        inks = [paper * 0.5 + dice.choice((0.1, 0.5)), paper * 0.6 + dice.choice((0.0, 0.4))]
    shares = [Image.new("L", (_SIDE * 2, _SIDE * 2)) for _ in inks]
    long, thick, bow = dice.choice((0, 0, 8, 14, 30)), dice.uniform(3, 10), dice.gauss(0, 0.25)
    for share in shares[: dice.choice((1, 1, 2))]:
        pen = ImageDraw.Draw(share)
        for _ in range(dice.randint(5, 45)):
            px, py, turn = dice.uniform(0, 2 * _SIDE), dice.uniform(0, 2 * _SIDE), dice.uniform(0, math.tau)
            for _ in range(dice.choice((1, 1, 2, 6))):  # one, a pair, a chain or a clump
                for _ in range(max(1, round(long / 2))):
                    pen.ellipse((px - thick / 2, py - thick / 2, px + thick / 2, py + thick / 2), dice.randint(200, 255))
                    px, py, turn = px + 2 * math.cos(turn), py + 2 * math.sin(turn), turn + bow / 3
                px, py = px + thick * math.cos(turn) * 1.1, py + thick * math.sin(turn) * 1.1
                turn += dice.gauss(0, dice.choice((0.2, 1.5)))
    pixels = np.ones((_SIDE, _SIDE, 3)) * paper * (0.9 + 0.2 * fractal(dice, _SIDE, _SIDE, dice.uniform(15, 80), 4))[..., None]
    for share, ink in zip(shares, inks, strict=True):
        small = share.resize((_SIDE, _SIDE), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(dice.uniform(0.2, 1.5)))
        halo = np.asarray(small.filter(ImageFilter.GaussianBlur(4))) / 255
        pixels = over(pixels, np.asarray(small) / 255, ink) + dice.choice((0, 0, 0.3)) * halo[..., None]
    pixels = pixels * (1 - dice.choice((0, 0, 0.5)) * uneven(dice, pixels[..., 0], 120))[..., None]
    return from_array(pixels + dice.array.normal(0, dice.uniform(0.005, 0.03), (_SIDE, _SIDE, 1)))


KINDS = (
    Kind("soft parts", "mri-other", soft, 1.3, CLOSEUPS),
    Kind("low power", "histology", slide, 1.6, CLOSEUPS),
    Kind("culture", "microscopy", culture, 0.8, CLOSEUPS),
)
