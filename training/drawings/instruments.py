"""What instruments record that look at no body: sonar, telescopes, microscopes in material science, cameras over steel.

They are as grey and as grainy as scans, which is why they are here.
"""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from training.drawings.canvas import INSTRUMENTS, Dice, Kind, blank, font, fractal, from_array, hsv, sheet, smooth
from training.drawings.textures import mapped


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
        u, v = (
            (x - left) * math.cos(turn) + (y - top) * math.sin(turn),
            (y - top) * math.cos(turn) - (x - left) * math.sin(turn),
        )
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
    return _grainy(dice, bed * dice.array.gamma(looks, 1 / looks, (height, width)), ("copper", "copper", "YlOrBr_r"), 0.7)


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
    return _grainy(dice, 0.5 + layers / dice.uniform(3, 8), ("seismic", "RdBu", "PuOr"), 0.75)


def sky_survey(dice: Dice) -> Image.Image:
    """Galaxies, clusters or a deep field as a survey's telescope takes them: soft light on a noisy dark sky."""
    side = dice.randint(110, 180)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    pixels = np.zeros((side, side, 3)) + np.asarray(hsv(dice.uniform(0.5, 0.75), dice.random(), dice.uniform(0, 0.3))) / 255
    count = dice.choice((1, 1, 1, 2, 5, 40))
    for number in range(count):
        turn, squash = dice.uniform(0, math.pi), dice.uniform(1, 4)
        cx, cy = (dice.gauss(0, 0.08), dice.gauss(0, 0.08)) if number == 0 else (dice.uniform(-1, 1), dice.uniform(-1, 1))
        u = (x - cx) * math.cos(turn) + (y - cy) * math.sin(turn)
        v = ((y - cy) * math.cos(turn) - (x - cx) * math.sin(turn)) * squash
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
    return _grainy(dice, light, ("copper", "pink", "YlOrBr_r"), 0.7)


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
    return _scaled(dice, _grainy(dice, shade, ("copper", "cividis", "bone"), 0.75))


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
    return _scaled(dice, _grainy(dice, values, ("copper", "viridis", "hot"), 0.75))


