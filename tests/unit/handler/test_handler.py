"""The adapter on TorchServe's own request and context objects; only the networks are stood in for."""

import io
import json
import logging
import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from handler import engines
from handler.ensemble import Ensemble, ReviewBand

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # TorchServe leaves closing its version file to the garbage collector
    from ts.context import Context
    from ts.metrics.metric_cache_yaml_impl import MetricsCacheYamlImpl
    from ts.service import Service

    from handler.handler import Medsift


class Brightness:
    """Both networks' opinion is the red of the first pixel; the second halves it."""

    name = "a stand-in"

    def __init__(self):
        self.passes = []

    def infer(self, pixels):
        self.passes.append(len(pixels))
        red = pixels[:, 0, 0, 0].astype(np.float32) / 255
        return np.stack([red, red / 2], axis=1)


@pytest.fixture
def engine():
    return Brightness()


@pytest.fixture
def service(monkeypatch, tmp_path, request, engine):
    """TorchServe's service around the handler, as its worker builds it."""
    monkeypatch.setattr(Ensemble, "load", lambda folder: SimpleNamespace(band=ReviewBand()))
    monkeypatch.setattr(engines, "create", lambda ensemble, gpu=None: engine)
    monkeypatch.setattr(Service, "retrieve_data_for_inference", staticmethod(Service.retrieve_data_for_inference))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # TorchServe leaves the file to the garbage collector
        metrics = MetricsCacheYamlImpl(str(request.config.rootpath / "metrics.yaml"))
    metrics.initialize_cache()
    metrics.model_name = "medsift"
    handler = Medsift()
    manifest = {"model": {"modelVersion": "1.2.3"}}
    handler.initialize(Context("medsift", str(tmp_path), manifest, 16, None, "0.12.0", metrics=metrics))
    service = Service("medsift", str(tmp_path), manifest, handler.handle, None, 16, metrics_cache=metrics)
    service.set_cl_socket(None)
    return service


def png(red):
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), (red, 0, 0)).save(buffer, "PNG")
    return buffer.getvalue()


def packed(*reds):
    buffer = io.BytesIO()
    np.save(buffer, np.stack([np.full((128, 128, 3), red, np.uint8) for red in reds]))
    return buffer.getvalue()


def request(kind, *parts, **headers):
    """A request as TorchServe's worker reads it from its server."""
    return {
        "requestId": b"of-the-server",
        "headers": [{"name": b"content-type", "value": kind.encode()}]
        + [{"name": name.replace("_", "-").encode(), "value": value.encode()} for name, value in headers.items()],
        "parameters": [{"name": name, "contentType": kind_, "value": bytearray(value)} for name, kind_, value in parts],
    }


def npy(*reds, **headers):
    return request("application/x-npy", ("body", "application/x-npy", packed(*reds)), **headers)


def answers(service, *requests):
    """Status and document of each request, through TorchServe's own dispatch."""
    kept = {}
    handle = service._entry_point

    def keep(data, context):
        kept["bodies"] = handle(data, context)
        kept["states"] = [(context.get_response_status(n)[0], context.get_response_content_type(n)) for n in range(len(data))]
        return kept["bodies"]

    service._entry_point = keep
    service.predict(list(requests))
    service._entry_point = handle
    assert [kind for _, kind in kept["states"]] == ["application/json"] * len(requests)
    return [(status, json.loads(text)) for (status, _), text in zip(kept["states"], kept["bodies"], strict=True)]


def medical(document):
    return [entry.get("models", {}).get("original") for entry in document["predictions"]]


def test_requests_of_all_kinds_share_one_pass_and_get_their_own_answers(service, engine):
    found = answers(
        service,
        npy(0, 255),
        request("image/png", ("body", "image/png", png(51))),
        request("multipart/form-data; boundary=x", ("a", "image/png", png(102)), ("b", "image/png", b"junk")),
    )
    assert engine.passes == [4]
    assert [status for status, _ in found] == [200, 200, 200]
    assert [medical(document) for _, document in found] == [[0.0, 1.0], [0.2], [0.4, None]]
    assert found[2][1]["predictions"][1]["error"]["code"] == "image_unsupported"
    assert found[0][1]["model"] == {"name": "medsift", "version": "1.2.3"}


def test_a_body_that_cannot_be_unpacked_is_refused_alone(service):
    found = answers(service, npy(255), request("application/json", ("body", "application/json", b"{")), npy(0))
    assert [status for status, _ in found] == [200, 400, 200]
    assert found[1][1] == {"error": {"code": "json_invalid", "detail": "the body is not JSON"}}
    assert medical(found[2][1]) == [0.0]


def test_parts_that_share_a_name_are_all_answered(service):
    parts = [("image", "image/png", png(red)) for red in (255, 0, 51)]
    ((status, document),) = answers(service, request("multipart/form-data", *parts))
    assert (status, medical(document)) == (200, [1.0, 0.0, 0.2])


def test_a_query_is_not_taken_for_the_body(service):
    given = request("image/png", ("body", "", b"from the query"), ("body", "image/png", png(51)))
    ((status, document),) = answers(service, given)
    assert (status, medical(document)) == (200, [0.2])


def test_networks_that_fail_are_told_to_those_who_asked_them(service, engine, monkeypatch):
    def broken(pixels):
        raise RuntimeError("CUDA error: out of memory")

    monkeypatch.setattr(engine, "infer", broken)
    found = answers(service, npy(0), request("text/html", ("body", "text/html", b"<html>")))
    assert [(status, document["error"]["code"]) for status, document in found] == [
        (503, "inference_failed"),
        (400, "content_type_unsupported"),
    ]
    answers(service, npy(0))
    with pytest.raises(SystemExit):  # the third time in a row: a new process may do better
        service.predict([npy(0)])


def test_every_request_is_logged_under_its_caller_s_id(service, caplog):
    with caplog.at_level(logging.INFO, logger="medsift"):
        answers(service, npy(0, X_Request_Id="abc-1"), npy(0, X_Request_Id="a\n[METRICS]forged"))
    lines = [json.loads(record.getMessage()) for record in caplog.records]
    assert [line["request"] for line in lines] == ["abc-1", "of-the-server"]
    assert {key: lines[0][key] for key in ("status", "images", "failed", "requests_in_batch")} == {
        "status": 200, "images": 1, "failed": 0, "requests_in_batch": 2,
    }  # fmt: skip


def test_metrics_count_images_times_and_disagreements(service, caplog):
    with caplog.at_level(logging.INFO, logger="ts.metrics.caching_metric"):
        answers(service, npy(255, 204, 0))  # the second is medical to the first network alone, and so is the first
    told = {}
    for record in caplog.records:
        name, _, rest = record.getMessage().removeprefix("[METRICS]").partition(".")
        told[name] = (float(rest.partition(":")[2].partition("|")[0]), rest.partition("#type:")[2].partition("|")[0])
    assert told["medsift_images_per_forward"] == (3, "HISTOGRAM")
    assert told["medsift_disagreements"] == (1, "COUNTER")
    assert told["medsift_forward_seconds"][1] == told["medsift_decode_seconds"][1] == "HISTOGRAM"
