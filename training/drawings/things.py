"""Things that a detail of a scan resembles: pebbles as round as cells, cloth as fine as tissue, planets, tunnels, flowers."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageFilter

from training.drawings.canvas import THINGS, Dice, Kind, from_array, smooth, turned
from training.drawings.shapes import grid, inside, lump, over, rough, shade, uneven


def _photographed(dice: Dice, pixels: np.ndarray) -> Image.Image:
    """Lit from a side, a camera's noise and focus; grey now and then."""
    light = 1 - dice.uniform(0, 0.6) * uneven(dice, pixels[..., 0], 120)
    pixels = pixels * light[..., None] + dice.array.normal(0, dice.uniform(0.003, 0.04), pixels.shape)
    if dice.chance(0.3):
        pixels = pixels.mean(2, keepdims=True).repeat(3, 2) * dice.uniform(0.7, 1.3)
    return from_array(pixels).filter(ImageFilter.GaussianBlur(dice.uniform(0, 1.1)))


def pebbles(dice: Dice) -> Image.Image:
    """Many round things side by side: stones, beads, buttons, coins, berries, pills; each lit, with a shadow."""
    x, y = grid(dice.uniform(0.7, 1.2))
    tall = float(y.max())
    pixels = shade(dice, (0, 1), (0, 0.5), (0.05, 0.95)) * (0.8 + 0.4 * rough(dice, x, 12, 4))[..., None]
    hue, spread, gloss = dice.random(), dice.choice((0.02, 0.08, 0.5)), dice.uniform(0, 0.8)
    size, bend, pale = dice.uniform(0.07, 0.3), dice.choice((0.0, 0.05, 0.15)), dice.uniform(0.2, 0.9)
    lit, hole = dice.uniform(0, math.tau), dice.choice((0, 0, 0.2))
    lx, ly = math.cos(lit), math.sin(lit)
    for _ in range(min(90, round(dice.uniform(0.5, 1.8) * tall / size**2))):
        at, r = (dice.uniform(-1.05, 1.05), dice.uniform(-1.05, 1.05) * tall), size * dice.uniform(0.75, 1.25)
        cast = lump(dice, x, y, (at[0] - 0.25 * r * lx, at[1] - 0.25 * r * ly), (r * 1.05, r * 1.05), 0)
        pixels = pixels * (1 - 0.5 * inside(cast, 8))[..., None]
        stone = lump(dice, x, y, at, (r, r * dice.uniform(0.8, 1)), bend)
        ball = 0.55 + 0.45 * ((x - at[0]) * lx + (y - at[1]) * ly) / r
        body = shade(dice, (hue - spread, hue + spread), (0, pale), (0.3, 1)) * ball[..., None]
        shine = lump(dice, x, y, (at[0] + 0.4 * r * lx, at[1] + 0.4 * r * ly), (r * 0.25, r * 0.2), 0)
        body = over(body, gloss * inside(shine, 6), np.ones(3))
        share = inside(stone, 30) * (1 - inside(stone / hole, 20) if hole else 1)
        pixels = over(pixels, share, body)
    return _photographed(dice, pixels)


def cloth(dice: Dice) -> Image.Image:
    """Cloth, knitting, nets, fur, grass, carpet: threads that cross or run side by side, folds over them."""
    x, y = grid(dice.uniform(0.7, 1.2))
    bent = 0.15 * uneven(dice, x, 70) * dice.choice((0, 1, 2))
    u, v = turned(x + bent, y + bent, dice.uniform(0, math.tau))
    fine = dice.uniform(25, 140)
    kind = dice.randrange(4)
    if kind == 0:
        values = np.where(np.sin(u * fine) * np.sin(v * fine) > 0, abs(np.sin(u * fine)), 0.8 * abs(np.sin(v * fine)))
    elif kind == 1:
        values = abs(np.sin(u * fine / 2 + 1.2 * abs(np.sin(v * fine / 3))))
    elif kind == 2:
        values = np.maximum(np.sin(u * fine / 3), np.sin(v * fine / 3)) ** 2
    else:
        values = rough(dice, x, 4, 2) * 0.5 + 0.5 * abs(np.sin(u * fine + 6 * rough(dice, x, 10, 3)))
    light, dark = shade(dice, (0, 1), (0, 0.7), (0.4, 1)), shade(dice, (0, 1), (0, 0.7), (0.05, 0.6))
    pixels = dark + (light - dark) * values[..., None]
    if dice.chance(0.4):
        pixels = over(pixels, (np.sin(v * dice.uniform(4, 15)) > 0) * 0.7, shade(dice, (0, 1), (0, 0.9), (0.2, 1)))
    folds = 0.6 + 0.6 * np.sin(3 * uneven(dice, x, 60) + v * dice.uniform(0, 6))
    return _photographed(dice, pixels * folds.clip(0.1, 1.2)[..., None])


