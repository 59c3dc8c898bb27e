"""One training run: steps, checkpoints to resume from, a moving average of the weights, a progress bar, a log and a plot."""

from __future__ import annotations

import copy
import csv
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from torch import Tensor, nn
from torch.utils.data import DataLoader

from training.data import Stream

Loss = Callable[[Tensor, Tensor], Tensor]
"""``(pixels uint8 [N,3,H,W], index int64 [N])`` to the loss."""

Validate = Callable[[nn.Module], Mapping[str, float]]


def device() -> torch.device:
    """The GPU where there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@dataclass
class Run:
    """A run that may be cut off at any time and goes on from its last checkpoint.

    ``folder`` receives ``checkpoint.pt``, ``log.csv`` and ``log.png``. The schedule is a warm-up, a plateau and a cosine
    decay over the last ``decay`` of ``steps``: a run can so be ended early, by resuming it with fewer steps.
    """

    folder: Path
    model: nn.Module
    groups: list[dict[str, object]]
    steps: int
    seed: int = 0
    warmup: int = 100
    decay: float = 0.5
    average: float = 0.998
    save_every_s: float = 120.0
    epoch: int = 200
    step: int = 0
    log: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.optimizer = torch.optim.AdamW(self.groups, weight_decay=0.02)
        self.peaks = [float(group["lr"]) for group in self.optimizer.param_groups]
        self.averaged = copy.deepcopy(self.model).eval().requires_grad_(False)
        if self.checkpoint.exists():
            state = torch.load(self.checkpoint, map_location=device(), weights_only=True)
            self.model.load_state_dict(state["model"])
            self.averaged.load_state_dict(state["averaged"])
            self.optimizer.load_state_dict(state["optimizer"])
            self.step, self.log = state["step"], state["log"]

    @property
    def checkpoint(self) -> Path:
        """Where the run is saved."""
        return self.folder / "checkpoint.pt"

    def run(self, stream: Stream, loss: Loss, validate: Validate) -> nn.Module:
        """Train to the last step; returns the moving average of the network, in evaluation mode."""
        stream.start = self.step
        # A GPU is as fast as fifteen processors draw views; where there is none, two would take its time.
        workers = max(1, (os.cpu_count() or 1) - 1) if device().type == "cuda" else 1
        loader = iter(DataLoader(stream, batch_size=None, num_workers=workers, prefetch_factor=4))
        saved, since, seen, total = time.monotonic(), time.monotonic(), 0, 0.0
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[rate]:.0f} images/s  loss {task.fields[loss]:.3f}"),
        )
        with Progress(*columns) as progress:
            bar = progress.add_task(self.folder.name, total=self.steps, completed=self.step, rate=0.0, loss=0.0)
            while self.step < self.steps:
                pixels, index = next(loader)
                value = self._step(pixels.to(device(), non_blocking=True), index.to(device()), loss)
                seen, total = seen + len(pixels), total + value
                rate = seen / (time.monotonic() - since)
                progress.update(bar, completed=self.step, rate=rate, loss=value)
                if self.step % self.epoch == 0 or self.step == self.steps:
                    mean = total * len(pixels) / seen
                    self._record({"step": self.step, "loss": mean, "images_per_s": rate, **validate(self.averaged)})
                    since, seen, total = time.monotonic(), 0, 0.0
                if time.monotonic() - saved > self.save_every_s or self.step == self.steps:
                    self.save()
                    saved = time.monotonic()
        return self.averaged

    def save(self) -> None:
        """Write the checkpoint whole or not at all."""
        state = {
            "model": self.model.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "log": self.log,
        }
        temporary = self.checkpoint.with_suffix(".tmp")
        torch.save(state, temporary)
        temporary.replace(self.checkpoint)

    def _step(self, pixels: Tensor, index: Tensor, loss: Loss) -> float:
        for group, peak in zip(self.optimizer.param_groups, self.peaks, strict=True):
            group["lr"] = peak * self._factor()
        self.optimizer.zero_grad(set_to_none=True)
        torch.manual_seed(hash((self.seed, self.step)))  # a resumed run drops out what an uninterrupted one does
        with torch.autocast(device().type, torch.bfloat16, enabled=device().type == "cuda"):
            value = loss(pixels, index)
        value.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimizer.step()
        self.step += 1
        self._follow()
        return float(value.detach())

    def _factor(self) -> float:
        warmup = min(self.warmup, self.steps // 5)
        if self.step < warmup:
            return (self.step + 1) / warmup
        left = (self.steps - self.step) / (self.steps * self.decay)
        return 1.0 if left >= 1 else 0.5 - 0.5 * float(torch.cos(torch.tensor(torch.pi * left)))

    @torch.no_grad()
    def _follow(self) -> None:
        keep = min(self.average, (1 + self.step) / (10 + self.step))
        for mine, theirs in zip(self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True):
            if mine.dtype.is_floating_point:
                mine.lerp_(theirs, 1 - keep)

    def _record(self, row: dict[str, float]) -> None:
        self.log.append(row)
        print("  ".join(f"{key} {value:.4g}" for key, value in row.items()), flush=True)
        with (self.folder / "log.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, fieldnames=list(row))
            writer.writeheader()
            writer.writerows(self.log)
        plot(self.log, self.folder / "log.png")


def plot(log: list[dict[str, float]], path: Path) -> None:
    """Draw every column of a log over its steps."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = [name for name in log[0] if name != "step"]
    figure, axes = pyplot.subplots(1, len(names), figsize=(4 * len(names), 3), squeeze=False)
    for axis, name in zip(axes[0], names, strict=True):
        axis.plot([row["step"] for row in log], [row[name] for row in log], marker=".")
        axis.set(title=name, xlabel="step")
    figure.tight_layout()
    figure.savefig(path)
    pyplot.close(figure)
