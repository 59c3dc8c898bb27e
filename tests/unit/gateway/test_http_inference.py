from dataclasses import replace

import numpy as np
import pytest
import requests

from gateway import telemetry
from gateway.errors import InferenceRejected, InferenceUnavailable
from gateway.http_inference import HttpInference
from gateway.limits import Limits
from tests.endpoint import document, running

PIXELS = np.zeros((3, 128, 128, 3), np.uint8)
BUSY = (503, {}, b"")


class Waits(list):
    """Stands in for sleeping."""

    def __call__(self, seconds):
        self.append(seconds)


def client(url, waits=None, dice=1.0, **limits):
    return HttpInference(url, replace(Limits(), **limits), sleep=Waits() if waits is None else waits, dice=lambda: dice)


def test_a_batch_is_one_request_and_carries_the_id_of_the_call():
    with running() as endpoint, telemetry.correlated("call-7"):
        answer = client(endpoint.url + "/").predict(PIXELS)
    assert [entry.models.finetuned for entry in answer.predictions] == [0.95] * 3
    assert endpoint.batches == [3]
    assert endpoint.headers[0]["x-request-id"] == "call-7"
    assert endpoint.headers[0]["content-type"] == "application/x-npy"


def test_busy_twice_then_an_answer():
    waits = Waits()
    with running(BUSY, BUSY) as endpoint:
        assert len(client(endpoint.url, waits, inference_backoff_s=0.5).predict(PIXELS).predictions) == 3
    assert waits == [0.5, 1.0]


def test_the_dice_choose_how_much_of_the_bound_is_waited_and_the_bound_ends_somewhere():
    waits = Waits()
    with running(*[BUSY] * 6) as endpoint, pytest.raises(InferenceUnavailable):
        client(endpoint.url, waits, dice=0.5, inference_attempts=6, inference_backoff_s=1, inference_backoff_max_s=4).predict(
            PIXELS
        )
    assert waits == [0.5, 1.0, 2.0, 2.0, 2.0]


def test_retry_after_is_waited_out_and_handed_on():
    waits = Waits()
    replies = (503, {"Retry-After": "7"}, b""), (429, {"Retry-After": "9"}, b"")
    with running(*replies) as endpoint, pytest.raises(InferenceUnavailable) as caught:
        client(endpoint.url, waits, dice=0.0, inference_attempts=2).predict(PIXELS)
    assert waits == [7]
    assert caught.value.retry_after_s == 9


def test_nobody_waits_for_a_moment_after_the_deadline():
    waits = Waits()
    with running((503, {"Retry-After": "3600"}, b"")) as endpoint, pytest.raises(InferenceUnavailable) as caught:
        client(endpoint.url, waits).predict(PIXELS)
    assert waits == []
    assert caught.value.retry_after_s == 3600


def test_one_that_does_not_answer_in_time_is_asked_again():
    with running() as endpoint:
        endpoint.delay_s = 0.4
        with pytest.raises(InferenceUnavailable, match="in time"):
            client(endpoint.url, inference_s=0.1, inference_attempts=2).predict(PIXELS)
    assert len(endpoint.headers) == 2


def test_nothing_listens_there():
    with running() as endpoint:
        pass
    with pytest.raises(InferenceUnavailable, match="no classifier answers at") as caught:
        client(endpoint.url, inference_attempts=2).predict(PIXELS)
    assert caught.value.retryable
    assert caught.value.retry_after_s == Limits.retry_after_s


@pytest.mark.parametrize(
    "reply",
    [
        (200, {}, b"garbage"),
        (200, {}, document(1)),
        (400, {}, b"no"),
        (404, {}, b""),
        (302, {"Location": "http://127.0.0.1:1/"}, b""),
    ],
)
def test_what_another_attempt_would_not_change_is_rejected_at_once(reply):
    with running(reply) as endpoint, pytest.raises(InferenceRejected):
        client(endpoint.url).predict(PIXELS)
    assert len(endpoint.headers) == 1


@pytest.mark.parametrize("url", ["http://", "ftp://127.0.0.1", "http://[::1", "nonsense"])
def test_an_address_that_is_none(url):
    with pytest.raises(InferenceRejected, match="not valid"):
        client(url).predict(PIXELS)


def test_https_is_verified():
    with running() as endpoint, pytest.raises((InferenceRejected, InferenceUnavailable)):
        client(endpoint.url.replace("http:", "https:"), inference_attempts=1).predict(PIXELS)


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with running() as endpoint:
        with pytest.raises(requests.RequestException):
            requests.get(endpoint.url, timeout=5)  # requests itself would
        assert client(endpoint.url).predict(PIXELS).predictions


def test_certificates_that_are_not_there():
    with pytest.raises(InferenceRejected, match="certificates"):
        HttpInference("https://127.0.0.1:9", Limits(), ca_file="/nowhere.pem").predict(PIXELS)
