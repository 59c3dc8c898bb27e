"""Reports as the gateway writes them, from a few words."""

from __future__ import annotations

import base64
import hashlib
import io

from PIL import Image

from gateway.images import Placement, Skipped
from gateway.report import Entry, Model, Opinions, Probabilities, Report, SourceInfo, Summary

BOX = (60.0, 100.0, 340.0, 380.0)


def thumbnail(colour: str) -> str:
    """A PNG of one colour, as a report holds it."""
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), colour).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


def entry(colour: str, medical: float = 0.9, *, page: int | None = 1, index: int = 0, url: str | None = None) -> Entry:
    """A picture, told from others by its colour. One with a page lies there once."""
    places = (Placement(page, BOX),) if page else ()
    return Entry(
        index=index, page=page, bbox=BOX if page else None, url=url, origin="embedded" if page else "img",
        width=300, height=300,
        sha256=hashlib.sha256(colour.encode()).hexdigest(), label="medical" if medical >= 0.5 else "non-medical",
        confidence=max(medical, 1 - medical), probabilities=Probabilities(medical, 1 - medical),
        models=Opinions(medical, medical), review=0.3 < medical < 0.7, placements=places, thumbnail=thumbnail(colour),
    )  # fmt: skip


def report(*entries: Entry, pages: int | None = 4, skipped: tuple[Skipped, ...] = (), name: str = "paper.pdf") -> Report:
    """A report of some pictures."""
    medical = sum(each.label == "medical" for each in entries)
    return Report(
        id="1", source=SourceInfo("pdf" if pages else "page", name, "00", pages), model=Model("medsift", "1"), images=entries,
        skipped=skipped, timing_ms={"total": 10.0}, summary=Summary(
            len(entries), medical, len(entries) - medical, sum(each.review for each in entries), len(skipped)
        ),
    )  # fmt: skip
