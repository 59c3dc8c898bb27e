"""``python -m benchmarks.inference``: milliseconds per image by engine and batch, and images per second through TorchServe.

Needs the networks of ``model_store/`` and nothing else. Figures of a machine that does something else meanwhile mean little;
the load average is printed for that reason.
"""

from __future__ import annotations

import io
import os
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated

import numpy as np
import requests
import torch
import typer
from rich.console import Console
from rich.table import Table

from handler.archive import build
from handler.engines import Engine, OpenVinoEngine, TorchEngine, available_cores
from handler.ensemble import Ensemble
from handler.preprocess import SIZE, Pixels
from handler.server import TorchServe

console = Console()


def main(
    store: Annotated[Path, typer.Option(help="Folder of the two networks.")] = Path("model_store"),
    seconds: Annotated[float, typer.Option(help="Measuring time per figure.")] = 5.0,
    serve: Annotated[bool, typer.Option(help="Measure through TorchServe, too.")] = True,
) -> None:
    """Measure and print."""
    torch.set_num_threads(available_cores())
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    console.print(f"{available_cores()} cores; load average before: {load}")
    console.print(engine_table(engines(Ensemble.load(store)), seconds))
    if serve:
        with tempfile.TemporaryDirectory(prefix="medsift-bench-") as scratch:
            archive = build(store, Path(scratch))
            with TorchServe(archive, Path(scratch) / "run", 0) as server:
                console.print(serving_table(server.url, seconds))


def engines(ensemble: Ensemble) -> list[Engine]:
    """All that this machine can run."""
    found: list[Engine] = [TorchEngine(ensemble), OpenVinoEngine(ensemble)]
    if torch.cuda.is_available():
        found.append(TorchEngine(ensemble, torch.device("cuda", 0)))
    return found


def engine_table(candidates: list[Engine], seconds: float, sizes: tuple[int, ...] = (1, 4, 16, 64)) -> Table:
    """Median milliseconds per image, both networks, by images per call."""
    table = Table("engine", *(f"{size} per call" for size in sizes), title="ms per image, both networks", title_justify="left")
    for engine in candidates:
        table.add_row(engine.name, *(f"{milliseconds_per_image(engine, size, seconds):.1f}" for size in sizes))
    return table


def milliseconds_per_image(engine: Engine, size: int, seconds: float) -> float:
    """The median over calls of ``size`` images within ``seconds``, three calls at least."""
    pixels = _noise(size)
    engine.infer(pixels)
    times: list[float] = []
    while sum(times) < seconds or len(times) < 3:
        start = time.perf_counter()
        engine.infer(pixels)
        times.append(time.perf_counter() - start)
    return statistics.median(times) / size * 1000


def serving_table(url: str, seconds: float) -> Table:
    """Images per second and median response time by images per request and requests under way."""
    table = Table("images per request", "requests under way", "images/s", "median ms", title="TorchServe", title_justify="left")
    for size, workers in ((1, 1), (1, 4), (1, 16), (16, 1), (16, 4), (64, 1), (64, 4)):
        rate, milliseconds = load_test(url, size, workers, seconds)
        table.add_row(str(size), str(workers), f"{rate:.1f}", f"{milliseconds:.0f}")
    return table


def load_test(url: str, size: int, workers: int, seconds: float) -> tuple[float, float]:
    """Send requests of ``size`` packed images, ``workers`` at a time: images per second, and median milliseconds."""
    buffer = io.BytesIO()
    np.save(buffer, _noise(size))
    body = buffer.getvalue()
    start = time.perf_counter()

    def client(_: int) -> list[float]:
        times: list[float] = []
        with requests.Session() as session:
            session.trust_env = False
            while time.perf_counter() - start < seconds or not times:
                sent = time.perf_counter()
                answer = session.post(
                    f"{url}/predictions/medsift", body, headers={"Content-Type": "application/x-npy"}, timeout=300
                )
                answer.raise_for_status()
                times.append(time.perf_counter() - sent)
        return times

    with ThreadPoolExecutor(workers) as pool:
        times = [value for values in pool.map(client, range(workers)) for value in values]
    return len(times) * size / (time.perf_counter() - start), statistics.median(times) * 1000


def _noise(size: int) -> Pixels:
    return np.random.default_rng(0).integers(0, 256, (size, SIZE, SIZE, 3), dtype=np.uint8)


if __name__ == "__main__":
    typer.run(main)
