"""The way to the networks: packed model inputs out, predictions back."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Protocol

import numpy as np
from pydantic import TypeAdapter, ValidationError

from gateway.errors import InferenceRejected
from gateway.report import Model, Prediction
from handler.preprocess import Pixels

CONTENT_TYPE = "application/x-npy"
"""The media type of a packed batch."""


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


def pack(pixels: Pixels) -> bytes:
    """A batch uint8 [N,128,128,3] as the endpoint takes it: NumPy's .npy format."""
    buffer = io.BytesIO()
    np.save(buffer, pixels, allow_pickle=False)
    return buffer.getvalue()


def parse(body: bytes, count: int) -> Predictions:
    """Read the endpoint's answer to a packed batch of ``count`` images.

    Raises:
        InferenceRejected: Not a response document, not ``count`` predictions, or an error in an image's place, which
            pixels that were decoded here cannot give.
    """
    try:
        answer = _answer_type().validate_json(body)
    except ValidationError:
        raise InferenceRejected("the classifier's answer is not a response document") from None
    if len(answer.predictions) != count:
        raise InferenceRejected(f"the classifier gave {len(answer.predictions)} predictions for {count} images")
    predictions = tuple(entry for entry in answer.predictions if isinstance(entry, Prediction))
    if len(predictions) != count:
        code = next(entry.error.code for entry in answer.predictions if isinstance(entry, _Failed))
        raise InferenceRejected(f"the classifier could not read a packed image ({code})")
    if not all(0.0 <= chance <= 1.0 for entry in predictions for chance in _chances(entry)):
        raise InferenceRejected("the classifier gave a probability outside 0 to 1")
    return Predictions(answer.model, predictions)


@dataclass(frozen=True)
class _Error:
    code: str
    detail: str


@dataclass(frozen=True)
class _Failed:
    error: _Error


@dataclass(frozen=True)
class _Answer:
    model: Model
    predictions: list[Prediction | _Failed]


@cache
def _answer_type() -> TypeAdapter[_Answer]:
    return TypeAdapter(_Answer)


def _chances(prediction: Prediction) -> tuple[float, ...]:
    probabilities, models = prediction.probabilities, prediction.models
    return prediction.confidence, probabilities.medical, probabilities.non_medical, models.original, models.finetuned
