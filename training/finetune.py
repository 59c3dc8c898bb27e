"""``python -m training.finetune``: the network *finetuned* goes on from *original*, on what that one was found to lack.

What it lacks are kinds of pictures, which ``--more`` brings, not single ones: drawn more often for how wrong *original* is
on them, the pictures of few sources push out what holds elsewhere, and unknown scans come to be called non-medical.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from training import train
from training.options import DATA, ORIGINAL, PHOTOGRAPHS, Data, Init, More, Photographs


def main(
    data: Data = DATA,
    more: More = None,
    photographs: Photographs = PHOTOGRAPHS,
    init: Init = str(ORIGINAL),
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and the log.")] = Path("runs/finetuned"),
    weights: Annotated[Path, typer.Option(help="Where the finished network goes.")] = Path("model_store/finetuned.safetensors"),
    steps: int = 900,
    batch: int = 64,
    seed: int = 2,
) -> None:
    """Train on from *original*."""
    train.run("finetuned", data, more, photographs, init, output, weights, steps, batch, seed)


if __name__ == "__main__":
    typer.run(main)
