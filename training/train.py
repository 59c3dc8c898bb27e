"""``python -m training.train``: the network *original*, from labels over the broad set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer

from handler.ensemble import SIDES, save_member
from training.data import Example, read_further, read_manifest, read_photographs, some_of, split_of
from training.imitation import master
from training.learn import Recipe, fit, start_from
from training.options import DATA, DISTILLED, ORIGINAL, PHOTOGRAPHS, Data, Init, More, Photographs


def main(
    data: Data = DATA,
    more: More = None,
    photographs: Photographs = PHOTOGRAPHS,
    init: Init = DISTILLED,
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and the log.")] = Path("runs/original"),
    weights: Annotated[Path, typer.Option(help="Where the finished network goes.")] = ORIGINAL,
    steps: int = 1200,
    batch: int = 64,
    seed: int = 1,
) -> None:
    """Train from a distilled network."""
    run("original", data, more, photographs, init, output, weights, steps, batch, seed)


def run(
    name: str,
    data: Path,
    more: list[Path] | None,
    photographs: Path | None,
    init: str,
    output: Path,
    weights: Path,
    steps: int,
    batch: int,
    seed: int,
) -> None:
    """Train the member of the ensemble that is called ``name``; options as in :func:`main`."""
    torch.manual_seed(seed)  # the new head is drawn from it, too
    net = fit(
        net=start_from(init),
        examples=gather(data, more or [], photographs),
        held_out=some_of(split_of(read_manifest(data), "val"), 900),
        recipe=Recipe(steps=steps, batch=batch, seed=seed, side=SIDES[name]),
        folder=output,
        master=master(),
    )
    weights.parent.mkdir(parents=True, exist_ok=True)
    save_member(weights, net)


def gather(data: Path, more: list[Path], photographs: Path | None) -> list[Example]:
    """The labelled training examples: the data folder's training split, further folders, and photographs as non-medical."""
    examples = split_of(read_manifest(data), "train")
    for folder in more:
        examples += read_further(folder)
    return examples + [replace(example, label=1) for example in read_photographs(photographs)]


if __name__ == "__main__":
    typer.run(main)
