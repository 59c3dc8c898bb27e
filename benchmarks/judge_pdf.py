"""Another renderer's word on what medsift finds in PDFs: ``python -m benchmarks.judge_pdf [FOLDER]``.

medsift reads PDFs with MuPDF; pdfium, which Chromium shows PDFs with, judges it:

- **right**: each reported placement is compared with pdfium's rendering of the page at its ``bbox``. It matches where the
  normalised correlation of the two is at least 0.9, give or take a rendered pixel, and in a finer rendering where it is small.
  It may match the page as it is, or the page with its text, drawings and shadings taken away; where it matches neither and
  another image lies on it, it counts as overlaid and not as wrong.
- **complete**: each image object that pdfium lists, and without which its rendering would change, must be reported at its
  place, as an image or as skipped.
- **no black under transparency**: no placement may be dark where the page is light.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from ctypes import c_int
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from pypdfium2 import raw

from gateway.errors import MedsiftError
from gateway.images import Box, Finding, FoundImage, Keep, Repeated, Skipped
from gateway.limits import Limits
from gateway.pdf import find
from gateway.pdf.document import DAMAGE, open_pdf
from gateway.pdf.page import PageSearch

FOLDER = Path("../shared/pdfs")
MATCH = 0.9
COMPARED_SIDE = 64
SMOOTHED = 0.7  # pixels: renderers shrink hairlines each in their own way
RENDERED_SIDE = 2400
SCALE = 2.0
FINE_SCALE = 8.0  # for placements of a few points, which are a few pixels at the other
FINE_SIDE = 6400
SMALL_SIDE = 1200  # a page of some points is enlarged to this

KNOWN = {
    "bitmap-halftone-composite.pdf": "MuPDF's JBIG2 decoder composes halftone regions wrongly",
    "jbig2_file_header.pdf": "pdfium shows nothing of a JBIG2 stream that wrongly begins with a file header; MuPDF reads it",
}
"""Files whose placements are known to differ from pdfium's rendering, or whose images are not found, and why."""


@dataclass
class Verdict:
    """Counts over the placements of one file, and what was found wrong."""

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    remarks: list[str] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""


@dataclass(frozen=True)
class Reported:
    """One placement as medsift reports it; ``image`` is None where it was skipped."""

    box: Box
    image: Image.Image | None


def judge(path: Path, findings: Iterable[Finding]) -> Verdict:
    """What pdfium has to say about what was found in one file, whole images kept."""
    verdict = Verdict(path.name)
    started = time.monotonic()
    try:
        reported = _reported(findings)
    except MedsiftError as error:
        verdict.error = error.code
        return verdict
    finally:
        verdict.seconds = time.monotonic() - started
    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError:
        verdict.error = "pdfium cannot open it"
        return verdict
    with document:
        document.init_forms()  # or fields, signatures among them, are not rendered
        for number in range(1, len(document) + 1):
            try:
                page = document[number - 1]
                unit = _user_unit(path, number)
                entries = [replace(entry, box=_divided(entry.box, unit)) for entry in reported.get(number, [])]
                _judge_page(page, number, entries, verdict)
                page.close()
            except pypdfium2.PdfiumError:
                verdict.remarks.append(f"page {number}: pdfium fails")
    return verdict


def correlation(one: Image.Image, other: Image.Image) -> float:
    """Normalised correlation of two RGB images of one size; two of the same even colour correlate fully."""
    blur = ImageFilter.GaussianBlur(SMOOTHED)
    first, second = (np.asarray(image.filter(blur), dtype=np.float64).ravel() for image in (one, other))
    spread, other_spread = first.std(), second.std()
    if min(spread, other_spread) < 3:
        return 1.0 if np.abs(first - second).mean() < 12 else 0.0
    return float(((first - first.mean()) * (second - second.mean())).mean() / (spread * other_spread))


