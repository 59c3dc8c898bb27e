"""Where the ensemble runs. Every engine takes packed pixels of any number and answers each network's medical probability.

On a processor it is OpenVINO, which needs half of PyTorch's time or less; on CUDA it is PyTorch in half precision. Plain fp32
PyTorch is the reference that both are held to.
"""

from __future__ import annotations

import copy
import math
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from handler.ensemble import MEMBERS, Ensemble
from handler.preprocess import SIZE, Pixels

CPU_CHUNK = 16
"""Images per pass on a processor: more are no faster, and take more memory."""

CUDA_CHUNK = 256
"""Images per pass on CUDA."""

Opinions = NDArray[np.float32]
"""Medical probability by each network, [N,2], columns as in MEMBERS."""


class Engine(Protocol):
    """Something that runs the ensemble."""

    @property
    def name(self) -> str:
        """What runs where and how precisely, for the log."""
        ...

    def infer(self, pixels: Pixels) -> Opinions:
        """Run uint8 [N,128,128,3], N >= 0, in passes of a bounded size."""
        ...


class Packed(nn.Module):
    """The ensemble behind the layout in which images are sent: uint8 [N,128,128,3] to float32 [N,2]."""

    def __init__(self, ensemble: Ensemble) -> None:
        super().__init__()
        self.ensemble = ensemble

    def forward(self, pixels: Tensor) -> Tensor:
        """Channels to the front, and on."""
        opinions: Tensor = self.ensemble(pixels.permute(0, 3, 1, 2))
        return opinions


class TorchEngine:
    """Plain PyTorch: fp32 on a processor, the reference; fp16 and channels last on CUDA."""

    def __init__(self, ensemble: Ensemble, device: torch.device = torch.device("cpu")) -> None:
        self._device = device
        cuda = device.type == "cuda"
        dtype = torch.float16 if cuda else torch.float32
        own = copy.deepcopy(ensemble)  # converting works in place
        self._model = Packed(own).eval().to(device=device, dtype=dtype).to(memory_format=torch.channels_last)
        self._chunk = CUDA_CHUNK if cuda else CPU_CHUNK
        self.name = f"PyTorch {'fp16' if cuda else 'fp32'} on {torch.cuda.get_device_name(device) if cuda else 'CPU'}"

    def infer(self, pixels: Pixels) -> Opinions:
        """See :class:`Engine`."""
        return _in_chunks(pixels, self._chunk, self._pass)

    @torch.inference_mode()
    def _pass(self, pixels: Pixels) -> Opinions:
        # torch.tensor copies: what comes out of a request body is read-only, which from_numpy warns of.
        batch = torch.tensor(pixels).to(self._device)
        opinions: Opinions = self._model(batch).float().cpu().numpy()
        return opinions


class OpenVinoEngine:
    """OpenVINO on the processor, in fp32: bf16, where there are instructions for it, takes a quarter less time, but moves a
    probability by up to 0.07, and a picture shall get the same answer on every machine.
    """

    def __init__(self, ensemble: Ensemble, threads: int | None = None) -> None:
        core = openvino.Core()
        hints = {
            "PERFORMANCE_HINT": "LATENCY",  # one pass at a time, on all threads
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads or available_cores(),
        }
        self._request = core.compile_model(_converted(ensemble), "CPU", hints).create_infer_request()
        self.name = f"OpenVINO fp32 on {core.get_property('CPU', 'FULL_DEVICE_NAME')}"

    def infer(self, pixels: Pixels) -> Opinions:
        """See :class:`Engine`."""
        return _in_chunks(pixels, CPU_CHUNK, self._pass)

    def _pass(self, pixels: Pixels) -> Opinions:
        # The result's memory belongs to the request and is written to again by the next pass.
        return np.array(self._request.infer([np.ascontiguousarray(pixels)])[0], dtype=np.float32)


def create(ensemble: Ensemble, gpu: int | None = None) -> Engine:
    """The engine for this machine, warmed up: CUDA device ``gpu`` where there is one, OpenVINO otherwise."""
    engine: Engine
    if gpu is not None and torch.cuda.is_available():
        engine = TorchEngine(ensemble, torch.device("cuda", gpu))
        sizes = [1, CUDA_CHUNK]
    else:
        engine = OpenVinoEngine(ensemble)
        sizes = [1, CPU_CHUNK]
    for size in sizes:  # the first pass of a size chooses and compiles kernels; no caller shall wait for that
        engine.infer(np.zeros((size, SIZE, SIZE, 3), np.uint8))
    return engine


def available_cores(quota: Path = Path("/sys/fs/cgroup/cpu.max")) -> int:
    """Processors that this process may use: its affinity, and in a container its share (cgroup v2, ``cpu.max``).

    OpenVINO starts a thread per core of the machine; in a container with two of sixty-four that would be thirty times too many.
    """
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        share, period = quota.read_text().split()
        if share != "max":
            cores = min(cores, math.ceil(int(share) / int(period)))
    except (OSError, ValueError):
        pass  # not Linux, or no quota
    return max(cores, 1)


@torch.inference_mode()
def _converted(ensemble: Ensemble) -> openvino.Model:
    example = torch.zeros((2, SIZE, SIZE, 3), dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch.jit is no longer developed; for OpenVINO it still is the quickest way in
        # Traced here because the converter's own trace runs the networks three more times to compare.
        traced = torch.jit.trace(Packed(ensemble).eval(), example, check_trace=False)  # type: ignore[no-untyped-call]
        model = openvino.convert_model(traced, example_input=example)
    model.reshape([-1, SIZE, SIZE, 3])
    return model


def _in_chunks(pixels: Pixels, chunk: int, run: Callable[[Pixels], Opinions]) -> Opinions:
    parts: Iterator[Pixels] = (pixels[start : start + chunk] for start in range(0, len(pixels), chunk))
    return np.concatenate([np.empty((0, len(MEMBERS)), np.float32), *map(run, parts)])
