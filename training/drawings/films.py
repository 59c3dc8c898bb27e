"""Shadows and echoes of bodies: X-rays of chest, bones, teeth and breast, vessels with contrast, tracers, ultrasound."""

from __future__ import annotations

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.canvas import SCANS, Dice, Kind, fractal, from_array
from training.drawings.shapes import branches, grid, inside, lump, rough, shown, uneven


def chest(dice: Dice) -> Image.Image:
    """A chest: two dark lungs, ribs across them, heart, diaphragm, collar bones, a tube or wires at times."""
    x, y = grid(dice.uniform(0.85, 1.2))
    tall = float(y.max())
    values = 0.75 - 0.25 * lump(dice, x, y, (0, 0), (1.2, tall * 1.2)) ** 2 + 0.1 * uneven(dice, x, 60)
    lungs = np.zeros_like(x)
    for side in (-1, 1):
        lung = lump(
            dice,
            x,
            y,
            (side * dice.uniform(0.38, 0.45), -0.05),
            (dice.uniform(0.26, 0.34), tall * dice.uniform(0.6, 0.72)),
            0.06,
        )
        lungs = np.maximum(lungs, inside(lung, 18))
    values = values - dice.uniform(0.35, 0.55) * lungs + 0.2 * lungs * rough(dice, x, 12, 4)
    bow = dice.uniform(0.25, 0.5)
    rib = np.cos((y - bow * np.cos(x * 2.4) * 0.9) / tall * dice.uniform(20, 30))
    values = values + dice.uniform(0.05, 0.14) * (rib > dice.uniform(0.2, 0.6)) * (abs(x) > 0.12) * (abs(x) < 0.8)
    values = values + 0.3 * np.exp(-((x / 0.12) ** 2)) + 0.3 * inside(lump(dice, x, y, (0.12, 0.25 * tall), (0.3, 0.3)), 14)
    values = values + 0.4 / (1 + np.exp(-(y - tall * 0.6 - 0.15 * np.cos(x * 5)) * 20))
    if dice.chance(0.4):
        spot = lump(
            dice, x, y, (dice.choice((-0.4, 0.4)), dice.uniform(-0.4, 0.4)), (dice.uniform(0.05, 0.25), dice.uniform(0.05, 0.3))
        )
        values = values + dice.uniform(0.1, 0.35) * np.exp(-(spot**2))
    image = shown(dice, values * dice.uniform(0.8, 1.05), 0.4).filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 1.2)))
    if dice.chance(0.25):
        pen = ImageDraw.Draw(image)
        path = np.cumsum(dice.array.normal(0, 2, (40, 2)) + dice.array.normal(0, 2, 2), axis=0) + image.width * dice.uniform(
            0.2, 0.6
        )
        pen.line([(px, py) for px, py in path.tolist()], (235, 235, 235), dice.choice((1, 2)))
    return image


