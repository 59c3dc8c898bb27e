"""Matter under the microscopes and cameras of those who study metals, rocks, powders and fibres."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from training.drawings.canvas import INSTRUMENTS, Dice, Kind, font, fractal, from_array, sheet, smooth
from training.drawings.textures import grainy

_WHITE = (255, 255, 255)


def grains(dice: Dice) -> Image.Image:
    """A polished and etched metal, ceramic or rock: grains with borders, pores, a second phase."""
    width, height = sheet(dice, (130, 180), 1.5)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    count = dice.randint(12, 160)
    places = dice.array.random((count, 2)) * (height, width)
    bent = 8 * np.stack([smooth(dice, height, width, 15) for _ in range(2)])
    far = np.hypot((y + bent[0])[..., None] - places[:, 0], (x + bent[1])[..., None] - places[:, 1])
    nearest = far.argmin(-1)
    two = np.partition(far, 1, axis=-1)
    border = (two[..., 1] - two[..., 0]) < dice.uniform(0.8, 3)
    shade = dice.array.uniform(0.5 - dice.uniform(0, 0.4), 0.6, count)[nearest]
    shade = shade + dice.uniform(0, 0.25) * fractal(dice, height, width, 6, 3)
    shade[border] = dice.choice((0.05, 0.2, 0.95))
    if dice.chance(0.4):
        shade[fractal(dice, height, width, dice.uniform(4, 14), 3) > dice.uniform(0.65, 0.8)] = dice.choice(
            (0.0, 0.1, 0.9, 1.0)
        )
    return _scaled(dice, grainy(dice, shade, ("copper", "cividis", "bone"), 0.75))


def pores(dice: Dice) -> Image.Image:
    """A section of rock, foam, concrete or an electrode: two to four phases, sharp or soft."""
    width, height = sheet(dice, (130, 180), 1.6)
    field = fractal(dice, height, width, dice.uniform(6, 40), dice.randint(1, 4), 0.5)
    cuts = sorted(dice.uniform(0.25, 0.75) for _ in range(dice.randint(1, 3)))
    levels = [dice.random() for _ in range(len(cuts) + 1)]
    levels[0], levels[-1] = dice.uniform(0, 0.3), dice.uniform(0.6, 1)
    values = np.asarray(levels)[np.digitize(field, cuts)]
    if dice.chance(0.4):
        values = values * (0.8 + 0.3 * fractal(dice, height, width, 4, 2))
    return _scaled(dice, grainy(dice, values, ("copper", "viridis", "hot"), 0.75))


def particles(dice: Dice) -> Image.Image:
    """Powder, beads, droplets or bubbles under an electron or a light microscope."""
    width, height = sheet(dice, (130, 180), 1.5)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    values = dice.uniform(0.05, 0.5) + 0.15 * fractal(dice, height, width, 20)
    size, rimmed = dice.uniform(4, 22), dice.chance(0.5)
    for _ in range(dice.randint(8, 90)):
        radius = size * dice.uniform(0.5, 1.5)
        u, v = x - dice.uniform(0, width), y - dice.uniform(0, height)
        far = np.hypot(u, v * dice.uniform(0.8, 1.25)) / radius
        ball = 0.4 + 0.5 * far**3 if rimmed else 0.3 + 0.6 * np.sqrt((1 - far**2).clip(0)) - 0.15 * u / radius
        values = np.where(far < 1, ball, values)
    return _scaled(dice, grainy(dice, values, ("copper", "bone", "cividis"), 0.75))


def fibres(dice: Dice) -> Image.Image:
    """A tangle of fibres, wires or hairs, lit like rods under an electron microscope."""
    width, height = sheet(dice, (130, 180), 1.5)
    image = Image.new("L", (width, height), dice.randint(5, 90))
    pen = ImageDraw.Draw(image)
    thick, main, wild = dice.uniform(2, 10), dice.uniform(0, math.pi), dice.choice((0.15, 0.5, 2.0))
    for number in range(count := dice.randint(15, 90)):
        turn, bow = dice.gauss(main, wild), dice.uniform(-30, 30)
        cx, cy = dice.uniform(0, width), dice.uniform(0, height)
        along = np.linspace(-220, 220, 24)
        sideways = bow * np.sin(along / 90)
        path = [
            (cx + a * math.cos(turn) - s * math.sin(turn), cy + a * math.sin(turn) + s * math.cos(turn))
            for a, s in zip(along.tolist(), sideways.tolist(), strict=True)
        ]
        lit = round((0.4 + 0.6 * number / count) * dice.randint(120, 255))
        for share in (1.0, 0.7, 0.35):
            pen.line(path, round(lit * (1.15 - share * 0.7)), max(1, round(thick * share)), joint="curve")
    values = np.asarray(image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 1)))) / 255
    return _scaled(dice, grainy(dice, values, ("copper", "bone", "pink"), 0.8))


def material(dice: Dice) -> Image.Image:
    """Steel, stone, plaster, asphalt or wood under a camera: brushed or rough, with scratches, stains and cracks."""
    width, height = sheet(dice, (130, 190), 1.6)
    squeeze = dice.choice((1, 1, 4, 12))
    rough = fractal(dice, height, max(8, width // squeeze), dice.uniform(2, 30), 4, dice.uniform(0.5, 0.9))
    plate = np.asarray(Image.fromarray(rough.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC))
    values = dice.uniform(0.2, 0.6) + dice.uniform(0.08, 0.5) * (plate - 0.5)
    if dice.chance(0.5):
        values = values.T.copy() if width == height else np.flipud(values)  # brushed the other way where that fits
    image = from_array(values).convert("L")
    pen = ImageDraw.Draw(image)
    for _ in range(dice.choice((0, 0, 3, 12))):
        px, py, turn, reach = dice.uniform(0, width), dice.uniform(0, height), dice.gauss(0.1, 0.3), dice.uniform(10, 120)
        ends = (px, py, px + reach * math.cos(turn), py + reach * math.sin(turn))
        pen.line(ends, dice.randint(0, 255), dice.choice((1, 1, 2)))
    for _ in range(dice.choice((0, 0, 1, 4))):
        steps = np.cumsum(dice.array.normal(0, 2.5, (60, 2)) + dice.array.normal(0, 2, 2), axis=0)
        path = steps + np.array([dice.uniform(0, width), dice.uniform(0, height)])
        pen.line([(px, py) for px, py in path.tolist()], dice.randint(0, 70), dice.choice((1, 2, 3)))
    values = np.asarray(image.filter(ImageFilter.GaussianBlur(dice.uniform(0, 1)))) / 255
    if dice.chance(0.3):
        values = values * (0.5 + (fractal(dice, height, width, 30) > 0.6) * dice.uniform(0.1, 0.5))
    values = values * (1 - dice.uniform(0, 0.7) * smooth(dice, height, width, 120))
    return grainy(dice, values * dice.uniform(0.8, 1.8), ("copper", "pink", "bone"), 0.65)


def _scaled(dice: Dice, image: Image.Image) -> Image.Image:
    """With the bar of a microscope at times: voltage, magnification and a length."""
    if dice.chance(0.25):
        pen = ImageDraw.Draw(image)
        top = image.height - 14
        bar, ink = dice.choice((((0, 0, 0), _WHITE), ((240, 240, 240), (0, 0, 0)), ((60, 60, 60), _WHITE)))
        pen.rectangle((0, top, image.width, image.height), bar)
        text = f"{dice.choice((5, 10, 15, 20))}kV x{dice.choice((200, 500, 1000, 5000))} {dice.choice((1, 5, 10, 50, 100))} µm"
        pen.text((4, top), text, ink, font("DejaVuSans", 10))
        pen.line((image.width - 40, top + 7, image.width - 8, top + 7), ink, 2)
    return image


KINDS = (
    Kind("grains", "materials-microscopy", grains, 1.6, INSTRUMENTS),
    Kind("pores", "materials-microscopy", pores, 1.6, INSTRUMENTS),
    Kind("particles", "materials-microscopy", particles, 1.3, INSTRUMENTS),
    Kind("fibres", "materials-microscopy", fibres, 1.3, INSTRUMENTS),
    Kind("material", "industrial", material, 2.6, INSTRUMENTS),
)
