"""What is surveyed from afar: rock under the ground, the bed of the sea, the sky, the moon.

Like :mod:`training.drawings.matter` and :mod:`training.drawings.detectors`, as grey and as grainy as scans, which is why it
is here.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageFilter

from training.drawings.canvas import INSTRUMENTS, Dice, Kind, fractal, from_array, hsv, sheet, smooth, turned
from training.drawings.textures import grainy


def section(dice: Dice) -> Image.Image:
    """A seismic section with all that a survey meets: soft or sharp layers, faults, salt without layers, quiet water."""
    width, height = sheet(dice, (120, 180), 1.6)
    bend = smooth(dice, height, width, dice.uniform(40, 160)) * dice.uniform(0, 25) + smooth(dice, height, width, 25) * 2
    depth = np.arange(height)[:, None] + bend + np.arange(width) * dice.uniform(-0.5, 0.5)
    for _ in range(dice.choice((0, 0, 1, 3))):
        fault = np.arange(width) + np.arange(height)[:, None] * dice.uniform(-0.6, 0.6) > dice.uniform(0, width)
        depth = depth + dice.uniform(-14, 14) * fault
    # Spikes where rock changes, each seen as a wavelet: the convolutional model of a trace.
    reach = np.arange(-12, 13) / dice.uniform(1.2, 5)
    spikes = dice.array.normal(0, 1, 900) * (dice.array.random(900) < dice.uniform(0.05, 0.5))
    trace = np.convolve(spikes, (1 - 2 * reach**2) * np.exp(-(reach**2)), "same")
    layers = np.interp(depth, np.arange(-300, 600), trace / max(float(trace.std()), 1e-6))
    layers = layers * smooth(dice, height, width, dice.uniform(30, 90)) ** dice.uniform(0, 2)
    if dice.chance(0.5):
        salt = fractal(dice, height, width, dice.uniform(50, 140), 4) > dice.uniform(0.4, 0.8)
        edge = np.asarray(Image.fromarray(salt).convert("L").filter(ImageFilter.GaussianBlur(2))) / 255
        layers = layers * (1 - edge * dice.uniform(0.7, 1)) + dice.uniform(0, 2) * edge * (1 - edge) * 4
    if dice.chance(0.25):
        layers[np.arange(height)[:, None] < dice.uniform(0.1, 0.5) * height + 8 * smooth(dice, 1, width, 40)] *= 0.03
    layers = layers + dice.choice((0, dice.uniform(0, 0.3))) * dice.array.normal(0, 1, (height, width))
    return grainy(dice, 0.5 + layers / dice.uniform(3, 8), ("seismic", "RdBu", "PuOr"), 0.75)


def sonar(dice: Dice) -> Image.Image:
    """A sea bed in side-scan sonar: speckle, ripples of sand, a blind stripe, things that shine and throw shadows."""
    width, height = sheet(dice, (130, 190), 1.7)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    bed = 0.15 + 0.5 * fractal(dice, height, width, dice.uniform(20, 90), 5, dice.uniform(0.4, 0.7))
    if dice.chance(0.4):
        bend = 6 * smooth(dice, height, width, 50)
        turn = dice.uniform(0, math.pi)
        bed *= 0.8 + 0.4 * np.sin((x * math.cos(turn) + y * math.sin(turn)) / dice.uniform(1.5, 5) + bend)
    for _ in range(dice.choice((0, 1, 1, 2, 5))):
        left, top = dice.uniform(0.1, 0.8) * width, dice.uniform(0.1, 0.8) * height
        w, h, turn = dice.uniform(4, 45), dice.uniform(3, 18), dice.uniform(0, math.pi)
        u, v = turned(x - left, y - top, turn)
        ragged = 0.6 + 0.8 * fractal(dice, height, width, 9, 3)
        thing = (abs(u / w) ** 2.5 + abs(v / h) ** 2.5) < ragged
        reach = dice.randint(3, 25)
        for step in range(1, reach):
            bed[np.roll(thing, step, 1)] *= 0.88
        bed[thing] = dice.uniform(0.7, 1.2)
    if dice.chance(0.3):
        middle = dice.uniform(0.3, 0.7) * width + 4 * smooth(dice, height, 1, 20)
        bed[abs(x - middle) < dice.uniform(3, 14)] *= 0.1
    looks = dice.choice((1, 2, 4, 9))
    return grainy(dice, bed * dice.array.gamma(looks, 1 / looks, (height, width)), ("copper", "copper", "YlOrBr_r"), 0.7)


def sky_survey(dice: Dice) -> Image.Image:
    """Galaxies, clusters or a deep field as a survey's telescope takes them: soft light on a noisy dark sky."""
    side = dice.randint(110, 180)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    pixels = np.zeros((side, side, 3)) + np.asarray(hsv(dice.uniform(0.5, 0.75), dice.random(), dice.uniform(0, 0.3))) / 255
    count = dice.choice((1, 1, 1, 2, 5, 40))
    for number in range(count):
        turn, squash = dice.uniform(0, math.pi), dice.uniform(1, 4)
        cx, cy = (dice.gauss(0, 0.08), dice.gauss(0, 0.08)) if number == 0 else (dice.uniform(-1, 1), dice.uniform(-1, 1))
        u, v = turned(x - cx, y - cy, turn)
        v = v * squash
        radius = np.hypot(u, v) / dice.uniform(0.08, 0.4) * (1 if count < 3 else 4)
        light = np.exp(-(radius ** dice.uniform(0.5, 1.6)) * 2)
        if dice.chance(0.4):
            arms = np.cos(2 * np.arctan2(v, u) + dice.choice((-4, 4)) * np.log(radius + 0.2))
            light = light * (0.7 + 0.4 * arms * (radius > 0.3)) * (0.7 + 0.5 * fractal(dice, side, side, 10))
        core = np.asarray(hsv(dice.uniform(0.05, 0.15), dice.uniform(0, 0.5), 1)) / 255
        rim = np.asarray(hsv(dice.uniform(0.5, 0.7), dice.uniform(0, 0.5), 1)) / 255
        far = (radius / 2).clip(0, 1)[..., None]
        pixels += light[..., None] * (core * (1 - far) + rim * far) * dice.uniform(0.4, 1.6)
    stars = dice.choice((0, 6, 30, 300, 900))
    spread = dice.choice((None, 0.12, 0.25))
    at = dice.array.random((stars, 2)) if spread is None else dice.array.normal(0.5, spread, (stars, 2)).clip(0, 0.999)
    lamps = np.zeros_like(pixels)
    np.add.at(
        lamps,
        tuple((at * side).astype(int).T),
        dice.array.exponential(1.5, (stars, 1)) * dice.array.uniform(0.7, 1, (stars, 3)),
    )
    blurred = from_array(lamps).filter(ImageFilter.GaussianBlur(dice.uniform(0.5, 1.2)))
    pixels += np.asarray(blurred) / 255 * dice.uniform(1, 4)
    return from_array(pixels + dice.array.normal(0, dice.uniform(0.005, 0.06), pixels.shape))


