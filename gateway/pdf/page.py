"""One page searched: its images as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymupdf import mupdf

from gateway.images import Finding, FoundImage, Keep, Origin, Placement, Repeated, Skipped, inspect
from gateway.limits import Limits
from gateway.pdf.appearance import ImageTooLarge, appearance
from gateway.pdf.document import DAMAGE
from gateway.pdf.drawn import drawn_images
from gateway.pdf.geometry import of_rect, rounded


class PageSearch:
    """Searches a document's pages, and knows what it has met on those before."""

    def __init__(self, document: Any, limits: Limits, keep: Keep) -> None:
        self._document = document
        self._limits = limits
        self._keep = keep
        self._seen: set[str] = set()
        self.pixels = 0

    def search(self, number: int) -> Iterator[Finding]:
        """The images of page ``number``, counted from 1."""
        page = self._document[number - 1].this
        box = of_rect(mupdf.fz_bound_page(page))
        contents = mupdf.fz_new_display_list_from_page_contents(page)
        origin: Origin = "embedded"
        for drawn in drawn_images(contents, box):
            placement = Placement(number, rounded(drawn.visible))
            try:
                image = appearance(drawn, contents, self._limits.image_pixels)
            except ImageTooLarge as error:
                yield Skipped(error.code, error.detail, number, placement.bbox)
                continue
            except DAMAGE:
                yield Skipped("image_corrupt", "the image cannot be decoded", number, placement.bbox)
                continue
            self.pixels += image.width * image.height
            finding = inspect(image, origin, self._limits, placement=placement, keep=self._keep)
            if isinstance(finding, FoundImage) and finding.sha256 in self._seen:
                yield Repeated(finding.sha256, placement)
                continue
            if isinstance(finding, FoundImage):
                self._seen.add(finding.sha256)
            yield finding
