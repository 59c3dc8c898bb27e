"""A PDF is classified a few pages at a time; the reports of its parts become one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from gateway.report import Entry, Report, Summary

FIRST_PAGES = 4
MOST_PAGES = 64
QUICK_S, SLOW_S = 8.0, 16.0


def merge(so_far: Report | None, part: Report) -> Report:
    """``so_far`` with the pictures of further pages: a picture that is in both stays one entry, with all its places."""
    if so_far is None:
        return part
    entries = {entry.sha256: entry for entry in so_far.images}
    for entry in part.images:
        known = entries.get(entry.sha256)
        if known is None:
            entries[entry.sha256] = replace(entry, index=len(entries))
        else:
            places = dict.fromkeys((*known.placements, *entry.placements))
            entries[entry.sha256] = replace(known, placements=tuple(places))
    images = tuple(entries.values())
    # What concerns the whole document comes with every part.
    skipped = so_far.skipped + tuple(s for s in part.skipped if s.page is not None or s not in so_far.skipped)
    times = so_far.timing_ms.keys() | part.timing_ms.keys()
    return replace(
        so_far,
        model=so_far.model or part.model,
        images=images,
        skipped=skipped,
        summary=summarise(images, len(skipped)),
        timing_ms={name: so_far.timing_ms.get(name, 0.0) + part.timing_ms.get(name, 0.0) for name in sorted(times)},
    )


def summarise(images: Iterable[Entry], skipped: int) -> Summary:
    """The sums over entries."""
    images = tuple(images)
    medical = sum(entry.label == "medical" for entry in images)
    review = sum(entry.review for entry in images)
    return Summary(len(images), medical, len(images) - medical, review, skipped)


def next_pages(done: range | None, took_s: float, pages: int | None) -> range | None:
    """Which pages to ask for after ``done``, or None when there are none left.

    Few at first, so that something appears soon, then twice as many each time while answers come quickly. Every part
    costs the start of a process, seconds on a busy machine, so only an answer that was really slow makes parts smaller.
    The number of ``pages`` is known only after the first answer, and is None for what has no pages.
    """
    if done is None:
        return range(1, FIRST_PAGES + 1)
    if pages is None or done.stop > pages:
        return None
    size = len(done)
    if took_s < QUICK_S:
        size = min(size * 2, MOST_PAGES)
    elif took_s > SLOW_S:
        size = max(size // 2, 1)
    return range(done.stop, min(done.stop + size, pages + 1))
