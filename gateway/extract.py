"""``medsift extract``: the images of a source as PNG files, and ``images.json``."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from itertools import chain, count
from pathlib import Path
from typing import Any

from gateway.images import Finding, FoundImage, Repeated, Skipped
from gateway.service import Progress
from gateway.sources import Source

INDEX = "images.json"
NAME_BYTES = 200
"""Of a folder's name. Linux takes 255, and a number may follow."""


def extract(
    source: Source, findings: Iterable[Finding], folder: Path, progress: Callable[[Progress], None] | None = None
) -> int:
    """Write what is found, as it is found, and the index last.

    Args:
        source: Where the findings come from.
        findings: With whole images (``Keep.FULL``).
        folder: Made where it is missing.
        progress: Told after each finding.

    Returns:
        How many images were written.

    Raises:
        OSError: The folder cannot be written to.
    """
    findings = iter(findings)
    first = next(findings, None)  # what cannot be read is told before the first finding, and leaves no folder behind
    folder.mkdir(parents=True, exist_ok=True)
    images: dict[str, dict[str, Any]] = {}
    skipped: list[dict[str, Any]] = []
    page = pages = 0
    for finding in chain((first,) if first else (), findings):
        if isinstance(finding, FoundImage):
            if finding.sha256 not in images:
                images[finding.sha256] = _write(finding, len(images), folder)
            if finding.placement:
                images[finding.sha256]["placements"].append(asdict(finding.placement))
        elif isinstance(finding, Repeated):
            if finding.sha256 in images:
                images[finding.sha256]["placements"].append(asdict(finding.placement))
        elif isinstance(finding, Skipped):
            skipped.append(asdict(finding))
        else:
            page, pages = finding.page, finding.pages
        if progress:
            progress(Progress(page, pages, len(images)))
    document = {
        "source": {
            "kind": source.kind,
            "name": source.name,
            "sha256": hashlib.sha256(source.data).hexdigest(),
            "pages": pages if source.kind == "pdf" else None,
        },
        "images": list(images.values()),
        "skipped": skipped,
    }
    (folder / INDEX).write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return len(images)


def folder_names(names: list[str]) -> list[str]:
    """A folder's name for each of several sources: its file's name, numbered where two are the same."""
    taken: dict[str, None] = {}
    for name in names:
        stem = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(name).name).strip(".") or "source"
        stem = stem.encode()[:NAME_BYTES].decode(errors="ignore")
        candidates = (stem if number == 1 else f"{stem}-{number}" for number in count(1))
        taken[next(candidate for candidate in candidates if candidate not in taken)] = None
    return list(taken)


def _write(found: FoundImage, index: int, folder: Path) -> dict[str, Any]:
    file = f"{index:04d}.png"
    (folder / file).write_bytes(found.png or b"")
    return {
        "index": index,
        "page": found.placement.page if found.placement else None,
        "bbox": found.placement.bbox if found.placement else None,
        "url": found.url,
        "origin": found.origin,
        "width": found.width,
        "height": found.height,
        "sha256": found.sha256,
        "placements": [],
        "file": file,
    }
