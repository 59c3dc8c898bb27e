"""``python -m training.tiers``: three questions to the networks of :mod:`training.disjoint`, each with its own figures.

T1: scans against photographs. T2: scans against the graphics of documents and pages. T3: shortcuts, made from the pictures
that a split left out (:mod:`training.shortcuts`) and judged by that split's networks, which never saw their sources.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track
from rich.table import Table
from torch import nn

from handler.ensemble import MEMBERS, SIDES, Calibration, Member, load_member, normalise
from training.augment import as_tensor
from training.calibrate import calibrated, margins
from training.data import Example, read_manifest
from training.disjoint import pick, read_splits
from training.loop import device
from training.metrics import figures
from training.shortcuts import MEDICAL, NON_MEDICAL, Case, is_graphic, shortcuts

PLAIN = (Calibration(), Calibration())
"""Both networks as they are."""


@dataclass(frozen=True)
class Answer:
    """What was said of one picture: its split, sub-type and source, the truth, and the medical probability."""

    split: str
    modality: str
    source: str
    medical: bool
    chance: float


def scans_and_photographs(examples: Iterable[Example]) -> Iterator[Case]:
    """T1: every medical example, and the non-medical ones that are no graphics."""
    return (_as_is(e) for e in examples if e.label == MEDICAL or (e.label == NON_MEDICAL and not is_graphic(e.modality)))


def scans_and_graphics(examples: Iterable[Example]) -> Iterator[Case]:
    """T2: every medical example, and the graphics."""
    return (_as_is(e) for e in examples if e.label == MEDICAL or (e.label == NON_MEDICAL and is_graphic(e.modality)))


def _as_is(example: Example) -> Case:
    return Case(example.load(), MEDICAL if example.label == MEDICAL else NON_MEDICAL, example.modality, example.source)


def main(
    runs: Annotated[Path, typer.Option(help="Folder of training.disjoint: one folder per split.")] = Path("runs/disjoint"),
    data: Annotated[Path, typer.Option(help="Folder with manifest.csv.")] = Path("../shared/data"),
    output: Annotated[Path, typer.Option(help="Where the figures go, as JSON.")] = Path("runs/tiers.json"),
    store: Annotated[
        Path | None, typer.Option(help="Folder of the two networks whose calibration is applied; plain answers without it.")
    ] = None,
    most: Annotated[int, typer.Option(help="Pictures of every shortcut and label in each split; 0 leaves T3 out.")] = 120,
    seed: Annotated[int, typer.Option(help="Another seed makes other shortcuts.")] = 0,
) -> None:
    """Print and store the figures of the three tiers."""
    settled = [load_member(store, name).calibration if store else Calibration() for name in MEMBERS]
    predicted: list[Answer] = []
    made: list[Answer] = []
    examples = read_manifest(data) if most else []
    for name, sources in read_splits().items():
        if not (runs / name / "predictions.csv").exists():
            continue
        predicted += read_predictions(runs / name / "predictions.csv", name, settled)
        if most:
            nets = [load_member(runs / name, member).net for member in MEMBERS]
            members = [Member(*each).to(device()) for each in zip(nets, settled, SIDES.values(), strict=True)]
            cases = shortcuts(pick([e for e in examples if e.source in sources]), seed, most)
            made += judge(members, track(cases, f"shortcuts of {name}", total=None), name)
    if not predicted:
        raise typer.BadParameter(f"{runs} holds no predictions.csv of any split: run training.disjoint first")
    tiers = {
        "T1": [a for a in predicted if a.medical or not is_graphic(a.modality)],
        "T2": [a for a in predicted if a.medical or is_graphic(a.modality)],
    } | ({"T3": made} if made else {})
    result = {tier: told(answers) for tier, answers in tiers.items()}
    for tier, answers in tiers.items():
        for table in tables(tier, answers):
            Console().print(table)
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(result, indent=1), encoding="utf-8")


def read_predictions(path: Path, split: str, calibrations: Sequence[Calibration] = PLAIN) -> list[Answer]:
    """What the ensemble says by the answers that :mod:`training.disjoint` stored for a split, each network calibrated."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    said = [margins(np.array([float(row[name]) for row in rows])) for name in MEMBERS]
    chances = np.mean([calibrated(margin, each) for margin, each in zip(said, calibrations, strict=True)], axis=0)
    return [
        Answer(split, row["modality"], row["source"], row["label"] == "medical", chance)
        for row, chance in zip(rows, chances.tolist(), strict=True)
    ]


