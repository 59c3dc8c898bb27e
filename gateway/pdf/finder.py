"""The parent's side: streams the findings of child processes, and outlives whatever a document does to them."""

from __future__ import annotations

import math
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from gateway import errors
from gateway.images import Finding, FoundImage, Keep, Repeated, Searched, Skipped
from gateway.isolation import Child, ChildDied, Header
from gateway.limits import Limits
from gateway.pdf import wire

WORKER = "gateway.pdf.worker"
OPENING_S = 60.0
STALLED = 6.0
"""A page's bound is in processor time; a child that has not come by that much in six times as long is stuck."""
FAILURES = {error.code: error for error in (errors.PdfEncrypted, errors.PdfPasswordWrong, errors.PdfCorrupt, errors.PdfNoPages)}


def find(
    data: bytes,
    limits: Limits,
    *,
    password: str | None = None,
    pages: range | None = None,
    keep: Keep = Keep.NOTHING,
    deadline: float = math.inf,
) -> Iterator[Finding]:
    """Every image that a reader of the PDF sees, page by page, as it is found.

    Args:
        data: The PDF.
        limits: What its reading may cost. A limit that is reached ends the findings with a ``Skipped`` that says which.
        password: Opens an encrypted PDF.
        pages: Those to search, counted from 1; by default all. What lies beyond the last page is passed over.
        keep: Whether findings carry the image or a thumbnail as PNG.
        deadline: The moment of :func:`time.monotonic` that ends the search as a limit does.

    Raises:
        PdfEncrypted, PdfPasswordWrong, PdfCorrupt, PdfNoPages: Before the first finding.
        PdfCrashed: The child process ended before it could say anything.
    """
    with tempfile.TemporaryFile() as file:
        file.write(data)
        file.flush()
        search = _Search(file.fileno(), limits, password, keep, deadline)
        try:
            yield from search.findings(pages)
        finally:
            search.close()


@dataclass
class _Lane:
    """One child and the pages that it has before it."""

    child: Child
    pages: range


class _LimitReached(Exception):
    def __init__(self, skipped: Skipped) -> None:
        super().__init__(skipped.reason)
        self.skipped = skipped


