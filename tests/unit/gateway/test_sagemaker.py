"""InvokeEndpoint: what is sent, and what each refusal means. The service itself costs money, so botocore's stubber answers."""

import io
import json

import boto3
import numpy as np
import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY, Stubber

from gateway import sagemaker
from gateway.correlation import request_id
from gateway.errors import InferenceRejected, InferenceUnavailable
from gateway.limits import Limits
from gateway.sagemaker import SageMakerInference

LIMITS = Limits(retry_after_s=7)
PIXELS = np.random.default_rng(1).integers(0, 256, (2, 128, 128, 3), dtype=np.uint8)
ONE = {
    "label": "medical",
    "confidence": 0.75,
    "probabilities": {"medical": 0.75, "non_medical": 0.25},
    "models": {"original": 0.7, "finetuned": 0.8},
    "review": False,
}


@pytest.fixture
def client():
    session = boto3.Session("test", "test", region_name="us-east-1")
    return session.client("sagemaker-runtime")


def answer(predictions):
    body = json.dumps({"model": {"name": "medsift", "version": "1.0"}, "predictions": predictions}).encode()
    return {"Body": StreamingBody(io.BytesIO(body), len(body)), "ContentType": "application/json"}


def test_a_batch_and_its_answer(client):
    sent = {}
    client.meta.events.register(
        "provide-client-params.sagemaker-runtime.InvokeEndpoint", lambda params, **_: sent.update(params)
    )
    with Stubber(client) as stub:
        stub.add_response("invoke_endpoint", answer([ONE, ONE]), {**dict.fromkeys(("Body", "InferenceId", "Accept"), ANY),
                          "EndpointName": "medsift", "ContentType": "application/x-npy"})  # fmt: skip
        token = request_id.set("call-1")
        predictions = SageMakerInference(client, "medsift", LIMITS).predict(PIXELS)
        request_id.reset(token)
    assert [prediction.confidence for prediction in predictions.predictions] == [0.75, 0.75]
    assert predictions.model.version == "1.0"
    assert sent["InferenceId"] == "call-1"
    np.testing.assert_array_equal(np.load(io.BytesIO(sent["Body"]), allow_pickle=False), PIXELS)


@pytest.mark.parametrize(
    ("code", "status", "fields"),
    [
        ("ThrottlingException", 400, {}),
        ("ModelNotReadyException", 429, {}),
        ("ServiceUnavailable", 503, {}),
        ("InternalFailure", 500, {}),
        ("ModelError", 424, {"OriginalStatusCode": 503}),
        ("ModelError", 424, {"OriginalStatusCode": 507}),
    ],
)
def test_what_passes(client, code, status, fields):
    with Stubber(client) as stub:
        stub.add_client_error("invoke_endpoint", code, http_status_code=status, modeled_fields=fields or None)
        with pytest.raises(InferenceUnavailable) as caught:
            SageMakerInference(client, "medsift", LIMITS).predict(PIXELS)
    assert caught.value.retry_after_s == 7


@pytest.mark.parametrize(
    ("code", "status", "fields", "said"),
    [
        ("ValidationError", 400, {}, "ValidationError"),
        ("AccessDeniedException", 403, {}, "AccessDeniedException"),
        ("ModelError", 424, {"OriginalStatusCode": 400}, "it answers 400"),
    ],
)
def test_what_does_not(client, code, status, fields, said):
    with Stubber(client) as stub:
        stub.add_client_error("invoke_endpoint", code, http_status_code=status, modeled_fields=fields or None)
        with pytest.raises(InferenceRejected, match=said):
            SageMakerInference(client, "medsift", LIMITS).predict(PIXELS)


def test_an_answer_that_is_short(client):
    with Stubber(client) as stub:
        stub.add_response("invoke_endpoint", answer([ONE]))
        with pytest.raises(InferenceRejected, match="1 predictions for 2 images"):
            SageMakerInference(client, "medsift", LIMITS).predict(PIXELS)


def test_no_connection_and_bounded_attempts(monkeypatch):
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    client = sagemaker.connect(Limits(inference_attempts=5, inference_s=10.0, inference_total_s=29.0))
    attempts = []
    client.meta.events.register("before-send.sagemaker-runtime", lambda **_: attempts.append(1))
    with pytest.raises(InferenceUnavailable, match="does not answer"):
        SageMakerInference(client, "medsift", LIMITS).predict(PIXELS)
    assert len(attempts) == 2
