"""An inference endpoint on loopback that answers as a test tells it to."""

from __future__ import annotations

import io
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

Reply = tuple[int, dict[str, str], bytes]


@dataclass
class Endpoint:
    """``replies`` are given first, one per request, then predictions; ``delay_s`` comes before each answer."""

    url: str
    replies: list[Reply] = field(default_factory=list)
    delay_s: float = 0.0
    batches: list[int] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def document(count: int, **changes: object) -> bytes:
    """A response document of ``count`` medical images; ``changes`` go into the first one."""
    entries = [
        {
            "label": "medical",
            "confidence": 0.9,
            "probabilities": {"medical": 0.9, "non_medical": 0.1},
            "models": {"original": 0.85, "finetuned": 0.95},
            "review": False,
        }
        for _ in range(count)
    ]
    if changes:
        entries[0] |= changes
    return json.dumps({"model": {"name": "medsift", "version": "test"}, "predictions": entries}).encode()


@contextmanager
def running(*replies: Reply) -> Iterator[Endpoint]:
    """Serve on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
            time.sleep(endpoint.delay_s)
            if self.path != "/predictions/medsift":
                self._answer(404, {}, b"")
            elif endpoint.replies:
                self._answer(*endpoint.replies.pop(0))
            else:
                count = len(np.load(io.BytesIO(body), allow_pickle=False))
                endpoint.batches.append(count)
                self._answer(200, {}, document(count))

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            try:
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)
            except OSError:
                pass  # whoever asked has given up

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    endpoint = Endpoint(f"http://127.0.0.1:{server.server_port}", list(replies))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield endpoint
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
