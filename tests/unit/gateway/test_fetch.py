"""The only door to the network, against real servers on loopback."""

import gzip
import socket
import time
import tracemalloc
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Lock, Thread

import pytest

from gateway.errors import (
    AddressForbidden,
    AddressInvalid,
    AddressStatus,
    AddressTimeout,
    AddressUnreachable,
    SourceTooLarge,
)
from gateway.fetch import Fetcher
from gateway.limits import Limits
from tests.sites import serving

LIMITS = replace(Limits(), fetch_bytes=100_000)
HASTY = replace(LIMITS, fetch_read_s=0.3, fetch_total_s=0.8)


def fetcher(*sites, limits=LIMITS):
    return Fetcher(limits, frozenset(site.netloc for site in sites))


def redirect(target, status=302):
    return status, {"Location": target}, b""


def test_what_an_address_answers():
    with serving({"/a?b=c": (200, {"Content-Type": 'Text/HTML; charset="ISO-8859-2"'}, b"<p>")}) as site:
        answer = fetcher(site).get(site.url("/a?b=c#part"))
    assert (answer.url, answer.content_type, answer.charset, answer.data) == (
        site.url("/a?b=c#part"), "text/html", "iso-8859-2", b"<p>",
    )  # fmt: skip


def test_white_space_around_an_address_does_not_count():
    with serving({"/a": b"x"}) as site:
        assert fetcher(site).get(f" {site.url('/a')} \n").data == b"x"