def craters(dice: Dice) -> Image.Image:
    """The ground of a moon or planet under a low sun."""
    side = dice.randint(120, 180)
    y, x = np.mgrid[:side, :side].astype(np.float64)
    ground = dice.uniform(4, 16) * fractal(dice, side, side, dice.uniform(30, 90), 6, dice.uniform(0.4, 0.6))
    for _ in range(dice.choice((0, 5, 20, 60))):
        radius = dice.uniform(2, 8) * (4 if dice.chance(0.1) else 1)
        far = np.hypot(x - dice.uniform(0, side), y - dice.uniform(0, side)) / radius
        ground += radius * (np.where(far < 1, 0.35 * (far**2 - 1), 0) + 0.15 * np.exp(-((far - 1) ** 2) * 8))
    down, along = np.gradient(ground)
    turn = dice.uniform(0, math.tau)
    slope = np.asarray(down * math.sin(turn) + along * math.cos(turn))
    light = np.asarray(dice.uniform(0.3, 0.6) + dice.uniform(0.3, 0.9) * slope)
    return grainy(dice, light, ("copper", "pink", "YlOrBr_r"), 0.7)


KINDS = (
    Kind("section", "seismic", section, 1.6, INSTRUMENTS),
    Kind("sonar", "sonar", sonar, 2.1, INSTRUMENTS),
    Kind("sky_survey", "astronomy", sky_survey, 2.4, INSTRUMENTS),
    Kind("craters", "astronomy", craters, 1.3, INSTRUMENTS),
)
