"""The bucket on this machine."""

import socket
import sys
import time

import pytest
import requests

from gateway.errors import CloudRefused
from gateway.fetch import Fetcher
from gateway.limits import Limits
from gateway.local import LocalBucket, serve
from tests.documents import Flat, InProcess, pdf

LIMITS = Limits()


@pytest.fixture
def service():
    return InProcess(Flat(), Fetcher(LIMITS), LIMITS)


def until_there(url):
    for _ in range(300):
        answer = requests.get(url, timeout=10)
        if answer.ok:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"nothing at {url}")


def test_a_dropped_pdf_gets_its_report_beside(service):
    with LocalBucket(service, LIMITS, port=0) as local:
        address = f"{local.endpoint_url}/{local.bucket}"
        assert requests.put(f"{address}/incoming/2024/scan.pdf", data=pdf(1), timeout=10).ok  # curl -T
        assert requests.put(f"{address}/incoming/broken.pdf", data=b"no", timeout=10).ok
        assert until_there(f"{address}/results/2024/scan.pdf/report.json").json()["summary"]["images"] == 1
        assert until_there(f"{address}/results/broken.pdf/error.json").json()["code"] == "source_unsupported"
        names = local.environment
        assert names["AWS_ENDPOINT_URL"] == local.endpoint_url
        assert names["MEDSIFT_QUEUE_URL"] == local.queue_url
    with pytest.raises(requests.ConnectionError):
        requests.get(address, timeout=1)


def test_a_sender_who_stalls_holds_nobody_up():
    with serve() as url:
        host, port = url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as stalled:
            stalled.sendall(b"PUT /bucket/a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            time.sleep(0.2)
            assert requests.get(url, timeout=30).ok


def test_proxies_of_the_environment_do_not_stand_between(service, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with LocalBucket(service, LIMITS, port=0) as local:
        assert local.queue_url.startswith(local.endpoint_url)


def test_a_port_that_is_taken(service):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CloudRefused, match=f"port {port} of 127.0.0.1 is taken"), LocalBucket(service, LIMITS, port=port):
            pass


def test_moto_is_not_installed(service, monkeypatch):
    monkeypatch.setitem(sys.modules, "moto.moto_server.werkzeug_app", None)
    with pytest.raises(CloudRefused, match=r"pip install 'moto\[server\]'"), LocalBucket(service, LIMITS):
        pass