def test_nothing_of_this_machine_goes_along(monkeypatch, tmp_path):
    """Neither proxies nor credentials of the environment."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login reader password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving({"/": (200, {"Set-Cookie": "id=1"}, b"x")}) as site:
        door = fetcher(site)
        door.get(site.url())
        door.get(site.url())
    assert [sorted(headers) for headers in site.headers] == [["accept", "accept-encoding", "host", "user-agent"]] * 2
    assert site.headers[0]["user-agent"].startswith("medsift")


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/", "file:///etc/passwd", "gopher://x/", "data:,x", "//example.com", "example.com", "", "http://",
        "http:///path", "http://[::1", "http://example.com:port/", "http://example.com:99999/", "http://a b/",
        "http://reader@example.com/", "http://reader:secret@example.com/", "http://:@example.com/",
        "http://example.com/" + "x" * 9_000,
    ],
)  # fmt: skip
def test_what_is_not_an_address_is_refused_before_anything_is_sent(url):
    with pytest.raises(AddressInvalid):
        fetcher().get(url)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "0", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "169.254.169.254", "10.0.0.1",
     "[::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[::]", "LOCALHOST"],
)  # fmt: skip
def test_addresses_that_lead_inside_are_forbidden(host):
    with serving({"/": b"secret"}) as site:
        with pytest.raises(AddressForbidden):
            fetcher().get(f"http://{host}:{site.port}/")
        assert site.asked == []


def test_a_redirect_that_leads_inside_is_forbidden():
    with serving({"/": b"secret"}) as inside, serving({"/": redirect(inside.url())}) as outside:
        with pytest.raises(AddressForbidden):
            fetcher(outside).get(outside.url())
        assert (outside.asked, inside.asked) == (["/"], [])


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://reader:secret@example.com/", "http://[::1"])
def test_a_redirect_to_something_else_is_refused(target):
    with serving({"/": redirect(target)}) as site, pytest.raises(AddressInvalid):
        fetcher(site).get(site.url())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed(status):
    with serving({"/a/": redirect("../b/c", status), "/b/c": b"there"}) as site:
        answer = fetcher(site).get(site.url("/a/"))
    assert (answer.url, answer.data) == (site.url("/b/c"), b"there")


def test_redirects_end():
    with serving({"/": redirect("/")}) as site, pytest.raises(AddressStatus, match="more than 10 times"):
        fetcher(site).get(site.url())
    assert len(site.asked) == 11


@pytest.mark.parametrize(("status", "retryable"), [(404, False), (403, False), (429, True), (503, True), (304, False)])
def test_errors_are_told(status, retryable):
    with serving({"/": (status, {}, b"")}) as site, pytest.raises(AddressStatus, match=str(status)) as told:
        fetcher(site).get(site.url())
    assert (told.value.http_status, told.value.retryable) == (status, retryable)


def test_a_cookie_lives_as_long_as_its_redirects():
    """As publishers do it: who comes back without the cookie is sent round once more."""

    def welcome(request):
        known = request.headers.get("Cookie") == "id=1"
        request.send_response(200 if known else 302)
        for header in () if known else (("Set-Cookie", "id=1"), ("Location", "/?cookieSet=1")):
            request.send_header(*header)
        request.send_header("Content-Length", "0")
        request.end_headers()

    with serving({"/": welcome, "/?cookieSet=1": welcome}) as site:
        door = fetcher(site)
        for _ in range(2):
            door.get(site.url())
    assert site.asked == ["/", "/?cookieSet=1"] * 2


@pytest.mark.parametrize(
    ("referrer", "told"),
    [
        ("{site}p?a=b#c", "{site}p?a=b"),
        ("https://example.com/p?a=b", None),
        ("http://example.com/p?a=b", "http://example.com/"),
    ],
)
def test_a_page_is_told_to_its_own_host_alone(referrer, told):
    with serving({"/": b"x"}) as site:
        fetcher(site).get(site.url(), referrer=referrer.format(site=site.url()))
        assert site.headers[0].get("referer") == (told and told.format(site=site.url()))


def test_a_connection_that_its_host_closes_in_between_is_no_failure():
    """It is kept open after the answer, and the next request meets the closing."""
    with socket.create_server(("127.0.0.1", 0)) as host:

        def serve():
            for _ in range(3):
                connection, _ = host.accept()
                with connection:
                    connection.recv(65_536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
                    connection.recv(65_536)

        Thread(target=serve, daemon=True).start()
        netloc = f"127.0.0.1:{host.getsockname()[1]}"
        door = Fetcher(HASTY, frozenset([netloc]))
        assert [door.get(f"http://{netloc}/").data for _ in range(3)] == [b"ok"] * 3


def test_a_host_that_hangs_up_is_not_asked_again():
    def hang_up(request):
        request.close_connection = True

    with serving({"/": hang_up}) as site:
        with pytest.raises(AddressUnreachable):
            fetcher(site).get(site.url())
        assert site.asked == ["/"]


@pytest.mark.parametrize("way", ["br", "zstd", "gzip, BR"])
def test_what_cannot_be_unpacked_is_told(way):
    with serving({"/": (200, {"Content-Encoding": way}, b"x")}) as site, pytest.raises(AddressUnreachable, match="compresses"):
        fetcher(site).get(site.url())


@pytest.mark.parametrize("way", ["aws-chunked", "UTF-8", "none"])
def test_what_is_no_way_to_compress_does_not_matter(way):
    with serving({"/": (200, {"Content-Encoding": way}, b"x")}) as site:
        assert fetcher(site).get(site.url()).data == b"x"


def test_too_large_is_told_from_the_header():
    with serving({"/": (200, {"Content-Length": "100001"}, b"")}) as site, pytest.raises(SourceTooLarge):
        fetcher(site).get(site.url())


def test_too_large_is_noticed_on_the_way():
    def endless(request):
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(bytes(10_000))

    with serving({"/": endless}) as site, pytest.raises(SourceTooLarge):
        fetcher(site).get(site.url())


def test_a_caller_may_take_less():
    with serving({"/": bytes(11)}) as site:
        assert len(fetcher(site).get(site.url(), max_bytes=11).data) == 11
        with pytest.raises(SourceTooLarge):
            fetcher(site).get(site.url(), max_bytes=10)


@pytest.mark.parametrize(("name", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)])
def test_compressed_answers_are_unpacked(name, pack):
    with serving({"/": (200, {"Content-Encoding": name}, pack(b"words " * 1000))}) as site:
        assert fetcher(site).get(site.url()).data == b"words " * 1000


def test_a_bomb_is_not_unpacked():
    """50 kB that unfold into 50 MB; hardly more than the bound is ever held."""
    bomb = gzip.compress(bytes(50_000_000), 1)
    with serving({"/": (200, {"Content-Encoding": "gzip"}, bomb)}) as site:
        tracemalloc.start()
        with pytest.raises(SourceTooLarge):
            fetcher(site, limits=replace(LIMITS, fetch_bytes=1_000_000)).get(site.url())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 10_000_000


def drip(request):
    request.send_response(200)
    request.end_headers()
    for _ in range(100):
        request.wfile.write(b"x")
        time.sleep(0.1)


def drip_headers(request):
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        request.wfile.write(f"X-{number}: x\r\n".encode())
        time.sleep(0.1)


def silent(request):
    time.sleep(4)


@pytest.mark.parametrize("slow", [drip, drip_headers, silent])
def test_slow_answers_end(slow):
    with serving({"/": slow}) as site:
        started = time.monotonic()
        with pytest.raises(AddressTimeout):
            fetcher(site, limits=HASTY).get(site.url())
        assert time.monotonic() - started < 3


def test_all_redirects_share_one_time():
    def late(request):
        time.sleep(0.25)
        request.send_response(302)
        request.send_header("Location", "/")
        request.send_header("Content-Length", "0")
        request.end_headers()

    with serving({"/": late}) as site, pytest.raises(AddressTimeout):
        fetcher(site, limits=HASTY).get(site.url())
    assert len(site.asked) <= 4


def test_what_breaks_off_is_told():
    def hang_up(request):
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
        request.close_connection = True

    with serving({"/": hang_up}) as site, pytest.raises(AddressUnreachable):
        fetcher(site).get(site.url())


def test_what_is_not_http_is_told():
    def babble(request):
        request.wfile.write(b"220 mail.example ESMTP\r\n")
        request.close_connection = True

    with serving({"/": babble}) as site, pytest.raises(AddressUnreachable):
        fetcher(site).get(site.url())


def test_https_needs_a_certificate():
    with serving({"/": b"x"}) as site, pytest.raises(AddressUnreachable):
        fetcher(site).get(site.url().replace("http:", "https:"))


def test_no_more_at_a_time_than_a_host_should_serve():
    now, most, lock = 0, 0, Lock()

    def counted(request):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.03)
        with lock:
            now -= 1
        request.send_response(200)
        request.send_header("Content-Length", "0")
        request.end_headers()

    limits = replace(Limits(), fetch_per_host=3)
    with serving({"/": counted}) as site, ThreadPoolExecutor(12) as pool:
        door = fetcher(site, limits=limits)
        list(pool.map(door.get, [site.url()] * 24))
    assert most == 3