class _Search:
    def __init__(self, descriptor: int, limits: Limits, password: str | None, keep: Keep, deadline: float) -> None:
        self._descriptor = descriptor
        self._limits = limits
        self._job: Header = {"fd": descriptor, "limits": asdict(limits), "password": password, "keep": keep.value}
        self._lanes: list[_Lane] = []
        self._deadline = deadline
        self._waited_s = 0.0
        self._pixels = 0
        self._placements = 0
        self._seen: set[str] = set()
        self.pages = 0

    def findings(self, pages: range | None) -> Iterator[Finding]:
        child = self._opened()
        wanted = range(max(1, pages.start), min(self.pages + 1, pages.stop)) if pages else range(1, self.pages + 1)
        allowed = wanted[: self._limits.pdf_pages]
        step = self._width(len(allowed))
        for offset in range(step):
            lane = _Lane(child if offset == 0 else self._opened(), allowed[offset::step])
            self._lanes.append(lane)
            self._start(lane)
        try:
            if pages and not wanted:
                yield Searched(0, self.pages)
                detail = f"the PDF has {self.pages:,} pages, and none of those that were asked for"
                yield Skipped("page_missing", detail)
            for number in allowed:
                yield from self._page(self._lanes[(number - allowed.start) % step], number)
                yield Searched(number, self.pages)
            if len(wanted) > len(allowed):
                detail = f"{len(wanted):,} pages; the first {len(allowed):,} were searched"
                raise _LimitReached(Skipped("limit_pages", detail))
        except _LimitReached as end:
            yield end.skipped

    def close(self) -> None:
        for lane in self._lanes:
            lane.child.close()

    def _width(self, pages: int) -> int:
        """How many children are worth their start."""
        if sys.platform != "linux":
            return 1  # elsewhere, children that read one file by its descriptor share their place in it
        return max(1, min(self._limits.pdf_children, len(os.sched_getaffinity(0)), pages // self._limits.pdf_child_pages))

    def _opened(self) -> Child:
        child = Child(WORKER, self._job, fds=(self._descriptor,))
        try:
            answer = child.receive(OPENING_S)
        except (ChildDied, TimeoutError):
            child.close()
            raise errors.PdfCrashed("the process that reads the PDF ended before its first page") from None
        if answer is None or answer[0]["kind"] != "opened":
            child.close()
            header = answer[0] if answer else {}
            failure = FAILURES.get(header.get("code", ""), errors.PdfCrashed)
            raise failure(header.get("detail", "the process that reads the PDF ended before its first page"))
        self.pages = answer[0]["pages"]
        return child

    def _start(self, lane: _Lane) -> None:
        lane.child.send({"pages": [lane.pages.start, lane.pages.stop, lane.pages.step]})

    def _page(self, lane: _Lane, number: int) -> Iterator[Finding]:
        """The findings of the next page of a lane. Where its child dies of it, the page after goes to a new one."""
        lane.pages = lane.pages[1:]
        started_s = lane.child.waited_s
        try:
            while True:
                left = STALLED * self._limits.pdf_page_s - (lane.child.waited_s - started_s)
                answer = self._receive(lane, left)
                if answer is None:
                    raise ChildDied("crash")
                header, blob = answer
                if header["kind"] == "searched":
                    self._count(header["pixels"])
                    return
                yield self._told(self._read(header, blob))
        except TimeoutError:
            if self._left_s() <= 0:
                detail = f"the time for the search was over when it had come to page {number}"
                raise _LimitReached(Skipped("limit_time", detail, number)) from None
            yield Skipped("limit_time", f"the page took more than {self._limits.pdf_page_s:g} s", number)
        except ChildDied as death:
            if death.reason == "cpu":
                detail = f"the search took {self._limits.pdf_cpu_s:g} s of processor time and had come to page {number}"
                raise _LimitReached(Skipped("limit_cpu", detail, number)) from None
            if death.reason == "step":
                yield self._page_too_slow(number)
            elif death.reason == "memory":
                yield Skipped("limit_memory", "the page takes more memory than is allowed", number)
            else:
                yield Skipped("page_corrupt", "the process that reads the PDF ended on this page", number)
        self._replace(lane, number)

    def _read(self, header: Header, blob: bytes) -> Finding:
        try:
            return wire.unpacked(header, blob)
        except (KeyError, TypeError, ValueError):  # a child that the document took over may say anything
            raise ChildDied("crash") from None

    def _page_too_slow(self, number: int) -> Skipped:
        detail = f"the page takes more than {self._limits.pdf_page_s:g} s; what was found by then is listed"
        return Skipped("limit_time", detail, number)

    def _receive(self, lane: _Lane, left_s: float) -> tuple[Header, bytes] | None:
        before = lane.child.waited_s
        try:
            return lane.child.receive(min(left_s, self._left_s()))
        finally:
            self._waited_s += lane.child.waited_s - before

    def _left_s(self) -> float:
        # What the document takes is bounded by how long its children were waited for: others may hold the search up.
        return min(self._limits.pdf_wall_s - self._waited_s, self._deadline - time.monotonic())

    def _replace(self, lane: _Lane, number: int) -> None:
        lane.child.close()
        if lane.pages:
            try:
                lane.child = self._opened()
            except errors.PdfError:
                detail = f"after page {number} the PDF could not be opened once more"
                raise _LimitReached(Skipped("pdf_crashed", detail, number)) from None
            self._start(lane)

    def _told(self, finding: Finding) -> Finding:
        if isinstance(finding, Skipped):
            return finding
        self._placements += 1
        if self._placements > self._limits.placements:
            raise _LimitReached(Skipped("limit_images", f"the search ended after {self._limits.placements:,} places"))
        if isinstance(finding, FoundImage):
            # Each child knows only what it met itself.
            if finding.sha256 in self._seen and finding.placement is not None:
                return Repeated(finding.sha256, finding.placement)
            if len(self._seen) == self._limits.images:
                raise _LimitReached(Skipped("limit_images", f"the search ended after {self._limits.images:,} images"))
            self._seen.add(finding.sha256)
        return finding

    def _count(self, pixels: int) -> None:
        self._pixels += pixels
        if self._pixels > self._limits.pdf_pixels:
            raise _LimitReached(Skipped("limit_pixels", f"the images had {self._limits.pdf_pixels:,} pixels by then"))
