"""Lambda on this machine: AWS's own runtime client runs a function of this repository against a small Runtime API.

The API is the documented one (https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), without what a caller does not
see: no sandbox, no freezing between calls.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
API = "/2018-06-01/runtime"
TRACE = "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1"


class FunctionDied(Exception):
    """The process ended during a call."""


class FunctionFailed(Exception):
    """The handler raised."""


class Function:
    """A function in a process of its own, as a context manager. A process that died is replaced at the next call."""

    def __init__(self, handler: str, environment: dict[str, str], log: Path) -> None:
        self._handler = handler
        self._environment = environment
        self._log = log
        self._events: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._answers: queue.Queue[tuple[str, bytes]] = queue.Queue()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Function:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._api())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def invoke(self, event: dict[str, Any], timeout_s: float = 120.0) -> Any:
        """Call the function and wait for its answer.

        Raises:
            FunctionDied: The process ended before it answered.
            FunctionFailed: The handler raised, or could not be loaded.
        """
        if self._process is None or self._process.poll() is not None:
            self._start()
        assert self._process
        self._events.put((uuid.uuid4().hex, json.dumps(event).encode()))
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            try:
                kind, body = self._answers.get(timeout=0.05)
            except queue.Empty:
                if self._process.poll() is not None:
                    raise FunctionDied(f"exit status {self._process.returncode}") from None
                continue
            if kind == "response":
                return json.loads(body)
            raise FunctionFailed(body.decode())
        raise TimeoutError("the function does not answer")

    def kill(self) -> None:
        """End the process at once, as running out of memory would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def log(self) -> str:
        """Everything that the function wrote."""
        return self._log.read_text()

    def log_lines(self) -> list[dict[str, Any]]:
        """The JSON among it."""
        return [json.loads(line) for line in self.log().splitlines() if line.startswith("{")]

    def _start(self) -> None:
        self._events = queue.Queue()  # the old one may still have the poll of a dead process waiting at it
        names = {
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{self._server.server_port}",
            "AWS_LAMBDA_FUNCTION_NAME": self._handler.rpartition(".")[0].rpartition(".")[2],
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048",
            "LAMBDA_TASK_ROOT": str(ROOT),
            **self._environment,
        }
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", self._handler], cwd=ROOT, env=names, stdout=log, stderr=log
            )

    def _api(self) -> type[BaseHTTPRequestHandler]:
        function, answers = self, self._answers

        class Api(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == f"{API}/invocation/next"
                call, body = function._events.get()
                self.send_response(200)
                for name, value in {
                    "Lambda-Runtime-Aws-Request-Id": call,
                    "Lambda-Runtime-Deadline-Ms": str(int((time.time() + 120) * 1000)),
                    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:medsift",
                    "Lambda-Runtime-Trace-Id": TRACE,
                    "Content-Type": "application/json",
                    "Content-Length": str(len(body)),
                }.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                answers.put((self.path.rpartition("/")[2], body))
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Api
