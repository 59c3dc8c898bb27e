"""``python -m training.packages``: a folder of the catalogue's pictures with its manifest."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray
from PIL import Image
from rich.console import Console
from rich.progress import track

from training.data import read_manifest
from training.duplicates import alike, difference_hash
from training.manifest import COLUMNS
from training.options import DATA
from training.packages import CATALOGUE, Package, Pictures, read_catalogue
from training.packages.archives import opened
from training.packages.pictures import decode, says_something
from training.packages.registries import Unfetched, fetch


def main(
    output: Annotated[Path, typer.Argument(help="Folder for the pictures and manifest.csv.")],
    cache: Annotated[Path, typer.Option(help="Where fetched packages are kept.")] = Path("runs/cache"),
    catalogue: Annotated[Path, typer.Option(help="Which packages, and what they show.")] = CATALOGUE,
    apart: Annotated[Path, typer.Option(help="Data folder whose val and test images no picture may resemble.")] = DATA,
) -> None:
    """Fetch pictures from public packages. Training material only: every row's split is ``train``.

    A package that cannot be had is told of, and the others go on.
    """
    console = Console(stderr=True)
    held_out = [example for example in read_manifest(apart) if example.split != "train"] if apart.is_dir() else []
    known = np.array([difference_hash(example.load()) for example in held_out], dtype=np.uint64)
    output.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, str]] = []
    for package in track(read_catalogue(catalogue), "fetching", console=console):
        try:
            rows += keep(package, fetch(package, cache), output, known)
        except Unfetched as error:
            console.print(f"left out: {error}", style="yellow", markup=False)
    with (output / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    for label, count in sorted(Counter(row["label"] for row in rows).items()):
        console.print(f"{label}: {count} pictures of {len({r['source'] for r in rows if r['label'] == label})} packages")


def keep(package: Package, archive: Path, folder: Path, known: NDArray[np.uint64]) -> list[dict[str, str]]:
    """Write a package's pictures into the folder, but what looks like a ``known`` hash or one before; their rows."""
    rows: list[dict[str, str]] = []
    seen: set[int] = set()
    with opened(archive) as (names, read):
        for pictures in package.pictures:
            for name in chosen(names, pictures):
                for image in _decoded(name, read(name), pictures.slices):
                    found = difference_hash(image)
                    if not says_something(image) or found in seen or alike(found, known):
                        continue
                    seen.add(found)
                    path = Path(pictures.modality, f"{package.registry}-{package.name.replace('/', '-')}-{len(rows):03d}.jpg")
                    (folder / path).parent.mkdir(parents=True, exist_ok=True)
                    image.save(folder / path, quality=92)
                    values = (path.as_posix(), pictures.label, pictures.modality, "train", package.source, package.file)
                    rows.append(dict(zip(COLUMNS, (*values, package.licence, name), strict=True)))
    return rows


def chosen(names: Sequence[str], pictures: Pictures) -> list[str]:
    """At most ``pictures.most`` of the names that match, evenly over all of them."""
    kept = [name for name in names if fnmatch(name, pictures.files)]
    matching = [name for name in kept if not any(fnmatch(name, pattern) for pattern in pictures.leave)]
    count = min(pictures.most, len(matching))
    return [matching[number * len(matching) // count] for number in range(count)]


def _decoded(name: str, data: bytes, slices: int) -> Iterator[Image.Image]:
    try:
        yield from decode(name, data, slices)
    except ValueError as error:  # test data holds files that are meant to be damaged
        Console(stderr=True).print(f"not read: {error}", style="yellow", markup=False)


if __name__ == "__main__":
    typer.run(main)
