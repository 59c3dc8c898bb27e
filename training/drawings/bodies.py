"""Sections through bodies as CT and MRI show them: round things in round things, each tissue at a level of its own."""

from __future__ import annotations

import numpy as np
from PIL import Image

from training.drawings.canvas import SCANS, Dice, Kind
from training.drawings.shapes import grid, lump, rough, shown


def level(dice: Dice) -> float:
    """A tissue's grey: which one depends on sequence and window, so any."""
    return dice.uniform(0.12, 0.95)


def head(dice: Dice) -> Image.Image:
    """A head across or along: scalp, skull, folded brain, ventricles, a lesion at times."""
    x, y = grid(dice.uniform(1, 1.3))
    skull = lump(dice, x, y, (0, 0), (dice.uniform(0.6, 0.85), dice.uniform(0.8, 1.0)), 0.04)
    values = np.zeros_like(x)
    scalp, bone = level(dice), dice.choice((0.05, 0.1, 1.0, 1.0))
    for border, shade in ((1.0, scalp), (0.93, bone), (0.93 - dice.uniform(0.03, 0.09), dice.choice((0.05, 0.2, 0.9)))):
        values[skull < border] = shade
    inside = skull < dice.uniform(0.8, 0.85)
    grey, white, fluid = level(dice), level(dice), dice.choice((0.05, 0.15, 0.95))
    fold = rough(dice, x, dice.uniform(16, 26), 2)
    depth = skull + 0.5 * abs(fold - 0.5)
    values[inside] = np.where(depth < dice.uniform(0.62, 0.8), white, grey)[inside]
    furrow = inside & (abs(fold - 0.5) < 0.035) & (skull > 0.5)
    values[furrow] = fluid
    if dice.chance(0.7):
        for side in (-1, 1):
            vent = lump(
                dice, x, y, (side * dice.uniform(0.08, 0.16), dice.uniform(-0.2, 0.2)), (0.07, dice.uniform(0.15, 0.35)), 0.2
            )
            values[vent < 1] = fluid
    if dice.chance(0.5):
        values[inside & (abs(x) < 0.012)] = fluid
    if dice.chance(0.4):
        at, size = (dice.uniform(-0.4, 0.4), dice.uniform(-0.5, 0.5)), dice.uniform(0.06, 0.25)
        lesion = lump(dice, x, y, at, (size, size), 0.15)
        values[inside & (lesion < 1)] = level(dice)
        values[inside & (abs(lesion - 1) < 0.15)] = level(dice)
    values[inside] += 0.15 * (rough(dice, x, 10, 3)[inside] - 0.5)
    return shown(dice, values)


def trunk(dice: Dice) -> Image.Image:
    """A body across: fat, muscle, ribs, spine; lungs with vessels, or liver, kidneys, bowel; the table below it at times."""
    x, y = grid(dice.uniform(0.65, 0.9))
    tall = float(y.max())
    body = lump(dice, x, y, (0, 0), (dice.uniform(0.85, 0.97), tall * dice.uniform(0.8, 0.93)), 0.03)
    fat, muscle, organ, bone, air = dice.choice((0.15, 0.3, 0.95)), level(dice), level(dice), dice.choice((0.1, 1.0, 1.0)), 0.02
    values = np.zeros_like(x)
    values[body < 1] = fat
    wall = dice.uniform(0.75, 0.93)
    values[body < wall] = muscle
    cavity = body < wall - dice.uniform(0.05, 0.12)
    values[cavity] = dice.choice((fat, organ))
    ribs = (abs(body - wall + 0.05) < 0.03) & (np.cos(np.arctan2(y, x) * dice.randint(10, 16)) > dice.uniform(0, 0.5))
    values[ribs] = bone
    if dice.chance(0.45):
        for side in (-1, 1):
            lung = lump(dice, x, y, (side * 0.45, 0), (dice.uniform(0.28, 0.38), tall * dice.uniform(0.45, 0.7)), 0.12)
            values[cavity & (lung < 1)] = air
            vessels = rough(dice, x, 9, 2) > dice.uniform(0.7, 0.85)
            values[cavity & (lung < 0.95) & vessels] = level(dice)
        values[cavity & (lump(dice, x, y, (0.1, -0.1), (0.25, 0.25)) < 1)] = organ
    else:
        for _ in range(dice.randint(4, 12)):
            at = (dice.uniform(-0.6, 0.6), dice.uniform(-0.5, 0.5) * tall)
            part = lump(dice, x, y, at, (dice.uniform(0.08, 0.4), dice.uniform(0.08, 0.35)), 0.15)
            values[cavity & (part < 1)] = (
                dice.choice((organ, level(dice), air)) + 0.1 * (rough(dice, x, 8, 2) - 0.5)[cavity & (part < 1)]
            )
    back = tall * dice.uniform(0.35, 0.55)
    values[lump(dice, x, y, (0, back), (0.15, 0.13)) < 1] = bone
    values[lump(dice, x, y, (0, back + 0.19), (0.05, 0.1)) < 1] = bone
    values[lump(dice, x, y, (0, back + 0.15), (0.06, 0.05)) < 1] = muscle
    if dice.chance(0.3):
        values[abs(y - tall * 0.97 + 0.1 * x**2) < 0.01] = dice.uniform(0.3, 0.9)
    return shown(dice, values)


