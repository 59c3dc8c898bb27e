"""What goes to the gateway and what comes back, against a server that writes it down."""

from __future__ import annotations

import base64
import io
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from app.client import Document, Gateway, GatewayFailed, read_report, read_reports
from gateway.errors import PdfEncrypted
from gateway.outcomes import Failure, outcomes_json
from gateway.report import to_json
from tests.unit.app.reports import entry, report


@dataclass
class Server:
    """Answers everything with ``answer``: status, headers, body."""

    url: str = ""
    answer: tuple[int, dict[str, str], bytes] = (200, {}, b"")
    query: dict[str, list[str]] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


@pytest.fixture
def server() -> Iterator[Server]:
    state = Server(answer=(200, {}, to_json(report(entry("red"))).encode()))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            state.query = parse_qs(urlsplit(self.path).query)
            state.headers = {name.lower(): value for name, value in self.headers.items()}
            state.body = self.rfile.read(int(self.headers["Content-Length"]))
            status, headers, body = state.answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        state.url = f"http://127.0.0.1:{running.server_port}"
        threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield state
        running.shutdown()


PDF = Document("Röntgen 1.pdf", b"%PDF-1.7", "application/pdf")


def test_a_file_goes_out_as_it_is_with_its_name_pages_and_password(server: Server) -> None:
    answer = Gateway(server.url + "/").classify(PDF, range(5, 9), "sesam")
    assert answer == report(entry("red"))
    assert server.body == b"%PDF-1.7"
    assert server.query == {"thumbnails": ["true"], "pages": ["5-8"]}
    assert server.headers["content-type"] == "application/pdf"
    assert server.headers["content-disposition"] == "attachment; filename*=UTF-8''R%C3%B6ntgen%201.pdf"
    assert server.headers["x-pdf-password"] == "sesam"


def test_an_address_goes_out_as_json(server: Server) -> None:
    Gateway(server.url).classify(Document("page", url="https://example.org/a"), thumbnails=False)
    assert json.loads(server.body) == {"url": "https://example.org/a"}
    assert server.query == {"thumbnails": ["false"]}


def test_a_problem_keeps_its_code_sentence_and_wait(server: Server) -> None:
    document = {"title": "The classifier is not available", "status": 503, "detail": "asleep", "code": "inference_unavailable"}
    server.answer = (503, {"Retry-After": "7"}, json.dumps(document).encode())
    with pytest.raises(GatewayFailed, match="asleep") as caught:
        Gateway(server.url).classify(PDF)
    assert (caught.value.code, caught.value.status, caught.value.retry_after_s) == ("inference_unavailable", 503, 7)


@pytest.mark.parametrize("body", [b"<html>Bad gateway</html>", b"[1]", b""])
def test_an_error_of_something_before_the_gateway_still_has_a_code(server: Server, body: bytes) -> None:
    server.answer = (502, {}, body)
    with pytest.raises(GatewayFailed) as caught:
        Gateway(server.url).classify(PDF)
    assert caught.value.code == "http_502"


def test_nobody_answers() -> None:
    with pytest.raises(GatewayFailed) as caught:
        Gateway("http://127.0.0.1:9").classify(PDF)
    assert caught.value.code == "gateway_unreachable"


@pytest.mark.parametrize("body", [b"", b"{}", b"null", b'{"images": 3}'])
def test_an_answer_that_is_no_report_is_refused(server: Server, body: bytes) -> None:
    server.answer = (200, {}, body)
    with pytest.raises(GatewayFailed) as caught:
        Gateway(server.url).classify(PDF)
    assert caught.value.code == "answer_invalid"


def test_a_password_may_be_of_any_characters(server: Server) -> None:
    Gateway(server.url).classify(PDF, password="密码")
    assert server.headers["x-pdf-password"].encode("latin-1").decode() == "密码"


def bomb() -> str:
    buffer = io.BytesIO()
    Image.new("1", (5_000, 5_000)).save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()


@pytest.mark.parametrize(
    "thumbnail", [bomb(), "data:image/png;base64,AAAA", "data:image/png;base64,?", "data:image/svg+xml,<svg/>", "https://example.org/spy.png"],
    ids=["large", "damaged", "no base64", "no PNG", "elsewhere"],
)  # fmt: skip
def test_a_saved_report_shows_no_picture_that_a_gateway_would_not_make(thumbnail: str) -> None:
    with pytest.raises(GatewayFailed) as caught:
        read_report(to_json(report(replace(entry("red"), thumbnail=thumbnail))).encode())
    assert caught.value.code == "answer_invalid"


def test_the_gateway_is_asked_without_the_environments_proxy(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert Gateway(server.url).classify(PDF).summary.images == 1


def test_a_saved_list_keeps_what_could_not_be_read() -> None:
    outcomes = [report(entry("red")), Failure("shut.pdf", PdfEncrypted("a password is needed"))]
    first, (name, problem) = read_reports(outcomes_json(outcomes).encode())
    assert first == outcomes[0]
    assert (name, problem.code, problem.retryable, problem.detail) == (
        "shut.pdf",
        "failed_before",
        False,
        "a password is needed",
    )
