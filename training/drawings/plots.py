"""Everyday plots: lines, points, bars, distributions, shares, fields and surfaces."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from training.drawings.axes import MAPS, field, picture, unit, walk
from training.drawings.canvas import Dice, Kind, colours, words

_MARKERS = "osD^v<>x+*.p"


def lines(axes: Any, dice: Dice) -> None:
    """Curves with markers, dashes, bands."""
    count = dice.choice((6, 12, 40, 150, 600))
    x = np.linspace(0, dice.choice((1, 10, 24, 100, 2020)), count)
    drawn = dice.choice((1, 1, 2, 3, 5, 8))
    for n in range(drawn):
        y = walk(dice, count) + n * dice.uniform(0, 1)
        marker = dice.choice(_MARKERS) if count <= 40 and dice.chance(0.5) else None
        axes.plot(x, y, dice.choice(("-", "-", "--", ":", "-.")), marker=marker, label=words(dice, 1))
        if dice.chance(0.2):
            spread = abs(y).mean() * dice.uniform(0.05, 0.4)
            axes.fill_between(x, y - spread, y + spread, alpha=0.25)
    if drawn > 1 and dice.chance(0.6):
        axes.legend(fontsize="small", loc=dice.choice(("upper left", "upper right", "lower right")))


def scatter(axes: Any, dice: Dice) -> None:
    """Point clouds, coloured or sized by a value, with a fitted line at times."""
    for _ in range(dice.choice((1, 1, 2, 4))):
        count = dice.choice((15, 60, 300, 1500))
        x = dice.array.normal(dice.uniform(-2, 2), dice.uniform(0.3, 1), count)
        y = dice.uniform(-1, 1) * x + dice.array.normal(dice.uniform(-1, 1), dice.uniform(0.2, 1), count)
        size = dice.array.uniform(5, 150, count) if dice.chance(0.25) else dice.choice((1, 4, 12, 30))
        colour = dice.array.random(count) if dice.chance(0.25) else None
        axes.scatter(x, y, s=size, c=colour, alpha=dice.uniform(0.3, 1), marker=dice.choice(_MARKERS), linewidths=0.5)
        if dice.chance(0.3):
            axes.plot(x[[x.argmin(), x.argmax()]], np.polyval(np.polyfit(x, y, 1), x[[x.argmin(), x.argmax()]]))


def bars(axes: Any, dice: Dice) -> None:
    """Bars: grouped, stacked, lying, with error bars or hatching."""
    groups, series = dice.randint(2, 14), dice.choice((1, 1, 1, 2, 3, 4))
    stacked, lying = dice.chance(0.4), dice.chance(0.3)
    base, place = np.zeros(groups), np.arange(groups)
    for n in range(series):
        values = dice.array.gamma(dice.uniform(1, 6), 1, groups)
        shift, width = (0.0, 0.8) if stacked else (0.8 * n / series, 0.8 / series)
        hatch = dice.choice(("//", "xx", "..", "\\\\")) if dice.chance(0.15) else None
        options: dict[str, Any] = {"hatch": hatch, "edgecolor": "black" if dice.chance(0.3) else None, "linewidth": 0.6}
        error = 0.15 * values if dice.chance(0.25) and not stacked else None
        if lying:
            axes.barh(place + shift, values, width, left=base if stacked else 0, xerr=error, **options)
        else:
            axes.bar(place + shift, values, width, bottom=base if stacked else 0, yerr=error, capsize=2, **options)
        base = base + values
    names = [words(dice, 1) for _ in range(groups)]
    if lying:
        axes.set_yticks(place, names, fontsize="x-small")
    elif groups < 9:
        axes.set_xticks(place, names, rotation=dice.choice((0, 30, 45, 90)), fontsize="x-small")


def histogram(axes: Any, dice: Dice) -> None:
    """Histograms, overlaid at times."""
    for _ in range(dice.choice((1, 1, 2, 3))):
        values = dice.array.normal(dice.uniform(-2, 2), dice.uniform(0.3, 2), 500)
        values = np.exp(values / 2) if dice.chance(0.25) else values
        axes.hist(
            values,
            dice.choice((10, 20, 40, 80)),
            alpha=dice.uniform(0.4, 1),
            histtype=dice.choice(("bar", "bar", "step", "stepfilled")),
        )


def boxes(axes: Any, dice: Dice) -> None:
    """Box plots, violins, or both with the points."""
    groups = dice.randint(2, 10)
    data = [dice.array.normal(dice.uniform(-1, 1), dice.uniform(0.3, 1), 60) for _ in range(groups)]
    kind = dice.randrange(3)
    if kind:
        axes.boxplot(
            data,
            patch_artist=dice.chance(0.6),
            notch=dice.chance(0.2),
            orientation=dice.choice(("vertical", "vertical", "horizontal")),
        )
    if kind != 1:
        axes.violinplot(data, showmedians=dice.chance(0.5), widths=0.8)
    if dice.chance(0.3):
        for n, values in enumerate(data, 1):
            axes.scatter(n + dice.array.uniform(-0.15, 0.15, 60), values, s=3, alpha=0.5)


def pie(axes: Any, dice: Dice) -> None:
    """Pies and rings."""
    count = dice.randint(2, 9)
    ring = {"width": dice.uniform(0.2, 0.5)} if dice.chance(0.4) else {}
    labels = [words(dice, 1) for _ in range(count)] if dice.chance(0.7) else None
    axes.pie(
        dice.array.gamma(2, 1, count) + 0.2, labels=labels, colors=[unit(c) for c in colours(dice, count)],
        autopct="%1.0f%%" if dice.chance(0.5) else None, startangle=dice.randint(0, 359),
        wedgeprops=ring | {"edgecolor": dice.choice(("white", "black", "none"))}, textprops={"fontsize": "small"},
    )  # fmt: skip


def polar(axes: Any, dice: Dice) -> None:
    """Radar charts, roses, polar curves."""
    kind = dice.randrange(3)
    if kind == 0:
        angles = np.linspace(0, 2 * np.pi, dice.randint(4, 10))
        for _ in range(dice.randint(1, 3)):
            values = dice.array.uniform(0.2, 1, len(angles))
            values[-1] = values[0]
            axes.plot(angles, values)
            axes.fill(angles, values, alpha=0.25)
    elif kind == 1:
        count = dice.choice((8, 12, 16, 24))
        shades = [unit(c) for c in colours(dice, count)]
        axes.bar(np.arange(count) * 2 * np.pi / count, dice.array.gamma(2, 1, count), 6 / count, color=shades, alpha=0.8)
    else:
        angles = np.linspace(0, dice.choice((2, 8)) * np.pi, 300)
        axes.plot(angles, abs(np.sin(angles * dice.choice((1, 2, 2.5, 3)))) + angles * dice.choice((0, 0.1)))


def intervals(axes: Any, dice: Dice) -> None:
    """Means with error bars."""
    for _ in range(dice.choice((1, 2, 3))):
        count = dice.randint(4, 14)
        axes.errorbar(
            np.arange(count),
            walk(dice, count),
            yerr=dice.array.uniform(0.05, 0.5, count),
            capsize=dice.choice((0, 2, 4)),
            fmt=dice.choice(("o", "s-", "^--", "D", "-")),
            markersize=4,
        )


def areas(axes: Any, dice: Dice) -> None:
    """Stacked areas, steps and stems."""
    count = dice.choice((12, 40, 100))
    kind = dice.randrange(3)
    if kind == 0:
        axes.stackplot(
            np.arange(count),
            *[abs(walk(dice, count)) + 0.2 for _ in range(dice.randint(2, 6))],
            baseline=dice.choice(("zero", "wiggle")),
        )
    elif kind == 1:
        for _ in range(dice.randint(1, 4)):
            axes.step(np.arange(count), walk(dice, count))
    else:
        axes.stem(np.arange(min(count, 40)), walk(dice, min(count, 40)))


def contours(axes: Any, dice: Dice) -> None:
    """Contour lines, filled or labelled."""
    x, y, z = field(dice)
    levels = dice.choice((6, 12, 20))
    filled = dice.chance(0.6)
    if filled:
        axes.contourf(x, y, z, levels)
    if not filled or dice.chance(0.6):
        drawn = axes.contour(x, y, z, levels, linewidths=0.6, colors=dice.choice(("black", None)))
        if dice.chance(0.4):
            axes.clabel(drawn, fontsize=5)


def arrows(axes: Any, dice: Dice) -> None:
    """Vector fields."""
    x, y, z = field(dice, 14)
    down, along = np.gradient(z)
    axes.quiver(x, y, along, down, *((z,) if dice.chance(0.6) else ()))


def hexagons(axes: Any, dice: Dice) -> None:
    """Two-dimensional histograms in hexagons."""
    x = dice.array.normal(0, 1, 3000)
    axes.hexbin(
        x,
        dice.uniform(-1, 1) * x + dice.array.normal(0, 0.6, 3000),
        gridsize=dice.choice((12, 20, 35)),
        mincnt=dice.choice((0, 1)),
    )


def space(axes: Any, dice: Dice) -> None:
    """Surfaces, wire frames and point clouds in three dimensions."""
    kind = dice.randrange(3)
    if kind == 2:
        for _ in range(dice.randint(1, 3)):
            axes.scatter(*(dice.array.normal(dice.uniform(-2, 2), 0.7, 80) for _ in range(3)), s=6)
    else:
        x, y, z = field(dice, 22)
        if kind:
            axes.plot_wireframe(x, y, z, linewidth=0.5, rstride=1, cstride=1)
        else:
            axes.plot_surface(x, y, z, cmap=dice.choice(MAPS), linewidth=dice.choice((0, 0.3)), rstride=1, cstride=1)
    axes.view_init(dice.uniform(10, 60), dice.uniform(0, 360))


KINDS = (
    *(
        Kind(paint.__name__, "chart", partial(picture, paint=paint), weight)
        for paint, weight in ((lines, 3), (scatter, 2.5), (bars, 3), (histogram, 1.5), (boxes, 1.5), (pie, 1.2), (intervals, 1),
                              (areas, 1), (contours, 1), (arrows, 0.5), (hexagons, 0.5))
    ),
    Kind("polar", "chart", partial(picture, paint=polar, projection="polar")),
    Kind("space", "chart", partial(picture, paint=space, projection="3d", panels=False), 1),
)  # fmt: skip