def spine(dice: Dice) -> Image.Image:
    """A back along its middle: vertebrae with discs between, the cord behind them, muscle and fat."""
    x, y = grid(dice.uniform(1, 1.8))
    tall = float(y.max())
    bow = dice.uniform(-0.25, 0.25) * np.sin(y / tall * dice.uniform(1.5, 3.5) + dice.uniform(0, 2)) + dice.uniform(-0.25, 0.25)
    u = x - bow
    fat, muscle, bone, disc, cord, fluid = (
        level(dice),
        level(dice),
        level(dice),
        level(dice),
        level(dice),
        dice.choice((0.1, 0.95)),
    )
    grain = rough(dice, x, dice.uniform(8, 30), 3)
    values = np.where(u < 0, muscle * 0.8, muscle) * (0.5 + grain)
    values[u > dice.uniform(0.55, 0.75)] = fat
    values[u < -dice.uniform(0.35, 0.7)] *= dice.uniform(0.1, 0.8)
    pitch, half = tall * dice.uniform(0.2, 0.36), dice.uniform(0.14, 0.24)
    row = (y / pitch + dice.random()) % 1
    column = abs(u / half) ** 4 + abs((row - 0.5) / 0.4) ** 4
    values[(abs(u) < half * 0.95) & (row < 0.5 + 0.5)] = disc
    values[column < 1.25] = 0.12
    values[column < 1] = (bone * (0.85 + 0.3 * grain))[column < 1]
    canal = abs(u - half * 1.55)
    values[canal < 0.13] = fluid
    values[canal < dice.uniform(0.04, 0.08)] = cord
    spines = lump(dice, u, (y / pitch + dice.random()) % 1 - 0.5, (half * 1.55 + 0.28, 0), (0.15, 0.22))
    values[spines < 1] = bone * 0.9
    image = shown(dice, values)
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if dice.chance(0.3) else image


def joint(dice: Dice) -> Image.Image:
    """Two bone ends with a gap between them in muscle and fat, as a section shows them: bright or dark marrow, dark rinds."""
    x, y = grid(dice.uniform(1, 1.3))
    values = np.zeros_like(x)
    limb = abs(x - 0.1 * np.sin(2 * y)) / dice.uniform(0.7, 0.98)
    marrow, rind, gristle, muscle = level(dice), dice.choice((0.04, 0.1, 1.0)), level(dice), level(dice)
    grain = rough(dice, x, 14, 3)
    values[limb < 1] = level(dice)
    values[limb < 0.88] = (muscle * (0.7 + 0.6 * grain))[limb < 0.88]
    for side in (-1, 1):
        v = side * y
        knob = np.maximum(0, 1 - abs(v - dice.uniform(0.2, 0.3)) * 3) * dice.uniform(0.1, 0.3)
        width = dice.uniform(0.25, 0.4) + knob
        far = np.maximum(abs(x) / width, (0.07 + 0.1 * (x / width) ** 2 * dice.uniform(-1, 1)) / np.maximum(v, 1e-3))
        values[far < 1.12] = gristle
        values[far < 1] = rind
        values[far < 0.88] = (marrow * (0.85 + 0.3 * grain))[far < 0.88]
    if dice.chance(0.6):
        cap = lump(dice, x, y, (dice.choice((-1, 1)) * dice.uniform(0.55, 0.7), -0.1), (0.12, 0.3))
        values[cap < 1.1], values[cap < 0.9] = rind, marrow
    return shown(dice, values)


KINDS = (
    Kind("head", "mri-brain", head, 2.0, SCANS),
    Kind("trunk", "ct-body", trunk, 2.0, SCANS),
    Kind("spine", "mri-spine", spine, 1.3, SCANS),
    Kind("joint", "mri-knee", joint, 1.0, SCANS),
)
