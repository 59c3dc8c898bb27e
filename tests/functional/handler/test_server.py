"""However a TorchServe of one's own ends, nothing of it stays."""

import signal
import socket
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import psutil
import pytest
import requests

from handler.archive import build
from handler.server import ServerFailed, TorchServe, _escaped
from tests.documents import picture

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return build(ROOT / "model_store", tmp_path_factory.mktemp("archive"))


def running(folder):
    """Processes that name this folder in their command line, and their children."""
    found = []
    for process in psutil.process_iter(["pid", "cmdline", "status"]):
        words = process.info["cmdline"] or []
        if process.info["status"] != psutil.STATUS_ZOMBIE and any(str(folder) in word for word in words):
            found.append(process)
            found.extend(child for child in process.children(recursive=True) if child.is_running())
    return found


def words(process):
    """Its command line; empty where it has just ended."""
    try:
        return " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return ""


def test_ctrl_c_while_it_comes_up_leaves_no_process(archive, tmp_path):
    code = (
        "import signal, sys; from pathlib import Path; from handler.server import TorchServe\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell's background job ignores it
        "with TorchServe(Path(sys.argv[1]), Path(sys.argv[2]), 0): signal.pause()"
    )
    command = [sys.executable, "-c", code, str(archive), str(tmp_path / "run")]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) as owner:
        deadline = time.monotonic() + 120
        while not any("model_service_worker" in words(process) for process in running(tmp_path / "run")):
            assert time.monotonic() < deadline, "no worker was started"
            time.sleep(0.1)
        everything = [process for process in running(tmp_path / "run") if process.pid != owner.pid]
        owner.send_signal(signal.SIGINT)
        assert owner.wait(60) != 0
    _, alive = psutil.wait_procs(everything, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
    assert sorted(path.name for path in (tmp_path / "run").iterdir()) == ["config.properties", "torchserve.log"]


def test_a_worker_that_dies_is_started_anew(archive, tmp_path):
    with TorchServe(archive, tmp_path / "run", 0) as server, requests.Session() as session:
        session.trust_env = False
        worker = next(process for process in running(tmp_path / "run") if "model_service_worker" in words(process))
        worker.kill()
        worker.wait(10)
        deadline = time.monotonic() + 120
        while (answer := session.post(f"{server.url}/predictions/medsift", picture(1), timeout=60)).status_code != 200:
            assert answer.status_code in (500, 503), answer.text
            assert time.monotonic() < deadline, "no worker came back"
            time.sleep(0.5)
    assert answer.json()["predictions"][0]["label"] in ("medical", "non-medical")


def test_a_server_that_does_not_come_up_is_ended_and_explained(archive, tmp_path):
    with pytest.raises(ServerFailed, match="no prediction within"), TorchServe(archive, tmp_path / "run", 0, start_s=0.2):
        pytest.fail("it cannot be up so soon")
    deadline = time.monotonic() + 10
    while running(tmp_path / "run") and time.monotonic() < deadline:
        time.sleep(0.1)
    assert running(tmp_path / "run") == []


def test_an_archive_that_cannot_be_loaded_is_told_at_once(archive, tmp_path):
    broken = tmp_path / "medsift.mar"
    with zipfile.ZipFile(archive) as good, zipfile.ZipFile(broken, "w") as bad:
        for name in good.namelist():
            bad.writestr(name, "raise RuntimeError('on purpose')" if name == "entry.py" else good.read(name))
    with (
        pytest.raises(ServerFailed, match=r"(?s)cannot load medsift\.mar.*on purpose"),
        TorchServe(broken, tmp_path / "run", 0),
    ):
        pytest.fail("it cannot be up")


def test_a_port_that_is_taken_is_named(archive, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(ServerFailed, match=f"port {port} "):
            TorchServe(archive, tmp_path, port)


def test_a_missing_archive_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="`medsift archive` builds it"), TorchServe(tmp_path / "no.mar", tmp_path, 0):
        pytest.fail("there is none")


def test_settings_are_written_as_java_reads_them():
    assert _escaped("a=/home/jürgen/😀\n") == "a=/home/j\\u00fcrgen/\\ud83d\\ude00\n"