def bones(dice: Dice) -> Image.Image:
    """Long bones, fingers or a joint on a film: bright rinds, dimmer marrow, soft parts about them, metal at times."""
    x, y = grid(dice.uniform(1, 1.7))
    tall = float(y.max())
    values = np.zeros_like(x)
    count = dice.choice((1, 2, 2, 3, 5))
    flesh = np.zeros_like(x)
    for n in range(count):
        middle = (n - (count - 1) / 2) * (1.5 / count) + dice.uniform(-0.08, 0.08)
        tilt, half = dice.gauss(0, 0.12), dice.uniform(0.09, 0.2) * 2 / (1 + count) + 0.04
        cuts = sorted(dice.uniform(-0.9, 0.9) * tall for _ in range(dice.choice((0, 1, 1, 3))))
        u = x - middle - tilt * y - dice.uniform(-0.1, 0.1) * y**2
        near = np.min([abs(y - cut) for cut in cuts], axis=0) if cuts else np.full_like(x, 1)
        width = half * (1 + dice.uniform(0.3, 0.9) * np.exp(-((near / 0.25) ** 2)))
        across = abs(u) / width
        tube = np.sqrt((1 - across**2).clip(0)) - dice.uniform(0.5, 0.8) * np.sqrt((0.65**2 - across**2).clip(0))
        gap = near < dice.uniform(0.015, 0.04)
        values = values + dice.uniform(0.5, 0.9) * np.where(gap, 0, tube)
        flesh = np.maximum(flesh, np.sqrt((1 - (u / (half * dice.uniform(2, 4))) ** 2).clip(0)))
    trabeculae = 0.8 + 0.4 * rough(dice, x, 5, 2)
    values = values * trabeculae + dice.uniform(0.1, 0.4) * flesh + dice.uniform(0, 0.1)
    image = shown(dice, values, 0.35).filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 1)))
    if dice.chance(0.2):
        pen, left = ImageDraw.Draw(image), dice.uniform(0.3, 0.6) * image.width
        pen.line((left, image.height * 0.2, left + dice.gauss(0, 9), image.height * 0.8), (255, 255, 255), dice.randint(2, 6))
        for n in range(dice.randint(0, 6)):
            at = image.height * (0.25 + 0.1 * n)
            pen.line((left - 12, at, left + 12, at + dice.gauss(0, 2)), (250, 250, 250), 2)
    return image


def teeth(dice: Dice) -> Image.Image:
    """One row of teeth or two, small film or the whole jaw: crowns, roots, dark pulp, bone, white fillings."""
    whole = dice.chance(0.5)
    x, y = grid(dice.uniform(0.42, 0.6) if whole else dice.uniform(0.7, 1.3))
    tall = float(y.max())
    values = dice.uniform(0.25, 0.45) + 0.25 * (rough(dice, x, 7, 3) - 0.5) + 0.15 * uneven(dice, x, 70)
    bow = dice.uniform(-0.5, 0.5) * x**2 * tall
    rows = (-1, 1) if whole or dice.chance(0.4) else (dice.choice((-1, 1)),)
    count = dice.randint(10, 16) if whole else dice.randint(2, 5)
    values = np.where(abs(y - bow) < tall * dice.uniform(0.02, 0.08), 0.05, values)
    for side in rows:
        for n in range(count):
            half = 1 / count * dice.uniform(0.75, 0.98)
            middle = -1 + (2 * n + 1) / count
            v = side * (y - bow) / tall
            reach = dice.uniform(0.6, 0.85)
            u = (x - middle - dice.gauss(0, 0.05) * v) / half
            width = np.where(v < 0.35, 1 - 0.15 * np.cos(v * 9), 1 - 0.75 * ((v - 0.35) / (reach - 0.3)).clip(0, 1))
            tooth = (abs(u) < width) & (v > 0.04) & (v < reach)
            values[tooth] = (dice.uniform(0.6, 0.85) * (1.1 - 0.35 * v - 0.2 * u**2 / width**2))[tooth]
            values[(abs(u) < width * 1.12) & ~tooth & (v > 0.35) & (v < reach + 0.04)] = 0.12
            pulp = (abs(u) < width * dice.uniform(0.12, 0.25)) & (v > 0.22) & (v < reach - 0.05)
            values[pulp] = dice.choice((0.3, 0.35, 0.98 if dice.chance(0.2) else 0.3))
            if dice.chance(0.2):
                values[lump(dice, x, y, (middle, side * tall * 0.15), (half * 0.5, tall * 0.1), 0.2) < 1] = 1.0
    if whole and dice.chance(0.7):
        values = values * (1 - 0.7 * (abs(x) ** 6)) + 0.3 * np.exp(-(((abs(y) - tall * 0.9) / (0.12 * tall)) ** 2))
    return shown(dice, values).filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 1)))


