"""Views of a picture that break shortcuts.

Our sources can be told apart by things that have nothing to do with medicine: grey photographs are rare, tinted or
inverted scans are rare, one hospital's films have black borders, another's come at 64 px. Each transform here takes one
such cue away by giving it to both labels.
"""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps
from torch.nn import functional

from handler.ensemble import normalise, resized
from handler.preprocess import SIZE, to_input


@dataclass(frozen=True)
class Augmentation:
    """How likely each transform is, and how far crops go. ``strong`` is for function matching, where no label can break."""

    crop: float = 0.8
    smallest_area: float = 0.35
    flip: float = 0.5
    turn: float = 0.15
    rotate: float = 0.2
    grey: float = 0.18
    invert: float = 0.1
    tint: float = 0.15
    overlay: float = 0.06
    jitter: float = 0.6
    light: float = 0.15
    border: float = 0.12
    marks: float = 0.1
    screen: float = 0.1
    shrink: float = 0.25
    blur: float = 0.08
    noise: float = 0.12
    jpeg: float = 0.3

    def __call__(self, image: Image.Image, dice: random.Random) -> torch.Tensor:
        """A random view as the networks see it: uint8 [3,128,128]."""
        for chance, transform in (
            (self.crop, self._crop),
            (self.rotate, _rotate),
            (self.flip, _mirror),
            (self.turn, _turn),
            (self.grey, _grey),
            (self.invert, _invert),
            (self.tint, _tint),
            (self.overlay, _overlay),
            (self.jitter, _jitter),
            (self.light, _light),
            (self.border, _border),
            (self.marks, _marks),
            (self.screen, _screen),
            (self.shrink, _shrink),
            (self.blur, _blur),
            (self.noise, _noise),
            (self.jpeg, _jpeg),
        ):
            if dice.random() < chance:
                image = transform(image, dice)
        return as_tensor(image)

    def _crop(self, image: Image.Image, dice: random.Random) -> Image.Image:
        width, height = image.size
        area = dice.uniform(self.smallest_area, 1.0)
        stretch = dice.uniform(0.75, 1.33)
        w = max(16, min(width, round(width * (area * stretch) ** 0.5)))
        h = max(16, min(height, round(height * (area / stretch) ** 0.5)))
        x, y = dice.randint(0, max(0, width - w)), dice.randint(0, max(0, height - h))
        return image.crop((x, y, min(width, x + w), min(height, y + h)))


_ROOM = ((10, 10, 10), (40, 40, 44), (200, 200, 196), (120, 96, 70), (74, 64, 56), (120, 130, 140), (230, 228, 222))
"""Colours of screens' edges, desks and walls."""

STRONG = Augmentation(
    crop=0.9, smallest_area=0.12, rotate=0.3, turn=0.3, grey=0.2, invert=0.15, tint=0.25, jitter=0.8, shrink=0.3
)
"""For function matching: Lite0 and its pupil see the same view, so nothing can be too strange."""


def plain(image: Image.Image, dice: random.Random | None = None) -> torch.Tensor:
    """The picture as it is served: uint8 [3,128,128]."""
    return as_tensor(image)


def as_tensor(image: Image.Image) -> torch.Tensor:
    """Through the serving code to uint8 [3,128,128]."""
    return torch.from_numpy(to_input(image).transpose(2, 0, 1).copy())


def _mirror(image: Image.Image, dice: random.Random) -> Image.Image:
    return ImageOps.mirror(image)


def _turn(image: Image.Image, dice: random.Random) -> Image.Image:
    return image.transpose(dice.choice((Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_270)))


def _rotate(image: Image.Image, dice: random.Random) -> Image.Image:
    fill = dice.choice(((0, 0, 0), (255, 255, 255), (127, 127, 127)))
    return image.rotate(dice.uniform(-20, 20), Image.Resampling.BILINEAR, fillcolor=fill)


def _grey(image: Image.Image, dice: random.Random) -> Image.Image:
    return image.convert("L").convert("RGB")


def _invert(image: Image.Image, dice: random.Random) -> Image.Image:
    return ImageOps.invert(image)


