"""Five pages in the manner of real ones, HTML alone, their pictures counted by hand.

The pages' sites do not exist, so each picture ends as skipped, under the address that would have been fetched first.
"""

import re
import socket
from pathlib import Path

import pytest

from gateway.fetch import Fetcher
from gateway.images import Skipped
from gateway.limits import Limits
from gateway.sources import Source
from gateway.web import find

PAGES = Path(__file__).parent / "pages"

COUNTED = {
    "news.html": [
        "https://img.news.example/c_fill,w_1200,h_675/lake.jpg",
        "https://img.news.example/c_scale,w_1600/lake.jpg",
        "https://img.news.example/tour-poster.jpg",
        "https://img.news.example/c_scale,w_320/garden.jpg",
        "https://img.news.example/bridge.gif",
    ],
    "encyclopedia.html": [
        "https://upload.wiki.example/thumb/3/3a/Femur.jpg/1200px-Femur.jpg",
        "https://site.example/static/external.svg",
        "https://site.example/wiki/File:Femur.jpg",
        "https://upload.wiki.example/thumb/3/3a/Femur.jpg/440px-Femur.jpg",
        "https://site.example/wiki/File:Femur_front.png",
        "https://upload.wiki.example/thumb/a/a1/Femur_front.png/240px-Femur_front.png",
        "https://upload.wiki.example/thumb/3/3a/Femur.jpg/220px-Femur.jpg",
        "https://upload.wiki.example/3/3a/Femur.jpg",
        "https://login.wiki.example/auto?type=1x1",
    ],
    "blog.html": [
        "http://pic.blog.example/cover.jpg",
        "http://pic.blog.example/walks/paper.png",
        "http://pic.blog.example/frame-left.gif",
        "http://pic.blog.example/walks/%E5%A4%9C%E5%B8%82%201.jpg",
        "http://pic.blog.example/walks/2.jpg",
        "http://pic.blog.example/walks/3.jpg",
        "http://pic.blog.example/walks/large/4.jpg",
        "http://pic.blog.example/walks/small/4.jpg",
        "http://pic.blog.example/walks/5.jpg",
        "http://pic.blog.example/walks/6.jpg",
        "http://pic.blog.example/walks/7.jpg",
        "http://pic.blog.example/walks/search-button.png",
        "http://pic.blog.example/map-large.png",
    ],
    "magazine.html": [
        "https://site.example/_image?url=%2Fscanner.jpg&w=2400",
        "https://cdn.magazine.example/scanner-social.png?quality=90&crop=0,10.6,100,78",
        "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
        "https://cdn.magazine.example/crop/0,0,1/coil.jpg",
        "https://site.example/grain.png",
        "https://site.example/overlay.png",
        "https://site.example/widget.jpg",
        "https://cdn.magazine.example/scanner-16x9.jpg",
        "https://cdn.magazine.example/scanner-1x1.jpg",
        "https://cdn.magazine.example/writer.jpg",
        "https://cdn.magazine.example/logo.png",
    ],
    "gallery.html": [
        "https://site.example/social/card.jpg",
        "https://site.example/hero@2x.jpg",
        "https://site.example/hero-print.png",
        "https://site.example/mark.png",
        "https://site.example/mr/knee-1800.avif",
        "https://site.example/ct/wide@2x.jpg",
        "https://site.example/slides/1@2x.jpg",
        "https://site.example/slides/2.jpg",
        "https://site.example/slides/3-left.jpg",
        "https://site.example/slides/3-right.jpg",
        "https://site.example/us/full.jpg",
        "https://site.example/us/thumb.jpg",
        "https://site.example/us/medium.jpg",
        "https://site.example/plan.png",
        "https://site.example/tour.jpg",
        "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk",
    ],
}


def nowhere(*_, **__):
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@pytest.mark.parametrize("name", COUNTED)
def test_every_picture_that_a_reader_counts_is_found_once(name):
    source = Source("page", name, (PAGES / name).read_bytes(), f"https://site.example/{name}")
    findings = list(find(source, Fetcher(Limits(), resolve=nowhere), Limits()))
    assert all(isinstance(finding, Skipped) for finding in findings)
    assert sorted(finding.url[:80] for finding in findings) == sorted(address[:80] for address in COUNTED[name])


def test_these_pages_are_not_easy():
    """Looking for ``img src`` alone finds hardly a third of them."""
    plain = sum(
        address in re.findall(r'<img[^>]*\ssrc="?([^\s">]+)', (PAGES / name).read_text())
        for name, addresses in COUNTED.items()
        for address in (one.removeprefix("https://site.example") for one in addresses)
    )
    assert plain < sum(map(len, COUNTED.values())) / 3
