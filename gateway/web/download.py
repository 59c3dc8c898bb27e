"""From a picture's addresses to the picture."""

from __future__ import annotations

import threading
import time
from http import HTTPStatus

from gateway.errors import AddressStatus, AddressTimeout, FetchError, MedsiftError
from gateway.fetch import Fetcher, Response
from gateway.images import FoundImage, Keep, Origin, Skipped, inspect
from gateway.limits import Limits
from gateway.web import svg
from gateway.web.addresses import data_of, is_data, shown
from gateway.web.pictures import Candidate, Picture
from handler.preprocess import UndecodableImage, decode

ATTEMPTS = 4
"""Candidates of one picture that are tried until one is an image."""


class NotFetched(FetchError):
    """An address that was not even tried. Never leaves this package; its code becomes a reason."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


class Download:
    """Fetches and decodes one page's pictures, which share its time and bytes. Used by many threads."""

    def __init__(self, fetcher: Fetcher, limits: Limits, keep: Keep, deadline: float, page: str | None = None) -> None:
        self._fetcher = fetcher
        self._page = page
        self._limits = limits
        self._keep = keep
        self._deadline = min(time.monotonic() + limits.page_wall_s, deadline)
        self._bytes_left = limits.page_total_bytes
        self._lock = threading.Lock()
        self._decoding = threading.Lock()  # one picture's pixels at a time in memory, however many are under way

    def stop(self) -> None:
        """Begin nothing more."""
        self._deadline = float("-inf")

    def get(self, address: str, most: int) -> Response:
        """Fetch an address within what the page has left.

        Raises:
            FetchError: As :meth:`gateway.fetch.Fetcher.get` does, or the page has no time or bytes left.
            SourceTooLarge: More than ``most`` bytes.
        """
        if "://" not in address:
            raise NotFetched("address_relative", "the page was handed in without its address, where this one starts")
        if time.monotonic() > self._deadline:
            raise _too_late()
        if self._bytes_left <= 0:
            raise NotFetched("limit_bytes", f"the page's images have more than {self._limits.page_total_bytes:,} bytes")
        try:
            response = self._fetched(address, most)
        except AddressTimeout:
            if time.monotonic() > self._deadline:
                raise _too_late() from None
            raise
        with self._lock:
            self._bytes_left -= len(response.data)
        return response

    def _fetched(self, address: str, most: int) -> Response:
        try:
            return self._fetcher.get(address, max_bytes=most, deadline=self._deadline)
        except AddressStatus as error:
            if error.http_status != HTTPStatus.FORBIDDEN or self._page is None:
                raise
            # Guards against foreign use let only those through who say which page they read.
            return self._fetcher.get(address, max_bytes=most, deadline=self._deadline, referrer=self._page)

    def picture(self, picture: Picture) -> FoundImage | Skipped | None:
        """The best candidate that is an image, or why the best of all is none. None for a link that leads to a page."""
        first: FoundImage | Skipped | None = None
        for candidate in picture.candidates[:ATTEMPTS]:
            finding = self._candidate(candidate)
            if isinstance(finding, FoundImage):
                return finding
            first = first or finding
        if picture.link and isinstance(first, Skipped) and first.reason == "not_an_image":
            return None
        return first

    def _candidate(self, candidate: Candidate) -> FoundImage | Skipped:
        url = shown(candidate.address)
        try:
            origin: Origin = candidate.origin
            if is_data(candidate.address):
                origin, (content_type, data) = "data", data_of(candidate.address)
            else:
                response = self.get(candidate.address, self._limits.fetch_bytes)
                content_type, data = response.content_type, response.data
            if svg.is_svg(data, content_type):
                return Skipped("svg", "a drawing, and no picture that a device took", url=url)
            with self._decoding:
                return inspect(decode(data, self._limits.image_pixels), origin, self._limits, url=url, keep=self._keep)
        except UndecodableImage as error:
            if error.code == "image_unsupported" and _is_text(content_type):
                return Skipped("not_an_image", f"the address gives {content_type}", url=url)
            return Skipped(error.code, error.detail, url=url)
        except MedsiftError as error:
            return Skipped(error.code, error.detail, url=url)
        except ValueError:
            return Skipped("address_invalid", "a data: address that holds none", url=url)


def _too_late() -> NotFetched:
    return NotFetched("limit_time", "the time for the page was over")


def _is_text(content_type: str) -> bool:
    return content_type.startswith("text/") or content_type in ("application/xhtml+xml", "application/json", "application/pdf")
