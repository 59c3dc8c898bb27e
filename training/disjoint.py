"""``python -m training.disjoint``: how a recipe does on sources that it has never seen.

Whole sources are left out of the labels, and so are near-duplicates of their images in other sources. Every left-out image
is predicted by a network that knew nothing of its hospital, scanner or collection: that is what the figures say, and what
the calibration is fitted on. ``training/splits.json`` names the sources of each split, so that anyone can repeat it.
"""

from __future__ import annotations

import csv
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import torch
import typer
from rich.console import Console
from rich.table import Table
from torch import Tensor

from handler.ensemble import MEMBERS, load_member
from training.data import Example, read_manifest, some_of
from training.duplicates import alike, difference_hash
from training.imitation import master
from training.learn import medical_probabilities, start_from
from training.loop import device
from training.metrics import figures
from training.options import DATA, DISTILLED, PHOTOGRAPHS, TEACHER, Data, Further, Init, More, Photographs, Teacher
from training.pair import Given, gather, save, train

SPLITS = Path(__file__).parent / "splits.json"
MOST_OF_A_KIND = 60
"""Left-out images of one (modality, source) that are predicted: a thousand more chest films say nothing new."""


def main(
    data: Data = DATA,
    more: More = None,
    further: Further = None,
    photographs: Photographs = PHOTOGRAPHS,
    teacher: Teacher = TEACHER,
    init: Init = DISTILLED,
    output: Annotated[Path, typer.Option(help="Folder for checkpoints, networks and predictions.csv.")] = Path("runs/disjoint"),
    steps: int = 400,
    batch: int = 256,
    only: Annotated[list[str] | None, typer.Option(help="Splits to run; all without it.")] = None,
) -> None:
    """Train both networks without the sources of each split, as :mod:`training.train` does, and predict these. Resumable."""
    splits = read_splits()
    answers = {name: output / name / "predictions.csv" for name in splits}
    missing = [name for name in splits if (not only or name in only) and not answers[name].exists()]
    if missing:
        labelled = read_manifest(data)
        gathered = gather(data, more or [], further or [], photographs)
        hashes = {e.path: difference_hash(e.load()) for e in {*labelled, *gathered[1]} if e.archive is None}
        lite = master()
    for name in missing:
        left_out = [example for example in labelled if example.source in splits[name]]
        picked = pick(left_out)
        torch.manual_seed(0)  # for the new head, whichever splits came before
        broad, wide = (without(examples, left_out, hashes) for examples in gathered)
        pair = train(start_from(init), Given(broad, wide, some_of(picked, 600)), lite, teacher, output / name, steps, batch)
        save(pair, output / name)
        members = [load_member(output / name, member).to(device()) for member in MEMBERS]
        _write(answers[name], picked, torch.stack([medical_probabilities(member, picked) for member in members], dim=1))
    rows: list[dict[str, Any]] = []
    for name, path in answers.items():
        if path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                rows.extend({**row, "split": name} for row in csv.DictReader(file))
    if rows:
        Console().print(table(rows))


def read_splits() -> dict[str, list[str]]:
    """The sources that each published split leaves out, by its name."""
    splits: dict[str, list[str]] = json.loads(SPLITS.read_text(encoding="utf-8"))
    return splits


def pick(examples: Sequence[Example]) -> list[Example]:
    """At most MOST_OF_A_KIND examples of every (modality, source), the same each time."""
    groups: dict[tuple[str, str], list[Example]] = defaultdict(list)
    for example in examples:
        groups[example.modality, example.source].append(example)
    return [
        example
        for key, group in sorted(groups.items())
        for example in random.Random(str(key)).sample(group, min(MOST_OF_A_KIND, len(group)))
    ]


def without(examples: Iterable[Example], left_out: Sequence[Example], hashes: dict[str, int]) -> list[Example]:
    """The examples of other sources that look like no left-out image by their hashes."""
    sources = {example.source for example in left_out}
    known = np.array(sorted({hashes[example.path] for example in left_out}), dtype=np.uint64)
    return [
        example
        for example in examples
        if example.source not in sources and not (example.path in hashes and alike(hashes[example.path], known))
    ]


def table(rows: Sequence[dict[str, Any]]) -> Table:
    """Figures of both networks and their mean per split and over all, not calibrated; recall with 95 % intervals."""
    columns = ("split", "images", "network", "balanced", "medical recall", "non-medical recall", "AUC", "ECE")
    result = Table(*columns, title="unseen sources")
    for name in [*sorted({row["split"] for row in rows}), "all"]:
        part = [row for row in rows if name in (row["split"], "all")]
        chances = {member: np.array([float(row[member]) for row in part]) for member in MEMBERS}
        truth = np.array([row["label"] == "medical" for row in part])
        modalities, sources = [row["modality"] for row in part], [row["source"] for row in part]
        for network, medical in (chances | {"ensemble": np.mean(list(chances.values()), axis=0)}).items():
            told = figures(medical, truth, modalities, sources, np.zeros(len(part), dtype=bool))
            recall = (
                f"{told['recall']['label'][label]:.3f} ({span['low']:.3f}-{span['high']:.3f})"
                for label, span in told["intervals"]["label"].items()
            )
            auc = "" if told["auc"] is None else f"{told['auc']:.4f}"
            result.add_row(
                name, str(len(part)), network, f"{told['balanced_accuracy']:.4f}", *recall, auc, f"{told['ece']:.4f}"
            )
        result.add_section()
    return result


def _write(path: Path, examples: Sequence[Example], medical: Tensor) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "modality", "source", *MEMBERS))
        for example, chances in zip(examples, medical.tolist(), strict=True):
            label = "medical" if example.label == 0 else "non-medical"
            writer.writerow((example.path, label, example.modality, example.source, *(f"{chance:.6f}" for chance in chances)))


if __name__ == "__main__":
    typer.run(main)
