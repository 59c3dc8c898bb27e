"""A classifier that can be predicted: TorchServe's protocol, with a rule of thumb in the place of the networks.

What the page shows must not depend on weights, so this says "medical" of pictures with a dark border, as most scans
have, "perhaps" of pink ones, and "no" of all others.
"""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from numpy.typing import NDArray


@dataclass
class Classifier:
    """Where it listens. While ``asleep`` is set it answers 503; while ``awake`` is cleared it holds its answers back."""

    url: str
    asleep: bool = False
    awake: threading.Event = field(default_factory=threading.Event)


def chance(pixels: NDArray[np.uint8]) -> float:
    """The medical probability of one picture [128,128,3]."""
    red, green, blue = pixels.reshape(-1, 3).mean(0)
    if np.median(pixels[:, :4]) < 50:
        return 0.97 - float(pixels.mean()) / 1000
    return 0.61 if min(red, blue) > green + 25 else 0.04


def prediction(medical: float) -> dict[str, object]:
    """One entry of the answer."""
    return {
        "label": "medical" if medical >= 0.5 else "non-medical",
        "confidence": max(medical, 1 - medical),
        "probabilities": {"medical": medical, "non_medical": 1 - medical},
        "models": {"original": max(medical - 0.03, 0.0), "finetuned": min(medical + 0.03, 1.0)},
        "review": 0.3 < medical < 0.7,
    }


@contextmanager
def running() -> Iterator[Classifier]:
    """Serve on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            classifier.awake.wait(30)
            if classifier.asleep:
                self._answer(503, b"{}")
                return
            batch = np.load(io.BytesIO(body), allow_pickle=False)
            answer = {
                "model": {"name": "rule", "version": "1"},
                "predictions": [prediction(chance(pixels)) for pixels in batch],
            }
            self._answer(200, json.dumps(answer).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    classifier = Classifier(f"http://127.0.0.1:{server.server_port}")
    classifier.awake.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield classifier
    finally:
        classifier.awake.set()
        server.shutdown()
        server.server_close()
        thread.join()