def _tint(image: Image.Image, dice: random.Random) -> Image.Image:
    """A colour map of two to six random stops, dark to light or in any order: false-colour scans, duotones, heat maps."""
    stops = dice.choice((2, 2, 3, 4, 5, 6))
    colours = np.array([[dice.randint(0, 255) for _ in range(3)] for _ in range(stops)], dtype=np.float64)
    if dice.random() < 0.7:
        colours = colours[np.argsort(colours @ (0.3, 0.59, 0.11))]
        colours[0] *= 0.4  # two colours alike would leave nothing to see
        colours[-1] = 255 - 0.4 * (255 - colours[-1])
    places = np.linspace(0, 255, stops)
    table = np.stack([np.interp(np.arange(256), places, colours[:, channel]) for channel in range(3)], axis=1)
    return Image.fromarray(table.round().astype(np.uint8)[np.asarray(image.convert("L"))])


def _overlay(image: Image.Image, dice: random.Random) -> Image.Image:
    """Patches of colour, half transparent or whole, filled or as outlines: label maps and activations lie so over scans."""
    width, height = image.size
    layer = image.copy()
    draw = ImageDraw.Draw(layer)
    filled = dice.random() < 0.7
    for _ in range(dice.randint(1, 6)):
        x, y = dice.uniform(0.2, 0.8) * width, dice.uniform(0.2, 0.8) * height
        reach = [dice.uniform(0.05, 0.3) * min(width, height) * dice.uniform(0.5, 1.2) for _ in range(12)]
        outline = [(x + r * math.cos(n * math.tau / 12), y + r * math.sin(n * math.tau / 12)) for n, r in enumerate(reach)]
        colour = tuple(dice.choice((0, 255, dice.randint(0, 255))) for _ in range(3))
        draw.polygon(outline, fill=colour if filled else None, outline=colour, width=2)
    return Image.blend(image, layer, dice.choice((1.0, dice.uniform(0.3, 0.8))))


def _jitter(image: Image.Image, dice: random.Random) -> Image.Image:
    image = ImageEnhance.Brightness(image).enhance(dice.uniform(0.6, 1.4))
    image = ImageEnhance.Contrast(image).enhance(dice.uniform(0.6, 1.5))
    image = ImageEnhance.Color(image).enhance(dice.uniform(0.3, 1.6))
    if dice.random() < 0.3:
        gamma = dice.uniform(0.6, 1.7)
        image = image.point([round(255 * (v / 255) ** gamma) for v in range(256)] * 3)
    return image


def _light(image: Image.Image, dice: random.Random) -> Image.Image:
    """Another window on the grey levels, or light that falls off to a side, as it does from a coil, a probe or a lamp."""
    if dice.random() < 0.5:
        grey = image.convert("L")
        low, high = np.percentile(np.asarray(grey), (dice.uniform(0, 30), dice.uniform(75, 100)))
        stretch = 255 / max(float(high - low), 16.0)
        return image.point([max(0, min(255, round((v - low) * stretch))) for v in range(256)] * 3)
    width, height = image.size
    rows, columns = np.mgrid[:height, :width]
    reach = dice.uniform(0.5, 1.5) * math.hypot(width, height)
    far = np.hypot(columns - dice.uniform(-0.2, 1.2) * width, rows - dice.uniform(-0.2, 1.2) * height) / reach
    light = dice.uniform(0.1, 0.4) + dice.uniform(0.7, 2) * np.exp(-(far**2) * dice.uniform(0.5, 3))
    return Image.fromarray((np.asarray(image) * light[..., None]).clip(0, 255).astype(np.uint8))


def _border(image: Image.Image, dice: random.Random) -> Image.Image:
    width, height = image.size
    colour = dice.choice(((0, 0, 0), (0, 0, 0), (255, 255, 255), tuple(dice.randint(0, 255) for _ in range(3))))
    left, top, right, bottom = (round(dice.uniform(0, 0.2) * side) for side in (width, height, width, height))
    framed = Image.new("RGB", (width + left + right, height + top + bottom), colour)
    framed.paste(image, (left, top))
    return framed


