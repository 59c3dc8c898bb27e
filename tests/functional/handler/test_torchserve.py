"""The real TorchServe with the real archive, over HTTP."""

import base64
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import requests
import torch

from app.sample import chart, chest, head, landscape, tissue
from handler.ensemble import Ensemble
from handler.preprocess import preprocess

ROOT = Path(__file__).parents[3]


def png(picture):
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


@pytest.fixture(scope="module")
def images():
    """Five drawn pictures, encoded."""
    return [png(draw()) for draw in (head, chest, tissue, landscape, chart)]


@pytest.fixture(scope="module")
def expected(images):
    """Plain fp32 PyTorch on the same weights: each network's medical probability, [5,2]."""
    pixels = np.stack([preprocess(image) for image in images])
    with torch.inference_mode():
        return Ensemble.load(ROOT / "model_store")(torch.tensor(pixels).permute(0, 3, 1, 2)).numpy()


@pytest.fixture(scope="module")
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def packed(pixels):
    buffer = io.BytesIO()
    np.save(buffer, pixels)
    return buffer.getvalue()


def grey(count=1):
    return packed(np.full((count, 128, 128, 3), 128, np.uint8))


def opinions(answer):
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return np.array([list(entry["models"].values()) for entry in answer.json()["predictions"]])


@pytest.mark.parametrize("path", ["/predictions/medsift", "/invocations"])
def test_packed_images_are_classified_as_plain_pytorch_would(torchserve, session, images, expected, path):
    body = packed(np.stack([preprocess(image) for image in images]))
    answer = session.post(torchserve + path, body, headers={"Content-Type": "application/x-npy"})
    assert np.abs(opinions(answer) - expected).max() < 0.02
    document = answer.json()
    assert document["model"]["name"] == "medsift"
    for entry, said in zip(document["predictions"], expected.mean(axis=1), strict=True):
        assert entry["probabilities"]["medical"] == pytest.approx(said, abs=0.02)
        assert entry["label"] == ("medical" if entry["probabilities"]["medical"] >= 0.5 else "non-medical")


def test_all_formats_give_the_same_answers(torchserve, session, images, expected):
    url = f"{torchserve}/predictions/medsift"
    instances = {"instances": [{"b64": base64.b64encode(image).decode()} for image in images]}
    answers = {
        "json": session.post(url, json=instances),
        "multipart": session.post(url, files=[(f"image{n}", (f"{n}.png", image)) for n, image in enumerate(images)]),
        "parts of one name": session.post(url, files=[("image", (f"{n}.png", image)) for n, image in enumerate(images)]),
    }
    for name, answer in answers.items():
        assert np.abs(opinions(answer) - expected).max() < 0.02, name
    for kind in ("image/png", "application/octet-stream"):
        single = session.post(url, images[2], headers={"Content-Type": kind})
        assert np.abs(opinions(single) - expected[2:3]).max() < 0.02, kind


def test_a_bad_image_among_good_ones_gets_an_error_in_its_place(torchserve, session, images):
    files = [("a", ("a.png", images[0])), ("b", ("b.png", images[0][:500])), ("c", ("c.png", images[1]))]
    entries = session.post(f"{torchserve}/predictions/medsift", files=files).json()["predictions"]
    assert [entry.get("error", {}).get("code") for entry in entries] == [None, "image_corrupt", None]


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("application/json", b'{"instances": ', "json_invalid"),
        ("application/x-npy", b"\x93NUMPY\x01\x00", "npy_invalid"),
        ("text/html", b"<html>", "content_type_unsupported"),
        ("application/x-www-form-urlencoded", b"a=b", "content_type_unsupported"),
        ("application/octet-stream", b"", "body_empty"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_a_400_of_its_own(torchserve, session, kind, body, code):
    url = f"{torchserve}/predictions/medsift"
    with ThreadPoolExecutor(4) as pool:  # together with good ones, so that they may share a batch
        good = [pool.submit(requests.post, url, grey(), headers={"Content-Type": "application/x-npy"}) for _ in range(3)]
        bad = session.post(url, body, headers={"Content-Type": kind})
        assert [answer.result().status_code for answer in good] == [200, 200, 200]
    assert (bad.status_code, bad.json()["error"]["code"]) == (400, code)


def read_metrics(server, session):
    """Prometheus' sums by name, labels left out."""
    lines = session.get(server.metrics_url).text.splitlines()
    return {
        line.partition("{")[0]: float(line.split()[-1]) for line in lines if not line.startswith("#") and "_bucket" not in line
    }


def test_requests_that_come_together_share_a_forward_pass(torchserve_server, session):
    before = read_metrics(torchserve_server, session)

    def send(number):
        headers = {"Content-Type": "application/x-npy", "X-Request-Id": f"together-{number}"}
        return requests.post(f"{torchserve_server.url}/predictions/medsift", grey(2), headers=headers, timeout=120)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    assert [answer.status_code for answer in answers] == [200] * 24
    after = read_metrics(torchserve_server, session)
    images, passes = (
        after[f"medsift_images_per_forward_{what}"] - before[f"medsift_images_per_forward_{what}"] for what in ("sum", "count")
    )
    assert images == 48
    assert passes < 24
    assert after["medsift_forward_seconds_count"] - before["medsift_forward_seconds_count"] == passes
    assert after["medsift_decode_seconds_sum"] > before["medsift_decode_seconds_sum"]
    log = torchserve_server.log.read_text().splitlines()
    lines = [json.loads(line.partition("MODEL_LOG ")[2]) for line in log if '"together-' in line]
    assert {line["request"] for line in lines} == {f"together-{number}" for number in range(24)}
    assert max(line["requests_in_batch"] for line in lines) > 1


def test_disagreements_of_the_networks_are_counted(torchserve_server, session):
    before = read_metrics(torchserve_server, session)["medsift_disagreements"]
    pixels = np.random.default_rng(0).integers(0, 256, (64, 128, 128, 3), dtype=np.uint8)
    answer = session.post(
        f"{torchserve_server.url}/predictions/medsift", packed(pixels), headers={"Content-Type": "application/x-npy"}
    )
    medical = opinions(answer) >= 0.5
    counted = read_metrics(torchserve_server, session)["medsift_disagreements"] - before
    assert counted == (medical[:, 0] != medical[:, 1]).sum()


def test_the_models_cannot_be_changed_from_outside(torchserve_server, session):
    for url, status in ((torchserve_server.url, 404), (torchserve_server.management_url, 405)):
        register = session.post(f"{url}/models", params={"url": "https://example.org/other.mar"})
        remove = session.delete(f"{url}/models/medsift")
        assert (register.status_code, remove.status_code) == (status, status)
    assert session.get(f"{torchserve_server.url}/models/medsift").status_code == 404
    assert session.get(f"{torchserve_server.url}/ping").json() == {"status": "Healthy"}
