"""``python -m training.drawings``: a folder of drawings with its manifest."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from training.drawings import DOCUMENTS, SCANS, SOURCES, VERSION, draw
from training.manifest import COLUMNS


def main(
    output: Annotated[Path, typer.Argument(help="Folder for the pictures and manifest.csv.")],
    count: Annotated[int, typer.Option(help="How many to draw.", min=1)] = 6000,
    seed: Annotated[int, typer.Option(help="Another seed draws other pictures.")] = 0,
    source: Annotated[str, typer.Option(help=f"What is drawn: {', '.join(SOURCES)}.")] = DOCUMENTS,
) -> None:
    """Draw pictures with code. Training material only: every row's split is ``train``.

    The manifest names what is drawn so far, and a run that was cut off goes on where it stopped.
    """
    if source not in SOURCES:
        raise typer.BadParameter(f"one of {', '.join(SOURCES)}", param_hint="--source")
    output.mkdir(parents=True, exist_ok=True)
    rows = drawn(output)
    if any(row["source"] != source for row in rows):
        raise typer.BadParameter(f"{output} holds drawings of another source", param_hint="OUTPUT")
    known = {row["group"] for row in rows}
    with (output / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
        for index in track([n for n in range(count) if f"{seed}/{n}" not in known], "drawing"):
            writer.writerow(keep(output, seed, index, source))
            file.flush()


def drawn(folder: Path) -> list[dict[str, str]]:
    """The rows of an earlier run whose pictures are there and would be the same today."""
    manifest = folder / "manifest.csv"
    if not manifest.exists():
        return []
    with manifest.open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if all(row.values())]  # the last row of a run cut off may be torn
    return [
        row for row in rows if row["dataset"].startswith(f"training.drawings {VERSION}:") and (folder / row["path"]).is_file()
    ]


def keep(folder: Path, seed: int, index: int, source: str = DOCUMENTS) -> dict[str, str]:
    """Draw one picture into the folder; its row of the manifest."""
    drawing = draw(seed, index, source=source)
    path = Path(drawing.modality) / f"{seed}-{index:05d}{drawing.suffix}"
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_bytes(drawing.data)
    return {
        "path": path.as_posix(),
        "label": "medical" if source == SCANS else "non-medical",
        "modality": drawing.modality,
        "split": "train",
        "source": drawing.source,
        "dataset": f"training.drawings {VERSION}: {drawing.kind}",
        "licence": "AGPL-3.0-or-later",
        "group": f"{seed}/{index}",
    }


if __name__ == "__main__":
    typer.run(main)
