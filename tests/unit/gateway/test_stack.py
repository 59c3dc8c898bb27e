import os
import signal
import socket
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from gateway import stack
from gateway.stack import Ports, Process, Stack, StackFailed, up
from tests.processes import ends, free_ports, is_running

SERVER = """
import http.server, subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Makes a module that a process can run."""
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    def make(code):
        (tmp_path / "part.py").write_text(code)
        return "part"

    return make


def test_a_process_is_waited_for_and_ends_with_all_that_it_started(module, tmp_path):
    port, log = free_ports(1)[0], tmp_path / "log"
    process = Process("part", [module(SERVER), str(port)], os.environ, log)
    try:
        process.wait_for(f"http://127.0.0.1:{port}/")
        process.check()
        child = int(log.read_text().split()[0])
        assert is_running(child)
    finally:
        process.stop()
    assert ends(child)
    with pytest.raises(StackFailed, match="part has stopped"):
        process.check()
    process.stop()  # again does no harm


def test_a_process_that_ends_by_itself_is_reported_with_its_last_words(module, tmp_path):
    process = Process("part", [module("raise SystemExit('no more room')")], os.environ, tmp_path / "log")
    with pytest.raises(StackFailed, match="part has stopped: no more room"):
        process.wait_for(f"http://127.0.0.1:{free_ports(1)[0]}/")
    process.stop()
    with pytest.raises(StackFailed, match="no more room"):
        Stack(parts={"part": process}).serve()


def test_torchserve_is_watched_and_left_for_its_owner_to_collect():
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as process:
        with pytest.raises(StackFailed, match="TorchServe has stopped"):
            Stack(torchserve=SimpleNamespace(pid=process.pid)).serve()
        assert process.wait(10) == 3


def test_a_process_that_ignores_the_signal_is_killed(module, tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "STOP_S", 0.2)
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(600)"
    log = tmp_path / "log"
    process = Process("part", [module(code)], os.environ, log)
    deadline = time.monotonic() + 60
    while "deaf" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.stop()
    with pytest.raises(StackFailed):
        process.check()


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_end_the_block_and_are_as_before_afterwards(sign):
    before = signal.getsignal(sign)
    with pytest.raises(KeyboardInterrupt), stack._signals():
        signal.raise_signal(sign)
    assert signal.getsignal(sign) is before


@pytest.mark.parametrize("name", ["gateway", "inference", "page", "bucket"])
def test_nothing_starts_where_a_port_is_taken(name):
    ports = dict(zip(("gateway", "inference", "page", "bucket"), free_ports(4), strict=True))
    taken = socket.create_server(("127.0.0.1", ports[name]))
    with taken, pytest.raises(StackFailed, match=f"port {ports[name]}, which"), up(Ports(**ports), os.environ):
        pytest.fail("it started")


def test_an_archive_that_cannot_be_built_is_one_line(tmp_path, monkeypatch):
    monkeypatch.setattr(stack, "MODEL_STORE", tmp_path)
    with pytest.raises(StackFailed) as caught, stack.inference(0, tmp_path / "run"):
        pytest.fail("it started")
    assert "original.safetensors" in caught.value.detail
    assert "\n" not in caught.value.detail


def test_nothing_of_the_environment_leads_the_parts_elsewhere():
    mine = {
        "PATH": "/bin",
        "MEDSIFT_SAGEMAKER_ENDPOINT": "medsift",
        "AWS_ENDPOINT_URL_S3": "http://elsewhere",
        "NO_PROXY": "a.example",
    }
    assert stack._here(mine) == {"PATH": "/bin", "NO_PROXY": "a.example,127.0.0.1", "no_proxy": "127.0.0.1"}


def test_two_parts_cannot_share_a_port():
    first, second, third = free_ports(3)
    with pytest.raises(StackFailed, match="same port"), up(Ports(first, second, first, third), os.environ):
        pass


def test_what_nohup_starts_outlasts_the_terminal():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with stack._signals():
            assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_IGN, signal.SIG_DFL)
    finally:
        signal.signal(signal.SIGHUP, before)
