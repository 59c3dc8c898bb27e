"""The routes, called with the events that a function gets."""

import asyncio
import base64
import csv
import gzip
import io
import json
import time
from dataclasses import dataclass, replace

import pytest

from gateway import contract
from gateway.errors import InferenceUnavailable, JobUnknown
from gateway.fetch import Fetcher
from gateway.http import create_app, handler
from gateway.jobs import JobState, NewJob
from gateway.limits import Limits
from gateway.service import Service
from tests.documents import Flat, pdf, picture
from tests.events import event
from tests.sites import serving

PDF = "application/pdf"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict
    text: str

    @property
    def json(self):
        return json.loads(self.text)


def call(app, *args, **headers):
    answer = asyncio.run(app.resolve_async(event(*args, **headers), None))
    body = base64.b64decode(answer["body"]) if answer["isBase64Encoded"] else answer["body"].encode()
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    if headers.get("content-encoding") == "gzip":
        body = gzip.decompress(body)
    return Answer(answer["statusCode"], headers, body.decode())


def app(inference=None, jobs=None, origins=(), allow=(), **limits):
    limits = replace(Limits(), **limits)
    return create_app(Service(inference or Flat(), Fetcher(limits, frozenset(allow)), limits), jobs, origins=origins)


class Asleep:
    def predict(self, pixels):
        raise InferenceUnavailable("the classifier is asleep", 12)


class Broken:
    def predict(self, pixels):
        raise RuntimeError("a secret of ours")


class SomeJobs:
    def create(self, name):
        return NewJob("0" * 32, "https://bucket.example/", {"key": name}, 1000, 60)

    def get(self, job_id):
        if job_id != "0" * 32:
            raise JobUnknown("no job has this id")
        return JobState(job_id, "queued")


def test_a_pdf_gives_its_report():
    answer = call(
        app(), "POST", "/v1/classify", pdf(1, 2), content_type=PDF, content_disposition='attachment; filename="a.pdf"'
    )
    assert answer.status == 200
    assert answer.headers["content-type"] == "application/json"
    report = answer.json
    assert (report["source"]["name"], report["source"]["pages"], report["summary"]["images"]) == ("a.pdf", 2, 2)
    assert "thumbnail" not in report["images"][0]


def test_pages_password_and_thumbnails():
    data = pdf(1, 2, 3, password="open")
    target = "/v1/classify?pages=2-3&thumbnails=true"
    report = call(app(), "POST", target, data, content_type=PDF, x_pdf_password="open").json
    assert [image["page"] for image in report["images"]] == [2, 3]
    assert all(image["thumbnail"].startswith("data:image/png;base64,") for image in report["images"])


