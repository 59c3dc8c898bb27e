"""Surfaces of grey and colour: gradients, noise, woven and tiled patterns."""

from __future__ import annotations

import math

import matplotlib
import numpy as np
from PIL import Image

from training.drawings.axes import MAPS
from training.drawings.canvas import (
    Dice,
    Kind,
    fractal,
    from_array,
    hsv,
    sheet,
    smooth,
    turned,
)

_GREY = ("gray", "gray_r", "bone", "Greys")


def mapped(dice: Dice, values: np.ndarray, grey: float = 0.35, names: tuple[str, ...] = MAPS) -> np.ndarray:
    """Values 0 to 1 through a colour map, a grey one this often; float [H,W,3]."""
    chosen = matplotlib.colormaps[dice.choice(_GREY if dice.chance(grey) else names)]
    return np.asarray(chosen(values))[..., :3]


def grainy(dice: Dice, values: np.ndarray, names: tuple[str, ...], grey: float) -> Image.Image:
    """Stretched to the full range at times, then a detector's noise, then a colour map, a grey one this often."""
    if dice.chance(0.6):
        low, high = np.percentile(values, (1, 99))
        values = (values - low) / max(float(high - low), 1e-6)
    values = np.asarray(values + dice.choice((0, dice.uniform(0, 0.12))) * dice.array.normal(0, 1, values.shape))
    return from_array(mapped(dice, values.clip(0, 1), grey, names))


def _ramp(dice: Dice, height: int, width: int) -> np.ndarray:
    """A linear, radial, conical or cornered ramp, 0 to 1, [height,width]."""
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    kind, angle = dice.randrange(4), dice.uniform(0, math.tau)
    values = (
        x * math.cos(angle) + y * math.sin(angle) if kind == 0
        else np.hypot(x - dice.uniform(-1.2, 1.2), y - dice.uniform(-1.2, 1.2)) if kind == 1
        else np.arctan2(y - dice.uniform(-1, 1), x - dice.uniform(-1, 1)) if kind == 2
        else np.maximum(abs(x - dice.uniform(-1, 1)), abs(y - dice.uniform(-1, 1)))
    )  # fmt: skip
    return (values - values.min()) / max(float(np.ptp(values)), 1e-6)


def gradient(dice: Dice) -> Image.Image:
    """Backgrounds: a ramp between two to four colours, banded or soft, with a vignette or grain at times."""
    width, height = sheet(dice, (120, 180), 2)
    values = _ramp(dice, height, width)
    if dice.chance(0.25):
        steps = dice.randint(3, 12)
        values = np.floor(values * steps) / steps
    shades = [hsv(dice.random(), dice.choice((0.0, dice.random())), dice.random()) for _ in range(dice.randint(2, 4))]
    shades[0] = shades[0] if shades[0] != shades[-1] else (255, 255, 255)
    stops = np.linspace(0, 1, len(shades))
    pixels = np.stack([np.interp(values, stops, [c[channel] / 255 for c in shades]) for channel in range(3)], -1)
    if dice.chance(0.3):
        pixels = pixels + dice.array.normal(0, dice.uniform(0.01, 0.08), (height, width, 1))
    if dice.chance(0.3):
        pixels = pixels * (1 - 0.5 * dice.random() * _ramp(dice, height, width)[..., None])
    return from_array(pixels)


def noise(dice: Dice) -> Image.Image:
    """White, coloured, blocky, lined or salt-and-pepper noise, static of a screen."""
    width, height = sheet(dice, (110, 180), 1.8)
    kind = dice.randrange(5)
    if kind == 0:
        return from_array(dice.array.random((height, width, dice.choice((1, 3)))).repeat(3, 2)[..., :3])
    if kind == 1:
        values = (
            dice.array.random((height, 1)) * np.ones((1, width))
            if dice.chance(0.5)
            else dice.array.random((1, width)) * np.ones((height, 1))
        )
        return from_array(mapped(dice, values * 0.8 + 0.2 * dice.array.random((height, width)), 0.5))
    if kind == 2:
        block = dice.randint(4, 20)
        values = dice.array.random((height // block + 1, width // block + 1)).repeat(block, 0).repeat(block, 1)
        return from_array(mapped(dice, values[:height, :width], 0.4))
    if kind == 3:
        values = np.full((height, width), dice.random())
        values[dice.array.random((height, width)) < dice.uniform(0.02, 0.3)] = dice.choice((0.0, 1.0))
        return from_array(np.stack([values] * 3, -1))
    values = fractal(dice, height, width, dice.uniform(5, 80), dice.randint(3, 6), dice.uniform(0.5, 0.8))
    return from_array(mapped(dice, values, 0.3))


def pattern(dice: Dice) -> Image.Image:
    """Woven, tiled, brick, striped, dotted, checked and moiré surfaces, plain or lit."""
    width, height = sheet(dice, (120, 180), 1.6)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    angle, pitch = dice.choice((0.0, 0.79, dice.uniform(0, 3.1))), dice.uniform(5, 26)
    u, v = (along / pitch for along in turned(x, y, angle))
    kind = dice.randrange(8)
    if kind == 0:
        values = (np.floor(u) + np.floor(v)) % 2
    elif kind == 1:
        values = 0.5 + 0.5 * np.sin(u * math.tau)
    elif kind == 2:
        values = (np.hypot(u % 1 - 0.5, v % 1 - 0.5) < dice.uniform(0.15, 0.45)).astype(float)
    elif kind == 3:
        row = np.floor(v)
        values = 0.3 + 0.5 * (((u + 0.5 * (row % 2)) % 2 > 0.12) & (v % 1 > 0.12)) * (
            0.8 + 0.2 * np.sin(row * 7 + np.floor((u + 0.5 * (row % 2)) / 2) * 13)
        )
    elif kind == 4:
        over = (np.floor(u) + np.floor(v)) % 2 == 0
        values = np.where(over, abs(np.sin(u * math.pi)), abs(np.sin(v * math.pi)))
    elif kind == 5:
        values = 0.5 + 0.25 * np.sin(u * math.tau) + 0.25 * np.sin((u * 1.06 + v * 0.05) * math.tau)
    elif kind == 6:
        values = np.maximum(u % 1, v % 1) ** 3
    else:
        values = 0.5 + 0.3 * np.sin(v * math.tau + 3 * smooth(dice, height, width, 40)) + 0.2 * dice.array.random((height, 1))
    values = values + dice.uniform(0, 0.25) * dice.array.normal(0, 1, (height, width))
    values = values * (1 - dice.uniform(0, 0.5) * smooth(dice, height, width, 90))
    return from_array(mapped(dice, values.clip(0, 1), 0.45))


KINDS = (
    Kind("gradient", "gradient", gradient, 1.8),
    Kind("noise", "noise", noise, 1.5),
    Kind("pattern", "texture", pattern, 2),
)
