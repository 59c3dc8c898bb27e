"""Plots that papers have: survival, forest, volcano and Manhattan plots, traces, clusters, trees, networks, chromatograms."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from training.drawings.axes import picture, unit, walk
from training.drawings.canvas import Dice, Kind, colours, words


def receiver(axes: Any, dice: Dice) -> None:
    """ROC and precision-recall curves."""
    x = np.linspace(0, 1, dice.choice((15, 100)))
    for n in range(dice.randint(1, 5)):
        y = x ** dice.uniform(0.08, 0.7)
        y = (
            1 - x ** dice.uniform(2, 8)
            if dice.chance(0.15)
            else np.maximum.accumulate(y + dice.array.normal(0, 0.01, len(x))).clip(0, 1)
        )
        axes.plot(
            x, y, drawstyle=dice.choice(("default", "steps-post")), label=f"{words(dice, 1)} (AUC = {0.99 - 0.05 * n:.2f})"
        )
    axes.plot((0, 1), (0, 1), "k--", linewidth=0.7)
    axes.legend(fontsize="x-small", loc="lower right")


def survival(axes: Any, dice: Dice) -> None:
    """Kaplan-Meier curves with censoring ticks."""
    for _ in range(dice.randint(1, 4)):
        times = np.sort(dice.array.exponential(dice.uniform(10, 60), dice.choice((20, 80))))
        left = np.linspace(1, dice.uniform(0.05, 0.7), len(times))
        (line,) = axes.step(times, left, where="post", label=words(dice, 1, 2))
        if dice.chance(0.4):
            axes.fill_between(times, left - 0.08, left + 0.08, step="post", alpha=0.2)
        ticks = dice.array.choice(len(times), len(times) // 4, replace=False)
        axes.plot(times[ticks], left[ticks], "|", color=line.get_color(), markersize=5)
    axes.set_ylim(0, 1.03)
    if dice.chance(0.6):
        axes.legend(fontsize="x-small")


def forest(axes: Any, dice: Dice) -> None:
    """Effects with their intervals, a diamond for the sum."""
    count = dice.randint(4, 18)
    effect, half = dice.array.normal(0.2, 0.4, count), dice.array.uniform(0.1, 0.8, count)
    axes.errorbar(
        effect, np.arange(count, 0, -1), xerr=half, fmt="s", markersize=dice.uniform(2, 5), linewidth=0.8, color="black"
    )
    axes.fill((0, 0.2, 0.4, 0.2), (0, 0.3, 0, -0.3), color=unit(colours(dice, 1)[0]))
    axes.axvline(0, linestyle="--", linewidth=0.7, color="grey")
    axes.set_yticks(
        np.arange(count, 0, -1),
        [f"{words(dice, 1).title()} {dice.randint(1990, 2024)}" for _ in range(count)],
        fontsize="xx-small",
    )


def volcano(axes: Any, dice: Dice) -> None:
    """Change against significance, the significant ones coloured."""
    x = dice.array.normal(0, 1.2, dice.choice((400, 1500)))
    y = abs(x) * dice.array.exponential(1.5, len(x))
    hit = (abs(x) > 1) & (y > 1.5)
    shades = [unit(c) for c in colours(dice, 3)]
    for mask, colour in ((~hit, (0.6, 0.6, 0.6)), (hit & (x > 0), shades[0]), (hit & (x < 0), shades[1])):
        axes.scatter(x[mask], y[mask], s=dice.choice((2, 5)), color=colour)
    if dice.chance(0.7):
        axes.axhline(1.5, linestyle="--", linewidth=0.6, color="grey")
    if dice.chance(0.4):
        for n in np.flatnonzero(hit)[:6]:
            axes.annotate(words(dice, 1).upper()[:5], (x[n], y[n]), fontsize=5)


def manhattan(axes: Any, dice: Dice) -> None:
    """Columns of points in alternating colours."""
    shades = [unit(c) for c in colours(dice, dice.choice((2, 2, 8)))]
    for n in range(dice.randint(8, 22)):
        count = 90
        axes.scatter(
            n + dice.array.random(count),
            dice.array.exponential(1 + 3 * dice.chance(0.1), count),
            s=2,
            color=shades[n % len(shades)],
        )
    axes.axhline(5, color="red", linewidth=0.7)


def heartbeat(axes: Any, dice: Dice) -> None:
    """An electrocardiogram's trace as a plot, on squared paper at times."""
    t = np.linspace(0, dice.uniform(2, 8), 900)
    beat = (t * dice.uniform(0.9, 1.8)) % 1
    waves = (
        (0.2, 0.12, 0.025),
        (0.36, -0.15, 0.01),
        (0.4, 1.0, 0.012),
        (0.44, -0.25, 0.012),
        (0.65, dice.uniform(0.1, 0.35), 0.04),
    )
    leads = dice.choice((1, 1, 3, 6))
    for n in range(leads):
        y = sum(h * np.exp(-((beat - c) ** 2) / (2 * w**2)) for c, h, w in waves) * dice.uniform(-1, 1.3)
        axes.plot(t, y + dice.array.normal(0, 0.02, len(t)) - 2 * n, color="black" if dice.chance(0.6) else None, linewidth=0.7)
    if dice.chance(0.5):
        axes.grid(True, which="both", color=(1, 0.7, 0.7), linewidth=0.5)
        axes.set_facecolor((1, 0.96, 0.96))
        axes.minorticks_on()