@torch.no_grad()
def judge(members: Sequence[nn.Module], cases: Iterable[Case], split: str = "", batch: int = 64) -> list[Answer]:
    """What networks say of pictures: the mean of the medical probabilities that each gives."""
    answers: list[Answer] = []
    waiting: list[Case] = []

    def flush() -> None:
        pixels = torch.stack([as_tensor(case.image) for case in waiting]).to(device())
        images = normalise(pixels)
        chances = torch.stack([member(images) for member in members]).mean(0).cpu().tolist()
        answers.extend(
            Answer(split, case.modality, case.source, case.label == MEDICAL, chance)
            for case, chance in zip(waiting, chances, strict=True)
        )
        waiting.clear()

    for case in cases:
        waiting.append(case)
        if len(waiting) == batch:
            flush()
    if waiting:
        flush()
    return answers


def told(answers: Sequence[Answer]) -> dict[str, Any]:
    """The figures of :func:`training.metrics.figures` per split and for ``all``, sub-types named with their label."""
    parts = {name: [a for a in answers if name in (a.split, "all")] for name in [*sorted({a.split for a in answers}), "all"]}
    return {
        name: _figures(part) | {"images": len(part), "balanced_interval": balanced_interval(part)}
        for name, part in parts.items()
    }


def balanced_interval(answers: Sequence[Answer]) -> tuple[float, float]:
    """A 95 % interval of balanced accuracy, from those of the recalls that it is the mean of (MOVER; Zou and Donner, 2008)."""
    said = _figures(answers)
    recalls = said["recall"]["label"]
    spans = said["intervals"]["label"]
    below = sum((recalls[label] - spans[label]["low"]) ** 2 for label in recalls) ** 0.5 / max(len(recalls), 1)
    above = sum((spans[label]["high"] - recalls[label]) ** 2 for label in recalls) ** 0.5 / max(len(recalls), 1)
    return said["balanced_accuracy"] - below, said["balanced_accuracy"] + above


def tables(tier: str, answers: Sequence[Answer]) -> tuple[Table, Table]:
    """A tier for people: balanced accuracy per split, and recall per sub-type, worst first."""
    result = told(answers)
    summary = Table("split", "images", "balanced accuracy", "95 %", "medical recall", "non-medical recall", "AUC", title=tier)
    for name, said in result.items():
        recalls = (
            f"{said['recall']['label'][label]:.3f}" if label in said["recall"]["label"] else ""
            for label in ("medical", "non-medical")
        )
        low, high = said["balanced_interval"]
        auc = "" if said["auc"] is None else f"{said['auc']:.4f}"
        summary.add_row(name, str(said["images"]), f"{said['balanced_accuracy']:.4f}", f"{low:.3f}-{high:.3f}", *recalls, auc)
    recall = Table(f"{tier}: sub-type", "images", "recall", "95 %")
    said = result["all"]
    for name, value in sorted(said["recall"]["modality"].items(), key=lambda item: item[1]):
        span = said["intervals"]["modality"][name]
        recall.add_row(name, str(span["images"]), f"{value:.3f}", f"{span['low']:.3f}-{span['high']:.3f}")
    return summary, recall


def _figures(answers: Sequence[Answer]) -> dict[str, Any]:
    truth: NDArray[np.bool_] = np.array([a.medical for a in answers], dtype=bool)
    chances = np.array([a.chance for a in answers], dtype=np.float64)
    names = [f"{'medical' if a.medical else 'non-medical'}: {a.modality}" for a in answers]
    return figures(chances, truth, names, [a.source for a in answers], np.zeros(len(answers), dtype=bool))


if __name__ == "__main__":
    typer.run(main)
