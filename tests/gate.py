"""A door in front of a server that can be shut, as when the server is down, or hold callers, as when it is slow."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Any, Literal
from urllib.parse import urlsplit

State = Literal["open", "shut", "held"]


class Gate:
    """Forwards TCP connections to ``url`` while open; refuses them while shut; keeps them waiting while held.

    ``reached`` is set by the next connection after a change.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._target = (parts.hostname, parts.port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._state: State = "open"
        self.reached = threading.Event()
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Gate:
        self._run(self._accept)
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._hang_up()
        for thread in self._threads:
            thread.join()

    def turn(self, state: State) -> None:
        """Change, also for those who are connected: their connections end."""
        self._state = state
        self._hang_up()
        self.reached.clear()

    def _hang_up(self) -> None:
        while self._sockets:
            one = self._sockets.pop()
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(caller)
            if self._state == "shut":
                caller.close()
            elif self._state == "open":
                server = socket.create_connection(self._target)
                self._sockets.append(server)
                self._run(self._pump, caller, server)
                self._run(self._pump, server, caller)
            self.reached.set()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)

    def _run(self, work: Any, *args: Any) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
