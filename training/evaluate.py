"""``medsift evaluate``: how well the served networks do on a folder of labelled images.

The images go the way that every image goes: decoded by the serving code, packed, and sent to the inference endpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from handler import LABELS
from handler.preprocess import UndecodableImage, preprocess
from training.manifest import MANIFEST, Row, read_folders, read_rows
from training.metrics import figures

BATCH = 64


class Opinions(Protocol):
    """Each network's medical probability."""

    @property
    def original(self) -> float: ...  # noqa: D102
    @property
    def finetuned(self) -> float: ...  # noqa: D102


class Probabilities(Protocol):
    """The ensemble's."""

    @property
    def medical(self) -> float: ...  # noqa: D102


class Prediction(Protocol):
    """What this needs of the gateway's prediction."""

    @property
    def probabilities(self) -> Probabilities: ...  # noqa: D102
    @property
    def models(self) -> Opinions: ...  # noqa: D102
    @property
    def review(self) -> bool: ...  # noqa: D102


Predict = Callable[[NDArray[np.uint8]], Sequence[Prediction]]
"""uint8 [N,128,128,3] to N predictions, N <= 64."""


def labelled(folder: Path, split: str | None = None) -> list[Row]:
    """What there is to evaluate: what ``folder/manifest.csv`` names, or without one what lies in folders named by label.

    Args:
        folder: see :mod:`training.manifest`.
        split: only rows whose column ``split`` says so.

    Raises:
        ValueError: the manifest is wrong, or neither it nor the folders name an image.
    """
    rows = read_rows(folder) if (folder / MANIFEST).is_file() else read_folders(folder)
    kept = [row for row in rows if split is None or row.split == split]
    if not kept:
        raise ValueError(f"{folder} names no image" + (f" of the split {split}" if split else ""))
    return kept


def evaluate(
    folder: Path, rows: Sequence[Row], predict: Predict, progress: Callable[[int, int], None] = lambda done, of: None
) -> dict[str, Any]:
    """Classify the images of a folder and compare.

    Args:
        folder: where the rows' paths begin.
        rows: as :func:`labelled` gives them.
        predict: the way to the networks.
        progress: told of images done, of how many.

    Returns:
        ``images``, ``skipped`` (what has no label or could not be decoded, with its code) and ``models`` with the figures
        of ``original``, ``finetuned`` and ``ensemble``.

    Raises:
        ValueError: none of the images can be read.
    """
    kept: list[Row] = []
    missing = f"it lies in no folder named {' or '.join(LABELS)}"
    skipped = [{"path": row.path, "reason": "label_missing", "detail": missing} for row in rows if not row.label]
    answers: list[Prediction] = []
    waiting: list[NDArray[np.uint8]] = []
    rows = [row for row in rows if row.label]
    for number, row in enumerate(rows, 1):
        try:
            waiting.append(preprocess((folder / row.path).read_bytes()))
            kept.append(row)
        except UndecodableImage as error:
            skipped.append({"path": row.path, "reason": error.code, "detail": error.detail})
        except (OSError, ValueError) as error:  # ValueError: a path with a NUL
            detail = getattr(error, "strerror", None) or "cannot be read"
            skipped.append({"path": row.path, "reason": "source_not_found", "detail": detail})
        if len(waiting) == BATCH or (number == len(rows) and waiting):
            answers.extend(predict(np.stack(waiting)))
            waiting.clear()
        progress(number, len(rows))
    if not kept:
        raise ValueError(f"none of the {len(rows):,} images can be read; {skipped[0]['path']}: {skipped[0]['detail']}")
    return {"images": len(kept), "skipped": skipped, "models": _figures(kept, answers)}


def tables(result: dict[str, Any]) -> list[Table]:
    """The document for people: the figures of each network, then recall per label and modality with 95 % intervals."""
    models = result["models"]
    summary = Table("", *models, title=f"{result['images']:,} images")
    for key in ("accuracy", "balanced_accuracy", "ece", "auc", "coverage", "accuracy_outside_review"):
        cells = ("" if models[m][key] is None else f"{models[m][key]:.4f}" for m in models)
        summary.add_row(key.replace("_", " "), *cells)
    low, high = (models["ensemble"]["intervals"]["accuracy"][end] for end in ("low", "high"))
    summary.caption = f"95 % interval of the ensemble's accuracy: {low:.4f} to {high:.4f}"
    recall = Table("recall", "images", *models, "95 % (ensemble)")
    for group in ("label", "modality"):
        for name in models["ensemble"]["recall"][group]:
            interval = models["ensemble"]["intervals"][group][name]
            values = (f"{models[m]['recall'][group][name]:.3f}" for m in models)
            recall.add_row(_plain(name), str(interval["images"]), *values, f"{interval['low']:.3f}-{interval['high']:.3f}")
        recall.add_section()
    found = [summary, recall]
    if result["skipped"]:
        left_out = Table("left out", "reason")
        for entry in result["skipped"]:
            left_out.add_row(_plain(entry["path"]), _plain(f"{entry['reason']}: {entry['detail']}"))
        found.append(left_out)
    return found


def _plain(text: str) -> Text:
    """Strangers' words: brackets are no markup, and nothing steers the terminal."""
    return Text("".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text))


def _figures(rows: Sequence[Row], answers: Sequence[Prediction]) -> dict[str, Any]:
    truth = np.array([row.label == LABELS[0] for row in rows], dtype=bool)
    review = np.array([answer.review for answer in answers], dtype=bool)
    chances = {
        "original": [answer.models.original for answer in answers],
        "finetuned": [answer.models.finetuned for answer in answers],
        "ensemble": [answer.probabilities.medical for answer in answers],
    }
    modalities, sources = [row.modality for row in rows], [row.source for row in rows]
    # The band is the ensemble's: what it sends to a person is out of sight for each member too.
    return {
        name: figures(np.array(values, dtype=np.float64), truth, modalities, sources, review)
        for name, values in chances.items()
    }