def search_here(path: Path, limits: Limits) -> Iterator[Finding]:
    """What :func:`gateway.pdf.find` yields, without its child processes: quicker for many small files."""
    document = open_pdf(path)
    search = PageSearch(document, limits, Keep.FULL)
    for number in range(1, document.page_count + 1):
        try:
            yield from search.search(number)
        except DAMAGE:
            yield Skipped("page_corrupt", "the page is damaged", number)


def _reported(findings: Iterable[Finding]) -> dict[int, list[Reported]]:
    images: dict[str, Image.Image] = {}
    pages_found: dict[int, list[Reported]] = {}
    for finding in findings:
        if isinstance(finding, FoundImage) and finding.png:
            picture = Image.open(io.BytesIO(finding.png)).convert("RGB")
            picture.thumbnail((1024, 1024), Image.Resampling.BOX)
            images[finding.sha256] = picture
        if isinstance(finding, FoundImage | Repeated) and finding.placement:
            entry = Reported(finding.placement.bbox, images.get(finding.sha256))
            pages_found.setdefault(finding.placement.page, []).append(entry)
        elif isinstance(finding, Skipped) and finding.page and finding.bbox:
            pages_found.setdefault(finding.page, []).append(Reported(finding.bbox, None))
    return pages_found


def _judge_page(page: Any, number: int, reported: list[Reported], verdict: Verdict) -> None:
    objects = list(_objects(page))
    longer = max(page.get_size())
    scale = min(max(SCALE, SMALL_SIDE / longer), RENDERED_SIDE / longer)
    whole = _render(page, scale, annotations=True)
    _judge_pixels(page, number, reported, objects, whole, scale, verdict)
    _judge_completeness(page, number, reported, objects, whole, scale, verdict)


def _judge_pixels(
    page: Any, number: int, reported: list[Reported], objects: list[tuple[Any, Box]], whole: Image.Image, scale: float,
    verdict: Verdict,
) -> None:  # fmt: skip
    if not any(entry.image for entry in reported):
        return
    others = [item for item, _ in objects if item.type not in (raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM)]
    with _without(others):
        bare = _render(page, scale, annotations=False)
    fine = _Fine(page, min(FINE_SCALE, FINE_SIDE / max(page.get_size())))
    for entry in reported:
        if entry.image is None:
            continue
        views = [_view(entry.image, entry.box, rendering, scale) for rendering in (whole, bare)]
        scores = [correlation(image, region) for image, region in views]
        if max(scores) < MATCH:
            scores += [correlation(*_view(entry.image, box, whole, scale)) for box in _nudged(entry.box, 1 / scale)]
        if max(scores) < MATCH:
            scores.append(correlation(*_view(entry.image, entry.box, fine.rendering, fine.scale)))
        if max(scores) >= MATCH:
            verdict.counts["match"] += 1
        elif any(other is not entry and _share(other.box, entry.box) > 0.02 for other in reported):
            verdict.counts["overlaid"] += 1
        else:
            verdict.counts["wrong"] += 1
            verdict.remarks.append(f"page {number}: {_rounded(entry.box)} correlates by {max(scores):.2f}")
        if _is_black_under_transparency(views):
            verdict.counts["black"] += 1
            verdict.remarks.append(f"page {number}: {_rounded(entry.box)} is dark where the page is light")


