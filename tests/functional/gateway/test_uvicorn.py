"""The same routes under uvicorn, over real HTTP."""

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

import pytest
import requests
import uvicorn

from gateway.asgi import LocalResolver
from gateway.fetch import Fetcher
from gateway.http import create_app
from gateway.limits import Limits
from gateway.service import Service
from tests.documents import Flat, pdf, picture


@contextmanager
def gateway(inference=None, **limits):
    limits = replace(Limits(), **limits)
    service = Service(inference or Flat(), Fetcher(limits), limits)
    app = create_app(service, resolver=partial(LocalResolver, limits))
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def post(url, data, content_type, **options):
    return requests.post(f"{url}/v1/classify", data=data, headers={"Content-Type": content_type}, timeout=60, **options)


def test_any_bytes_come_through():
    with gateway() as url:
        report = post(url, pdf(1, 2), "application/pdf").json()
        files = [("file", ("a.png", picture(1))), ("file", ("b.png", picture(2)))]
        both = requests.post(f"{url}/v1/classify", files=files, timeout=60).json()
        health = requests.get(f"{url}/health", headers={"X-Request-Id": "call-3"}, timeout=60)
    assert report["summary"]["images"] == 2
    assert [one["source"]["name"] for one in both] == ["a.png", "b.png"]
    assert (health.status_code, health.headers["x-request-id"]) == (200, "call-3")


def test_requests_run_side_by_side():
    together = threading.Barrier(3)

    class Meeting(Flat):
        def predict(self, pixels):
            together.wait(30)  # broken unless three requests are at work at the same time
            return super().predict(pixels)

    statuses = []
    with gateway(Meeting()) as url:
        threads = [
            threading.Thread(target=lambda seed=seed: statuses.append(post(url, picture(seed), "image/png").status_code))
            for seed in range(3)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [200] * 3


def test_each_answer_belongs_to_its_request():
    answers = {}
    with gateway() as url:

        def ask(seed):
            name = f"{seed}.png"
            headers = {"Content-Type": "image/png", "X-Request-Id": name, "Content-Disposition": f'inline; filename="{name}"'}
            answers[name] = requests.post(f"{url}/v1/classify", picture(seed), headers=headers, timeout=60)

        threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 12
    for name, answer in answers.items():
        assert (answer.headers["x-request-id"], answer.json()["source"]["name"]) == (name, name)


def test_a_body_over_the_bound_is_not_kept_and_its_sender_hears_why():
    with gateway(inline_bytes=1000) as url:
        answer = post(url, b"%PDF-1.7" + b"x" * 5_000_000, "application/pdf")
    assert (answer.status_code, answer.json()["code"]) == (413, "source_too_large")


def test_a_body_that_never_ends_in_time_is_given_up():
    with gateway(inline_s=0.3) as url:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
        connection.putrequest("POST", "/v1/classify")
        connection.putheader("Content-Type", "application/pdf")
        connection.putheader("Content-Length", "100")
        connection.endheaders(b"%PDF-")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("content-type")) == (408, "application/problem+json")
        assert json.load(answer)["code"] == "body_timeout"
        connection.close()
        assert requests.get(f"{url}/health", timeout=10).ok


def test_a_sender_that_leaves_harms_nobody():
    with gateway() as url:
        host, port = urlsplit(url).netloc.split(":")
        with socket.create_connection((host, int(port))) as sock:
            sock.sendall(b"POST /v1/classify HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n%PDF-")
        time.sleep(0.1)
        assert requests.get(f"{url}/health", timeout=10).ok


@pytest.mark.parametrize("value", [b"caf\xe9", b"caf\xc3\xa9"])
def test_header_values_of_any_bytes_are_no_fault(value):
    with gateway() as url:
        answer = requests.get(f"{url}/health", headers={"X-Anything": value}, timeout=10)
    assert answer.ok


@pytest.mark.parametrize("value", ["pässwörd".encode(), "pässwörd".encode("latin-1"), "zażółć".encode()])
def test_a_password_may_be_of_any_characters(value):
    password = "zażółć" if value.startswith(b"za") else "pässwörd"
    headers = {"Content-Type": "application/pdf", "X-Pdf-Password": value}
    with gateway() as url:
        answer = requests.post(f"{url}/v1/classify", pdf(1, password=password), headers=headers, timeout=60)
    assert answer.status_code == 200