def _marks(image: Image.Image, dice: random.Random) -> Image.Image:
    """Text, arrows and a ruler: scans carry them, and so does everything else in a paper."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    width, height = image.size
    ink = dice.choice(((255, 255, 255), (0, 0, 0), (255, 255, 0), (255, 0, 0), (0, 255, 0)))
    for _ in range(dice.randint(1, 4)):
        x, y = dice.randint(0, width), dice.randint(0, height)
        kind = dice.randrange(3)
        if kind == 0:
            draw.text((x * 0.8, y), "".join(dice.choices("ABCDEFLRmm0123456789 :/", k=dice.randint(1, 9))), fill=ink)
        elif kind == 1:
            dx, dy = dice.randint(-25, 25), dice.randint(-25, 25)
            draw.line((x, y, x + dx, y + dy), fill=ink, width=dice.randint(1, 2))
            draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=ink)
        else:
            for tick in range(0, height // 2, max(3, height // 20)):
                draw.line((width - 8, y + tick, width - 3, y + tick), fill=ink)
    return image


def _screen(image: Image.Image, dice: random.Random) -> Image.Image:
    """A monitor or a print, photographed askew: its edge, the room, lines that beat against the camera's, glare, a cast."""
    if dice.random() < 0.6:
        for widest in (0.1, 0.2):  # the edge of the screen, then what stands behind it
            margin = round(dice.uniform(0, widest) * min(image.size))
            image = ImageOps.expand(image, margin, dice.choice(_ROOM))
    width, height = image.size
    lean = [(dice.uniform(-0.12, 0.06) * width, dice.uniform(-0.12, 0.06) * height) for _ in range(4)]
    quad = (*lean[0], lean[1][0], height - lean[1][1], width - lean[2][0], height - lean[2][1], width - lean[3][0], lean[3][1])
    around = dice.choice(_ROOM)
    seen = image.transform((width, height), Image.Transform.QUAD, quad, Image.Resampling.BILINEAR, fillcolor=around)
    rows, columns = np.mgrid[:height, :width]
    angle, period = dice.uniform(0, math.tau), dice.uniform(2.1, 9)
    wave = np.sin((columns * math.cos(angle) + rows * math.sin(angle)) * math.tau / period)
    slope = (columns / width - 0.5) * dice.uniform(-0.5, 0.5) + (rows / height - 0.5) * dice.uniform(-0.5, 0.5)
    light = (1 + dice.uniform(0, 0.12) * wave + slope)[..., None] * [dice.uniform(0.8, 1.1) for _ in range(3)]
    far = ((columns / width - dice.random()) ** 2 + (rows / height - dice.random()) ** 2) / dice.uniform(0.02, 0.1)
    glare = max(0.0, dice.uniform(-60, 120)) * np.exp(-far)[..., None]  # none, a third of the time
    lifted = dice.uniform(0, 45)  # the room's light: a screen's black is never black
    pixels = lifted + np.asarray(seen, dtype=np.float64) * light * (1 - lifted / 255) + glare
    return Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))


def _shrink(image: Image.Image, dice: random.Random) -> Image.Image:
    width, height = image.size
    side = dice.randint(40, 100)
    scale = side / min(width, height)
    if scale >= 1:
        return image
    kind = dice.choice((Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.NEAREST))
    return image.resize((max(1, round(width * scale)), max(1, round(height * scale))), kind)


def _blur(image: Image.Image, dice: random.Random) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(dice.uniform(0.4, 1.6)))


def _noise(image: Image.Image, dice: random.Random) -> Image.Image:
    generator = np.random.default_rng(dice.getrandbits(32))
    grain = generator.normal(0, dice.uniform(3, 18), (image.height, image.width, 1 if dice.random() < 0.7 else 3))
    pixels = np.asarray(image, dtype=np.float32) + grain.astype(np.float32)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _jpeg(image: Image.Image, dice: random.Random) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=dice.randint(15, 80))
    return Image.open(buffer).convert("RGB")


def inputs(pixels: torch.Tensor, size: int = SIZE) -> torch.Tensor:
    """Views, uint8 [N,3,H,W], to what the networks read, float32 [N,3,size,size], channels last."""
    return resized(normalise(pixels), size)


