"""One page searched: its images as findings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

import pymupdf
from PIL import Image
from pymupdf import mupdf

from gateway.images import Box, Finding, FoundImage, Keep, Origin, Placement, Repeated, Skipped, fingerprint, inspect
from gateway.limits import Limits
from gateway.pdf.appearance import ImageTooLarge, appearance, is_direct, seen_size, window
from gateway.pdf.attached import attached, pinned
from gateway.pdf.document import DAMAGE, is_out_of_memory
from gateway.pdf.drawn import Drawn, drawn_images, stacked
from gateway.pdf.figures import figure
from gateway.pdf.geometry import of_rect, rounded
from gateway.pdf.inventory import Inventory
from gateway.pdf.joining import Part, joined

Key = tuple[Any, ...]


@dataclass(frozen=True)
class _Layer:
    """A page's content, or its annotations."""

    page: int
    display_list: Any
    inventory: Inventory
    origin: Origin | None


class PageSearch:
    """Searches a document's pages, and knows what it has met on those before."""

    def __init__(self, document: pymupdf.Document, limits: Limits, keep: Keep) -> None:
        self._document = document
        self._pdf = mupdf.pdf_document_from_fz_document(document.this)
        self._limits = limits
        self._keep = keep
        self._seen: set[str] = set()
        self._sizes: set[tuple[int, int]] = set()
        # What became of an object that was drawn before: a logo on a thousand pages is decoded once.
        self._outcomes: dict[Key, str | Skipped] = {}
        self.pixels = 0

    def search(self, number: int) -> Iterator[Finding]:
        """The images of page ``number``, counted from 1.

        Raises:
            DAMAGE: The page cannot be read.
        """
        page = self._document[number - 1]
        box = of_rect(mupdf.fz_bound_page(page.this))
        contents, errors = _recorded(page.this, mupdf.fz_run_page_contents)
        notes, more_errors = _recorded(page.this, mupdf.fz_run_page_annots, mupdf.fz_run_page_widgets)
        drawn = [drawn_images(display_list, box) for display_list in (contents, notes)]
        pdf_page = mupdf.pdf_page_from_fz_page(page.this)
        inventory = Inventory(self._pdf, pdf_page, chain(*drawn))
        layers = (_Layer(number, contents, inventory, None), _Layer(number, notes, inventory, "annotation"))
        has_pictures = False
        for layer, images in zip(layers, drawn, strict=True):
            for finding in self._layer(layer, stacked(images)):
                has_pictures |= not (isinstance(finding, Skipped) and finding.reason in ("too_small", "blank"))
                yield finding
        if not has_pictures:
            yield from self._figure(page, contents, box)
        if number == 1:
            yield from attached(self._pdf)
        yield from pinned(pdf_page, number)
        if errors or more_errors:
            # MuPDF draws the rest, as readers do. What it left out may have been an image.
            yield Skipped("page_corrupt", "a part of the page cannot be read; the rest was searched", number)
        pymupdf.TOOLS.store_shrink(100)  # what one page needed is not kept for the next: memory stays flat

    def _layer(self, layer: _Layer, drawn: list[Drawn]) -> Iterator[Finding]:
        parts = [
            Part(index, one.visible, one.identity, partial(self._pixels, one, layer.display_list))
            for index, one in enumerate(drawn)
        ]
        sizes = [seen_size(one) for one in drawn]
        for whole in joined(parts, sizes, self._limits.image_side, self._limits.image_pixels):
            first = drawn[whole.parts[0].index]
            if whole.image is None:
                yield self._single(layer, first)
            else:
                origin = layer.origin or _origin(layer.inventory.number(first))
                yield self._told(whole.image, origin, Placement(layer.page, rounded(whole.box)))

    def _single(self, layer: _Layer, drawn: Drawn) -> Finding:
        number = layer.inventory.number(drawn)
        placement = Placement(layer.page, rounded(drawn.visible))
        key = _key(number, drawn)
        outcome = self._outcomes.get(key) if key else None
        if isinstance(outcome, str):
            return Repeated(outcome, placement)
        if outcome is not None:
            return Skipped(outcome.reason, outcome.detail, layer.page, placement.bbox)
        finding = self._decoded(layer, drawn, layer.origin or _origin(number), placement)
        if key:
            self._outcomes[key] = finding if isinstance(finding, Skipped) else finding.sha256
        return finding

    def _decoded(self, layer: _Layer, drawn: Drawn, origin: Origin, placement: Placement) -> FoundImage | Repeated | Skipped:
        try:
            image = appearance(drawn, layer.display_list, self._limits.image_pixels)
        except ImageTooLarge as error:
            return Skipped("image_too_large", str(error), layer.page, placement.bbox)
        except (MemoryError, *DAMAGE) as error:
            if is_out_of_memory(error):
                return Skipped("limit_memory", "the image takes more memory than is allowed", layer.page, placement.bbox)
            return Skipped("image_corrupt", "the image cannot be decoded", layer.page, placement.bbox)
        return self._told(image, origin, placement)

    def _pixels(self, drawn: Drawn, display_list: Any) -> Image.Image | None:
        try:
            return appearance(drawn, display_list, self._limits.image_pixels)
        except (ImageTooLarge, MemoryError, *DAMAGE):
            return None  # told once more, and then to the user, when the image is found to stand alone

    def _figure(self, page: pymupdf.Page, contents: Any, box: Box) -> Iterator[Finding]:
        if page.first_widget is not None:
            return
        # PyMuPDF gives them as they lie on the page before it is turned.
        marks = [(kind, of_rect(pymupdf.Rect(area) * page.rotation_matrix)) for kind, area, *_ in page.get_bboxlog()]
        found = figure(contents, marks, box)
        if found is not None:
            image, span = found
            yield self._told(image, "rendered", Placement(page.number + 1, rounded(span)))

    def _told(self, image: Image.Image, origin: Origin, placement: Placement) -> FoundImage | Repeated | Skipped:
        """What an image's pixels make of it."""
        self.pixels += image.width * image.height
        if image.size in self._sizes and (sha256 := fingerprint(image)) in self._seen:
            return Repeated(sha256, placement)
        self._sizes.add(image.size)
        finding = inspect(image, origin, self._limits, placement=placement, keep=self._keep)
        if isinstance(finding, FoundImage):
            self._seen.add(finding.sha256)
        return finding


def _recorded(page: Any, *runs: Callable[..., None]) -> tuple[Any, int]:
    """A display list of what these draw of a page, and how much of it could not be read."""
    display_list, cookie = mupdf.fz_new_display_list(mupdf.fz_bound_page(page)), mupdf.FzCookie()
    recorder = mupdf.fz_new_list_device(display_list)
    for run in runs:
        run(page, recorder, mupdf.FzMatrix(), cookie)
    mupdf.fz_close_device(recorder)
    return display_list, int(cookie.m_internal.errors)


def _origin(number: int | None) -> Origin:
    return "inline" if number is None else "embedded"


def _key(number: int | None, drawn: Drawn) -> Key | None:
    """What an object's appearance depends on; None where it depends on the page as well."""
    if not number or not is_direct(drawn):
        return None
    return number, drawn.matrix.turn, window(drawn), drawn.colour, drawn.alpha
