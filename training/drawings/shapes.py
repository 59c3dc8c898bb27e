"""What bodies are drawn of: bent ellipses, vessels, and how a viewer shows them."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.canvas import Dice, font, fractal, from_array, hsv, smooth, turned

_ACROSS = 160
"""Pixels from side to side before a drawing is finished."""


def grid(stretch: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates from -1 to 1 across, and as much times ``stretch`` down: x and y, float64 [H,W]."""
    y, x = np.mgrid[-stretch : stretch : round(_ACROSS * stretch) * 1j, -1 : 1 : _ACROSS * 1j]
    return x, y


def lump(
    dice: Dice, x: np.ndarray, y: np.ndarray, at: tuple[float, float], size: tuple[float, float], bend: float = 0.08
) -> np.ndarray:
    """How far out of a bent ellipse each point is, 1 on its border: float64 [H,W]."""
    u, v = turned(x - at[0], y - at[1], dice.gauss(0, 0.15))
    turn = np.arctan2(v, u)
    wave = sum(dice.gauss(0, bend / n) * np.cos(n * turn + dice.uniform(0, math.tau)) for n in range(2, 6))
    return np.asarray(np.hypot(u / size[0], v / size[1]) / (1 + wave))


def rough(dice: Dice, like: np.ndarray, scale: float, octaves: int = 4, fade: float = 0.5) -> np.ndarray:
    """:func:`fractal` noise over the same points as another array [H,W]."""
    height, width = like.shape
    return fractal(dice, height, width, scale, octaves, fade)


def uneven(dice: Dice, like: np.ndarray, scale: float) -> np.ndarray:
    """:func:`smooth` noise over the same points as another array [H,W]."""
    height, width = like.shape
    return smooth(dice, height, width, scale)


def inside(edge: np.ndarray, sharp: float) -> np.ndarray:
    """1 within where ``edge`` is 1, 0 without, the softer between them the less ``sharp``: float64 [H,W]."""
    return np.asarray(1 / (1 + np.exp(((edge - 1) * sharp).clip(-50, 50))))


def branches(
    dice: Dice, side: int, roots: int, thick: float, wild: float, start: tuple[float, float] | None = None
) -> np.ndarray:
    """Vessels that branch and grow thinner, 0 to 1, float64 [side,side]."""
    image = Image.new("L", (side, side))
    pen = ImageDraw.Draw(image)
    ends = []
    for n in range(roots):
        at = start or dice.choice(((dice.uniform(0, side), 0.0), (0.0, dice.uniform(0, side))))
        turn = math.tau * (n + dice.random()) / roots if start else dice.uniform(0.2, 1.4)
        ends.append((*at, turn, thick * dice.uniform(0.6, 1), dice.gauss(0, 0.05)))
    while ends and len(ends) < 4000:
        px, py, turn, broad, bow = ends.pop()
        for _ in range(dice.randint(6, 22)):
            nx, ny = px + 3 * math.cos(turn), py + 3 * math.sin(turn)
            pen.line((px, py, nx, ny), dice.randint(200, 255), max(1, round(broad)))
            px, py, turn = nx, ny, turn + bow + dice.gauss(0, wild)
        if broad > 0.9 and 0 <= px <= side and 0 <= py <= side:
            ends += [
                (px, py, turn + way * dice.uniform(0.15, 0.7), broad * dice.uniform(0.6, 0.9), dice.gauss(0, 0.05))
                for way in (-1, 1)
            ]
    return np.asarray(image.filter(ImageFilter.GaussianBlur(dice.uniform(0.3, 1)))) / 255


def shade(dice: Dice, hue: tuple[float, float], saturation: tuple[float, float], value: tuple[float, float]) -> np.ndarray:
    """A colour from these ranges of hue, saturation and value, float64 [3], 0 to 1."""
    return np.asarray(hsv(dice.uniform(*hue), dice.uniform(*saturation), dice.uniform(*value))) / 255


def over(pixels: np.ndarray, share: np.ndarray, colour: np.ndarray) -> np.ndarray:
    """A colour laid over, opaque where ``share`` [H,W] is 1."""
    return np.asarray(pixels * (1 - share[..., None]) + share[..., None] * colour)


def shown(dice: Dice, values: np.ndarray, marked: float = 0.25) -> Image.Image:
    """As a viewer or a film shows it: a window, the unevenness of a coil, noise, letters in a corner at times."""
    if dice.chance(0.3):
        values = values * (1 - dice.uniform(0, 0.6) * uneven(dice, values, 110))
    grain = dice.array.normal(0, dice.uniform(0.005, 0.06), values.shape)
    values = (values + grain * dice.choice((1, values.clip(0, 1)))) * dice.uniform(0.8, 1.3)
    image = from_array(values.clip(0, 1) ** dice.uniform(0.7, 1.4))
    if dice.chance(marked):
        pen, name = ImageDraw.Draw(image), font("DejaVuSans", 9)
        text = dice.choice(
            ("R", "L", f"{dice.randint(1, 40)}/{dice.randint(40, 90)}", f"W {dice.randint(80, 1500)}", "AP", "SE 3")
        )
        pen.text((dice.choice((3, image.width - 40)), dice.choice((3, image.height - 14))), text, (255, 255, 255), name)
    return image