def test_csv_where_it_is_asked_for():
    answer = call(app(), "POST", "/v1/classify", picture(1), content_type="image/png", accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert [row["label"] for row in csv.DictReader(io.StringIO(answer.text))] == ["medical"]


def test_a_form_gives_a_list_and_a_bad_file_spoils_nobody_elses():
    parts = [("a.png", picture(1)), ("notes.txt", b"words"), ("b.png", picture(2))]
    head = 'Content-Disposition: form-data; name="file"; filename="{}"'
    body = (
        b"".join(b"--x\r\n" + head.format(name).encode() + b"\r\n\r\n" + data + b"\r\n" for name, data in parts) + b"--x--\r\n"
    )
    first, second, third = call(app(), "POST", "/v1/classify", body, content_type="multipart/form-data; boundary=x").json
    assert (first["source"]["name"], third["source"]["name"]) == ("a.png", "b.png")
    assert (second["source"], second["error"]["code"]) == ("notes.txt", "source_unsupported")
    kinds = [type(entry).__name__ for entry in contract.Answer.model_validate([first, second, third]).root]
    assert kinds == ["Report", "Unread", "Report"]  # as the contract says


def test_what_the_time_of_a_call_does_not_reach_is_told():
    class Slow(Flat):
        def predict(self, pixels):
            time.sleep(0.5)
            return super().predict(pixels)

    head = 'Content-Disposition: form-data; name="file"; filename="{}.png"'
    body = b"".join(b"--x\r\n" + head.format(n).encode() + b"\r\n\r\n" + picture(n) + b"\r\n" for n in range(3)) + b"--x--"
    answer = call(app(Slow(), search_s=0.4), "POST", "/v1/classify", body, content_type="multipart/form-data; boundary=x")
    first, *others = answer.json
    assert first["summary"]["images"] == 1
    assert [(one["source"], one["error"]["code"]) for one in others] == [(f"{n}.png", "source_not_reached") for n in (1, 2)]


def test_a_page_that_loads_slowly_is_answered_in_time():
    def slow(request):
        time.sleep(8)

    with serving({"/": b"<html><img src=a.png><img src=b.png>", "/a.png": picture(1), "/b.png": slow}) as site:
        body = json.dumps({"url": site.url("/")})
        started = time.monotonic()
        answer = call(app(allow=[site.netloc], search_s=3.0), "POST", "/v1/classify", body, content_type="application/json")
        assert time.monotonic() - started < 7
    assert answer.json["summary"]["images"] == 1
    assert [one["reason"] for one in answer.json["skipped"]] == ["limit_time"]


def test_an_address_is_fetched_from_the_public_internet_alone():
    with serving({"/a.png": picture(1)}) as site:
        body = json.dumps({"url": site.url("/a.png")})
        report = call(app(allow=[site.netloc]), "POST", "/v1/classify", body, content_type="application/json").json
        refused = call(app(), "POST", "/v1/classify", body, content_type="application/json")
    assert (report["source"]["kind"], report["images"][0]["url"]) == ("image", site.url("/a.png"))
    assert (refused.status, refused.json["code"]) == (403, "address_forbidden")


@pytest.mark.parametrize(
    ("target", "body", "content_type", "status", "code"),
    [
        ("/v1/classify", b"", PDF, 422, "source_empty"),
        ("/v1/classify", b"no pdf", PDF, 422, "pdf_corrupt"),
        ("/v1/classify", b"words", "text/plain", 415, "source_unsupported"),
        ("/v1/classify", b"damaged", "image/png", 422, "image_unsupported"),
        ("/v1/classify", "{", "application/json", 400, "request_invalid"),
        ("/v1/classify", '{"url": "file:///etc/passwd"}', "application/json", 400, "address_invalid"),
        ("/v1/classify", b"--x", "multipart/form-data; boundary=x", 400, "request_invalid"),
        ("/v1/classify?pages=0", b"%PDF-", PDF, 400, "request_invalid"),
        ("/v1/classify?thumbnails=perhaps", b"%PDF-", PDF, 400, "request_invalid"),
        ("/v1/nothing", b"", PDF, 404, "route_unknown"),
        ("/v1/jobs", "", "", 501, "jobs_unavailable"),
    ],
)
def test_errors_are_problems_with_a_code(target, body, content_type, status, code):
    answer = call(app(), "POST", target, body, content_type=content_type)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert set(answer.json) == {"type", "title", "status", "detail", "code"}
    assert (answer.json["status"], answer.json["code"]) == (status, code)


def test_the_wrong_method_is_named():
    answer = call(app(), "GET", "/v1/classify")
    assert (answer.status, answer.json["code"]) == (404, "route_unknown")
    assert "answers GET here" in answer.json["detail"]


def test_a_body_over_the_bound_is_told_where_to_go():
    with_jobs = call(app(jobs=SomeJobs(), inline_bytes=10), "POST", "/v1/classify", b"%PDF-1.7 and", content_type=PDF)
    assert with_jobs.status == 413
    assert "POST /v1/jobs" in with_jobs.json["detail"]
    without = call(app(inline_bytes=10), "POST", "/v1/classify", b"%PDF-1.7 and", content_type=PDF)
    assert "/v1/jobs" not in without.json["detail"]


def test_an_absent_classifier_says_when_to_come_back():
    answer = call(app(Asleep()), "POST", "/v1/classify", picture(1), content_type="image/png")
    assert (answer.status, answer.headers["retry-after"], answer.json["code"]) == (503, "12", "inference_unavailable")


def test_a_fault_of_our_own_tells_nothing_but_where_to_look(caplog):
    answer = call(app(Broken()), "POST", "/v1/classify", picture(1), content_type="image/png", x_request_id="call-9")
    assert (answer.status, answer.json["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "call-9" in answer.json["detail"]


def test_the_id_of_a_call_comes_back_where_it_is_harmless():
    assert call(app(), "GET", "/health", x_request_id="call-1").headers["x-request-id"] == "call-1"
    made = {call(app(), "GET", "/nothing", x_request_id=bad).headers["x-request-id"] for bad in ("a b", "x" * 200, '"')}
    assert all(len(identity) == 32 for identity in made)
    assert len(made) == 3


def test_health_is_a_real_prediction():
    inference = Flat()
    answer = call(app(inference), "GET", "/health")
    assert (answer.status, answer.json["status"], inference.calls) == (200, "ready", 1)
    assert call(app(Asleep()), "GET", "/health").status == 503


def test_jobs():
    jobs = app(jobs=SomeJobs())
    created = call(jobs, "POST", "/v1/jobs", '{"name": "a.pdf"}', content_type="application/json")
    assert (created.status, created.json["upload_fields"]) == (201, {"key": "a.pdf"})
    assert call(jobs, "POST", "/v1/jobs").status == 201
    assert call(jobs, "GET", f"/v1/jobs/{'0' * 32}").json["state"] == "queued"
    assert call(jobs, "GET", "/v1/jobs/other").json["code"] == "job_unknown"
    assert call(jobs, "POST", "/v1/jobs", "[]").json["code"] == "request_invalid"


def test_a_function_does_not_try_to_answer_more_than_it_can(monkeypatch):
    monkeypatch.setattr("gateway.http._app", app)
    request = event("POST", "/v1/classify?thumbnails=true", pdf(*range(1, 21)), content_type=PDF)
    packed = event("POST", "/v1/classify", pdf(*range(1, 21)), content_type=PDF, accept_encoding="gzip")
    whole = handler(event("POST", "/v1/classify", pdf(*range(1, 21)), content_type=PDF), None)

    monkeypatch.setattr(Limits, "answer_bytes", len(whole["body"]) + 1_000)  # its quotes are more than that
    assert handler(event("POST", "/v1/classify", pdf(*range(1, 21)), content_type=PDF), None)["statusCode"] == 413
    assert handler(packed, None)["statusCode"] == 200
    refused = handler(request | {"headers": {**request["headers"], "accept-encoding": "gzip", "x-request-id": "me"}}, None)
    assert (refused["statusCode"], json.loads(refused["body"])["code"]) == (413, "answer_too_large")
    assert refused["headers"]["X-Request-Id"] == "me"
    assert "Content-Encoding" not in refused["headers"]


def test_large_answers_are_compressed_where_the_caller_can_read_that():
    answer = call(app(), "POST", "/v1/classify", picture(1), content_type="image/png", accept_encoding="gzip")
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json["summary"]["images"] == 1


def test_pages_of_other_origins_may_call_only_where_that_is_configured():
    closed = call(app(), "OPTIONS", "/v1/classify", origin="https://a.example")
    assert "access-control-allow-origin" not in closed.headers
    both = app(origins=("https://a.example", "https://b.example"))
    for origin in ("https://a.example", "https://b.example"):
        answer = call(both, "POST", "/v1/classify", picture(1), content_type="image/png", origin=origin)
        assert answer.headers["access-control-allow-origin"] == origin
        assert call(both, "OPTIONS", "/v1/classify", origin=origin).status == 204
    other = call(both, "GET", "/health", origin="https://c.example")
    assert "access-control-allow-origin" not in other.headers


def test_the_contract_names_every_route_and_holds_together():
    document = call(app(), "GET", "/openapi.json").json
    assert {(path, method) for path, methods in document["paths"].items() for method in methods} == {
        ("/v1/classify", "post"),
        ("/v1/jobs", "post"),
        ("/v1/jobs/{job_id}", "get"),
        ("/health", "get"),
    }
    body = document["paths"]["/v1/classify"]["post"]["requestBody"]["content"]
    assert set(body) == {"application/pdf", "image/*", "multipart/form-data", "application/json"}
    references = {part.split('"')[0] for part in json.dumps(document).split("#/components/schemas/")[1:]}
    assert references <= set(document["components"]["schemas"])
    assert "Report" in references


def test_the_page_of_the_contract_loads_nothing_from_elsewhere():
    answer = call(app(), "GET", "/docs")
    assert answer.headers["content-type"].startswith("text/html")
    head = answer.text[: answer.text.index("<style>")] + answer.text[answer.text.rindex("</script>") - 2000 :]
    assert "src=" not in head
    assert "href=" not in head
    assert "/v1/classify" in answer.text
