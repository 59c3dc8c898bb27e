"""``python -m training.mistakes``: a contact sheet of the ensemble's most confident mistakes, worst first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from PIL import Image, ImageDraw

from handler import LABELS
from handler.ensemble import Ensemble
from training.augment import plain
from training.data import Example, read_manifest, split_of

TILE, CAPTION, MARGIN = 128, 26, 8


@dataclass(frozen=True)
class Mistake:
    """An image whose label the ensemble misses, and the medical probability that it gives."""

    example: Example
    medical: float


def main(
    data: Annotated[Path, typer.Option(help="Folder with manifest.csv.")] = Path("../shared/data"),
    split: Annotated[str, typer.Option(help="Rows of this split; empty for all.")] = "test",
    store: Annotated[Path, typer.Option(help="Folder of the two networks.")] = Path("model_store"),
    output: Annotated[Path, typer.Option(help="The picture.")] = Path("build/mistakes.png"),
    most: Annotated[int, typer.Option(help="Mistakes to show.", min=1)] = 60,
) -> None:
    """Draw the sheet and say how many mistakes there are."""
    examples = read_manifest(data)
    found = mistakes(Ensemble.load(store), split_of(examples, split) if split else examples)
    output.parent.mkdir(parents=True, exist_ok=True)
    sheet(found[:most]).save(output)
    print(f"{len(found)} mistakes; the worst {min(most, len(found))} are in {output}")


@torch.no_grad()
def mistakes(ensemble: Ensemble, examples: Sequence[Example], batch: int = 64) -> list[Mistake]:
    """The examples whose label the ensemble misses, the most confident first."""
    found = []
    for first in range(0, len(examples), batch):
        part = examples[first : first + batch]
        chances = ensemble(torch.stack([plain(example.load()) for example in part])).mean(1).tolist()
        found += [
            Mistake(example, chance)
            for example, chance in zip(part, chances, strict=True)
            if LABELS[int(chance < 0.5)] != LABELS[example.label or 0]
        ]
    return sorted(found, key=lambda mistake: -abs(mistake.medical - 0.5))


def sheet(found: Sequence[Mistake], columns: int = 8) -> Image.Image:
    """Every mistake as a picture over its kind, source and medical probability."""
    rows = max(1, -(-len(found) // columns))
    step_x, step_y = TILE + MARGIN, TILE + CAPTION + MARGIN
    page = Image.new("RGB", (columns * step_x + MARGIN, rows * step_y + MARGIN), "white")
    pen = ImageDraw.Draw(page)
    for number, mistake in enumerate(found):
        x, y = MARGIN + number % columns * step_x, MARGIN + number // columns * step_y
        page.paste(mistake.example.load().resize((TILE, TILE)), (x, y))
        pen.text((x, y + TILE), f"{mistake.example.modality} {mistake.medical:.2f}"[:22], fill="black")
        pen.text((x, y + TILE + 12), mistake.example.source.split("/")[-1][:22], fill="grey")
    return page


if __name__ == "__main__":
    typer.run(main)
