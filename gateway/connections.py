"""Connections to the public internet alone.

A name is resolved once, every address that it resolves to is checked, and the socket goes to an address so checked. There
is no moment between check and connection in which the name could come to mean something else (DNS rebinding). Host header,
certificate check and SNI still see the name, because only the making of the socket is ours.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from gateway.errors import AddressForbidden, AddressTimeout, AddressUnreachable

Resolve = Callable[..., list[tuple[Any, ...]]]
"""A stand-in for :func:`socket.getaddrinfo`."""

GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
DOCUMENTATION = ipaddress.IPv6Network("3fff::/20")  # RFC 9637, which Python learnt of late


@dataclass
class Trip:
    """What happens inside :func:`until`: whether a socket was made, or all went over one that was open already."""

    deadline: float
    connected: bool = False


_trip: ContextVar[Trip] = ContextVar("trip")


@contextmanager
def until(deadline: float) -> Iterator[Trip]:
    """Everything that connects or reads inside ends at this moment of :func:`time.monotonic`."""
    token = _trip.set(trip := Trip(deadline))
    try:
        yield trip
    finally:
        _trip.reset(token)


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet, and so does any IPv4 address that it carries inside.

    IPv6 has several ways of writing an IPv4 address that a router or the kernel would follow: mapped (RFC 4291), NAT64
    (RFC 6052) and 6to4 (RFC 3056). Teredo's, and everything else outside 2000::/3, are refused as they are.
    """
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv4Address):
        return ip.is_global and not ip.is_multicast
    if ip.ipv4_mapped is not None:
        return is_public(str(ip.ipv4_mapped))
    if ip in NAT64:
        return is_public(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
    if ip.sixtofour is not None and not is_public(str(ip.sixtofour)):
        return False
    return ip in GLOBAL_UNICAST and ip not in DOCUMENTATION and ip.is_global


class Door:
    """Makes sockets, to checked addresses only.

    ``allow_hosts`` holds ``host:port`` that need not be public, an IPv6 address in brackets: ``[::1]:8000``. Raises
    ValueError where one of them is something else.
    """

    def __init__(self, allow_hosts: frozenset[str], resolve: Resolve, connect_s: float, read_s: float) -> None:
        self._allowed = frozenset(map(_host_and_port, allow_hosts))
        self._resolve = resolve
        self._connect_s = connect_s
        self._read_s = read_s

    def open(self, host: str, port: int) -> socket.socket:
        """A connected socket.

        Raises:
            AddressForbidden: One of the addresses of ``host`` is not public.
            AddressTimeout: None of them answers in time.
            AddressUnreachable: It has none, or none can be connected to.
        """
        try:
            found = self._resolve(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):  # UnicodeError: a label that is empty or too long for DNS
            raise AddressUnreachable("the host's name has no address") from None
        allowed = (_plain(host), port) in self._allowed
        if not allowed and not all(is_public(entry[4][0]) for entry in found):
            raise AddressForbidden("the address does not lead to the public internet")
        _trip.get().connected = True
        failure: AddressTimeout | AddressUnreachable = AddressUnreachable("the host refuses the connection")
        for family, kind, protocol, _, address in found:
            try:
                return self._connected(socket.socket(family, kind, protocol), address)
            except TimeoutError:
                failure = AddressTimeout("the host does not answer in time")
            except OSError:
                continue
        raise failure

    def _connected(self, sock: socket.socket, address: Any) -> socket.socket:
        try:
            sock.settimeout(_left(self._connect_s))
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.connect(address)
        except OSError:
            sock.close()
            raise
        return sock

    def response(self, sock: socket.socket, *args: Any, **kwargs: Any) -> http.client.HTTPResponse:
        """An HTTP response that reads from ``sock`` until the deadline, however slowly the bytes drip."""
        response = http.client.HTTPResponse(sock, *args, **kwargs)
        response.fp = io.BufferedReader(_BoundedReader(response.fp.detach(), sock, self._read_s))
        return response


class PublicAdapter(HTTPAdapter):
    """Requests' adapter, with sockets from a :class:`Door`."""

    def __init__(self, door: Door, connections_per_host: int) -> None:
        self._door = door
        super().__init__(pool_maxsize=connections_per_host)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        """Swap the two classes of connections for those that go through the door."""
        super().init_poolmanager(*args, **kwargs)
        door = self._door

        class Plain(HTTPConnection):
            response_class = door.response  # type: ignore[assignment]  # called, never subclassed

            def _new_conn(self) -> socket.socket:
                return door.open(self._dns_host, self.port)

        class Encrypted(HTTPSConnection):
            response_class = door.response  # type: ignore[assignment]  # called, never subclassed

            def _new_conn(self) -> socket.socket:
                return door.open(self._dns_host, self.port)

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(HTTPSConnectionPool):
            ConnectionCls = Encrypted

        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": EncryptedPool}


class _BoundedReader(io.RawIOBase):
    # A socket's own time-out starts anew with each byte; this one also ends at the deadline.
    def __init__(self, raw: io.RawIOBase, sock: socket.socket, read_s: float) -> None:
        self._raw = raw
        self._sock = sock
        self._read_s = read_s

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(_left(self._read_s))
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


def _host_and_port(allowed: str) -> tuple[str, int]:
    match = re.fullmatch(r"\[([0-9A-Fa-f:.]+)\]:(\d+)|([^\s:/@\[\]]+):(\d+)", allowed)
    if match is None:
        raise ValueError(f"{allowed!r} is not host:port")
    return _plain(match[1] or match[3]), int(match[2] or match[4])


def _plain(host: str) -> str:
    # Names mean the same in either case, and with the root's dot.
    return host.lower().rstrip(".")


def _left(bound: float) -> float:
    left = min(bound, _trip.get().deadline - time.monotonic())
    if left <= 0:
        raise TimeoutError
    return left