def material(dice: Dice) -> Image.Image:
    """Steel, stone, plaster, asphalt or wood under a camera: brushed or rough, with scratches, stains and cracks."""
    width, height = sheet(dice, (130, 190), 1.6)
    squeeze = dice.choice((1, 1, 4, 12))
    rough = fractal(dice, height, max(8, width // squeeze), dice.uniform(2, 30), 4, dice.uniform(0.5, 0.9))
    plate = np.asarray(Image.fromarray(rough.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC))
    values = dice.uniform(0.2, 0.6) + dice.uniform(0.08, 0.5) * (plate - 0.5)
    if dice.chance(0.5):
        values = values.T.copy() if width == height else np.flipud(values)
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
    return _grainy(dice, values * dice.uniform(0.8, 1.8), ("copper", "pink", "bone"), 0.65)


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
    return _scaled(dice, _grainy(dice, values, ("copper", "bone", "cividis"), 0.75))


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
    return _scaled(dice, _grainy(dice, values, ("copper", "bone", "pink"), 0.8))


def fringes(dice: Dice) -> Image.Image:
    """Interference: rings, bent stripes, wrapped phase, diffraction spots, speckle of a laser."""
    side = dice.randint(110, 180)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    radius = np.hypot(x - dice.uniform(-0.4, 0.4), y - dice.uniform(-0.4, 0.4))
    kind, speckle = dice.randrange(4), dice.array.exponential(1, (side, side))
    if kind == 0:
        values = 0.5 + 0.5 * np.cos(dice.uniform(10, 60) * radius ** dice.choice((1, 2)))
        values = values * np.exp(-radius * dice.uniform(0, 2.5))
    elif kind == 1:
        phase = dice.uniform(10, 60) * fractal(dice, side, side, dice.uniform(50, 120), 2) + x * dice.uniform(0, 40)
        values = phase / math.tau % 1 if dice.chance(0.5) else 0.5 + 0.5 * np.cos(phase)
    elif kind == 2:
        values = np.exp(-radius * dice.uniform(2, 8)) * dice.uniform(0.2, 0.8)
        tilt, pitch = dice.uniform(0, math.pi), dice.uniform(0.08, 0.3)
        u, v = x * math.cos(tilt) + y * math.sin(tilt), y * math.cos(tilt) - x * math.sin(tilt)
        nearest = np.hypot((u / pitch + 0.5) % 1 - 0.5, (v / pitch + 0.5) % 1 - 0.5)
        values = values + np.exp(-((nearest * dice.uniform(4, 9)) ** 2)) * np.exp(-radius * dice.uniform(0.5, 2.5))
    else:
        values = np.asarray(from_array(speckle / 4).convert("L").filter(ImageFilter.GaussianBlur(dice.uniform(0.5, 2)))) / 160
        values = values * np.exp(-radius * dice.uniform(0, 1.5))
    if kind < 2 and dice.chance(0.4):
        values = values * (0.4 + 0.6 * speckle)
    return _grainy(dice, values, ("jet", "viridis", "hsv", "hot"), 0.65)


def luggage(dice: Dice) -> Image.Image:
    """A bag in a security scanner: things through each other in orange, green and blue on white."""
    width, height = sheet(dice, (140, 180), 1.6)
    image, _ = blank(width, height, (255, 255, 255))
    for _ in range(dice.randint(6, 28)):
        sheet_, pen = blank(width, height, (255, 255, 255))
        colour = hsv(dice.choice((0.08, 0.1, 0.33, 0.58, 0.6)), dice.uniform(0.15, 0.7), dice.uniform(0.55, 1))
        left, top, w, h = dice.uniform(0, width), dice.uniform(0, height), dice.uniform(5, 80), dice.uniform(4, 60)
        box = (left - w / 2, top - h / 2, left + w / 2, top + h / 2)
        hollow = dice.chance(0.4)
        paint = dice.choice((pen.rectangle, pen.ellipse))
        paint(box, None if hollow else colour, colour, dice.randint(1, 4))
        turned = sheet_.rotate(dice.uniform(-40, 40), fillcolor=(255, 255, 255))
        image = ImageChops.multiply(image, turned.filter(ImageFilter.GaussianBlur(dice.uniform(0, 1.5))))
    return image


def clouds(dice: Dice) -> Image.Image:
    """Clouds from a weather satellite, in bands or about the eye of a storm, with a grid over them at times."""
    width, height = sheet(dice, (130, 190), 1.6)
    y, x = np.mgrid[:height, :width].astype(np.float64)
    if dice.chance(0.5):
        cx, cy = dice.uniform(0.2, 0.8) * width, dice.uniform(0.2, 0.8) * height
        far, turn = np.hypot(x - cx, y - cy), np.arctan2(y - cy, x - cx)
        wound = turn + dice.choice((-1, 1)) * np.log(far / 20 + 0.3) * dice.uniform(1, 2.5)
        values = (0.5 + 0.5 * np.cos(dice.choice((1, 2)) * wound)) * np.exp(-far / dice.uniform(40, 120)) * (far > 4)
        values = 0.6 * values + 0.5 * fractal(dice, height, width, 25, 5, 0.6)
    else:
        values = fractal(dice, height, width, dice.uniform(30, 90), 6, dice.uniform(0.5, 0.65)) ** dice.uniform(1, 2.5)
    image = _grainy(dice, values, ("Blues_r", "PuBu_r", "jet"), 0.65)
    if dice.chance(0.35):
        pen, pitch = ImageDraw.Draw(image), dice.randint(25, 60)
        for n in range(0, max(width, height), pitch):
            pen.line((n, 0, n, height), (255, 255, 0))
            pen.line((0, n, width, n), (255, 255, 0))
    return image


def _grainy(dice: Dice, values: np.ndarray, names: tuple[str, ...], grey: float) -> Image.Image:
    """Stretched to the full range at times, then a detector's noise, then a colour map, a grey one this often."""
    if dice.chance(0.6):
        low, high = np.percentile(values, (1, 99))
        values = (values - low) / max(float(high - low), 1e-6)
    values = np.asarray(values + dice.choice((0, dice.uniform(0, 0.12))) * dice.array.normal(0, 1, values.shape))
    return from_array(mapped(dice, values.clip(0, 1), grey, names))


def _scaled(dice: Dice, image: Image.Image) -> Image.Image:
    """With the bar of a microscope at times: voltage, magnification and a length."""
    if dice.chance(0.25):
        pen = ImageDraw.Draw(image)
        top = image.height - 14
        pen.rectangle((0, top, image.width, image.height), dice.choice(((0, 0, 0), (240, 240, 240), (60, 60, 60))))
        ink = (255, 255, 255) if image.getpixel((2, top + 2)) != (240, 240, 240) else (0, 0, 0)
        text = f"{dice.choice((5, 10, 15, 20))}kV x{dice.choice((200, 500, 1000, 5000))} {dice.choice((1, 5, 10, 50, 100))} µm"
        pen.text((4, top), text, ink, font("DejaVuSans", 10))
        pen.line((image.width - 40, top + 7, image.width - 8, top + 7), ink, 2)
    return image


KINDS = tuple(
    Kind(draw.__name__, modality, draw, weight, source=INSTRUMENTS)
    for draw, modality, weight in (
        (section, "seismic", 1.6),
        (sonar, "sonar", 2.1),
        (sky_survey, "astronomy", 2.4),
        (craters, "astronomy", 1.3),
        (grains, "materials-microscopy", 1.6),
        (pores, "materials-microscopy", 1.6),
        (particles, "materials-microscopy", 1.3),
        (fibres, "materials-microscopy", 1.3),
        (material, "industrial", 2.6),
        (fringes, "texture", 1.6),
        (luggage, "industrial", 1.1),
        (clouds, "satellite", 1.3),
    )
)
