"""``python -m training.train``: both networks of the ensemble, from labels."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import torch
import typer

from training.data import read_manifest, some_of, split_of
from training.imitation import master
from training.learn import start_from
from training.options import DATA, DISTILLED, PHOTOGRAPHS, TEACHER, Data, Further, Init, More, Photographs, Teacher
from training.pair import Given, gather, save, train


def main(
    data: Data = DATA,
    more: More = None,
    further: Further = None,
    photographs: Photographs = PHOTOGRAPHS,
    teacher: Teacher = TEACHER,
    init: Init = DISTILLED,
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and logs.")] = Path("runs/pair"),
    store: Annotated[Path, typer.Option(help="Where the finished networks go.")] = Path("model_store"),
    steps: int = 400,
    batch: int = 256,
    seed: int = 1,
) -> None:
    """Train from a distilled network. Resumable."""
    broad, wide = gather(data, more or [], further or [], photographs)
    held_out = some_of(split_of(read_manifest(data), "val"), 900)
    torch.manual_seed(seed)  # the new head is drawn from it
    pair = train(start_from(init), Given(broad, wide, held_out), master(), teacher, output, steps, batch, seed)
    save(pair, store)


if __name__ == "__main__":
    typer.run(main)