def traces(axes: Any, dice: Dice) -> None:
    """Many channels below each other, as EEG, seismograph or logic analysers record them."""
    channels, count = dice.randint(4, 20), 400
    one = dice.chance(0.5)
    square = dice.chance(0.15)
    for n in range(channels):
        y = np.convolve(dice.array.normal(0, 1, count), np.ones(dice.randint(2, 8)) / 4, "same")
        y = (
            np.sign(y) * 0.5
            if square
            else y * np.exp(-(((np.arange(count) - dice.randint(0, count)) / 120) ** 2)) * 2
            if dice.chance(0.2)
            else y
        )
        axes.plot(y - 2.5 * n, linewidth=0.5, color="black" if one else None)
    axes.set_yticks(-2.5 * np.arange(channels), [words(dice, 1)[:3].upper() for _ in range(channels)], fontsize="xx-small")


def clusters(axes: Any, dice: Dice) -> None:
    """Embeddings: clouds of points in many colours."""
    count = dice.randint(3, 14)
    size = dice.choice((0.5, 2, 5))
    for colour in colours(dice, count):
        angle = np.cumsum(dice.array.normal(0, 0.12, 200))
        reach = dice.uniform(0, 0.03)
        x = dice.uniform(-9, 9) + np.cumsum(np.cos(angle)) * reach + dice.array.normal(0, dice.uniform(0.3, 1.1), 200)
        y = dice.uniform(-9, 9) + np.cumsum(np.sin(angle)) * reach + dice.array.normal(0, dice.uniform(0.3, 1.1), 200)
        axes.scatter(x, y, s=size, color=unit(colour), label=words(dice, 1), linewidths=0)
    if dice.chance(0.3):
        axes.legend(fontsize="xx-small", markerscale=2, loc="center right")
    if dice.chance(0.5):
        axes.set_xticks([])
        axes.set_yticks([])


