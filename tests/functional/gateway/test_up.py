"""``medsift up``, whole: the real TorchServe, the gateway, the page and the bucket."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest
import requests

from gateway.stack import MODEL_STORE
from tests.documents import pdf
from tests.processes import descendants, ends, free_ports

NAMES = ("--port", "--inference-port", "--page-port", "--bucket-port")

needs_networks = pytest.mark.skipif(
    not all((MODEL_STORE / f"{name}.safetensors").is_file() for name in ("original", "finetuned")),
    reason="the networks' weights are not there",
)


def up(ports, *arguments, **options):
    options_of_ports = [str(part) for pair in zip(NAMES, ports, strict=True) for part in pair]
    return subprocess.Popen(
        [sys.executable, "-m", "gateway.cli", "up", *options_of_ports, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options,
    )  # fmt: skip


@needs_networks
@pytest.mark.slow
def test_the_stack_classifies_serves_and_leaves_nothing_behind(tmp_path):
    sample = tmp_path / "sample.pdf"
    sample.write_bytes(pdf(1, 2))
    ports = free_ports(4)
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with up(ports, "--then-classify", sample, env=environment) as process:
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip())
            if line.startswith("Ctrl-C"):
                break
        text = "\n".join(lines)
        assert "2 images:" in text, text
        assert text.index("2 images:") < text.index("gateway: http")
        gateway = f"http://127.0.0.1:{ports[0]}"
        assert requests.get(f"{gateway}/health", timeout=30).json()["model"]["name"] == "medsift"
        answer = requests.post(f"{gateway}/v1/classify", pdf(3), headers={"Content-Type": "application/pdf"}, timeout=60)
        assert answer.json()["summary"]["images"] == 1
        assert requests.get(f"http://127.0.0.1:{ports[2]}/_stcore/health", timeout=30).ok
        drop_and_wait(f"http://127.0.0.1:{ports[3]}/medsift")
        children = descendants(process.pid)
        assert len(children) >= 4  # Java, its worker, uvicorn, Streamlit
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert all(map(ends, children))
    assert not list(tmp_path.glob("medsift-*"))
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


def drop_and_wait(bucket):
    """Put a PDF into the bucket; its report lands there without any call."""
    assert requests.put(f"{bucket}/incoming/a%20scan.pdf", data=pdf(4), timeout=30).ok
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        report = requests.get(f"{bucket}/results/a%20scan.pdf/report.json", timeout=30)
        if report.ok:
            assert json.loads(report.content)["summary"]["images"] == 1
            return
        time.sleep(0.2)
    pytest.fail("no report came")


def test_a_port_that_is_taken_is_one_clear_line():
    ports = free_ports(4)
    with socket.create_server(("127.0.0.1", ports[1])), up(ports) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    line = output.splitlines()[-1]
    assert f"port {ports[1]}" in line
    assert line.endswith("(stack_failed)")
