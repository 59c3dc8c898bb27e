"""Child processes: frames both ways, and every way to die."""

import sys

import pytest

from gateway.isolation import Child, ChildDied

BODY = """
import os, signal, sys
from gateway.isolation import MEMORY_EXIT, Parent, allow, limit

parent = Parent()
job = parent.receive()
print("what a library prints is no frame")
if job["do"] == "answer":
    parent.send({"environment": sorted(os.environ), "job": job}, b"blob" * job["size"])
elif job["do"] == "memory":
    limit(32 << 20, 60)
    try:
        bytearray(1 << 30)
    except MemoryError:
        os._exit(MEMORY_EXIT)
elif job["do"] == "spin":
    if job["step"]:
        allow(0.2)
    else:
        limit(1 << 30, 1)
    while True:
        pass
elif job["do"] == "crash":
    os.kill(os.getpid(), signal.SIGSEGV)
elif job["do"] == "wait":
    parent.receive()
"""


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Starts the body above with a job."""
    (tmp_path / "medsift_test_child.py").write_text(BODY)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    started = []

    def start(**job):
        started.append(Child("medsift_test_child", job))
        return started[-1]

    yield start
    for one in started:
        one.close()


def test_frames_with_large_blobs_and_an_environment_without_secrets(child, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cret")
    one = child(do="answer", size=1_000_000)
    header, blob = one.receive(60)
    assert header["job"] == {"do": "answer", "size": 1_000_000}
    assert blob == b"blob" * 1_000_000
    assert "AWS_SECRET_ACCESS_KEY" not in header["environment"]
    assert one.receive(60) is None


@pytest.mark.parametrize(
    ("job", "reason"),
    [
        ({"do": "memory"}, "memory"),
        ({"do": "spin", "step": False}, "cpu"),
        ({"do": "spin", "step": True}, "step"),
        ({"do": "crash"}, "crash"),
    ],
)
def test_a_death_has_its_reason(child, job, reason):
    with pytest.raises(ChildDied) as caught:
        child(**job).receive(60)
    assert caught.value.reason == reason


def test_a_child_that_says_nothing_is_waited_for_so_long_only(child):
    one = child(do="wait")
    with pytest.raises(TimeoutError):
        one.receive(0.3)
    assert 0.2 < one.waited_s < 10
