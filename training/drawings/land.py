"""Land from above: shaded relief, satellite views, street maps, weather maps."""

from __future__ import annotations

import math

import matplotlib
import numpy as np
from PIL import Image, ImageDraw

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
    palette,
    sheet,
    title,
)
from training.drawings.textures import mapped


def relief(dice: Dice) -> Image.Image:
    """Shaded relief with contour lines, as elevation maps show land."""
    width, height = sheet(dice, (140, 200), 1.6)
    land = fractal(dice, height, width, dice.uniform(40, 110), 5, 0.5)
    down, along = np.gradient(land * 40)
    light = (0.6 + 0.5 * (along + down) / np.hypot(np.hypot(along, down), 1)).clip(0, 1)
    pixels = (
        mapped(dice, land, 0.15, ("terrain", "gist_earth", "summer", "copper", "YlGn", "BrBG", "viridis")) * light[..., None]
    )
    if dice.chance(0.4):
        bands = np.floor(land * dice.randint(8, 24))
        edge = (bands != np.roll(bands, 1, 0)) | (bands != np.roll(bands, 1, 1))
        pixels[edge] = pixels[edge] * 0.4
    if dice.chance(0.4):
        pixels[land < dice.uniform(0.2, 0.45)] = np.asarray(hsv(0.58, 0.5, 0.85)) / 255
    return _labelled(from_array(pixels), dice, 0.3)