def _judge_completeness(
    page: Any, number: int, reported: list[Reported], objects: list[tuple[Any, Box]], whole: Image.Image, scale: float,
    verdict: Verdict,
) -> None:  # fmt: skip
    width, height = page.get_size()
    boxes = np.array([entry.box for entry in reported], dtype=np.float64).reshape(-1, 4)
    free = np.ones(len(boxes), dtype=bool)
    for item, box in objects:
        if item.type != raw.FPDF_PAGEOBJ_IMAGE:
            continue
        shown = _common(box, (0, 0, width, height))
        if _area(shown) == 0:
            continue
        covered = _areas(boxes, shown)
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        overlap = np.where(free, covered / (areas + _area(shown) - covered), 0)
        if overlap.size and overlap.max() >= 0.5:
            free[overlap.argmax()] = overlap.max() < 0.9  # one that fits answers for one image, a joined one for its parts
            verdict.counts["found"] += 1
            continue
        if (covered > 0.9 * _area(shown)).any() or (covered > 0.8 * areas).any():
            verdict.counts["found"] += 1  # a part of a joined picture, or all that a clip leaves of it
            continue
        with _without([item]):
            without = _render(page, scale, annotations=True)
        if np.abs(np.asarray(whole, dtype=np.int16) - np.asarray(without)).max() > 8:
            verdict.counts["missed"] += 1
            verdict.remarks.append(f"page {number}: pdfium's image at {_rounded(shown)} is not reported")


def _objects(page: Any) -> Iterator[tuple[Any, Box]]:
    """Every object of the page with its box in points from the page's top left, as the page is shown."""
    for item in page.get_objects(max_depth=8):
        try:
            x0, y0, x1, y1 = item.get_bounds()
        except pypdfium2.PdfiumError:
            continue
        corners = [(x0, y0), (x1, y0), (x0, y1), (x1, y1)]
        container = item.container
        while container is not None:
            matrix = container.get_matrix()
            corners = [matrix.on_point(x, y) for x, y in corners]
            container = container.container
        shown = [_to_shown(page, x, y) for x, y in corners]
        xs, ys = [x for x, _ in shown], [y for _, y in shown]
        yield item, (min(xs), min(ys), max(xs), max(ys))


def _to_shown(page: Any, x: float, y: float) -> tuple[float, float]:
    width, height = page.get_size()
    fine = 100  # device units are whole numbers
    column, row = c_int(), c_int()
    raw.FPDF_PageToDevice(page, 0, 0, round(width * fine), round(height * fine), 0, x, y, column, row)
    return column.value / fine, row.value / fine


class _Fine:
    """A second, finer rendering, made when it is first asked for."""

    def __init__(self, page: Any, scale: float) -> None:
        self._page = page
        self.scale = scale

    @cached_property
    def rendering(self) -> Image.Image:
        return _render(self._page, self.scale, annotations=True)


class _without:  # noqa: N801 - reads as a phrase: with _without(items)
    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __enter__(self) -> None:
        for item in self._items:
            raw.FPDFPageObj_SetIsActive(item, False)

    def __exit__(self, *_: object) -> None:
        for item in self._items:
            raw.FPDFPageObj_SetIsActive(item, True)


def _render(page: Any, scale: float, *, annotations: bool) -> Image.Image:
    image: Image.Image = page.render(scale=scale, may_draw_forms=annotations, draw_annots=annotations).to_pil()
    return image.convert("RGB")


def _region(rendering: Image.Image, box: Box, scale: float, size: tuple[int, int]) -> Image.Image:
    x0, y0, x1, y1 = (part * scale for part in box)
    x0, y0 = max(0.0, min(x0, rendering.width - 1)), max(0.0, min(y0, rendering.height - 1))
    x1, y1 = max(x0 + 0.5, min(x1, rendering.width)), max(y0 + 0.5, min(y1, rendering.height))
    return rendering.resize(size, Image.Resampling.BOX, box=(x0, y0, x1, y1))


def _view(image: Image.Image, box: Box, rendering: Image.Image, scale: float) -> tuple[Image.Image, Image.Image]:
    """An image and the rendering of its place, both in one size that neither has to be enlarged to."""
    width, height = (box[2] - box[0]) * scale, (box[3] - box[1]) * scale
    size = max(1, min(COMPARED_SIDE, int(width), image.width)), max(1, min(COMPARED_SIDE, int(height), image.height))
    return image.resize(size, Image.Resampling.BOX), _region(rendering, box, scale, size)


