"""How fast, and how much, beside the usual way: ``python -m benchmarks.extraction [FOLDER]``.

The usual way is what most programs do with PyMuPDF: ``get_images`` and ``extract_image`` on each page, then Pillow to RGB.
It runs in this process and stops at nothing; medsift's search starts a child process for each file and keeps limits.
Both end in pictures of 128x128 pixels, so that both decode what they find. One run measures both, file by file.
"""

from __future__ import annotations

import argparse
import io
import resource
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pymupdf
from PIL import Image

from benchmarks.judge_pdf import FOLDER
from gateway.errors import MedsiftError
from gateway.images import FoundImage, Repeated, Searched, Skipped
from gateway.limits import Limits
from gateway.pdf import find
from handler.preprocess import to_input


@dataclass
class Tally:
    """What one way did over all files."""

    seconds: float = 0.0
    cpu_s: float = 0.0
    slowest_s: float = 0.0
    slowest: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, path: Path, seconds: float, cpu_s: float, counts: Counter[str]) -> None:
        """One file more."""
        self.seconds += seconds
        self.cpu_s += cpu_s
        self.counts += counts
        if seconds > self.slowest_s:
            self.slowest_s, self.slowest = seconds, path.name


def medsift(path: Path) -> Counter[str]:
    """Counts of what :func:`gateway.pdf.find` yields."""
    counts: Counter[str] = Counter()
    try:
        for finding in find(path.read_bytes(), Limits()):
            if isinstance(finding, Searched):
                counts["pages"] += 1
            elif isinstance(finding, FoundImage):
                counts["images"] += 1
                counts["placements"] += 1
            elif isinstance(finding, Repeated):
                counts["placements"] += 1
            elif isinstance(finding, Skipped):
                counts[f"skipped: {finding.reason}"] += 1
    except MedsiftError as error:
        counts[f"error: {error.code}"] += 1
    return counts


def usual(path: Path) -> Counter[str]:
    """The same for ``get_images`` and ``extract_image``."""
    counts: Counter[str] = Counter()
    seen: set[int] = set()
    try:
        document = pymupdf.open(path)
        for page in document.pages():
            counts["pages"] += 1
            for xref, *_ in page.get_images(full=True):
                if xref in seen:
                    continue
                seen.add(xref)
                try:
                    stored = document.extract_image(xref)
                    to_input(Image.open(io.BytesIO(stored["image"])).convert("RGB"))
                    counts["images"] += 1
                except Exception as error:  # whatever comes: that is the usual way
                    counts[f"failed: {type(error).__name__}"] += 1
    except Exception as error:
        counts[f"error: {type(error).__name__}"] += 1
    return counts


def _cpu_s() -> float:
    """Processor time of this process and of all its children that have ended: what other work on the machine leaves alone."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def main() -> None:
    """Print both ways' sums."""
    parser = argparse.ArgumentParser(description="Measure the PDF search beside the usual way.")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER)
    parser.add_argument("--every", type=int, default=1, help="take each n-th file only")
    options = parser.parse_args()
    pymupdf.TOOLS.mupdf_display_errors(False)
    pymupdf.TOOLS.mupdf_display_warnings(False)
    tallies = {"medsift": Tally(), "get_images + extract_image": Tally()}
    files = sorted(options.folder.rglob("*.pdf"))[:: options.every]
    if not files:
        parser.error(f"there is no PDF under {options.folder}")
    for path in files:
        for tally, way in zip(tallies.values(), (medsift, usual), strict=True):
            started, cpu_before = time.perf_counter(), _cpu_s()
            counts = way(path)
            tally.add(path, time.perf_counter() - started, _cpu_s() - cpu_before, counts)
    print(f"{len(files)} files")
    for name, tally in tallies.items():
        pages, images = tally.counts["pages"], tally.counts["images"]
        print(f"\n{name}: {tally.seconds:.1f} s, {pages / tally.seconds:.1f} pages/s, {images / tally.seconds:.1f} images/s")
        print(f"  processor time: {tally.cpu_s:.1f} s, {pages / tally.cpu_s:.1f} pages/s, {images / tally.cpu_s:.1f} images/s")
        print(f"  slowest: {tally.slowest_s:.1f} s, {tally.slowest}")
        for kind, count in sorted(tally.counts.items()):
            print(f"  {count:>6} {kind}")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"\nlargest child process: {peak:.0f} MiB resident")


if __name__ == "__main__":
    main()
