"""From a page to its images: what it names, fetched side by side, decoded, each once, in the page's order."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from gateway.errors import SourceTooLarge
from gateway.fetch import Fetcher
from gateway.images import Finding, FoundImage, Keep, Skipped
from gateway.limits import Limits
from gateway.sources import Source
from gateway.web import markup, stylesheets
from gateway.web.download import Download
from gateway.web.pictures import Picture, distinct


def find(
    source: Source, fetcher: Fetcher, limits: Limits, *, keep: Keep = Keep.NOTHING, deadline: float = math.inf
) -> Iterator[Finding]:
    """Find the images of a page (``source.kind == "page"``), scripts not run.

    Of each picture the largest candidate that can be had is reported, as ``FoundImage`` or, where it cannot be used, as
    ``Skipped`` with the code of what went wrong. The order is the page's own: first what its elements name, then what
    JSON-LD describes, then what style sheets draw. A second address of the same picture is ``Skipped("duplicate")``.
    What was not fetched by ``deadline``, a moment of :func:`time.monotonic`, is skipped.

    Reasons of its own: ``address_relative`` (the page was handed in without its address), ``not_an_image`` (a page or the
    like), ``svg`` (drawn, so never medical), ``limit_images``, ``limit_bytes`` and ``limit_time``.

    Raises:
        SourceTooLarge: The page itself has more than ``Limits.page_bytes``.
    """
    if len(source.data) > limits.page_bytes:
        raise SourceTooLarge(f"the page has more than {limits.page_bytes:,} bytes")
    page = markup.read(source.data, source.url, source.charset)
    download = Download(fetcher, limits, keep, deadline, source.url)
    pool = ThreadPoolExecutor(limits.fetch_parallel, thread_name_prefix="fetch")
    try:
        drawn, unread = stylesheets.pictures_of(page.sheets, download.get, pool, limits)
        pictures = distinct([*page.pictures, *drawn])
        yield from _once(_in_order(download, pictures[: limits.page_images], pool, 4 * limits.fetch_parallel))
        yield from unread
        if (left := len(pictures) - limits.page_images) > 0:
            yield Skipped("limit_images", f"{left:,} more pictures; {limits.page_images:,} of a page are looked at")
    finally:
        download.stop()
        pool.shutdown(wait=False, cancel_futures=True)  # a caller that has enough does not wait for slow hosts


def _in_order(
    download: Download, pictures: Iterable[Picture], pool: Executor, ahead: int
) -> Iterator[FoundImage | Skipped | None]:
    # A window, for what has been found and not yet asked for takes memory.
    waiting: deque[Future[FoundImage | Skipped | None]] = deque()
    for picture in pictures:
        waiting.append(pool.submit(download.picture, picture))
        if len(waiting) >= ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _once(findings: Iterable[FoundImage | Skipped | None]) -> Iterator[Finding]:
    seen: dict[str, str | None] = {}
    for finding in findings:
        if isinstance(finding, FoundImage):
            if finding.sha256 in seen:
                yield Skipped("duplicate", f"the same picture as {seen[finding.sha256]}", url=finding.url)
                continue
            seen[finding.sha256] = finding.url
        if finding is not None:
            yield finding
