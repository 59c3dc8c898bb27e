"""Which images a folder holds and what they are: by its ``manifest.csv`` or by its folders. Needs no torch."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from handler import LABELS

MANIFEST = "manifest.csv"

COLUMNS = ("path", "label", "modality", "split", "source", "dataset", "licence", "group")
"""The columns of the data folder. ``group`` keeps together what must stand in one split: a patient, a file."""


WANTED = ("path", "label", "modality", "source", "split")
NEEDED = ("path", "label")


@dataclass(frozen=True)
class Row:
    """One image. ``path`` is relative to the folder; what is not known of it is empty."""

    path: str
    label: str
    modality: str
    source: str
    split: str


def read_rows(folder: Path) -> list[Row]:
    """The rows of ``folder/manifest.csv``: columns path and label; modality, source and split where there are such.

    Raises:
        ValueError: there is no manifest, it is no CSV in UTF-8, a column is missing, or a label is neither ``medical`` nor
            ``non-medical``.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise ValueError(f"{folder} has no {MANIFEST}")
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            header = file.readline()
            file.seek(0)
            # Where the comma stands in numbers, spreadsheets write semicolons.
            reader = csv.DictReader(file, delimiter=max(",;\t", key=header.count))
            lines = [{name: row.get(name) or "" for name in WANTED} for row in reader]
    except csv.Error as error:
        raise ValueError(f"{path} is no CSV: {error}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{path} is not in UTF-8") from None
    if missing := sorted({*NEEDED} - {*(reader.fieldnames or ())}):
        raise ValueError(f"{path} lacks the columns {', '.join(missing)}")
    return [_row(path, line) for line in lines if any(value.strip() for value in line.values())]


def read_folders(folder: Path) -> list[Row]:
    """The files of a folder without a manifest, each labelled by the folder named after a label that it lies in.

    The outermost such folder counts, in any spelling that :func:`label_of` knows; the other folders around the file are its
    modality, as in ``medical/ct/1.png``. What lies in none has an empty label. Hidden files are left out.

    Raises:
        ValueError: no folder is named after a label.
        OSError: a folder cannot be looked into.
    """
    rows = [_placed(path.relative_to(folder)) for path in _files(folder)]
    if not any(row.label for row in rows):
        raise ValueError(f"{folder} has neither {MANIFEST} nor images in folders named {' and '.join(LABELS)}")
    return rows


def label_of(text: str) -> str | None:
    """The label that somebody's word means: ``non_medical``, ``Non Medical`` and ``nonmedical`` are ``non-medical``."""
    plain = re.sub(r"[\s_-]", "", text).casefold()
    return next((label for label in LABELS if plain == label.replace("-", "")), None)


def _row(manifest: Path, line: dict[str, str]) -> Row:
    label = label_of(line["label"])
    if label is None:
        raise ValueError(f"{manifest}: {line['path']} is labelled {line['label']!r}, which is neither medical nor non-medical")
    return Row(**line | {"label": label, "path": line["path"].replace("\\", "/")})  # as Windows writes paths


def _placed(path: Path) -> Row:
    labels = [label_of(name) for name in path.parent.parts]
    label = next(filter(None, labels), "")
    place = labels.index(label) if label else len(labels)
    modality = "/".join(name for number, name in enumerate(path.parent.parts) if number != place)
    return Row(str(path), label, modality, "", "")


def _files(folder: Path, around: frozenset[Path] = frozenset()) -> Iterator[Path]:
    """Every file at any depth that is not hidden, links followed, but not to a folder that the link is in."""
    around |= {folder.resolve()}
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if not path.is_dir():
            yield path
        elif path.resolve() not in around:
            yield from _files(path, around)
