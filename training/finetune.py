"""``python -m training.finetune MEMBER``: a member of the ensemble goes on from the broad network, on what that one lacked.

What it lacks are kinds of pictures, which ``--more`` brings, not single ones: drawn more often for how wrong a network is
on them, the pictures of few sources push out what holds elsewhere, and unknown scans come to be called non-medical.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from training import train
from training.options import BROAD, DATA, PHOTOGRAPHS, SEEDS, Data, Init, More, Photographs


def main(
    member: Annotated[Literal["original", "finetuned"], typer.Argument(help="Which of the two.")],
    data: Data = DATA,
    more: More = None,
    photographs: Photographs = PHOTOGRAPHS,
    init: Init = str(BROAD),
    output: Annotated[Path | None, typer.Option(help="Folder for checkpoints and the log; by default runs/MEMBER.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Where it goes; by default model_store/MEMBER.safetensors.")] = None,
    steps: int = 900,
    batch: int = 64,
) -> None:
    """Train on from the broad network, under the member's own seed."""
    train.main(
        data,
        more,
        photographs,
        init,
        output or Path("runs") / member,
        weights or Path("model_store") / f"{member}.safetensors",
        steps,
        batch,
        SEEDS[member],
    )


if __name__ == "__main__":
    typer.run(main)