def network(axes: Any, dice: Dice) -> None:
    """Nodes and edges, in a circle, at random or around hubs."""
    count = dice.randint(6, 60)
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    place = np.stack((np.cos(angle), np.sin(angle)), 1) if dice.chance(0.3) else dice.array.normal(0, 1, (count, 2))
    alpha = dice.uniform(0.2, 0.8)
    for n in range(1, count):
        near = np.argsort(((place - place[n]) ** 2).sum(1))
        for other in (int(near[1]), dice.randrange(max(1, n // 3))):
            axes.plot(*place[[n, other]].T, color="grey", linewidth=dice.uniform(0.3, 1.5), alpha=alpha, zorder=1)
    shades = (
        np.asarray([unit(dice.choice(colours(dice, 5)))] * count)
        if dice.chance(0.3)
        else [unit(c) for c in colours(dice, count)]
    )
    axes.scatter(
        *place.T,
        s=dice.array.uniform(10, dice.choice((30, 200)), count),
        c=shades,
        zorder=2,
        edgecolors="black",
        linewidths=0.4,
    )
    if count < 20:
        for x, y in place:
            axes.annotate(words(dice, 1), (x, y), fontsize=6, ha="center")
    axes.set_axis_off()


def tree(axes: Any, dice: Dice) -> None:
    """Dendrograms and phylogenetic trees with square branches."""
    leaves = dice.randint(6, 40)
    nodes = [(float(n), 0.0) for n in range(leaves)]
    lying = dice.chance(0.6)
    shade = unit(colours(dice, 1)[0]) if dice.chance(0.5) else (0.2, 0.2, 0.2)
    while len(nodes) > 1:
        n = dice.randrange(len(nodes) - 1)
        (a, low), (b, high) = nodes[n], nodes[n + 1]
        top = max(low, high) + dice.expovariate(1) + 0.1
        across, up = (a, a, b, b), (low, top, top, high)
        axes.plot(*((up, across) if lying else (across, up)), color=shade, linewidth=0.8)
        nodes[n : n + 2] = [((a + b) / 2, top)]
    if lying:
        axes.invert_xaxis()
    if leaves <= 24 and lying:
        axes.yaxis.tick_right()
        axes.set_yticks(range(leaves), [words(dice, 1, 2) for _ in range(leaves)], fontsize="xx-small")
        axes.set_xticks([])


def peaks(axes: Any, dice: Dice) -> None:
    """Chromatograms, mass spectra, diffraction patterns."""
    x = np.linspace(0, dice.choice((10, 60, 1000)), 700)
    sticks = dice.chance(0.35)
    for n in range(dice.choice((1, 1, 1, 2, 4))):
        y = np.zeros_like(x)
        for _ in range(dice.randint(3, 25)):
            y += dice.expovariate(1) * np.exp(-(((x - dice.uniform(0, x[-1])) / (x[-1] * dice.uniform(0.002, 0.012))) ** 2))
        if sticks:
            axes.vlines(x[::12], 0, y[::12], linewidth=0.8)
        else:
            axes.plot(x, y + n * 2 + dice.array.normal(0, 0.01, len(x)), linewidth=0.7)
    for _ in range(dice.randint(0, 4)):
        axes.annotate(
            f"{dice.uniform(1, 900):.1f}",
            (dice.uniform(0, x[-1]), dice.uniform(0.5, 2)),
            fontsize=6,
            rotation=dice.choice((0, 90)),
        )


def learning(axes: Any, dice: Dice) -> None:
    """Loss and accuracy over epochs."""
    epochs = np.arange(dice.choice((10, 30, 100)))
    for name in ("train", "val", "test")[: dice.randint(1, 3)]:
        y = (
            dice.uniform(0.5, 2) * np.exp(-epochs / dice.uniform(3, 30))
            + dice.uniform(0, 0.3)
            + dice.array.normal(0, 0.02, len(epochs))
        )
        axes.plot(epochs, y if dice.chance(0.6) else 1 - y / 2, label=name)
    axes.legend(fontsize="small")


def candles(axes: Any, dice: Dice) -> None:
    """Share prices."""
    count = dice.randint(20, 60)
    close = 50 + dice.array.normal(0, 1, count).cumsum()
    start = np.roll(close, 1)
    start[0] = close[0]
    shades = [("red" if c < o else "green") if dice.chance(0.9) else "grey" for o, c in zip(start, close, strict=True)]
    axes.vlines(np.arange(count), np.minimum(start, close) - 0.6, np.maximum(start, close) + 0.6, color=shades, linewidth=0.6)
    axes.bar(np.arange(count), close - start, 0.7, bottom=start, color=shades)


def parallel(axes: Any, dice: Dice) -> None:
    """Parallel coordinates and slope charts."""
    count = dice.choice((2, 4, 7))
    groups = [unit(c) for c in colours(dice, 3)]
    for _ in range(dice.choice((10, 40))):
        pick = dice.randrange(3)
        axes.plot(np.arange(count), dice.array.normal(pick, 0.7, count), color=groups[pick], alpha=0.6, linewidth=0.8)
    for n in range(count):
        axes.axvline(n, color="grey", linewidth=0.7)


def gantt(axes: Any, dice: Dice) -> None:
    """Bars over time."""
    count = dice.randint(4, 14)
    for n, colour in enumerate(colours(dice, count)):
        axes.broken_barh([(dice.uniform(0, 8) + n * dice.uniform(0.3, 1), dice.uniform(1, 5))], (n, 0.7), color=unit(colour))
    axes.set_yticks(np.arange(count) + 0.35, [words(dice, 1, 2) for _ in range(count)], fontsize="xx-small")


def dense(axes: Any, dice: Dice) -> None:
    """A waveform or a noisy record that fills its axes."""
    count = 2000
    envelope = abs(np.interp(np.arange(count), np.linspace(0, count, 25), walk(dice, 25)))
    axes.plot(dice.array.normal(0, 1, count) * envelope, linewidth=0.4)
    if dice.chance(0.4):
        axes.set_axis_off()


KINDS = tuple(
    Kind(paint.__name__, "chart", partial(picture, paint=paint), weight)
    for paint, weight in ((receiver, 1), (survival, 0.8), (forest, 0.7), (volcano, 0.7), (manhattan, 0.5), (heartbeat, 0.9),
                          (traces, 1), (clusters, 1), (network, 0.8), (tree, 0.8), (peaks, 0.9), (learning, 0.6),
                          (candles, 0.4), (parallel, 0.4), (gantt, 0.4), (dense, 0.5))
)  # fmt: skip
