"""``python -m training.calibrate``: temperature, bias and review band from the answers on unseen sources.

In distribution the networks are nearly always right, and sure of it; on other people's scanners they are less right and just
as sure. So all is fitted to what :mod:`training.disjoint` predicted, never to ``test``.

How sure the networks may be is much the same for every set of unseen sources. Which label they favour is not: one split's
bias may be another's opposite. So a bias is stored only where it helps on the split that it was not fitted on.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from handler.ensemble import MEMBERS, Calibration, ReviewBand, load_member, save_member, save_review_band
from training.metrics import expected_calibration_error

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Answers:
    """A network's uncalibrated answers on unseen sources: the margin of its logits, the truth, and how much each counts."""

    margin: Floats
    truth: NDArray[np.bool_]
    weight: Floats


def main(
    predictions: Annotated[list[Path], typer.Argument(help="predictions.csv of the splits.")],
    store: Annotated[Path, typer.Option(help="Folder of the two networks.")] = Path("model_store"),
    coverage: Annotated[float, typer.Option(help="Share of images that shall lie outside the review band.")] = 0.94,
) -> None:
    """Fit each network and the ensemble's band, and store the result with the networks."""
    answers = read(predictions)
    biased = bias_helps(predictions)
    calibrations = {name: fit(given, biased) for name, given in answers.items()}
    plain = np.mean([_sigmoid(given.margin) for given in answers.values()], axis=0)
    medical = _together(answers, calibrations)
    truth, weight = answers[MEMBERS[0]].truth, answers[MEMBERS[0]].weight
    band = review_band(medical, weight, coverage)
    outside = ~((medical > band.low) & (medical < band.high))
    right = (medical >= 0.5) == truth
    for name, calibration in calibrations.items():
        print(f"{name}: temperature {calibration.temperature:.3f}, bias {calibration.bias:+.3f}")
        save_member(store / f"{name}.safetensors", load_member(store, name).net, calibration)
    print(f"review between {band.low} and {band.high}")
    print(f"ECE {expected_calibration_error(plain, truth):.4f} -> {expected_calibration_error(medical, truth):.4f}")
    print(f"outside the band: {outside.mean():.4f} of the images, {right[outside].mean():.4f} right")
    save_review_band(store, band)


def calibrated(margin: Floats, calibration: Calibration) -> Floats:
    """The medical probabilities that a network with this calibration gives, as :class:`handler.ensemble.Member` does."""
    return _sigmoid(margin / calibration.temperature + calibration.bias)


def margins(chances: Floats) -> Floats:
    """The differences of logits behind medical probabilities."""
    chances = np.clip(chances, 1e-6, 1 - 1e-6)
    return np.log(chances / (1 - chances))


def read(paths: Sequence[Path]) -> dict[str, Answers]:
    """All answers of each network; each (label, modality) weighs by the square root of its size, and both labels alike."""
    rows: list[dict[str, str]] = []
    for path in paths:
        with path.open(newline="", encoding="utf-8") as file:
            rows.extend(csv.DictReader(file))
    truth = np.array([row["label"] == "medical" for row in rows])
    counts = Counter((row["label"], row["modality"]) for row in rows)
    weight = np.array([counts[row["label"], row["modality"]] ** -0.5 for row in rows])
    for side in (truth, ~truth):
        weight[side] /= weight[side].sum()
    said = {name: margins(np.array([float(row[name]) for row in rows])) for name in MEMBERS}
    return {name: Answers(margin, truth, weight / weight.sum()) for name, margin in said.items()}


def bias_helps(paths: Sequence[Path]) -> bool:
    """Whether the ensemble has less log loss with a bias than without, on each split in turn, fitted on the others."""
    if len(paths) < 2:
        return False  # there is nothing to try it on
    losses = {True: 0.0, False: 0.0}
    for path in paths:
        others = read([other for other in paths if other != path])
        for biased in losses:
            losses[biased] += _log_loss(read([path]), {name: fit(given, biased) for name, given in others.items()})
    return losses[True] < losses[False]


def fit(answers: Answers, biased: bool = True, rounds: int = 100) -> Calibration:
    """Least weighted log loss over slope and bias (Platt, 1999), by Newton's method with step halving (Lin et al., 2007).

    Without a bias it is temperature scaling (Guo et al., 2017).
    """
    features = np.stack([answers.margin, np.ones_like(answers.margin)])[: 2 if biased else 1]
    prior = np.array([1.0, 0.0])[: len(features)]  # where few images say anything, nothing is changed

    def loss(theta: Floats) -> float:
        margin = theta @ features
        told = answers.weight @ (np.logaddexp(0, margin) - answers.truth * margin)
        return float(told + 5e-5 * ((theta - prior) ** 2).sum())

    theta = prior
    for _ in range(rounds):
        chance = _sigmoid(theta @ features)
        gradient = features @ (answers.weight * (chance - answers.truth)) + 1e-4 * (theta - prior)
        curvature = (features * (answers.weight * chance * (1 - chance))) @ features.T + 1e-4 * np.eye(len(features))
        step = np.linalg.solve(curvature, gradient)
        while np.abs(step).max() > 1e-9 and loss(theta - step) > loss(theta):
            step = step / 2
        theta = theta - step
        if np.abs(step).max() < 1e-9:
            break
    slope, bias = float(theta[0]), float(theta[1]) if biased else 0.0
    return Calibration(temperature=round(1 / max(slope, 1e-3), 4), bias=round(bias, 4))


def review_band(medical: Floats, weight: Floats, coverage: float) -> ReviewBand:
    """The band around 0.5, as wide in confidence on both sides, that leaves ``coverage`` of the images outside."""
    confidence = np.maximum(medical, 1 - medical)
    order = np.argsort(confidence)
    below = np.cumsum(weight[order]) / weight.sum()
    edge = float(confidence[order][np.searchsorted(below, 1 - coverage)])
    return ReviewBand(low=round(1 - edge, 3), high=round(edge, 3))


def _together(answers: dict[str, Answers], calibrations: dict[str, Calibration]) -> Floats:
    medical: Floats = np.mean([calibrated(answers[name].margin, calibrations[name]) for name in MEMBERS], axis=0)
    return medical


def _log_loss(answers: dict[str, Answers], calibrations: dict[str, Calibration]) -> float:
    given = answers[MEMBERS[0]]
    medical = _together(answers, calibrations).clip(1e-7, 1 - 1e-7)
    return float(-(given.weight @ np.where(given.truth, np.log(medical), np.log(1 - medical))))


def _sigmoid(margin: Floats) -> Floats:
    return np.exp(-np.logaddexp(0, -margin))


if __name__ == "__main__":
    typer.run(main)
