"""The archive as SageMaker gets it, served the way SageMaker starts the image: unpacked into a folder, ``serve``, one port."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
import requests

from handler import archive
from infra.containers import serve
from infra.model import repack
from infra.packaging import ROOT
from tests.processes import free_ports

START_S = 300


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """/opt/ml/model."""
    store = ROOT / "model_store"
    if not (store / "finetuned.safetensors").is_file():
        pytest.skip("the networks are not there")
    folder = tmp_path_factory.mktemp("sagemaker")
    packed = repack(archive.build(store, folder), folder / "model.tar.gz")
    with tarfile.open(packed) as tar:
        tar.extractall(folder / "model", filter="data")
    return folder / "model"


@pytest.fixture(scope="module")
def endpoint(model):
    port, management, metrics, grpc, grpc_management = free_ports(5)
    scratch = Path(tempfile.mkdtemp(prefix="medsift-"))  # a short path: the worker's socket lies in it
    environment = {
        "PATH": os.environ["PATH"],
        "MEDSIFT_HOME": str(ROOT),
        "MEDSIFT_MODEL": str(model),
        "TMPDIR": str(scratch),
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "TS_MANAGEMENT_ADDRESS": f"http://127.0.0.1:{management}",
        "TS_METRICS_ADDRESS": f"http://127.0.0.1:{metrics}",
        "TS_GRPC_INFERENCE_PORT": str(grpc),
        "TS_GRPC_MANAGEMENT_PORT": str(grpc_management),
    }
    command = [sys.executable, serve.__file__, "serve"]
    with (scratch / "log").open("wb") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/ping", server, scratch / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def wait_for(url, server, log):
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(requests.RequestException):
            if requests.get(url, timeout=5).status_code == 200:
                return
        time.sleep(0.25)
    raise AssertionError(log.read_text()[-3000:])


@pytest.mark.slow
def test_ping_and_invocations(endpoint):
    body = io.BytesIO()
    np.save(body, np.full((3, 128, 128, 3), 128, np.uint8), allow_pickle=False)
    answer = requests.post(
        f"{endpoint}/invocations", body.getvalue(), headers={"Content-Type": "application/x-npy"}, timeout=START_S
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["model"]["name"] == "medsift"
    assert len(answer.json()["predictions"]) == 3
    assert requests.get(f"{endpoint}/ping", timeout=5).json() == {"status": "Healthy"}


@pytest.mark.slow
def test_a_body_that_is_no_image_is_refused_without_harm(endpoint):
    answer = requests.post(f"{endpoint}/invocations", b"x", headers={"Content-Type": "application/x-npy"}, timeout=START_S)
    assert answer.status_code == 400
    assert requests.get(f"{endpoint}/ping", timeout=5).status_code == 200