def breast(dice: Dice) -> Image.Image:
    """A breast from the side or above on black: fat, strands and glands, a mark in the corner."""
    x, y = grid(dice.uniform(1, 1.6))
    tall = float(y.max())
    skin = lump(dice, x, y, (-1.05, dice.uniform(-0.2, 0.2)), (dice.uniform(1, 1.8), tall * dice.uniform(0.7, 0.95)), 0.03)
    part = inside(skin, 40)
    strands = rough(dice, x, dice.uniform(15, 50), 5, dice.uniform(0.5, 0.75))
    glands = np.exp(-((skin / dice.uniform(0.3, 0.9)) ** 2)) * dice.uniform(0.1, 1)
    values = part * (dice.uniform(0.15, 0.4) + glands * strands + 0.1 * abs(strands - 0.5))
    if dice.chance(0.3):
        at = (dice.uniform(-0.9, -0.2), dice.uniform(-0.4, 0.4) * tall)
        values = values + 0.5 * part * np.exp(-((lump(dice, x, y, at, (0.08, 0.08), 0.3)) ** 4))
    if dice.chance(0.4):
        edge = (x - y * 0.7) < -1.0 - 0.3 * tall
        values[edge] = np.maximum(values, 0.75)[edge]
    image = shown(dice, values, 0.5)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if dice.chance(0.5) else image


def vessels(dice: Dice) -> Image.Image:
    """Arteries full of contrast on a dim body, dark or bright; or the fine net of a retina's capillaries."""
    side = 160
    if dice.chance(0.35):
        net = abs(fractal(dice, side, side, dice.uniform(8, 16), 2) - 0.5)
        far = np.hypot(*np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j])
        values = np.exp(-((net / dice.uniform(0.03, 0.07)) ** 2)) * (far > dice.uniform(0.1, 0.3)) * dice.uniform(0.4, 0.8)
        return shown(dice, np.maximum(values, branches(dice, side, 2, 4, 0.12)), 0.1)
    body = 0.45 + 0.3 * fractal(dice, side, side, 60, 3) + 0.15 * np.sin(np.mgrid[:side, :side][1] / dice.uniform(8, 30))
    tree = branches(dice, side, dice.randint(1, 3), dice.uniform(3, 8), dice.uniform(0.05, 0.2))
    values = body - dice.uniform(0.3, 0.6) * tree if dice.chance(0.65) else body * 0.3 + 0.8 * tree
    if dice.chance(0.4):
        values[np.hypot(*np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]) > dice.uniform(0.95, 1.2)] = 0
    return shown(dice, values, 0.2)


def tracer(dice: Dice) -> Image.Image:
    """Where a tracer went: a skeleton of dots or warm organs in a blurred body, black on white or in a hot map."""
    x, y = grid(dice.uniform(1, 2.2))
    tall = float(y.max())
    values = np.zeros_like(x)
    for at, size in (
        ((0, -0.8 * tall), (0.2, 0.12 * tall)),
        ((0, -0.25 * tall), (0.4, 0.38 * tall)),
        ((0.18, 0.5 * tall), (0.14, 0.5 * tall)),
        ((-0.18, 0.5 * tall), (0.14, 0.5 * tall)),
        ((0.55, -0.1 * tall), (0.1, 0.4 * tall)),
        ((-0.55, -0.1 * tall), (0.1, 0.4 * tall)),
    ):
        values = np.maximum(values, dice.uniform(0.1, 0.3) * inside(lump(dice, x, y, at, size), 10))
    values = values + 0.25 * (abs(x) < 0.05) * (abs(y + 0.15 * tall) < 0.5 * tall) * (np.cos(y * 40 / tall) > -0.3)
    for _ in range(dice.randint(2, 14)):
        spot, reach = (dice.gauss(0, 0.25), dice.gauss(-0.2, 0.35) * tall), dice.uniform(0.02, 0.18)
        values = values + dice.uniform(0.2, 1) * np.exp(
            -(lump(dice, x, y, spot, (reach, reach * dice.uniform(0.7, 1.6)), 0.15) ** 3)
        )
    values = np.asarray(from_array(values).convert("L").filter(ImageFilter.GaussianBlur(dice.uniform(0.8, 3)))) / 255
    values = dice.array.poisson(values * (counts := dice.uniform(8, 120))) / counts
    if dice.chance(0.35):
        return from_array(
            np.asarray(matplotlib.colormaps[dice.choice(("hot", "jet", "inferno", "gnuplot2"))](values.clip(0, 1)))[..., :3]
        )
    return shown(dice, 1 - values if dice.chance(0.6) else values, 0.2)


