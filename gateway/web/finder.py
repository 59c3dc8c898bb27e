"""From a page to its images: what it names, fetched side by side, decoded, each once, in the page's order."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor

from gateway.errors import MedsiftError, SourceTooLarge
from gateway.fetch import Fetcher
from gateway.images import Finding, FoundImage, Keep, Skipped
from gateway.limits import Limits
from gateway.sources import PAGE_TYPES, Source
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
    download = Download(fetcher, limits, keep, deadline, source.url)
    page, lost = _with_next(markup.read(source.data, source.url, source.charset), download, limits)
    pool = ThreadPoolExecutor(limits.fetch_parallel, thread_name_prefix="fetch")
    try:
        drawn, unread = stylesheets.pictures_of(page.sheets, download.get, pool, limits)
        pictures = distinct([*page.pictures, *drawn])
        yield from _once(_in_order(download, pictures[: limits.page_images], pool, 4 * limits.fetch_parallel))
        yield from [*lost, *unread]
        if (left := len(pictures) - limits.page_images) > 0:
            yield Skipped("limit_images", f"{left:,} more pictures; {limits.page_images:,} of a page are looked at")
    finally:
        download.stop()
        pool.shutdown(wait=False, cancel_futures=True)  # a caller that has enough does not wait for slow hosts


def _with_next(page: markup.Markup, download: Download, limits: Limits) -> tuple[markup.Markup, list[Skipped]]:
    """The page, and the one that its readers get to see next where it sends them on (``meta http-equiv=refresh``)."""
    following, seen = page.onward, set[str]()
    while following and following not in seen and len(seen) < limits.fetch_redirects:
        seen.add(following)
        try:
            response = download.get(following, limits.page_bytes)
        except MedsiftError as error:
            return page, [Skipped(error.code, f"the page that this one leads on to: {error.detail}", url=following)]
        if response.content_type not in PAGE_TYPES:
            break  # a file to take away
        further = markup.read(response.data, response.url, response.charset)
        page = markup.Markup(page.pictures + further.pictures, page.sheets + further.sheets)
        following = further.onward
    return page, []


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
