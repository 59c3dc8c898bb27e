"""``manifest.csv``: which images a folder holds and what they are. Needs no torch."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from handler import LABELS

COLUMNS = ("path", "label", "modality", "split", "source", "dataset", "licence", "group")
"""The columns of the data folder. ``group`` keeps together what must stand in one split: a patient, a file."""


WANTED = ("path", "label", "modality", "source", "split")


@dataclass(frozen=True)
class Row:
    """One line. ``path`` is relative to the folder; ``split`` is empty where the manifest has none."""

    path: str
    label: str
    modality: str
    source: str
    split: str


def read_rows(folder: Path) -> list[Row]:
    """The rows of ``folder/manifest.csv``: columns path, label, modality, source, and split where there is one.

    Raises:
        ValueError: there is no manifest, it is no CSV, a column is missing, or a label is neither ``medical`` nor
            ``non-medical``.
    """
    path = folder / "manifest.csv"
    if not path.is_file():
        raise ValueError(f"{folder} has no manifest.csv")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = set(WANTED) - {"split"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path} lacks the columns {', '.join(sorted(missing))}")
        try:
            lines = [{name: row.get(name) or "" for name in WANTED} for row in reader]
        except csv.Error as error:
            raise ValueError(f"{path} is no CSV: {error}") from None
    rows = [Row(**line) for line in lines if any(value.strip() for value in line.values())]
    for row in rows:
        if row.label not in LABELS:
            raise ValueError(f"{path}: {row.path} is labelled {row.label!r}, which is neither medical nor non-medical")
    return rows
