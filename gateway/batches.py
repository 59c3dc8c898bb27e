"""Images to the classifier in batches, while the search for more goes on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context

import numpy as np

from gateway.inference import Inference, Predictions
from gateway.limits import Limits
from gateway.report import Model, Prediction
from handler.preprocess import Pixels


class Batches:
    """Gathers images, sends each full batch from a thread, and holds the search up while too many are on their way.

    Leaving the block by an error, or Ctrl-C, does not wait for answers that are still to come.

    Attributes:
        model: Which archive answered, or None while none has.
        busy_s: How long all requests took, beside the search and beside each other.
        waited_s: How long the search was held up.
    """

    def __init__(self, inference: Inference, limits: Limits, clock: Callable[[], float]) -> None:
        self._inference = inference
        self._limits = limits
        self._clock = clock
        self._pool = ThreadPoolExecutor(limits.inference_parallel, thread_name_prefix="inference")
        self._waiting: list[Pixels] = []
        self._sent: deque[Future[tuple[Predictions, float]]] = deque()
        self._answers: list[Prediction] = []
        self.model: Model | None = None
        self.busy_s = 0.0
        self.waited_s = 0.0

    def __enter__(self) -> Batches:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._pool.shutdown(wait=kind is None, cancel_futures=True)

    def add(self, pixels: Pixels) -> None:
        """One more image, uint8 [128,128,3]. Raises what a batch that was sent before has raised."""
        self._waiting.append(pixels)
        if len(self._waiting) == self._limits.batch_images:
            self._send()
        while self._sent and (self._sent[0].done() or len(self._sent) > self._limits.inference_parallel):
            self._collect()

    def finish(self) -> list[Prediction]:
        """Send what is left; all answers, in the order of the images. Raises as :meth:`Inference.predict`."""
        self._send()
        while self._sent:
            self._collect()
        return self._answers

    def _send(self) -> None:
        if self._waiting:
            batch = np.stack(self._waiting)
            self._waiting.clear()
            self._sent.append(self._pool.submit(copy_context().run, self._predict, batch))

    def _predict(self, batch: Pixels) -> tuple[Predictions, float]:
        started = self._clock()
        return self._inference.predict(batch), self._clock() - started

    def _collect(self) -> None:
        started = self._clock()
        answer, took_s = self._sent.popleft().result()
        self.waited_s += self._clock() - started
        self.busy_s += took_s
        self.model = self.model or answer.model
        self._answers.extend(answer.predictions)