def planet(dice: Dice) -> Image.Image:
    """One round thing on a plain ground: a planet, the sun, a ball, a plate, a wheel, a clock, a lamp, seen full or cut."""
    x, y = grid(dice.uniform(0.7, 1.0))
    size = dice.uniform(0.45, 1.1)
    disc = lump(dice, x, y, (dice.gauss(0, 0.12), dice.gauss(0, 0.08)), (size, size), 0)
    pixels = shade(dice, (0, 1), (0, 0.5), (0.0, 1.0)) * (0.85 + 0.3 * rough(dice, x, 40, 4))[..., None]
    u, v = turned(x, y, dice.uniform(0, math.tau))
    kind = dice.randrange(4)
    values = rough(dice, x, dice.uniform(8, 50), 5, 0.6)
    if kind == 0:
        values = 0.5 + 0.5 * np.sin(v * dice.uniform(5, 25) + 3 * values)
    elif kind == 1:
        values = 0.3 * values + 0.7 * (np.cos(np.arctan2(y, x) * dice.randint(5, 40)) > 0) * (disc > 0.3)
    elif kind == 2:
        values = 0.4 * values + 0.6 * (np.sin(disc * dice.uniform(5, 40)) > 0)
    light, dark = shade(dice, (0, 1), (0, 0.9), (0.5, 1)), shade(dice, (0, 1), (0, 0.9), (0.1, 0.7))
    body = dark + (light - dark) * values[..., None]
    body = body * (1 - dice.choice((0, 0.6, 0.9)) * disc.clip(0, 1) ** 3)[..., None]
    if dice.chance(0.3):
        body = body * inside(np.hypot(u - dice.uniform(0.2, 0.8), v) / size, 8)[..., None]  # a moon that is not full
    for _ in range(dice.choice((0, 0, 3, 12))):
        spot = lump(dice, x, y, (dice.gauss(0, 0.4), dice.gauss(0, 0.4)), (dice.uniform(0.02, 0.15), dice.uniform(0.02, 0.15)))
        body = over(body, 0.8 * inside(spot, 8), shade(dice, (0, 1), (0, 0.9), (0, 1)))
    return _photographed(dice, over(pixels, inside(disc, dice.uniform(15, 80)), body))


def tunnel(dice: Dice) -> Image.Image:
    """Down a tunnel, a pipe, a well, a stair, a cave: rings or joints that grow dark, or light, towards one point."""
    x, y = grid(dice.uniform(0.65, 1.1))
    u, v = x - dice.gauss(0, 0.2), y - dice.gauss(0, 0.2)
    turn = np.arctan2(v, u)
    far = np.maximum(abs(u), abs(v)) if dice.chance(0.4) else np.hypot(u, v * dice.uniform(0.8, 1.3))
    far = far * (1 + dice.choice((0, 0.1)) * (rough(dice, x, 30, 3) - 0.5)) + 0.02
    depth = 1 / far
    ring = np.sin(depth * dice.uniform(2, 8)) > dice.uniform(-0.8, 0.8)
    brick = np.sin(turn * dice.choice((0, 4, 8, 16)) + np.floor(depth * 2) * math.pi) > -0.9
    wall = shade(dice, (0, 1), (0, 0.6), (0.3, 1)) * (0.7 + 0.5 * rough(dice, x, 10, 4))[..., None]
    wall = wall * (0.75 + 0.25 * ring)[..., None] * (0.7 + 0.3 * brick)[..., None]
    end = shade(dice, (0, 1), (0, 0.5), (0.7, 1)) if dice.chance(0.4) else np.zeros(3)
    return _photographed(dice, over(wall, np.exp(-far / dice.uniform(0.15, 0.6)), end))


