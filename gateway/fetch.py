"""The only door to the network: an address in, its bytes out, whoever wrote the address.

Nothing of this machine goes along: no session, no ``.netrc``, no proxies and no credentials of the environment. Cookies live
as long as one call: publishers set one, redirect, and turn away who comes without it.
"""

from __future__ import annotations

import math
import re
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from email.message import Message
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import SplitResult, urljoin, urlsplit
from weakref import WeakValueDictionary

import requests
from requests.cookies import RequestsCookieJar
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError
from urllib3.response import HTTPResponse

from gateway.connections import Door, PublicAdapter, Resolve, Trip, until
from gateway.errors import AddressInvalid, AddressStatus, AddressTimeout, AddressUnreachable, FetchError, SourceTooLarge
from gateway.limits import Limits

CHUNK = 1 << 16
URL_LENGTH = 8_192
REDIRECTS = (301, 302, 303, 307, 308)
PACKED = frozenset(("br", "compress", "dcb", "dcz", "x-compress", "zstd")).difference(HTTPResponse.CONTENT_DECODERS)
"""Ways to compress that cannot be undone here, and that some hosts use although nobody asked for them."""


def _user_agent() -> str:
    try:
        return f"medsift/{version('medsift')}"
    except PackageNotFoundError:  # run from a checkout, or unpacked from an archive
        return "medsift"


HEADERS = {"User-Agent": _user_agent(), "Accept": "*/*", "Accept-Encoding": "gzip, deflate"}


@dataclass(frozen=True)
class Response:
    """What an address answered. ``url`` is the last one of its redirects; the media type is in lower case, or empty."""

    url: str
    content_type: str
    charset: str | None
    data: bytes


class Fetcher:
    """Fetches, within limits, from the public internet alone. May be shared by threads.

    ``allow_hosts`` holds ``host:port`` that may be fetched although they are not public.
    """

    def __init__(
        self, limits: Limits, allow_hosts: frozenset[str] = frozenset(), resolve: Resolve = socket.getaddrinfo
    ) -> None:
        self._limits = limits
        door = Door(allow_hosts, resolve, limits.fetch_connect_s, limits.fetch_read_s)
        self._adapter = PublicAdapter(door, limits.fetch_per_host)
        self._slots: WeakValueDictionary[str, threading.BoundedSemaphore] = WeakValueDictionary()
        self._lock = threading.Lock()

    def get(
        self, url: str, *, max_bytes: int | None = None, deadline: float = math.inf, referrer: str | None = None
    ) -> Response:
        """Fetch an address, through its redirects. Waits while its host already serves as many as it should.

        Args:
            url: http or https, without a user name or password.
            max_bytes: How much to take, after decompression; ``Limits.fetch_bytes`` where not given.
            deadline: The moment of :func:`time.monotonic` to give up at, whatever is being waited for.
            referrer: The page that names the address. Its own host is told all of it, others its host alone.

        Raises:
            AddressInvalid: Not an http or https address.
            AddressForbidden: It, or a redirect, leads to something that is not the public internet.
            AddressUnreachable: No such host, no connection, or a broken answer.
            AddressTimeout: Not done within ``Limits.fetch_total_s`` or by the deadline, or silent for ``Limits.fetch_read_s``.
            AddressStatus: An HTTP error, or too many redirects.
            SourceTooLarge: More than ``max_bytes``.
        """
        bound = self._limits.fetch_bytes if max_bytes is None else max_bytes
        left = self._limits.fetch_total_s
        cookies = RequestsCookieJar()
        for _ in range(self._limits.fetch_redirects + 1):
            request = _prepare(url, cookies, referrer)
            with self._slot(urlsplit(str(request.url)).netloc.lower(), deadline):
                started = time.monotonic()
                with until(min(started + left, deadline)) as trip:
                    answer = self._hop(request, bound, cookies, trip)
                left -= time.monotonic() - started
            if isinstance(answer, Response):
                return answer
            url = answer
        raise AddressStatus(f"the address redirects more than {self._limits.fetch_redirects} times", HTTPStatus.FOUND)

    def _hop(self, request: requests.PreparedRequest, bound: int, cookies: RequestsCookieJar, trip: Trip) -> Response | str:
        """One request: the answer, or the address that it redirects to."""
        url = str(request.url)
        try:
            with closing(self._sent(request, trip)) as response:
                status = response.status_code
                cookies.update(response.cookies)
                if status in REDIRECTS and "Location" in response.headers:
                    # Headers come as latin-1; browsers read a redirect's as UTF-8.
                    target = response.headers["Location"].encode("latin-1").decode("utf-8", "replace")
                    return _join(url, target)
                if not 200 <= status < 300:
                    raise AddressStatus(f"the address answers {_phrase(status)}", status)
                content_type, charset = _media(response.headers.get("Content-Type"))
                return Response(url, content_type, charset, _body(response, bound))
        except FetchError:
            raise
        except (requests.Timeout, ReadTimeoutError):
            raise AddressTimeout("the host does not answer in time") from None
        except requests.exceptions.SSLError:
            raise AddressUnreachable("the host's certificate cannot be trusted, or it does not speak TLS") from None
        except (requests.RequestException, HTTPError, OSError):
            raise AddressUnreachable("the host breaks off, or its answer is not HTTP") from None

    def _sent(self, request: requests.PreparedRequest, trip: Trip) -> requests.Response:
        timeout = (self._limits.fetch_connect_s, self._limits.fetch_read_s)
        while True:
            try:
                return self._adapter.send(request, stream=True, timeout=timeout)
            except requests.ConnectionError as error:
                # A host may close a connection that it kept open just when it is used again: that is no answer.
                if trip.connected or not isinstance(error.args[0], ProtocolError):
                    raise

    @contextmanager
    def _slot(self, host: str, deadline: float) -> Iterator[None]:
        """One of the places at a host, once there is one."""
        slot = self._slots_of(host)
        if not slot.acquire(timeout=max(0.0, min(deadline - time.monotonic(), threading.TIMEOUT_MAX))):
            raise AddressTimeout("the host was busy with other addresses for all the time there was")
        try:
            yield
        finally:
            slot.release()

    def _slots_of(self, host: str) -> threading.BoundedSemaphore:
        # Kept only while somebody holds it: a service that runs for months does not collect every host it ever met.
        with self._lock:
            slot = self._slots.get(host)
            if slot is None:
                slot = self._slots[host] = threading.BoundedSemaphore(self._limits.fetch_per_host)
            return slot


