"""The one way through medsift, behind every trigger: find the images, have them classified, report."""

from __future__ import annotations

import base64
import hashlib
import math
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np

from gateway.batches import Batches
from gateway.correlation import new_request_id
from gateway.errors import ImageUndecodable
from gateway.fetch import Fetcher
from gateway.images import Finding, FoundImage, Keep, Placement, Repeated, Searched, Skipped, inspect
from gateway.inference import Inference
from gateway.limits import Limits
from gateway.report import Entry, Prediction, Report, SourceInfo, Summary
from gateway.sources import Source
from handler.preprocess import Pixels, UndecodableImage, decode


@dataclass(frozen=True)
class Progress:
    """How far a classification has come: ``page`` of ``pages`` (0 of 0 outside PDFs), and distinct images so far."""

    page: int
    pages: int
    images: int


class Service:
    """Finds and classifies. May be shared by threads.

    Args:
        inference: The way to the networks.
        fetcher: The door to the network, for what a page refers to.
        limits: What one source may cost.
        clock: Seconds that never go back.
    """

    def __init__(
        self, inference: Inference, fetcher: Fetcher, limits: Limits, *, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self.inference = inference
        self.fetcher = fetcher
        self.limits = limits
        self._clock = clock

    def find(
        self,
        source: Source,
        *,
        password: str | None = None,
        pages: range | None = None,
        keep: Keep = Keep.NOTHING,
        deadline: float = math.inf,
    ) -> Iterator[Finding]:
        """Everything that is found in a source, in its order, while the search goes on.

        Args:
            source: A PDF, a page or an image.
            password: Opens an encrypted PDF.
            pages: The pages of a PDF to search, from 1.
            keep: What of the images is kept beside the model's input.
            deadline: The moment of :func:`time.monotonic` by which the search ends, with what it has found.

        Raises:
            PdfError: The PDF cannot be read.
            ImageUndecodable: The image cannot be decoded.
        """
        # Each way brings libraries of its own; a function that only sees PDFs does not load the web's.
        if source.kind == "pdf":
            from gateway import pdf

            yield from pdf.find(source.data, self.limits, password=password, pages=pages, keep=keep, deadline=deadline)
        elif source.kind == "page":
            from gateway import web

            yield from web.find(source, self.fetcher, self.limits, keep=keep, deadline=deadline)
        else:
            try:
                image = decode(source.data, self.limits.image_pixels)
            except UndecodableImage as error:
                raise ImageUndecodable(error.code, error.detail) from None
            yield inspect(image, "direct", self.limits, url=source.url, keep=keep)

    def classify(
        self,
        source: Source,
        *,
        password: str | None = None,
        pages: range | None = None,
        thumbnails: bool = False,
        deadline: float = math.inf,
        progress: Callable[[Progress], None] | None = None,
    ) -> Report:
        """Find the images of a source and have them classified, batch by batch, while the search goes on.

        One entry per distinct image, in the order in which they were met. A batch's pixels are dropped with its answer,
        so that memory does not grow with the document.

        Raises:
            PdfError, ImageUndecodable: As :meth:`find`.
            InferenceUnavailable: The networks gave no answer; trying again can help.
            InferenceRejected: They answered with something else.
        """
        started = self._clock()
        keep = Keep.THUMBNAIL if thumbnails else Keep.NOTHING
        ledger = _Ledger()
        with Batches(self.inference, self.limits, self._clock) as batches:
            found = self.find(source, password=password, pages=pages, keep=keep, deadline=deadline)
            with closing(_generator(found)) as findings:
                for finding in findings:
                    if isinstance(finding, FoundImage):
                        if ledger.add(finding):
                            batches.add(finding.pixels)
                    elif isinstance(finding, Repeated):
                        ledger.repeat(finding)
                    elif isinstance(finding, Skipped):
                        ledger.skipped.append(finding)
                    else:
                        ledger.searched = finding
                    if progress:
                        progress(ledger.progress())
            search_s = self._clock() - started - batches.waited_s
            answers = batches.finish()
        finished = self._clock()
        return Report(
            id=new_request_id(),
            source=SourceInfo(source.kind, source.name, hashlib.sha256(source.data).hexdigest(), ledger.pages(source)),
            model=batches.model,
            images=(images := ledger.entries(answers)),
            skipped=tuple(ledger.skipped),
            summary=_summary(images, len(ledger.skipped)),
            timing_ms={
                "find": _ms(search_s),
                "classify": _ms(batches.busy_s),  # beside the search, and of batches beside each other
                "total": _ms(finished - started),
            },
        )


@dataclass
class _Ledger:
    # What has been found so far, without the pixels.
    images: dict[str, FoundImage] = field(default_factory=dict)
    placements: dict[str, list[Placement]] = field(default_factory=dict)
    skipped: list[Skipped] = field(default_factory=list)
    searched: Searched | None = None

    def add(self, found: FoundImage) -> bool:
        """Whether the image is new."""
        new = found.sha256 not in self.images
        if new:
            self.images[found.sha256] = replace(found, pixels=_NO_PIXELS)
            self.placements[found.sha256] = []
        if found.placement:
            self.placements[found.sha256].append(found.placement)
        return new

    def repeat(self, repeated: Repeated) -> None:
        # An image that was left out where it was first met is left out here too.
        if repeated.sha256 in self.placements:
            self.placements[repeated.sha256].append(repeated.placement)

    def progress(self) -> Progress:
        page, pages = (self.searched.page, self.searched.pages) if self.searched else (0, 0)
        return Progress(page, pages, len(self.images))

    def pages(self, source: Source) -> int | None:
        return self.searched.pages if self.searched and source.kind == "pdf" else None

    def entries(self, answers: list[Prediction]) -> tuple[Entry, ...]:
        return tuple(
            Entry(
                index=index,
                page=found.placement.page if found.placement else None,
                bbox=found.placement.bbox if found.placement else None,
                url=found.url,
                origin=found.origin,
                width=found.width,
                height=found.height,
                sha256=found.sha256,
                label=answer.label,
                confidence=answer.confidence,
                probabilities=answer.probabilities,
                models=answer.models,
                review=answer.review,
                placements=tuple(self.placements[found.sha256]),
                thumbnail="data:image/png;base64," + base64.b64encode(found.png).decode() if found.png else None,
            )
            for index, (found, answer) in enumerate(zip(self.images.values(), answers, strict=True))
        )


_NO_PIXELS: Pixels = np.empty((0, 0, 3), dtype=np.uint8)


def _generator(findings: Iterator[Finding]) -> Generator[Finding]:
    yield from findings


def _summary(images: tuple[Entry, ...], skipped: int) -> Summary:
    medical = sum(entry.label == "medical" for entry in images)
    review = sum(entry.review for entry in images)
    return Summary(len(images), medical, len(images) - medical, review, skipped)


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
