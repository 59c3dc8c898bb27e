"""Figures of a binary classifier, from medical probabilities and true labels. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

Z = 1.959964
"""95 % of a normal distribution lie within this many standard deviations."""


@dataclass(frozen=True)
class Share:
    """A share of ``count`` images with its 95 % confidence interval (Wilson, 1927)."""

    value: float
    count: int
    low: float
    high: float

    @classmethod
    def of(cls, right: Flags) -> Share:
        """The share of True. Undefined, and so zero with the widest interval, for no image."""
        count = len(right)
        if not count:
            return cls(0.0, 0, 0.0, 1.0)
        share = float(right.mean())
        centre = (share + Z**2 / (2 * count)) / (1 + Z**2 / count)
        half = Z / (1 + Z**2 / count) * (share * (1 - share) / count + Z**2 / (4 * count**2)) ** 0.5
        return cls(share, count, max(0.0, centre - half), min(1.0, centre + half))


def figures(medical: Floats, truth: Flags, modalities: Sequence[str], sources: Sequence[str], review: Flags) -> dict[str, Any]:
    """The document's entry for one network.

    Args:
        medical: medical probability of each image.
        truth: whether each image is medical.
        modalities: the modality of each image.
        sources: the source of each image.
        review: whether each answer falls into the review band.
    """
    right = (medical >= 0.5) == truth
    labels = {"medical": Share.of(right[truth]), "non-medical": Share.of(right[~truth])}
    present = [share for share in labels.values() if share.count]
    accuracy, outside = Share.of(right), Share.of(right[~review])
    return {
        "accuracy": accuracy.value,
        "balanced_accuracy": float(np.mean([share.value for share in present])) if present else 0.0,
        "recall": {
            "label": {name: share.value for name, share in labels.items() if share.count},
            "modality": {name: share.value for name, share in _by(right, modalities).items()},
        },
        "ece": expected_calibration_error(medical, truth),
        "coverage": float((~review).mean()) if len(review) else 0.0,
        "accuracy_outside_review": outside.value if outside.count else None,
        "auc": area_under_curve(medical, truth),
        "intervals": {
            "accuracy": _interval(accuracy),
            "accuracy_outside_review": _interval(outside),
            "label": {name: _interval(share) for name, share in labels.items() if share.count},
            "modality": {name: _interval(share) for name, share in _by(right, modalities).items()},
        },
        "sources": {name: _interval(share) | {"recall": share.value} for name, share in _by(right, sources).items()},
    }


def expected_calibration_error(medical: Floats, truth: Flags, bins: int = 15) -> float:
    """How far confidence lies from accuracy on average, over equal-width bins of confidence (Guo et al., 2017)."""
    if not len(medical):
        return 0.0
    confidence = np.maximum(medical, 1 - medical)
    right = (medical >= 0.5) == truth
    place = np.minimum(((confidence - 0.5) * 2 * bins).astype(int), bins - 1)
    error = 0.0
    for number in range(bins):
        inside = place == number
        if inside.any():
            error += float(inside.mean()) * abs(float(confidence[inside].mean()) - float(right[inside].mean()))
    return error


def area_under_curve(medical: Floats, truth: Flags) -> float | None:
    """The chance that a medical image ranks above a non-medical one (ties count half); None without both."""
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return None
    _, inverse, counts = np.unique(medical, return_inverse=True, return_counts=True)
    ranks = np.cumsum(counts) - (counts - 1) / 2
    return float((ranks[inverse][truth].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _by(right: Flags, names: Sequence[str]) -> dict[str, Share]:
    column = np.asarray(names)
    return {str(name): Share.of(right[column == name]) for name in np.unique(column) if name}


def _interval(share: Share) -> dict[str, float | int]:
    return {"images": share.count, "low": share.low, "high": share.high}