def _prepare(url: str, cookies: RequestsCookieJar, referrer: str | None) -> requests.PreparedRequest:
    url = url.strip()
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise AddressInvalid("only http and https addresses can be fetched")
        if parts.username is not None or parts.password is not None:
            raise AddressInvalid("an address may not hold a user name or password")
        if len(url) > URL_LENGTH:
            raise AddressInvalid(f"the address is longer than {URL_LENGTH} characters")
        headers = HEADERS | ({"Referer": told} if referrer and (told := _told(urlsplit(referrer), parts)) else {})
        return requests.Request("GET", url, headers=headers, cookies=cookies).prepare()
    except ValueError:  # which requests' own errors about addresses are as well
        raise AddressInvalid("the address is malformed") from None


def _told(page: SplitResult, target: SplitResult) -> str:
    # As browsers do by default (Referrer Policy, "strict-origin-when-cross-origin").
    if (page.scheme, page.netloc) == (target.scheme, target.netloc):
        return page._replace(fragment="").geturl()
    return "" if (page.scheme, target.scheme) == ("https", "http") else f"{page.scheme}://{page.netloc}/"


def _join(base: str, target: str) -> str:
    try:
        return urljoin(base, target)
    except ValueError:
        raise AddressInvalid("the address redirects to a malformed one") from None


def _body(response: requests.Response, bound: int) -> bytes:
    too_large = SourceTooLarge(f"the address gives more than {bound:,} bytes")
    announced = response.headers.get("Content-Length", "")
    if announced.isdecimal() and int(announced) > bound:
        raise too_large
    if packed := PACKED.intersection(re.split(r"[\s,]+", response.headers.get("Content-Encoding", "").lower())):
        raise AddressUnreachable(f"the host compresses its answer in a way that was not asked for ({', '.join(packed)})")
    data = bytearray()
    # read1 gives what has arrived: a read of a fixed size would wait for all of it. It also decompresses piecemeal, so
    # that a small answer cannot unfold into all the memory there is.
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        data += chunk
        if len(data) > bound:
            raise too_large
    return bytes(data)


def _media(header: str | None) -> tuple[str, str | None]:
    if not header:
        return "", None
    message = Message()
    message["Content-Type"] = header
    return message.get_content_type(), message.get_content_charset()


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
