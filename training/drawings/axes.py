"""Figures drawn with matplotlib: their looks, their panels, and the curves and fields that fill them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np
from cycler import cycler
from matplotlib import style as mpl_style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from training.drawings.canvas import Colour, Dice, colours, palette, title, words

Paint = Callable[[Any, Dice], None]
"""Draws on a matplotlib axes."""

MAPS = ("viridis", "plasma", "inferno", "magma", "cividis", "coolwarm", "RdBu_r", "Spectral", "jet", "YlGnBu", "YlOrRd",
        "Blues", "Greens", "Reds", "gray", "gray_r", "bone", "hot", "terrain", "PuOr", "RdYlGn", "turbo", "Greys",
        "PiYG")  # fmt: skip
_STYLES = ("default", "default", "default", "ggplot", "seaborn-v0_8", "seaborn-v0_8-whitegrid", "dark_background", "bmh",
           "grayscale", "Solarize_Light2", "fivethirtyeight", "classic", "fast")  # fmt: skip


def unit(colour: Colour) -> tuple[float, float, float]:
    """0 to 255 to matplotlib's 0 to 1."""
    return colour[0] / 255, colour[1] / 255, colour[2] / 255


def look(dice: Dice) -> Any:
    """rcParams of one figure: a named style, then fonts, sizes and colours of its own."""
    chosen = dice.choice(_STYLES)
    params: Any = {} if chosen == "default" else dict(mpl_style.library[chosen].items())
    params |= {
        "font.family": dice.choice(("DejaVu Sans", "DejaVu Sans", "DejaVu Serif", "STIXGeneral", "DejaVu Sans Mono")),
        "font.size": dice.uniform(6, 13),
        "axes.titlesize": dice.choice(("medium", "large", "small")),
        "lines.linewidth": dice.choice((0.5, 0.8, 1.0, 1.5, 2.0, 3.0)),
        "axes.linewidth": dice.choice((0.4, 0.8, 1.2)),
        "axes.grid": dice.chance(0.4),
        "axes.spines.top": dice.chance(0.6),
        "axes.spines.right": dice.chance(0.6),
        "legend.frameon": dice.chance(0.5),
        "axes.unicode_minus": False,
        "axes.prop_cycle": cycler(color=[unit(c) for c in colours(dice, 8)]),
        "image.cmap": dice.choice(MAPS),
        "figure.max_open_warning": 0,
    }
    if dice.chance(0.2):
        shades = palette(dice, dark=0.5)
        paper, ink = unit(shades.paper), unit(shades.ink)
        params |= {"figure.facecolor": paper, "axes.facecolor": paper, "text.color": ink, "axes.labelcolor": ink}
        params |= {"axes.edgecolor": ink, "xtick.color": ink, "ytick.color": ink, "savefig.facecolor": paper}
    return params


def render(figure: Figure) -> Image.Image:
    """A figure's pixels, RGB."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


def picture(dice: Dice, paint: Paint, *, projection: str | None = None, panels: bool = True, bare: float = 0.1) -> Image.Image:
    """One figure of one to nine panels, each painted by ``paint``, with or without titles, labels and ticks."""
    with matplotlib.rc_context(look(dice)):
        width, height = dice.uniform(2.4, 5.5), dice.uniform(2.2, 4.2)
        rows, columns = (
            dice.choice(((1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (2, 3), (3, 3))) if panels and dice.chance(0.22) else (1, 1)
        )
        figure = Figure((width + 0.9 * (columns - 1), height + 0.7 * (rows - 1)), dpi=dice.choice((70, 80, 90)))
        naked, titled, labelled = dice.chance(bare), dice.chance(0.5), dice.chance(0.6)
        for place in range(rows * columns):
            axes: Any = figure.add_subplot(rows, columns, place + 1, projection=projection)
            paint(axes, dice)
            if naked:
                axes.set_axis_off()
            elif labelled and projection is None:
                axes.set_xlabel(words(dice, 1, 2))
                axes.set_ylabel(words(dice, 1, 2))
            if titled and not naked:
                axes.set_title(title(dice, 1, 3) if rows * columns == 1 or dice.chance(0.5) else f"({'abcdefghi'[place]})")
        if not naked:
            edge = 0.08 + 0.4 * labelled
            figure.subplots_adjust(left=min(0.3, (0.25 + edge) / width), bottom=min(0.3, (0.2 + edge) / height), right=0.96,
                                   top=0.97 - 0.3 * titled / height, wspace=0.35, hspace=0.45)  # fmt: skip
        else:
            figure.subplots_adjust(left=0.02, bottom=0.02, right=0.98, top=0.96, wspace=0.1, hspace=0.1)
        return render(figure)


def walk(dice: Dice, count: int) -> np.ndarray:
    """A random curve: a walk, a wave, a decay or a rise, with noise."""
    x = np.linspace(0, 1, count)
    shape = dice.randrange(5)
    noise = dice.array.normal(0, 1, count)
    if shape == 0:
        return noise.cumsum()
    if shape == 1:
        return np.sin(x * dice.uniform(3, 60) + dice.random()) + dice.uniform(0, 0.4) * noise
    if shape == 2:
        return np.exp(-x * dice.uniform(1, 8)) + dice.uniform(0, 0.06) * noise
    if shape == 3:
        return x ** dice.uniform(0.3, 3) + dice.uniform(0, 0.1) * noise
    return 1 / (1 + np.exp(-(x - dice.random()) * dice.uniform(5, 30))) + dice.uniform(0, 0.04) * noise


def field(dice: Dice, size: int = 60) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A smooth function of two variables: hills or waves. x, y, z, each [size,size]."""
    x, y = np.meshgrid(np.linspace(-3, 3, size), np.linspace(-3, 3, size))
    if dice.chance(0.4):
        z = np.sin(x * dice.uniform(0.5, 2.5)) * np.cos(y * dice.uniform(0.5, 2.5)) + dice.uniform(-0.3, 0.3) * x
    else:
        z = np.zeros_like(x)
        for _ in range(dice.randint(2, 6)):
            z += dice.uniform(-1, 1) * np.exp(
                -((x - dice.uniform(-2, 2)) ** 2 + (y - dice.uniform(-2, 2)) ** 2) / dice.uniform(0.3, 3)
            )
    return x, y, z
