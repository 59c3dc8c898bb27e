"""Work on strangers' files in a child process under limits: what it says arrives as frames, and its death costs nobody else.

The child is a fresh interpreter (``python -m MODULE``), not a fork: it shares no threads, locks or memory with a server
that may have many, needs no shared memory (serverless functions have none), and sees none of the environment's secrets.

A frame is a JSON header and some bytes. Nothing is unpickled: a child that a hostile file took over can say nothing that
its parent would run.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterable
from typing import Any

LENGTHS = struct.Struct(">II")
FRAME_BYTES = 1 << 30
READ_BYTES = 1 << 20
MEMORY_EXIT = 77
"""The exit status of a child that ran out of memory and noticed."""

Header = dict[str, Any]


class ChildDied(Exception):
    """The child ended in the middle. ``reason`` is ``memory``, ``cpu``, ``step`` (see :func:`allow`) or ``crash``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Child:
    """A module running in a process of its own, from the parent's side. Close it when done."""

    def __init__(self, module: str, first: Header, fds: Iterable[int] = ()) -> None:
        """Start ``python -m module`` and send it the frame that :func:`receive_first` waits for there."""
        environment = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        environment |= {"PYTHONPATH": os.pathsep.join(path or os.getcwd() for path in sys.path), "OPENBLAS_NUM_THREADS": "1"}
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-P", "-m", module],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, pass_fds=tuple(fds), bufsize=0,
        )  # fmt: skip
        self._buffer = bytearray()
        self.waited_s = 0.0
        self.send(first)

    def send(self, header: Header) -> None:
        """A frame without bytes to the child. Its death is noticed by the next :meth:`receive`."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker: it is a pipe
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(_packed(header, b""))

    def receive(self, timeout_s: float) -> tuple[Header, bytes] | None:
        """The child's next frame, or None where it ended well.

        Raises:
            TimeoutError: It said nothing for so long.
            ChildDied: It ended, but not well.
        """
        started = time.monotonic()
        try:
            while (frame := self._unpacked()) is None:
                left = timeout_s - (time.monotonic() - started)
                if left <= 0 or not self._readable(left):
                    raise TimeoutError
                chunk = os.read(self._stdout, READ_BYTES)
                if not chunk:
                    self._check_end()
                    return None
                self._buffer += chunk
            return frame
        finally:
            self.waited_s += time.monotonic() - started

    def close(self) -> None:
        """End the child, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    @property
    def _stdout(self) -> int:
        assert self._process.stdout is not None  # noqa: S101 - for the type checker: it is a pipe
        return self._process.stdout.fileno()

    def _readable(self, timeout_s: float) -> bool:
        poll = select.poll()  # select() itself takes no descriptor over 1023, which a server may well have
        poll.register(self._stdout, select.POLLIN)
        return bool(poll.poll(timeout_s * 1000))

    def _unpacked(self) -> tuple[Header, bytes] | None:
        if len(self._buffer) < LENGTHS.size:
            return None
        header_size, blob_size = LENGTHS.unpack_from(self._buffer)
        if header_size + blob_size > FRAME_BYTES:
            raise ChildDied("crash")
        end = LENGTHS.size + header_size + blob_size
        if len(self._buffer) < end:
            return None
        try:
            header = json.loads(self._buffer[LENGTHS.size : LENGTHS.size + header_size])
        except ValueError:
            raise ChildDied("crash") from None
        blob = bytes(self._buffer[LENGTHS.size + header_size : end])
        del self._buffer[:end]
        return header, blob

    def _check_end(self) -> None:
        status = self._process.wait()
        if status == 0 and not self._buffer:
            return
        # The kernel's own killer of processes sends SIGKILL; so does close(), but after that nobody receives.
        if status in (MEMORY_EXIT, -signal.SIGKILL):
            raise ChildDied("memory")
        raise ChildDied({-signal.SIGXCPU: "cpu", -signal.SIGPROF: "step"}.get(status, "crash"))


class Parent:
    """The parent, from the child's side."""

    def __init__(self) -> None:
        # What a library prints must not get in between the frames.
        self._out = os.fdopen(os.dup(1), "wb")
        self._in = os.fdopen(os.dup(0), "rb")
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)

    def receive(self) -> Header:
        """The next frame. Raises SystemExit where the parent has gone."""
        lengths = self._in.read(LENGTHS.size)
        if len(lengths) < LENGTHS.size:
            raise SystemExit(1)
        header_size, _ = LENGTHS.unpack(lengths)
        header: Header = json.loads(self._in.read(header_size))
        return header

    def send(self, header: Header, blob: bytes = b"") -> None:
        """A frame to the parent; waits until it is taken up."""
        self._out.write(_packed(header, blob))
        self._out.flush()


def limit(memory: int, cpu_s: float) -> None:
    """Put this process under limits: bytes beside what it has by now, and seconds of processor time in all."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_AS, _address_space() + memory)
    _lower(resource.RLIMIT_CPU, max(1, int(cpu_s)))


def allow(cpu_s: float) -> None:
    """Give this process so many seconds of processor time from now on for its next step; it dies of taking more.

    The kernel sees to it, and so the step may be stuck in a library where no Python runs. Wall time would punish a step for
    what else the machine does.
    """
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_PROF, cpu_s)


def _lower(kind: int, bound: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        bound = min(bound, hard)
    resource.setrlimit(kind, (bound, hard))


def _address_space() -> int:
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[0]) * resource.getpagesize()
    except OSError:  # not Linux
        return 0


def _packed(header: Header, blob: bytes) -> bytes:
    text = json.dumps(header).encode()
    return LENGTHS.pack(len(text), len(blob)) + text + blob
