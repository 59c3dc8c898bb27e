"""A page and its images on a site of our own: what is found, what is skipped and why, in which order."""

import base64
import io
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from gateway.errors import SourceTooLarge
from gateway.fetch import Fetcher
from gateway.images import FoundImage, Keep, Skipped
from gateway.limits import Limits
from gateway.sources import Source
from gateway.web import find
from tests.sites import serving

LIMITS = Limits()


def picture(seed=0, size=(48, 40), kind="PNG", **options):
    """An encoded picture of noise: another one for every seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind, **options)
    return buffer.getvalue()


def search(site, html, limits=LIMITS, path="/page.html", **options):
    fetcher = Fetcher(limits, frozenset([site.netloc]))
    source = Source("page", "page.html", html.encode(), site.url(path))
    return list(find(source, fetcher, limits, **options))


def told(findings, site):
    """What a reader of the report sees, in short: origin or reason, and the path."""
    return [
        (one.origin if isinstance(one, FoundImage) else one.reason, (one.url or "").removeprefix(site.url("")).lstrip("/"))
        for one in findings
    ]


def test_images_in_the_order_of_the_page_however_late_they_come():
    def late(request):
        time.sleep(0.2)
        request.send_response(200)
        request.end_headers()
        request.wfile.write(picture(1))
        request.close_connection = True

    answers = {"/a.png": late, "/b.png": picture(2), "/c.png": picture(3), "/s.css": b"p{background:url(c.png)}"}
    with serving(answers) as site:
        found = search(site, "<link rel=stylesheet href=s.css><img src=a.png><img srcset='b.png 2x'>")
    assert told(found, site) == [("img", "a.png"), ("srcset", "b.png"), ("css", "c.png")]
    assert [(one.width, one.height, one.pixels.shape, one.png) for one in found] == [(48, 40, (128, 128, 3), None)] * 3


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}), ("JPEG", {}), ("WEBP", {}), ("AVIF", {}), ("TIFF", {}), ("BMP", {}), ("ICO", {}), ("JPEG2000", {}),
        ("GIF", {"save_all": True, "append_images": [Image.new("RGB", (48, 40))]}),
    ],
)  # fmt: skip
def test_formats(kind, options):
    with serving({"/a": picture(1, (64, 64), kind, **options)}) as site:
        (found,) = search(site, "<img src=a>", keep=Keep.FULL)
    assert isinstance(found, FoundImage)
    assert Image.open(io.BytesIO(found.png)).size == (found.width, found.height)


def test_data_addresses_need_no_network():
    inside = base64.b64encode(picture(1)).decode()
    source = Source("page", "page.html", f"<img src='data:image/png;base64,{inside}'>".encode())
    (found,) = find(source, Fetcher(LIMITS), LIMITS)
    assert (found.origin, found.url[:30], len(found.url)) == ("data", "data:image/png;base64," + inside[:8], 81)


def test_every_picture_that_cannot_be_used_is_told_with_its_reason():
    answers = {
        "/small.png": picture(1, (31, 400)),
        "/blank.png": _blank(),
        "/broken.png": picture(1)[:200],
        "/page.png": (200, {"Content-Type": "text/html"}, b"<p>no longer here"),
        "/empty.png": b"",
        "/drawn": (200, {"Content-Type": "image/svg+xml"}, b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        "/drawn.svg": b"<?xml version='1.0'?>\n<!-- a --><!DOCTYPE svg><svg xmlns='http://www.w3.org/2000/svg'/>",
        "/again.png": picture(9), "/same.png": picture(9),
    }  # fmt: skip
    names = [*answers, "/missing.png", "ftp://example.com/a.png", "http://127.0.0.1:1/a.png", "data:image/png;base64,?"]
    with serving(answers) as site:
        findings = search(site, "".join(f"<img src='{name}'>" for name in names))
    assert told(findings, site) == [
        ("too_small", "small.png"), ("blank", "blank.png"), ("image_corrupt", "broken.png"), ("not_an_image", "page.png"),
        ("image_empty", "empty.png"), ("svg", "drawn"), ("svg", "drawn.svg"),
        ("img", "again.png"), ("duplicate", "same.png"), ("address_status", "missing.png"),
        ("address_invalid", "ftp://example.com/a.png"), ("address_forbidden", "http://127.0.0.1:1/a.png"),
        ("address_invalid", "data:image/png;base64,?"),
    ]  # fmt: skip
    assert all(one.detail for one in findings if isinstance(one, Skipped))


def _blank():
    buffer = io.BytesIO()
    Image.new("RGB", (40, 40), "navy").save(buffer, "PNG")
    return buffer.getvalue()


def test_where_the_largest_cannot_be_had_the_next_one_counts():
    with serving({"/m.png": picture(1), "/s.png": picture(2)}) as site:
        found = search(site, "<img src=s.png srcset='m.png 2x, l.png 3x'>")
    assert told(found, site) == [("srcset", "m.png")]
    assert site.asked == ["/l.png", "/m.png"]


def test_where_none_can_be_had_the_largest_is_told():
    with serving({}) as site:
        assert told(search(site, "<img src=s.png srcset='l.png 2x'>"), site) == [("address_status", "l.png")]


def test_a_host_that_minds_foreign_use_is_told_which_page_is_read():
    def guarded(request):
        body = picture(1) if request.headers.get("Referer", "").endswith("/page.html") else b""
        request.send_response(200 if body else 403)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    with serving({"/a.png": guarded, "/b.png": picture(2), "/c.png": (403, {}, b"")}) as site:
        found = told(search(site, "<img src=a.png><img src=b.png><img src=c.png>", replace(LIMITS, fetch_parallel=1)), site)
        assert [path for path, sent in zip(site.asked, site.headers, strict=True) if "referer" in sent] == ["/a.png", "/c.png"]
    assert found == [("img", "a.png"), ("img", "b.png"), ("address_status", "c.png")]


def test_a_link_that_is_named_like_an_image_and_leads_to_a_page_is_no_picture():
    page = (200, {"Content-Type": "text/html"}, b"<h1>File:Heart.jpg</h1>")
    with serving({"/wiki/File:Heart.jpg": page, "/t.png": picture(1)}) as site:
        found = search(site, "<a href='/wiki/File:Heart.jpg'><img src=t.png></a><a href=gone.jpg>x</a>")
    assert told(found, site) == [("img", "t.png"), ("address_status", "gone.jpg")]


def test_style_sheets_and_those_they_import():
    answers = {
        "/css/a.css": b"@import 'b.css'; @import 'gone.css'; p{background:url(1.png)}",
        "/css/b.css": b"@import 'a.css'; @import 'c.css'; p{background:url(../2.png)}",
        "/css/c.css": b"@import 'd.css'; p{background:url(3.png)}",
        "/css/d.css": b"p{background:url(4.png)}",  # one import too deep
        "/css/1.png": picture(1), "/2.png": picture(2), "/css/3.png": picture(3), "/css/4.png": picture(4),
    }  # fmt: skip
    with serving(answers) as site:
        found = search(site, "<link rel=stylesheet href=css/a.css>")
        assert site.asked.count("/css/a.css") == 1
    assert told(found, site) == [
        ("css", "css/1.png"), ("css", "2.png"), ("css", "css/3.png"), ("address_status", "css/gone.css"),
            ("limit_sheets", ""),
    ]  # fmt: skip


def test_a_redirected_style_sheet_counts_from_where_it_is():
    answers = {
        "/s.css": (302, {"Location": "/cdn/s.css"}, b""),
        "/cdn/s.css": b"p{background:url(a.png)}",
        "/cdn/a.png": picture(1),
    }
    with serving(answers) as site:
        assert told(search(site, "<link rel=stylesheet href=s.css>"), site) == [("css", "cdn/a.png")]


def test_a_page_that_sends_its_readers_on():
    page = (200, {"Content-Type": "text/html"}, b"<meta http-equiv=refresh content='0;url=/page.html'><img src=b.png>")
    on = "<meta http-equiv=refresh content='0;url={}'><img src=/a.png>"
    with serving({"/en/": page, "/en/b.png": picture(2), "/a.png": picture(1), "/a.zip": b"PK"}) as site:
        assert told(search(site, on.format("en/")), site) == [
            ("img", "a.png"),
            ("img", "en/b.png"),
            ("address_status", "page.html"),
        ]
        assert told(search(site, on.format("/a.zip")), site) == [("img", "a.png")]


def test_a_page_without_its_address():
    with serving({"/a.png": picture(1)}) as site:
        html = f"<img src=a.png><img src='{site.url('/a.png')}'><link rel=stylesheet href=a.css>"
        findings = list(find(Source("page", "p", html.encode()), Fetcher(LIMITS, frozenset([site.netloc])), LIMITS))
    assert told(findings, site) == [("address_relative", "a.png"), ("img", "a.png"), ("address_relative", "a.css")]


def test_limits_end_the_search_and_say_so():
    answers = {f"/{number}.png": picture(number) for number in range(6)}
    html = "".join(f"<img src={number}.png>" for number in range(6))
    one = len(picture(0))
    with serving(answers) as site:
        assert [kind for kind, _ in told(search(site, html, replace(LIMITS, page_images=4)), site)] == ["img"] * 4 + [
            "limit_images"
        ]
        few = replace(LIMITS, page_total_bytes=2 * one, fetch_parallel=1)
        assert [kind for kind, _ in told(search(site, html, few), site)] == ["img"] * 2 + ["limit_bytes"] * 4
        assert {kind for kind, _ in told(search(site, html, replace(LIMITS, page_wall_s=-1.0)), site)} == {"limit_time"}
        assert {kind for kind, _ in told(search(site, html, replace(LIMITS, fetch_bytes=one - 100)), site)} == {
            "source_too_large"
        }
        assert {kind for kind, _ in told(search(site, html, replace(LIMITS, image_pixels=1000)), site)} == {"image_too_large"}


def test_images_are_fetched_side_by_side_but_not_too_many_from_one_host():
    now, most, lock = 0, 0, threading.Lock()

    def counted(request):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        request.send_response(404)
        request.send_header("Content-Length", "0")
        request.end_headers()

    limits = replace(LIMITS, fetch_parallel=8, fetch_per_host=3)
    with serving({f"/{number}.png": counted for number in range(12)}) as site:
        search(site, "".join(f"<img src={number}.png>" for number in range(12)), limits)
    assert most == 3


def test_who_has_seen_enough_does_not_wait():
    def slow(request):
        time.sleep(4)

    with serving({"/a.png": picture(1), "/b.png": slow}) as site:
        fetcher = Fetcher(LIMITS, frozenset([site.netloc]))
        findings = find(Source("page", "p", b"<img src=a.png><img src=b.png>", site.url()), fetcher, LIMITS)
        next(findings)
        started = time.monotonic()
        findings.close()
        assert time.monotonic() - started < 2


def test_the_same_page_gives_the_same_findings():
    html = "".join(f"<img src={number}.png>" for number in range(20))
    with serving({f"/{number}.png": picture(number % 7) for number in range(20)}) as site:
        first, second = (told(search(site, html), site) for _ in range(2))
    assert first == second
    assert [kind for kind, _ in first] == ["img"] * 7 + ["duplicate"] * 13


def test_a_page_that_is_too_large_is_an_error():
    with serving({}) as site, pytest.raises(SourceTooLarge):
        search(site, "<p>" * 100, replace(LIMITS, page_bytes=299))


def test_a_silent_host_costs_its_own_images_alone():
    def silent(request):
        time.sleep(2)

    with serving({"/a.png": silent, "/b.png": picture(1)}) as site:
        found = told(search(site, "<img src=a.png><img src=b.png>", replace(LIMITS, fetch_read_s=0.5)), site)
    assert found == [("address_timeout", "a.png"), ("img", "b.png")]


def test_the_page_ends_in_time_however_slow_its_host():
    def slow(request):
        time.sleep(6)

    html = "<img src=good.png>" + "".join(f"<img src={number}.png>" for number in range(12))
    with serving({f"/{number}.png": slow for number in range(12)} | {"/good.png": picture(1)}) as site:
        started = time.monotonic()
        found = told(search(site, html, replace(LIMITS, fetch_per_host=2), deadline=started + 2), site)
        assert time.monotonic() - started < 5
    assert found == [("img", "good.png"), *(("limit_time", f"{number}.png") for number in range(12))]


def test_style_sheets_beyond_the_limits_are_told_of():
    chain = {f"/{number}.css": b"@import '%d.css'; p{background:url(%d.png)}" % (number + 1, number) for number in range(6)}
    with serving(chain | {f"/{number}.png": picture(number) for number in range(6)}) as site:
        html = "<link rel=stylesheet href=0.css>"
        deep = search(site, html, replace(LIMITS, sheet_depth=3))
        wide = search(site, html + "<link rel=stylesheet href=5.css>", replace(LIMITS, sheets=1))
    assert told(deep, site) == [("css", "0.png"), ("css", "1.png"), ("css", "2.png"), ("limit_sheets", "")]
    assert told(wide, site) == [("css", "0.png"), ("limit_sheets", "")]
    assert wide[-1].detail.startswith("2 more")
