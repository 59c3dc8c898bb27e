"""``python -m training.drawings``: a folder of drawings with its manifest."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from training.drawings import VERSION, draw

COLUMNS = ("path", "label", "modality", "split", "source", "dataset", "licence", "group")


def main(
    output: Annotated[Path, typer.Argument(help="Folder for the pictures and manifest.csv.")],
    count: Annotated[int, typer.Option(help="How many to draw.", min=1)] = 6000,
    seed: Annotated[int, typer.Option(help="Another seed draws other pictures.")] = 0,
) -> None:
    """Draw non-medical document graphics. Training material only: every row's split is ``train``."""
    rows = []
    for index in track(range(count), "drawing"):
        drawing = draw(seed, index)
        path = Path(drawing.modality) / f"{seed}-{index:05d}{drawing.suffix}"
        (output / path).parent.mkdir(parents=True, exist_ok=True)
        (output / path).write_bytes(drawing.data)
        dataset = f"training.drawings {VERSION}: {drawing.kind}"
        rows.append(
            (
                path.as_posix(),
                "non-medical",
                drawing.modality,
                "train",
                "drawn",
                dataset,
                "AGPL-3.0-or-later",
                f"{seed}/{index}",
            )
        )
    with (output / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    typer.run(main)
