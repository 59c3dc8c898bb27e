import io
import json

import numpy as np
import pytest

from gateway.errors import InferenceRejected
from gateway.inference import pack, parse
from tests.endpoint import document


def test_a_packed_batch_is_an_npy_file():
    pixels = np.arange(2 * 128 * 128 * 3, dtype=np.uint32).astype(np.uint8).reshape(2, 128, 128, 3)
    assert (np.load(io.BytesIO(pack(pixels)), allow_pickle=False) == pixels).all()


def test_an_answer_is_read_in_order():
    answer = json.loads(document(2))
    answer["predictions"][1] |= {"label": "non-medical", "probabilities": {"medical": 0.1, "non_medical": 0.9}}
    answer["predictions"][1]["a later field"] = 1
    result = parse(json.dumps(answer).encode(), 2)
    assert result.model.version == "test"
    assert [entry.label for entry in result.predictions] == ["medical", "non-medical"]
    assert result.predictions[1].probabilities.non_medical == 0.9


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>busy</html>",
        b"[]",
        b'{"predictions": []}',
        document(2),
        document(0),
        document(1, label="cat"),
        document(1, confidence=1.5),
        document(1, probabilities={"medical": "NaN", "non_medical": 0.1}),
        document(1, models={"original": 0.5}),
    ],
)
def test_anything_else_is_rejected(body):
    with pytest.raises(InferenceRejected):
        parse(body, 1)


def test_an_error_in_the_place_of_a_packed_image_is_rejected_with_its_code():
    answer = {"model": {"name": "m", "version": "1"}, "predictions": [{"error": {"code": "image_corrupt", "detail": "x"}}]}
    with pytest.raises(InferenceRejected, match="image_corrupt"):
        parse(json.dumps(answer).encode(), 1)
