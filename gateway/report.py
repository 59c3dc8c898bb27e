"""The answer: one entry per distinct image, one line per skipped one, and the sums."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TextIO

from gateway.images import Box, Origin, Placement, Skipped

Label = Literal["medical", "non-medical"]
Kind = Literal["pdf", "page", "image"]


@dataclass(frozen=True)
class Model:
    """Which archive answered."""

    name: str
    version: str


@dataclass(frozen=True)
class Probabilities:
    """The ensemble's, which sum to 1."""

    medical: float
    non_medical: float


@dataclass(frozen=True)
class Opinions:
    """Each network's medical probability."""

    original: float
    finetuned: float


@dataclass(frozen=True)
class Prediction:
    """What the ensemble says of one image."""

    label: Label
    confidence: float
    probabilities: Probabilities
    models: Opinions
    review: bool


@dataclass(frozen=True)
class SourceInfo:
    """What was searched: ``pages`` is None unless it is a PDF; ``sha256`` is that of its bytes."""

    kind: Kind
    name: str
    sha256: str
    pages: int | None


@dataclass(frozen=True)
class Entry:
    """One distinct image with its prediction. ``thumbnail`` is a data: URI, where thumbnails were asked for."""

    index: int
    page: int | None
    bbox: Box | None
    url: str | None
    origin: Origin
    width: int
    height: int
    sha256: str
    label: Label
    confidence: float
    probabilities: Probabilities
    models: Opinions
    review: bool
    placements: tuple[Placement, ...] = ()
    thumbnail: str | None = None


@dataclass(frozen=True)
class Summary:
    """The sums."""

    images: int
    medical: int
    non_medical: int
    review: int
    skipped: int


@dataclass(frozen=True)
class Report:
    """Everything that was found in one source."""

    id: str
    source: SourceInfo
    model: Model | None
    images: tuple[Entry, ...]
    skipped: tuple[Skipped, ...]
    summary: Summary
    timing_ms: dict[str, float]

    def as_dict(self) -> dict[str, Any]:
        """The report as its JSON has it."""
        document = asdict(self)
        for entry in document["images"]:
            if entry["thumbnail"] is None:
                del entry["thumbnail"]
        return document


COLUMNS = (
    "source", "index", "page", "x0", "y0", "x1", "y1", "url", "origin", "width", "height", "sha256",
    "label", "confidence", "medical", "original", "finetuned", "review", "skipped", "detail",
)  # fmt: skip


def to_json(report: Report) -> str:
    """One report as JSON."""
    return json.dumps(report.as_dict(), ensure_ascii=False)


def to_csv(reports: Iterable[Report]) -> str:
    """The text of :func:`write_csv`."""
    buffer = io.StringIO(newline="")
    write_csv(reports, buffer)
    return buffer.getvalue()


def write_csv(reports: Iterable[Report], file: TextIO) -> None:
    """One row per image and per skipped one, RFC 4180; cells that a spreadsheet would run as a formula are quoted.

    Each report is written before the next one is asked for.
    """
    writer = csv.DictWriter(file, COLUMNS, restval="")
    writer.writeheader()
    for report in reports:
        for entry in report.images:
            writer.writerow(
                {
                    "source": _cell(report.source.name), "index": entry.index, "page": entry.page, **_corners(entry.bbox),
                    "url": _cell(entry.url), "origin": entry.origin, "width": entry.width, "height": entry.height,
                    "sha256": entry.sha256, "label": entry.label, "confidence": entry.confidence,
                    "medical": entry.probabilities.medical, "original": entry.models.original,
                    "finetuned": entry.models.finetuned, "review": str(entry.review).lower(),
                }
            )  # fmt: skip
        for skipped in report.skipped:
            writer.writerow(
                {
                    "source": _cell(report.source.name), "page": skipped.page, **_corners(skipped.bbox),
                    "url": _cell(skipped.url), "skipped": skipped.reason, "detail": _cell(skipped.detail),
                }
            )  # fmt: skip


def _corners(box: Box | None) -> dict[str, float]:
    return dict(zip(("x0", "y0", "x1", "y1"), box, strict=True)) if box else {}


def _cell(text: str | None) -> str:
    # A file may be named "=HYPERLINK(...)"; a leading apostrophe makes a spreadsheet take it as text (OWASP, CSV injection).
    text = text or ""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