def bubbles(dice: Dice) -> Image.Image:
    """Bubbles, drops, foam, ripples: rings brighter or darker than what is behind them."""
    x, y = grid(dice.uniform(0.7, 1.2))
    tall = float(y.max())
    back = shade(dice, (0, 1), (0, 0.9), (0.1, 1))
    pixels = back * (0.7 + 0.5 * uneven(dice, x, 60))[..., None]
    size = dice.uniform(0.03, 0.25)
    for _ in range(min(90, round(dice.uniform(0.2, 1.2) * tall / size**2))):
        at = (dice.uniform(-1, 1), dice.uniform(-1, 1) * tall)
        r = size * math.exp(dice.gauss(0, 0.5))
        drop = lump(dice, x, y, at, (r, r), 0.02)
        pixels = pixels + dice.uniform(-0.3, 0.6) * np.exp(-(((drop - 0.93) / 0.07) ** 2))[..., None]
        pixels = pixels * (1 - dice.uniform(0, 0.25) * inside(drop, 20) * (0.5 + 0.5 * (y - at[1]) / r).clip(0, 1))[..., None]
        shine = lump(dice, x, y, (at[0] - r * 0.3, at[1] - r * 0.35), (r * 0.2, r * 0.15), 0)
        pixels = over(pixels, 0.9 * inside(shine, 6), np.ones(3))
    return _photographed(dice, pixels)


def flower(dice: Dice) -> Image.Image:
    """A flower, a shell, a rosette of leaves from above: petals about a middle, in front of leaves out of focus."""
    x, y = grid(dice.uniform(0.75, 1.2))
    at = (dice.gauss(0, 0.15), dice.gauss(0, 0.15))
    blurred = np.stack([smooth(dice, x.shape[0], x.shape[1], 25) for _ in range(3)], -1)
    pixels = shade(dice, (0.15, 0.5), (0.1, 0.8), (0.1, 0.8)) * (0.5 + 0.8 * blurred)
    far, turn = np.hypot(x - at[0], y - at[1]), np.arctan2(y - at[1], x - at[0])
    petal = shade(dice, (0, 1), (0, 0.95), (0.5, 1))
    for ring in range(dice.choice((1, 1, 2, 5))):
        count, reach = dice.choice((4, 5, 5, 6, 8, 13, 21)), dice.uniform(0.5, 1.0) * 0.8**ring
        wave = abs(np.cos(count / 2 * turn + dice.uniform(0, math.tau))) ** dice.uniform(0.3, 1.2)
        edge = far / (reach * (0.35 + 0.65 * wave))
        vein = 0.85 + 0.15 * np.sin(turn * count * 6 + 4 * rough(dice, x, 20, 2))
        body = petal * (dice.uniform(0.6, 1) * (0.6 + 0.5 * wave) * vein * (0.7 + 0.3 * edge.clip(0, 1)))[..., None]
        pixels = over(pixels * (1 - 0.3 * inside(edge / 1.1, 10))[..., None], inside(edge, 25), body)
    middle = inside(far / dice.uniform(0.06, 0.3), 15)
    pixels = over(
        pixels, middle, shade(dice, (0.05, 0.2), (0.3, 0.9), (0.1, 0.95)) * (0.6 + 0.8 * rough(dice, x, 4, 2))[..., None]
    )
    return _photographed(dice, pixels)


KINDS = (
    Kind("pebbles", "objects", pebbles, 1.3, THINGS),
    Kind("cloth", "texture", cloth, 1.3, THINGS),
    Kind("planet", "objects", planet, 1.2, THINGS),
    Kind("tunnel", "architecture", tunnel, 0.8, THINGS),
    Kind("bubbles", "texture", bubbles, 0.9, THINGS),
    Kind("flower", "plants", flower, 0.8, THINGS),
)