def _user_unit(path: Path, number: int) -> float:
    """How many points a page's unit is: pdfium leaves it out of its sizes."""
    try:
        with pikepdf.open(path) as document:
            return float(document.pages[number - 1].obj.get("/UserUnit", 1))
    except (pikepdf.PdfError, IndexError, TypeError, ValueError):
        return 1.0


def _divided(box: Box, by: float) -> Box:
    return box[0] / by, box[1] / by, box[2] / by, box[3] / by


def _nudged(box: Box, step: float) -> Iterator[Box]:
    """The box moved by a rendered pixel in each direction: renderers snap images to whole pixels, and not to the same."""
    for dx in (-step, 0.0, step):
        for dy in (-step, 0.0, step):
            yield box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy


def _is_black_under_transparency(views: list[tuple[Image.Image, Image.Image]]) -> bool:
    """Whether a fifth of an image is black where every rendering of its place is white."""
    image = _grey(views[0][0]) < 32
    for _, region in views:
        image &= _grey(region) > 224
    return bool(image.mean() > 0.2)


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    return np.asarray(image.convert("L"))


def _common(one: Box, other: Box) -> Box:
    return max(one[0], other[0]), max(one[1], other[1]), min(one[2], other[2]), min(one[3], other[3])


def _area(box: Box) -> float:
    return max(0.0, box[2] - box[0]) * max(0.0, box[3] - box[1])


def _areas(boxes: NDArray[np.float64], box: Box) -> NDArray[np.float64]:
    """How much each of some boxes covers of one."""
    x0, y0, x1, y1 = box
    width = np.minimum(boxes[:, 2], x1) - np.maximum(boxes[:, 0], x0)
    height = np.minimum(boxes[:, 3], y1) - np.maximum(boxes[:, 1], y0)
    covered: NDArray[np.float64] = width.clip(0) * height.clip(0)
    return covered


def _share(one: Box, other: Box) -> float:
    """How much of ``one`` lies in ``other``."""
    return _area(_common(one, other)) / max(1e-9, _area(one))


def _rounded(box: Box) -> str:
    return "(" + ", ".join(f"{part:.0f}" for part in box) + ")"


def main() -> None:
    """Print the table and the sums."""
    parser = argparse.ArgumentParser(description="Judge what medsift finds in PDFs by pdfium's renderings.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--remarks", action="store_true", help="say of each placement what is wrong with it")
    parser.add_argument("--here", action="store_true", help="without child processes, which take a while to start")
    parser.add_argument("--only", default="", help="only files whose name holds this")
    options = parser.parse_args()
    totals: Counter[str] = Counter()
    print(f"{'match':>6}{'wrong':>6}{'overlaid':>9}{'black':>6}{'found':>6}{'missed':>7}{'s':>7}  file")
    for path in sorted(options.folder.rglob("*.pdf")):
        if options.only not in path.name:
            continue
        found = search_here(path, Limits()) if options.here else find(path.read_bytes(), Limits(), keep=Keep.FULL)
        verdict = judge(path, found)
        counts = verdict.counts
        totals += counts
        print(
            f"{counts['match']:>6}{counts['wrong']:>6}{counts['overlaid']:>9}{counts['black']:>6}{counts['found']:>6}"
            f"{counts['missed']:>7}{verdict.seconds:>7.2f}  {path.name}  {verdict.error or KNOWN.get(path.name, '')}",
            flush=True,
        )
        if options.remarks:
            for remark in verdict.remarks[:8]:
                print(f"{'':>47}  {remark}")
    judged, present = totals["match"] + totals["wrong"], totals["found"] + totals["missed"]
    print(f"placements that match: {totals['match']} of {judged} ({totals['match'] / max(1, judged):.2%})")
    print(f"pdfium's images found: {totals['found']} of {present} ({totals['found'] / max(1, present):.2%})")
    print(f"black under transparency: {totals['black']}; overlaid, not judged: {totals['overlaid']}")
    print(f"exceptions among these, known with their causes: {', '.join(sorted(KNOWN))}")


if __name__ == "__main__":
    main()
