"""Fractals, skies, thermal cameras, oscilloscopes, drawn landscapes."""

from __future__ import annotations

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.axes import walk
from training.drawings.canvas import (
    Dice,
    Kind,
    blank,
    blend,
    face,
    font,
    fractal,
    from_array,
    hsv,
    sheet,
    smooth,
    turned,
    words,
)
from training.drawings.textures import mapped


def escape(dice: Dice) -> Image.Image:
    """Julia and Mandelbrot sets by escape time."""
    size, steps = dice.randint(140, 190), 48
    zoom, spot = dice.choice((1.5, 0.6, 0.1)), dice.choice(((-0.5, 0.0), (-0.74, 0.12), (0.28, 0.01), (-1.25, 0.03)))
    y, x = np.mgrid[-1 : 1 : size * 1j, -1.3 : 1.3 : round(size * 1.3) * 1j] * zoom
    julia = dice.chance(0.5)
    z = (x + 1j * y) * (1.5 / zoom * 0.9 if julia else 1) + (0 if julia else complex(*spot))
    c = dice.choice((-0.8 + 0.156j, -0.4 + 0.6j, 0.285 + 0.01j, -0.70176 - 0.3842j, 0.355 + 0.355j)) if julia else z.copy()
    count = np.zeros(z.shape)
    for _ in range(steps):
        inside = abs(z) < 4
        z[inside] = (z * z + c)[inside]
        count += inside
    return from_array(
        mapped(
            dice,
            (count / steps) ** dice.uniform(0.3, 1),
            0.2,
            ("twilight_shifted", "magma", "hot", "turbo", "cubehelix", "ocean"),
        )
    )


def sky(dice: Dice) -> Image.Image:
    """Stars with nebulae, spiral galaxies, clusters, a cratered moon, or a planet with its bands."""
    side = dice.randint(140, 200)
    y, x = np.meshgrid(np.linspace(-1, 1, side), np.linspace(-1, 1, side), indexing="ij")
    pixels = np.zeros((side, side, 3)) + dice.uniform(0, 0.06)
    kind = dice.randrange(4)
    if kind == 0:
        for _ in range(dice.randint(1, 3)):
            glow = (fractal(dice, side, side, dice.uniform(40, 90), 5) * 1.6 - 0.6).clip(0, 1)[..., None]
            pixels += glow * np.asarray(hsv(dice.random(), dice.uniform(0, 0.9), 1)) / 255 * dice.uniform(0.4, 1)
    elif kind == 1:
        turn, squash = dice.uniform(0, 3), dice.uniform(1, 2.5)
        u, v = turned(x, y, turn)
        v = v * squash
        radius = np.hypot(u, v)
        arms = 0.6 + 0.4 * np.cos(2 * np.arctan2(v, u) - dice.choice((-6, 6)) * np.log(radius + 0.08))
        light = np.exp(-radius * 9) + 0.8 * arms * np.exp(-radius * 3.2) * (0.6 + 0.6 * fractal(dice, side, side, 12))
        pixels += light[..., None] * np.asarray(hsv(dice.uniform(0.05, 0.65), dice.uniform(0, 0.4), 1)) / 255
    elif kind == 2:
        edge = dice.uniform(0.5, 0.85)
        depth = np.sqrt((edge**2 - x**2 - y**2).clip(0)) / edge
        bands = smooth(dice, side, 1, dice.uniform(8, 30)) if dice.chance(0.5) else fractal(dice, side, side, 30, 5, 0.7)
        light = ((depth + x * dice.uniform(-1, 1)).clip(0, 1) * (0.4 + 0.7 * bands))[..., None]
        pixels += (depth > 0)[..., None] * light * np.asarray(hsv(dice.uniform(0.03, 0.65), dice.uniform(0.3, 0.7), 1)) / 255
    stars = dice.randint(40, 400)
    if kind == 3:
        at = (dice.array.normal(0.5, dice.uniform(0.08, 0.3), (stars, 2)).clip(0, 0.999) * side).astype(int)
    else:
        at = (dice.array.random((stars, 2)) * side).astype(int)
    bright = dice.array.exponential(1.2, stars)[:, None] * np.asarray(dice.array.uniform(0.6, 1, (stars, 3)))
    np.add.at(pixels, (at[:, 0], at[:, 1]), 0 if kind == 2 and dice.chance(0.5) else bright)
    image = from_array(pixels)
    large = image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 0.7)))
    pen = ImageDraw.Draw(large)
    for _ in range(dice.choice((0, 3, 8, 30)) if kind != 2 else 0):
        cx, cy, ray = dice.randint(0, side), dice.randint(0, side), dice.choice((2, 3, 5, 14))
        pen.line((cx - ray, cy, cx + ray, cy), (220, 220, 255))
        pen.line((cx, cy - ray, cx, cy + ray), (220, 220, 255))
        pen.ellipse((cx - ray / 5, cy - ray / 5, cx + ray / 5, cy + ray / 5), (255, 255, 255))
    return large