def echoes(dice: Dice) -> Image.Image:
    """Ultrasound: a fan or a strip of speckle with layers, dark cysts, bright borders, shadows; flow in colour at times."""
    x, y = grid(dice.uniform(0.7, 1))
    tall = float(y.max())
    depth = (y + tall) / (2 * tall)
    speckle = np.hypot(*(dice.array.normal(0, 1, (2, *x.shape)))) * 0.8
    speckle = (speckle + np.roll(speckle, 1, 1) + dice.choice((0, 1)) * np.roll(speckle, 1, 0)) / 2.5
    tissue = 0.2 + 0.5 * rough(dice, x, dice.uniform(15, 50), 3)
    tissue = tissue * (0.6 + 0.6 * np.cos(depth * dice.uniform(5, 25) + 1.5 * uneven(dice, x, 60)) ** 2)
    for _ in range(dice.randint(0, 4)):
        at = (dice.uniform(-0.5, 0.5), dice.uniform(-0.4, 0.6) * tall)
        cyst = lump(dice, x, y, at, (dice.uniform(0.08, 0.4), dice.uniform(0.06, 0.3)), 0.12)
        tissue[cyst < 1] = dice.choice((0.02, 0.05, dice.uniform(0.1, 0.9)))
        tissue[abs(cyst - 1) < 0.06] = 0.9
        tissue[(abs(x - at[0]) < 0.1) & (y > at[1] + 0.2)] *= dice.choice((0.3, 1, 1.6))
    values = tissue * speckle * np.exp(-depth * dice.uniform(0, 1.2)) * dice.uniform(1, 1.6)
    colour = np.repeat(values[..., None], 3, 2)
    if dice.chance(0.25):
        flow = lump(dice, x, y, (dice.uniform(-0.3, 0.3), dice.uniform(-0.2, 0.3)), (dice.uniform(0.1, 0.3), 0.12), 0.4) < 1
        toward = rough(dice, x, 20, 2) > 0.5
        colour[flow & toward], colour[flow & ~toward] = (0.9, 0.2, 0.05), (0.1, 0.25, 0.9)
    if dice.chance(0.7):
        far, turn = np.hypot(x, y + tall * dice.uniform(1.1, 1.6)), np.arctan2(x, y + tall * 1.3)
        colour[(abs(turn) > dice.uniform(0.5, 0.8)) | (far < 0.25 * tall) | (far > tall * 2.25)] = 0
    if dice.chance(0.3):
        colour[:, : dice.randint(4, 12)] = 0
        colour[:: dice.randint(8, 20), -3:] = 0.9
    image = from_array(colour)
    return image.convert("L").convert("RGB") if dice.chance(0.3) else image


KINDS = (
    Kind("chest", "xray-chest", chest, 1.2, SCANS),
    Kind("bones", "xray-bone", bones, 1.6, SCANS),
    Kind("teeth", "xray-dental", teeth, 1.3, SCANS),
    Kind("breast", "mammography", breast, 0.8, SCANS),
    Kind("vessels", "angiography", vessels, 1.2, SCANS),
    Kind("tracer", "pet", tracer, 1.0, SCANS),
    Kind("echoes", "us-other", echoes, 1.5, SCANS),
)