def mix(pixels: torch.Tensor, share: float, dice: random.Random) -> torch.Tensor:
    """Blend a share of a batch with other pictures of it, float [N,3,H,W]: views between the images at hand (mixup)."""
    partner, weight = _pairs(len(pixels), share, dice)
    weight = weight.to(pixels.device).view(-1, 1, 1, 1)
    return weight * pixels + (1 - weight) * pixels[partner]


def mix_pairs(
    images: torch.Tensor, target: torch.Tensor, share: float, dice: random.Random
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """As :func:`mix`, with targets [N,C] blended alike; also returns each picture's partner [N] and own weight [N]."""
    partner, weight = (tensor.to(images.device) for tensor in _pairs(len(images), share, dice))
    column = weight.view(-1, 1, 1, 1)
    mixed = column * images + (1 - column) * images[partner]
    return mixed, weight[:, None] * target + (1 - weight[:, None]) * target[partner], partner, weight


def collage(
    pixels: torch.Tensor, target: torch.Tensor, kind: torch.Tensor, share: float, dice: random.Random
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Turn a share of a batch into figures of two to six panels, uint8 [N,3,H,W].

    Every panel is another picture of the batch. Such a figure is medical when medical panels fill a quarter of it or
    more; it is of no one kind (-1).
    """
    made, said, kind = pixels.clone(), target.clone(), kind.clone()
    for place in range(int(len(pixels) * share)):
        rows, columns = dice.choice(((1, 2), (2, 1), (2, 2), (1, 3), (2, 3), (2, 2)))
        canvas, medical = _panels(pixels, target[:, 0], rows, columns, dice)
        made[place], kind[place] = canvas, -1
        said[place] = torch.tensor([1.0, 0.0] if medical >= 0.25 else [0.0, 1.0])
    return made, said, kind


def _panels(
    pixels: torch.Tensor, medical: torch.Tensor, rows: int, columns: int, dice: random.Random
) -> tuple[torch.Tensor, float]:
    side = pixels.shape[-1]
    gap = dice.choice((0, 2, 4, 6))
    canvas = torch.full_like(pixels[0], dice.choice((255, 255, 255, 0, 230)))
    below = dice.choice((0, 0, 0, round(dice.uniform(0.1, 0.4) * side)))
    height, width = (side - below) // rows, side // columns
    _lines(canvas[:, side - below :], dice)
    # Panels of one figure are mostly of one kind, so half of the figures keep to the pictures of one label.
    label = dice.random() if dice.random() < 0.5 else None
    pool = [n for n in range(len(pixels)) if label is None or (medical[n] > 0.5) == (label > 0.5)] or list(range(len(pixels)))
    area = 0.0
    for row in range(rows):
        for column in range(columns):
            chosen = dice.choice(pool)
            panel = functional.interpolate(
                pixels[chosen : chosen + 1].float(), (height - gap, width - gap), mode="bilinear", antialias=True
            )
            y, x = row * height + gap // 2, column * width + gap // 2
            canvas[:, y : y + height - gap, x : x + width - gap] = panel[0].round().clamp(0, 255).to(canvas.dtype)
            area += float(medical[chosen]) * height * width / side**2  # gutters take nothing away from a panel
    return canvas, area


def _lines(part: torch.Tensor, dice: random.Random) -> None:
    """What a caption or a paragraph is at this size: rows of dark dashes, drawn into uint8 [3,h,w]."""
    pitch = dice.randint(4, 8)
    for y in range(2, part.shape[1] - pitch + 2, pitch):
        words = torch.rand(part.shape[2], generator=torch.Generator().manual_seed(dice.getrandbits(31))) < 0.7
        part[:, y : y + pitch // 2, words] = dice.choice((40, 90, 140))


def _pairs(count: int, share: float, dice: random.Random) -> tuple[torch.Tensor, torch.Tensor]:
    mixed = int(count * share)
    partner = torch.tensor([dice.randrange(count) if n >= count - mixed else n for n in range(count)])
    weight = torch.tensor([dice.betavariate(1, 1) if n >= count - mixed else 1.0 for n in range(count)])
    return partner, weight


__all__ = ["STRONG", "Augmentation", "as_tensor", "collage", "mix", "mix_pairs", "plain"]
