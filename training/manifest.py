"""``manifest.csv``: which images a folder holds and what they are. Needs no torch."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from handler import LABELS

COLUMNS = ("path", "label", "modality", "split", "source", "dataset", "licence", "group")
"""The columns of the data folder. ``group`` keeps together what must stand in one split: a patient, a file."""


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
        ValueError: there is no manifest, a column is missing, or a label is neither ``medical`` nor ``non-medical``.
    """
    path = folder / "manifest.csv"
    if not path.is_file():
        raise ValueError(f"{folder} has no manifest.csv")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = {"path", "label", "modality", "source"} - set(reader.fieldnames or ())
        if missing:
            raise ValueError(f"{path} lacks the columns {', '.join(sorted(missing))}")
        rows = [Row(row["path"], row["label"], row["modality"], row["source"], row.get("split") or "") for row in reader]
    for row in rows:
        if row.label not in LABELS:
            raise ValueError(f"{path}: {row.path} is labelled {row.label!r}, which is neither medical nor non-medical")
    return rows
