"""Values as colours: heat maps, confusion and correlation matrices, spectrograms, scalograms, attention maps, seismic lines."""

from __future__ import annotations

from functools import partial
from typing import Any

import matplotlib
import numpy as np
from PIL import Image

from training.drawings.axes import MAPS, field, picture
from training.drawings.canvas import Dice, Kind, fractal, from_array, sheet, smooth, words


def _show(axes: Any, dice: Dice, values: np.ndarray, chart: str | None = None, **options: Any) -> None:
    drawn = axes.imshow(values, cmap=chart or dice.choice(MAPS), aspect=dice.choice(("auto", "auto", "equal")), **options)
    if dice.chance(0.45):
        axes.figure.colorbar(drawn, ax=axes, shrink=dice.uniform(0.6, 1.0))


def heatmap(axes: Any, dice: Dice) -> None:
    """Rows against columns, in blocks as clustering leaves them."""
    rows, columns = dice.randint(3, 50), dice.randint(3, 50)
    values = dice.array.normal(0, 1, (rows, columns))
    if dice.chance(0.6):
        values += np.repeat(dice.array.normal(0, 2, (rows, columns // 8 + 1)), 8, 1)[:, :columns]
        values = values[np.argsort(values.mean(1))]
    _show(axes, dice, values, interpolation="nearest")
    if columns <= 12 and rows <= 12 and dice.chance(0.6):
        for (row, column), value in np.ndenumerate(values):
            axes.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=5)
    if dice.chance(0.5):
        axes.set_xticks(
            range(0, columns, max(1, columns // 8)),
            [words(dice, 1) for _ in range(0, columns, max(1, columns // 8))],
            rotation=90,
            fontsize="xx-small",
        )


def confusion(axes: Any, dice: Dice) -> None:
    """Confusion matrices with their counts."""
    count = dice.choice((2, 2, 3, 4, 6, 10))
    values = dice.array.integers(0, 30, (count, count)) + np.eye(count, dtype=int) * dice.randint(60, 400)
    _show(axes, dice, values, dice.choice(("Blues", "viridis", "Greens", "Oranges", "Greys", "YlGnBu", "magma")))
    if count <= 6:
        for (row, column), value in np.ndenumerate(values):
            shade = "white" if value > values.max() / 2 else "black"
            axes.text(column, row, str(value), ha="center", va="center", color=shade, fontsize=dice.choice((6, 8, 11)))
    names = [words(dice, 1) for _ in range(count)]
    axes.set_xticks(range(count), names, fontsize="x-small", rotation=dice.choice((0, 45, 90)))
    axes.set_yticks(range(count), names, fontsize="x-small")


def correlation(axes: Any, dice: Dice) -> None:
    """Correlation matrices, whole or one triangle."""
    count = dice.randint(4, 40)
    values = np.corrcoef(dice.array.normal(0, 1, (count, count + 4)) + dice.uniform(0, 2) * dice.array.normal(0, 1, count + 4))
    if dice.chance(0.3):
        values = np.where(np.tri(count, dtype=bool), values, np.nan)
    _show(axes, dice, np.asarray(values), dice.choice(("coolwarm", "RdBu_r", "PiYG", "seismic", "viridis")), vmin=-1, vmax=1)


def clustered(axes: Any, dice: Dice) -> None:
    """A heat map under coloured bars and beside a tree."""
    heatmap(axes, dice)
    top = axes.inset_axes((0, 1.02, 1, 0.06))
    top.imshow(dice.array.integers(0, 5, (1, 24)), aspect="auto", cmap=dice.choice(("Set1", "Set2", "tab10")))
    top.set_axis_off()
    side = axes.inset_axes((-0.22, 0, 0.2, 1))
    nodes = [(float(n), 0.0) for n in range(14)]
    while len(nodes) > 1:
        n = dice.randrange(len(nodes) - 1)
        (a, low), (b, high) = nodes[n], nodes[n + 1]
        reach = max(low, high) + dice.random()
        side.plot((-low, -reach, -reach, -high), (a, a, b, b), "k", linewidth=0.5)
        nodes[n : n + 2] = [((a + b) / 2, reach)]
    side.set_axis_off()
    axes.set_yticks([])


def _sound(dice: Dice, bins: int = 80, frames: int = 160) -> np.ndarray:
    values = 0.25 * dice.array.random((bins, frames)) + 0.5 * np.linspace(0.6, 0, bins)[:, None]
    rows = np.arange(bins)[:, None]
    for _ in range(dice.randint(1, 5)):
        start, length = dice.randint(0, frames - 20), dice.randint(15, frames)
        t = np.arange(frames)
        pitch = dice.uniform(3, 20) + dice.uniform(0, 6) * np.sin(t * dice.uniform(0.02, 0.2)) + dice.uniform(-0.1, 0.1) * t
        on = (t >= start) & (t < start + length)
        for harmonic in range(1, dice.randint(2, 9)):
            values += on * dice.uniform(0.3, 1) / harmonic**0.5 * np.exp(-((rows - pitch * harmonic) ** 2) / 2)
    for _ in range(dice.choice((0, 0, 2, 6))):
        values[:, dice.randrange(frames)] += dice.uniform(0.3, 0.8)
    return values


def spectrogram(axes: Any, dice: Dice) -> None:
    """Sound over time and frequency."""
    _show(
        axes,
        dice,
        _sound(dice),
        dice.choice(("magma", "viridis", "inferno", "jet", "gray", "gray_r", "plasma", "hot")),
        origin="lower",
    )


def scalogram(axes: Any, dice: Dice) -> None:
    """Wavelet power: smooth ridges, wider at low frequencies."""
    size = 90
    t, f = np.meshgrid(np.linspace(0, 1, 2 * size), np.linspace(0, 1, size))
    values = sum(
        dice.uniform(0.3, 1) * np.exp(-(((t - dice.random()) / (0.02 + 0.2 * f)) ** 2) - ((f - dice.random()) / 0.12) ** 2)
        for _ in range(dice.randint(3, 12))
    )
    _show(axes, dice, np.asarray(values), dice.choice(("jet", "viridis", "turbo", "plasma", "Spectral_r")))
    if dice.chance(0.5):
        axes.plot(np.linspace(0, 2 * size - 1, 50), size * (0.98 - abs(np.linspace(-1, 1, 50)) ** 3), "w--", linewidth=0.8)


def plain_spectrogram(dice: Dice) -> Image.Image:
    """A spectrogram without axes, as data sets hold them."""
    shade = matplotlib.colormaps[dice.choice(("magma", "viridis", "inferno", "jet", "gray", "gray_r", "Blues"))]
    values = np.flipud(_sound(dice, dice.choice((64, 128)), dice.choice((64, 128, 220))))
    return from_array(shade(values / values.max())[..., :3])


def weights(axes: Any, dice: Dice) -> None:
    """Attention between tokens; learnt filters; kernels."""
    count = dice.randint(6, 40)
    values = np.exp(3 * smooth(dice, count, count, 4) + 3 * np.eye(count) * dice.chance(0.5)) + dice.array.random(
        (count, count)
    )
    if dice.chance(0.3):
        values = np.tril(values)
    _show(axes, dice, values, dice.choice(("viridis", "Blues", "gray", "hot", "Reds")))
    names = [words(dice, 1) for _ in range(0, count, 3)]
    axes.set_xticks(range(0, count, 3), names, rotation=90, fontsize="xx-small")
    axes.set_yticks(range(0, count, 3), names, fontsize="xx-small")


def surface(axes: Any, dice: Dice) -> None:
    """A smooth function of two variables in colours."""
    x, y, z = field(dice, 80)
    axes.pcolormesh(x, y, z, cmap=dice.choice(MAPS))
    if dice.chance(0.3):
        axes.contour(x, y, z, 8, colors="white", linewidths=0.5)


def seismic(dice: Dice) -> Image.Image:
    """A seismic section: layers bent together, broken by faults, in grey or red and blue."""
    width, height = sheet(dice, (120, 200), 1.8)
    depth = np.linspace(0, dice.uniform(20, 60), height)[:, None] + dice.uniform(2, 10) * smooth(
        dice, 1, width, width / dice.uniform(1, 4)
    )
    for _ in range(dice.randint(0, 3)):
        depth = depth + dice.uniform(-4, 4) * (
            np.arange(width) + np.arange(height)[:, None] * dice.uniform(-0.6, 0.6) > dice.uniform(0, width)
        )
    layers = np.interp(depth, np.linspace(-20, 90, 260), dice.array.normal(0, 1, 260))
    layers = layers * smooth(dice, height, width, 40) + dice.uniform(0, 0.25) * dice.array.normal(0, 1, (height, width))
    shade = matplotlib.colormaps[dice.choice(("gray", "gray", "seismic", "RdBu", "PuOr"))]
    return from_array(shade(0.5 + layers / (5 * layers.std()))[..., :3])


def mosaic(dice: Dice) -> Image.Image:
    """Regions in flat colours, as segmentations and land-cover maps are drawn."""
    width, height = sheet(dice, (140, 220), 1.8)
    count = dice.randint(3, 12)
    spread = np.stack([fractal(dice, height, width, dice.uniform(20, 90), 3) for _ in range(count)])
    return from_array(_shades(dice, count)[spread.argmax(0)])


def cells(dice: Dice) -> Image.Image:
    """Voronoi cells in flat colours, borders drawn at times."""
    width, height = sheet(dice, (140, 200), 1.6)
    count = dice.randint(8, 120)
    points = dice.array.random((count, 2)) * (height, width)
    place = np.moveaxis(np.indices((height, width)), 0, -1).reshape(-1, 1, 2)
    nearest = ((place - points) ** 2).sum(-1).argmin(1).reshape(height, width)
    pixels = _shades(dice, count)[nearest]
    if dice.chance(0.5):
        edge = (nearest != np.roll(nearest, 1, 0)) | (nearest != np.roll(nearest, 1, 1))
        pixels[edge] = dice.choice((0.0, 1.0))
    return from_array(pixels)


def _shades(dice: Dice, count: int) -> np.ndarray:
    if dice.chance(0.6):
        return dice.array.random((count, 3))
    return np.asarray(matplotlib.colormaps[dice.choice(MAPS)](np.linspace(0, 1, count)))[:, :3]


KINDS = (
    *(Kind(paint.__name__, modality, partial(picture, paint=paint), weight)
      for paint, modality, weight in ((heatmap, "heatmap", 2), (confusion, "heatmap", 1.5), (correlation, "heatmap", 1),
                                      (clustered, "heatmap", 0.8), (surface, "heatmap", 0.8), (spectrogram, "spectrogram", 1.2),
                                      (scalogram, "spectrogram", 0.8), (weights, "attention-map", 0.8))),
    Kind("plain_spectrogram", "spectrogram", plain_spectrogram, 1),
    Kind("seismic", "seismic", seismic, 0.8),
    Kind("mosaic", "segmap", mosaic, 0.8),
    Kind("cells", "segmap", cells, 0.5),
)  # fmt: skip
