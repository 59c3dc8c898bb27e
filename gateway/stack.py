"""``medsift up``: everything on this machine, for as long as the block lasts, and nothing of it afterwards."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import astuple, dataclass, field
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import requests

from gateway.errors import MedsiftError
from gateway.limits import MIB

if TYPE_CHECKING:
    from gateway.local import LocalBucket
    from handler.server import TorchServe

HOST = "127.0.0.1"
START_S = 300.0
STOP_S = 10.0
ROOT = Path(__file__).resolve().parent.parent
MODEL_STORE = ROOT / "model_store"
PAGE = ROOT / "app" / "main.py"
ELSEWHERE = frozenset((
    "MEDSIFT_SAGEMAKER_ENDPOINT", "AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_SQS", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
))  # fmt: skip
"""Variables of those who also work with a medsift on AWS, or with other servers."""
INLINE_BYTES = 100 * MIB  # no function's front limits a request here


class StackFailed(MedsiftError):
    """A part of the local stack does not start, or has stopped."""

    code, title = "stack_failed", "The local stack does not run"


@dataclass(frozen=True)
class Ports:
    """Where the parts listen, on 127.0.0.1."""

    gateway: int = 8000
    inference: int = 8080
    page: int = 8501
    bucket: int = 9000


@dataclass
class Stack:
    """What runs. ``addresses`` maps each part to where it is found."""

    addresses: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Process] = field(default_factory=dict)
    torchserve: TorchServe | None = None

    def serve(self) -> None:
        """Wait until a signal comes.

        Raises:
            StackFailed: A part has stopped by itself.
        """
        while True:
            for part in self.parts.values():
                part.check()
            # Only looked at: collecting the child is for the one who started it.
            if self.torchserve and self.torchserve.pid and os.waitid(os.P_PID, self.torchserve.pid, _LOOK):
                raise StackFailed("TorchServe has stopped")
            time.sleep(0.5)


class Process:
    """A child process with a log of its own, in a session of its own, so that only we are told of Ctrl-C."""

    def __init__(self, name: str, arguments: list[str], environment: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._log = log
        with log.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
                [sys.executable, "-m", *arguments],
                env=dict(environment), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip

    def check(self) -> None:
        """Raise :class:`StackFailed` where it has ended."""
        if self._process.poll() is not None:
            lines = self._log.read_text("utf-8", "replace").strip().splitlines()
            raise StackFailed(f"{self.name} has stopped: {lines[-1] if lines else 'it says nothing'}")

    def wait_for(self, url: str) -> None:
        """Wait until ``url`` answers 200."""
        with requests.Session() as session:
            session.trust_env = False
            deadline = time.monotonic() + START_S
            while time.monotonic() < deadline:
                self.check()
                try:
                    if session.get(url, timeout=START_S).status_code == requests.codes.ok:
                        return
                except requests.RequestException:
                    pass
                time.sleep(0.1)
        raise StackFailed(f"{self.name} is not ready after {START_S:.0f} s")

    def stop(self) -> None:
        """End it and all that it started."""
        for sign in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self._process.pid, sign)
            except ProcessLookupError:
                break
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                continue
        self._process.wait()


@contextmanager
def inference(port: int, folder: Path) -> Iterator[TorchServe]:
    """TorchServe with an archive of the networks at hand. Port 0 takes one that is free.

    Raises:
        StackFailed: It does not come up.
    """
    from handler import archive, server

    with ExitStack() as stopping:
        try:
            mar = archive.build(MODEL_STORE, folder)  # takes a second, and is never of yesterday's networks
            torchserve = stopping.enter_context(server.TorchServe(mar, folder, port))
        except (OSError, RuntimeError) as error:
            raise _failed(error) from None
        yield torchserve


@contextmanager
def up(ports: Ports, environment: Mapping[str, str]) -> Iterator[Stack]:
    """TorchServe, the gateway, and the page and the bucket where their packages are there.

    Everything has been started when the block begins; :func:`ready` waits until all of it answers.

    Raises:
        StackFailed: A port is taken, or a part does not start.
    """
    has_page, has_bucket = PAGE.exists() and bool(find_spec("streamlit")), bool(find_spec("moto") and find_spec("flask"))
    for name, port, needed in (
        ("the gateway", ports.gateway, True),
        ("TorchServe", ports.inference, True),
        ("the page", ports.page, has_page),
        ("the bucket", ports.bucket, has_bucket),
    ):
        if needed:
            _check_free(name, port)
    if len(set(astuple(ports))) < len(astuple(ports)):
        raise StackFailed("two parts are to have the same port")
    stack = Stack()
    with _signals(), ExitStack() as stopping:
        folder = Path(stopping.enter_context(tempfile.TemporaryDirectory(prefix="medsift-")))
        stack.torchserve = stopping.enter_context(inference(ports.inference, folder / "torchserve"))
        stack.addresses["TorchServe"] = stack.torchserve.url
        variables = {"MEDSIFT_INLINE_BYTES": str(INLINE_BYTES)} | _here(environment)
        variables["MEDSIFT_INFERENCE_URL"] = stack.torchserve.url
        variables["MEDSIFT_GATEWAY_URL"] = stack.addresses["gateway"] = f"http://{HOST}:{ports.gateway}"
        if has_bucket:
            bucket = stopping.enter_context(_bucket(stack.torchserve.url, ports.bucket))
            variables |= bucket.environment
            stack.addresses["bucket"] = f"{bucket.endpoint_url}/{bucket.bucket}"

        def start(name: str, *arguments: str) -> None:
            part = Process(name, list(arguments), variables, folder / f"{name}.log")
            stopping.callback(part.stop)
            stack.parts[name] = part

        start("gateway", "uvicorn", "--factory", "gateway.asgi:create", "--host", HOST, "--port", str(ports.gateway),
              "--log-level", "warning", "--no-server-header", "--timeout-graceful-shutdown", "5")  # fmt: skip
        if has_page:
            start("page", "streamlit", "run", str(PAGE), "--server.address", HOST, "--server.port", str(ports.page),
                  "--server.headless", "true", "--browser.gatherUsageStats", "false")  # fmt: skip
            stack.addresses["page"] = f"http://{HOST}:{ports.page}"
        try:
            yield stack
        finally:
            for number in _STOPPING:
                signal.signal(number, signal.SIG_IGN)  # we are stopping already, and leave nothing behind


def ready(stack: Stack) -> None:
    """Wait until all parts answer. Raises :class:`StackFailed`."""
    stack.parts["gateway"].wait_for(stack.addresses["gateway"] + "/health")
    if "page" in stack.parts:
        stack.parts["page"].wait_for(stack.addresses["page"] + "/_stcore/health")


def _bucket(inference_url: str, port: int) -> LocalBucket:
    from gateway import compose
    from gateway.local import LocalBucket
    from gateway.settings import Settings

    settings = Settings(inference_url=inference_url, sagemaker_endpoint=None)
    return LocalBucket(compose.service(settings), settings.limits, port=port)


def _here(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment without what would lead the parts of this stack to somewhere else."""
    own = {name: value for name, value in environment.items() if name not in ELSEWHERE}
    return own | {name: ",".join(filter(None, (own.get(name), HOST))) for name in ("NO_PROXY", "no_proxy")}


def _failed(error: Exception) -> StackFailed:
    # The last lines of TorchServe's log are part of the message; a person needs what happened and the last of them.
    first, *rest = str(error).strip().splitlines() or [type(error).__name__]
    return StackFailed(f"{first}: {rest[-1].strip()}" if rest else first)


_LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def _signals() -> Iterator[None]:
    def stop(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    # nohup has SIGHUP ignored, so that what it starts outlasts the terminal.
    heard = [number for number in _STOPPING if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, stop) for number in heard}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


def _check_free(name: str, port: int) -> None:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((HOST, port))
        except OSError as error:
            raise StackFailed(f"port {port}, which {name} needs, cannot be had ({error.strerror})") from None