def satellite(dice: Dice) -> Image.Image:
    """Land from above: fields in rectangles, roads, a river, towns, clouds."""
    width, height = sheet(dice, (140, 200), 1.5)
    image, pen = blank(width, height, (90, 110, 60))
    angle, size = dice.uniform(-0.6, 0.6), dice.randint(16, 50)
    for row in range(-6, height // size + 7):
        for column in range(-6, width // size + 7):
            hue, value = dice.choice((dice.uniform(0.08, 0.13), dice.uniform(0.2, 0.35))), dice.uniform(0.25, 0.7)
            box = [
                (column * size, row * size),
                ((column + dice.uniform(0.8, 1)) * size, row * size),
                ((column + 1) * size, (row + 0.95) * size),
                (column * size, (row + 0.97) * size),
            ]
            turned = [(x * math.cos(angle) - y * math.sin(angle), x * math.sin(angle) + y * math.cos(angle)) for x, y in box]
            pen.polygon(turned, hsv(hue, dice.uniform(0.2, 0.5), value))
    for _ in range(dice.randint(0, 3)):
        pen.line((dice.randint(0, width), 0, dice.randint(0, width), height), (190, 185, 175), dice.randint(1, 3))
    if dice.chance(0.5):
        wander = (np.cumsum(dice.array.normal(0, 3, height)) + dice.uniform(0.2, 0.8) * width).tolist()
        pen.line([(x, y) for y, x in enumerate(wander)], (50, 70, 90), dice.randint(4, 12))
    for _ in range(dice.choice((0, 0, 60, 250))):
        x, y = dice.gauss(width / 2, width / 6), dice.gauss(height / 2, height / 6)
        pen.rectangle(
            (x, y, x + dice.randint(2, 6), y + dice.randint(2, 6)), hsv(0.05, dice.uniform(0, 0.4), dice.uniform(0.5, 0.95))
        )
    pixels = np.asarray(image, dtype=np.float64) / 255 * (0.75 + 0.5 * fractal(dice, height, width, 20, 4, 0.7))[..., None]
    if dice.chance(0.35):
        cloud = (fractal(dice, height, width, 60, 5) * 2 - 1).clip(0, 1)[..., None]
        pixels = pixels * (1 - cloud) + cloud
    if dice.chance(0.25):
        pixels = pixels.mean(2, keepdims=True).repeat(3, 2) * 1.4 * (dice.array.exponential(1, (height, width, 1)) * 0.4 + 0.6)
    return from_array(pixels)


def streets(dice: Dice) -> Image.Image:
    """A street map: blocks, roads of three widths, parks, water, names; dark at times."""
    shades = palette(dice, dark=0.3)
    width, height = sheet(dice, (240, 340), 1.5)
    ground = blend(shades.ink, shades.paper, 0.08)
    image, pen = blank(width, height, ground)
    for colour in (hsv(0.33, 0.35, 0.4 if shades.dark else 0.85), hsv(0.57, 0.4, 0.4 if shades.dark else 0.9)):
        for _ in range(dice.randint(0, 2)):
            x, y, reach = dice.randint(0, width), dice.randint(0, height), dice.randint(20, 90)
            pen.polygon(
                [
                    (x + reach * dice.uniform(0.5, 1.3) * math.cos(a), y + reach * dice.uniform(0.5, 1.3) * math.sin(a))
                    for a in np.linspace(0, 6, 11)
                ],
                colour,
            )
    tilt, pitch = dice.uniform(-0.5, 0.5), dice.randint(18, 50)
    road = blend(shades.ink, shades.paper, 0.3) if shades.dark else (255, 255, 255)
    for n in range(-20, 40):
        if dice.chance(0.75):
            at, thick = n * pitch, dice.choice((1, 2, 2, 4))
            pen.line((at, 0, at + height * tilt, height), road, thick)
            pen.line((0, at, width, at - width * tilt), road, thick)
    for _ in range(dice.randint(0, 3)):
        ends = [
            (dice.choice((0, width)), dice.randint(0, height)),
            (width / 2, dice.randint(0, height)),
            (dice.randint(0, width), dice.choice((0, height))),
        ]
        pen.line(ends, dice.choice(((250, 200, 80), (240, 150, 70), shades.accents[0])), dice.randint(3, 7), joint="curve")
    return _labelled(image, dice, 1.0)


def weather(dice: Dice) -> Image.Image:
    """Regions on a map in the colours of their values, rain radar, or isobars."""
    width, height = sheet(dice, (160, 220), 1.6)
    land = fractal(dice, height, width, dice.uniform(50, 120), 5) > dice.uniform(0.35, 0.55)
    pixels = (
        np.where(
            land[..., None],
            np.asarray(hsv(dice.random(), 0.12, dice.choice((0.3, 0.9)))),
            np.asarray(hsv(0.58, 0.3, dice.choice((0.2, 0.9)))),
        )
        / 255
    )
    value = fractal(dice, height, width, dice.uniform(30, 80), 4)
    kind = dice.randrange(3)
    if kind == 0:
        rain = value > 0.55
        steps = np.floor(value * 14) / 14
        pixels[rain] = np.asarray(matplotlib.colormaps["jet"](((steps - 0.5) * 2).clip(0, 1)))[..., :3][rain]
    elif kind == 1:
        pixels[land] = mapped(dice, np.floor(value * 7) / 7, 0.15)[land]
    else:
        bands = np.floor(value * 12)
        pixels[(bands != np.roll(bands, 1, 0)) | (bands != np.roll(bands, 1, 1))] = 0.2
    coast = land != np.roll(land, 1, 0)
    pixels[coast | (land != np.roll(land, 1, 1))] = 0.1
    return _labelled(from_array(pixels), dice, 0.8)


def _labelled(image: Image.Image, dice: Dice, share: float) -> Image.Image:
    if dice.chance(share):
        pen, name = ImageDraw.Draw(image), face(dice, "sans")
        for _ in range(dice.randint(2, 8)):
            at = (dice.uniform(0, image.width * 0.8), dice.uniform(0, image.height * 0.95))
            pen.text(
                at, title(dice, 1), (30, 30, 40), font(name, dice.randint(8, 13)), stroke_width=1, stroke_fill=(255, 255, 255)
            )
    return image


KINDS = (
    Kind("relief", "elevation-map", relief, 1.2),
    Kind("satellite", "satellite", satellite, 1.5),
    Kind("streets", "map", streets, 1.6),
    Kind("weather", "map", weather, 1.2),
)