def thermal(dice: Dice) -> Image.Image:
    """Buildings and machines in a thermal camera's colours, with its scale, cross and reading."""
    width, height = dice.randint(180, 240), dice.randint(140, 180)
    image = Image.new("L", (width, height), dice.randint(20, 70))
    pen = ImageDraw.Draw(image)
    for _ in range(dice.randint(2, 6)):
        left, top = dice.randint(0, width - 40), dice.randint(20, height - 30)
        w, h = dice.randint(30, 100), dice.randint(30, 110)
        pen.rectangle((left, top, left + w, top + h), dice.randint(60, 150))
        for row in range(top + 6, top + h - 10, 18):
            for column in range(left + 6, left + w - 8, 16):
                pen.rectangle((column, row, column + 8, row + 10), dice.randint(100, 255))
    for _ in range(dice.randint(0, 3)):
        pen.line((0, dice.randint(0, height), width, dice.randint(0, height)), dice.randint(120, 255), dice.randint(2, 6))
    values = np.asarray(image.filter(ImageFilter.GaussianBlur(dice.uniform(1, 3))), dtype=np.float64) / 255
    names = ("inferno", "plasma", "jet", "hot", "turbo", "nipy_spectral")
    chosen = matplotlib.colormaps[dice.choice((*names, "gray"))]
    picture = from_array(np.asarray(chosen(values + dice.array.normal(0, 0.02, values.shape)))[..., :3])
    pen = ImageDraw.Draw(picture)
    scale = from_array(np.asarray(chosen(np.linspace(1, 0, height - 40)))[:, None, :3].repeat(8, 1))
    picture.paste(scale, (width - 14, 20))
    pen.line((width / 2 - 8, height / 2, width / 2 + 8, height / 2), (255, 255, 255))
    pen.line((width / 2, height / 2 - 8, width / 2, height / 2 + 8), (255, 255, 255))
    pen.text((6, 4), f"{dice.uniform(-5, 90):.1f} °C", (255, 255, 255), font("DejaVuSans-Bold", 12))
    return picture


def scope(dice: Dice) -> Image.Image:
    """An oscilloscope's or logic analyser's screen."""
    width, height = dice.randint(220, 320), dice.randint(150, 220)
    back = dice.choice(((0, 0, 0), (5, 20, 10), (10, 15, 30), (200, 210, 200)))
    image, pen = blank(width, height, back)
    grid = blend((255, 255, 255), back, 0.2) if sum(back) < 300 else (150, 160, 150)
    for n in range(11):
        pen.line((n * width / 10, 0, n * width / 10, height), grid)
        pen.line((0, n * height / 8, width, n * height / 8), grid)
    for n in range(dice.randint(1, 4)):
        values = walk(dice, width)
        if dice.chance(0.3):
            values = np.sign(np.sin(np.arange(width) * dice.uniform(0.05, 0.4)))
        values = (values - values.mean()) / max(float(np.ptp(values)), 1e-6)
        middle = height * dice.uniform(0.25, 0.75)
        shade = (
            dice.choice(((255, 255, 0), (0, 255, 255), (0, 255, 90), (255, 80, 200), (255, 160, 0)))
            if sum(back) < 300
            else (0, 40, 90)
        )
        pen.line([(x, middle - v * height * 0.35) for x, v in enumerate(values.tolist())], shade, dice.choice((1, 1, 2)))
        pen.text((4 + n * 70, height - 13), f"CH{n + 1} {dice.choice((1, 2, 5, 10, 50))}mV", shade, font("DejaVuSansMono", 9))
    return image


def landscape(dice: Dice) -> Image.Image:
    """A drawn view: sky, hills behind each other, sun or moon; as posters and games show it."""
    width, height = sheet(dice, (140, 190), 1.9)
    hue, night = dice.random(), dice.chance(0.35)
    top, low = hsv(hue, 0.6, 0.15 if night else 0.8), hsv(hue + 0.1, 0.4, 0.4 if night else 1.0)
    ramp = np.linspace(0, 1, height)[:, None, None] * np.ones((1, width, 1))
    image = Image.fromarray((np.asarray(top) * (1 - ramp) + np.asarray(low) * ramp).astype(np.uint8))
    pen = ImageDraw.Draw(image)
    x, y, radius = dice.randint(10, width - 10), dice.randint(10, height // 2), dice.randint(6, 24)
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), (250, 245, 220))
    layers = dice.randint(2, 5)
    for layer in range(layers):
        ridge = height * (0.4 + 0.5 * layer / layers) - height * 0.25 * smooth(dice, 1, width, dice.uniform(10, 70))[0]
        colour = hsv(hue + dice.uniform(0, 0.2), 0.5, (0.5 if night else 0.8) * (1 - layer / layers) + 0.05)
        pen.polygon([(0, height), *enumerate(ridge.tolist()), (width, height)], colour)
    if dice.chance(0.2):
        pen.text((width / 2, height / 2), words(dice, 1, 2).upper(), (255, 255, 255), font(face(dice, "sans"), 16), anchor="mm")
    return image


KINDS = (
    Kind("escape", "fractal", escape, 0.6),
    Kind("sky", "astronomy", sky, 1.3),
    Kind("thermal", "thermal", thermal, 0.9),
    Kind("scope", "screenshot", scope, 0.8),
    Kind("landscape", "art", landscape, 0.8),
)
