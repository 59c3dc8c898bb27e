"""The page as a person meets it: Streamlit and the gateway as processes of their own, Chromium in front."""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect, sync_playwright

from app import sample
from tests.functional.app.classifier import Classifier, running
from tests.sites import Site, serving

ROOT = Path(__file__).parents[3]
SCREENSHOTS = ROOT / "screenshots"
START_S, WAIT_MS = 120.0, 60_000
SITE_PAGE = b"""<!doctype html><title>Radiology</title><h1>A case</h1>
<img src="/head.png" alt="slice"><img data-src="/hills.png" alt="hills"><img src="/dot.png" alt="">"""


@pytest.fixture(scope="module")
def classifier() -> Iterator[Classifier]:
    with running() as started:
        yield started


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A web page with a scan, a photograph that is loaded late, and a dot."""
    answers = {
        "/": (200, {"Content-Type": "text/html"}, SITE_PAGE),
        "/head.png": (200, {"Content-Type": "image/png"}, png(sample.head())),
        "/hills.png": (200, {"Content-Type": "image/png"}, png(sample.landscape())),
        "/dot.png": (200, {"Content-Type": "image/png"}, png(sample.logo().resize((8, 8)))),
    }
    with serving(answers) as started:
        yield started


@pytest.fixture(scope="module")
def gateway(classifier: Classifier, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    settings = {
        "MEDSIFT_INFERENCE_URL": classifier.url,
        "MEDSIFT_ALLOW_HOSTS": site.netloc,
        "MEDSIFT_INLINE_BYTES": str(2 << 20),
    }
    command = ["-m", "uvicorn", "--factory", "gateway.asgi:create", "--log-level", "warning", "--port"]
    with process(command, "/openapi.json", settings, tmp_path_factory.mktemp("gateway")) as url:
        yield url


@pytest.fixture(scope="module")
def address(gateway: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is."""
    command = ["-m", "streamlit", "run", str(ROOT / "app" / "main.py"), "--logger.level", "warning", "--server.port"]
    with process(command, "/_stcore/health", {"MEDSIFT_GATEWAY_URL": gateway}, tmp_path_factory.mktemp("app")) as url:
        yield url


@pytest.fixture(scope="module")  # no longer: Playwright's event loop stands in the way of every other one
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        message = "the page's tests need Chromium: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture
def visit(browser: Browser, address: str) -> Iterator[Open]:
    """Opens the page in a window of its own. Errors that the browser reports fail the test."""
    contexts, errors = [], []

    def open_page(query: str = "", *, width: int = 1280, height: int = 900, dark: bool = False) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", accept_downloads=True
        )
        contexts.append(context)
        context.set_default_timeout(WAIT_MS)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address + query)
        return page

    expect.set_options(timeout=WAIT_MS)
    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture(scope="module")
def picture() -> Callable[[Page, str], None]:
    """Takes a screenshot, once the page has come to rest, into a folder that git ignores."""
    SCREENSHOTS.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.wait_for_timeout(400)  # the browser fades things in
        page.screenshot(path=SCREENSHOTS / f"{name}.png", animations="disabled")

    return take


@pytest.fixture(scope="module")
def sample_pdf() -> bytes:
    return sample.draw()


@contextmanager
def process(command: list[str], ready: str, settings: dict[str, str], folder: Path) -> Iterator[str]:
    """``python COMMAND PORT`` until it answers at ``ready``: its address. It is ended and its log shown if it does not."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url, log = f"http://127.0.0.1:{port}", folder / "log"
    environment = os.environ | {"PYTHONPATH": str(ROOT), "HOME": str(folder)} | settings
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, *command, str(port)], cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            until = time.monotonic() + START_S
            while not answers(url + ready):
                assert child.poll() is None, log.read_text()
                assert time.monotonic() < until, log.read_text()
                time.sleep(0.1)
            yield url
        finally:
            child.kill()  # an orderly end waits for windows that are open
            child.wait()


def answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=10).ok
    except requests.RequestException:
        return False


def png(image: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
