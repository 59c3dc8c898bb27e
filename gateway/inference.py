"""The way to the networks: packed model inputs out, predictions back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from gateway.report import Model, Prediction
from handler.preprocess import Pixels


@dataclass(frozen=True)
class Predictions:
    """The networks' answer to one batch, in its order."""

    model: Model
    predictions: tuple[Prediction, ...]


class Inference(Protocol):
    """The seam that everything behind the gateway hides behind, and that tests stand in for."""

    def predict(self, pixels: Pixels) -> Predictions:
        """Classify uint8 [N,128,128,3], N from 1 to ``Limits.batch_images``.

        Raises:
            InferenceUnavailable: Still asleep, full or unreachable after all attempts.
            InferenceRejected: The endpoint answered, but not with N predictions.
        """
        ...
