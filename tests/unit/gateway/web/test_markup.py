"""Which pictures a page's elements name: each test is a few lines of a page, and what they show."""

from html import escape

import pytest

from gateway.web import markup
from gateway.web.pictures import distinct

URL = "https://example.com/p/"


def named(html, url=URL):
    """Of each picture its addresses, best first, with how it was found."""
    pictures = distinct(markup.read(html, url).pictures)
    return [(picture.best.origin, *(short(one.address) for one in picture.candidates)) for picture in pictures]


def short(address):
    return address.removeprefix(URL)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img src=a.jpg>", ("img", "a.jpg")),
        ("<img src=a.jpg srcset='b.jpg 2x'>", ("srcset", "b.jpg", "a.jpg")),
        ("<img src=c.jpg srcset='a.jpg 480w, b.jpg 800w' sizes=50vw>", ("srcset", "b.jpg", "a.jpg", "c.jpg")),
        ("<img srcset='a,b.jpg 1x, a,c.jpg 2x'>", ("srcset", "a,c.jpg", "a,b.jpg")),
        ("<input type=image src=a.jpg>", ("img", "a.jpg")),
        ("<object data=a.jpg></object>", ("img", "a.jpg")),
        ("<object data=a type=image/png></object>", ("img", "a")),
        ("<embed src=a.png>", ("img", "a.png")),
        ("<video poster=a.jpg></video>", ("img", "a.jpg")),
        ("<body background=a.jpg>", ("css", "a.jpg")),
        ("<table><tr><td background=a.jpg></table>", ("css", "a.jpg")),
        ("<p style='background:url(a.jpg)'>", ("css", "a.jpg")),
        ("<style>p{background:url(a.jpg)}</style>", ("css", "a.jpg")),
        ("<svg><image href=a.jpg /></svg>", ("svg", "a.jpg")),
        ("<svg><image xlink:href=a.jpg /></svg>", ("svg", "a.jpg")),
        ("<image src=a.jpg>", ("img", "a.jpg")),
        ("<amp-img src=a.jpg></amp-img>", ("img", "a.jpg")),
        ("<amp-img src=a.jpg srcset='a.jpg 1x, b.jpg 2x'><noscript><img src=a.jpg></noscript>", ("srcset", "b.jpg", "a.jpg")),
        ("<amp-video src=a.mp4 poster=a.jpg></amp-video>", ("img", "a.jpg")),
        ("<a href=a.JPEG?b=c>large</a>", ("img", "a.JPEG?b=c")),
        ("<map><area href=a.jpg></map>", ("img", "a.jpg")),
        ("<iframe src=a.jpg></iframe>", ("img", "a.jpg")),
        ("<iframe srcdoc='<img src=a.jpg>'></iframe>", ("img", "a.jpg")),
        ("<noscript><img src=a.jpg></noscript>", ("img", "a.jpg")),
        ("<head><noscript><img src=a.jpg></noscript></head>", ("img", "a.jpg")),
        ("<link rel=preload as=image href=a.jpg>", ("img", "a.jpg")),
        ("<link rel=preload as=image imagesrcset='a.jpg 1x, b.jpg 2x'>", ("srcset", "b.jpg", "a.jpg")),
        ("<img src='data:image/png;base64,AA=='>", ("img", "data:image/png;base64,AA==")),
        ("<div><template shadowrootmode=open><img src=a.jpg></template></div>", ("img", "a.jpg")),
    ],
)
def test_one_picture(html, expected):
    assert named(html) == [expected]


@pytest.mark.parametrize(
    "html",
    [
        "<img>", "<img src>", "<img src=''>", "<img src=#>", "<img src=about:blank>", "<!-- <img src=a.jpg> -->",
        "<script>'<img src=a.jpg>'</script>", "<template><p><img src=a.jpg></template>", "<textarea><img src=a.jpg></textarea>",
        "<a href=page.html>", "<a href=a.pdf>", "<object data=a.pdf></object>", "<iframe src=page.html></iframe>",
        "<video src=a.mp4><source src=b.mp4></video>", "<embed src=a.swf>", "<link rel=icon href=a.png>",
        "<link rel=apple-touch-icon href=a.png>", "<input value=a.jpg>", "<p title=a.jpg>", "", "\0", "<",
    ],
)  # fmt: skip
def test_no_picture(html):
    assert named(html) == []


def test_a_picture_element_is_one_picture():
    html = """
        <picture>
          <source type="image/avif" srcset="a.avif 400w, b.avif 800w">
          <source media="(min-width: 600px)" data-srcset="c.jpg 1200w">
          <img src="d.jpg" alt="">
        </picture>
        <img src="e.jpg">"""
    assert named(html) == [("lazy", "c.jpg", "b.avif", "a.avif", "d.jpg"), ("img", "e.jpg")]


@pytest.mark.parametrize("media", ["(prefers-color-scheme: dark)", "(orientation: portrait)", "print"])
def test_what_a_screen_on_a_desk_does_not_show_comes_last(media):
    html = f"<picture><source media='{media}' srcset='b.jpg 2x'><img src=a.jpg></picture>"
    assert named(html) == [("img", "a.jpg", "b.jpg")]


def test_a_large_picture_inside_the_page_is_read_whole():
    inside = "data:image/png;base64," + "A" * 11_000_000
    assert [one.best.address for one in markup.read(f"<img src='{inside}'>", URL).pictures] == [inside]


def test_a_frame_written_into_the_page_starts_from_its_own_base():
    html = """<iframe srcdoc="<base href='/deep/'><p style='background:url(a.jpg)'>"></iframe>"""
    assert named(html) == [("css", "https://example.com/deep/a.jpg")]


def test_a_type_that_cannot_be_decoded_comes_last():
    html = """<picture><source type="image/jxl" srcset="a.jxl 9x"><source type="image/svg+xml" srcset="b">
        <source type="image/webp" srcset="c.webp"><img src="d.jpg"></picture>"""
    assert named(html) == [("picture", "c.webp", "d.jpg", "a.jxl", "b")]


def test_base():
    assert named("<base href='/static/'><base href='/other/'><img src=a.jpg>") == [("img", "https://example.com/static/a.jpg")]
    assert named("<base href='data:text/html,'><img src=a.jpg>") == [("img", "a.jpg")]
    assert named("<base href='https://cdn.example/x/y'><img src=a.jpg>", None) == [("img", "https://cdn.example/x/a.jpg")]


def test_a_thumbnail_and_what_it_links_to_are_two():
    html = "<a href=large.jpg><img src=thumb.jpg></a>"
    assert named(html) == [("img", "large.jpg"), ("img", "thumb.jpg")]
    assert markup.read(html, URL).pictures[0].link


def test_each_once_in_the_order_of_the_page():
    html = "<img src=b.jpg><img src=a.jpg><p style='background:url(b.jpg)'><a href=a.jpg>a</a><img src=b.jpg#x>"
    assert named(html) == [("img", "b.jpg"), ("img", "a.jpg")]


def test_a_picture_shown_twice_in_two_sizes_is_one():
    html = "<img src=s.jpg srcset='s.jpg 200w'><img srcset='s.jpg 200w, l.jpg 900w'>"
    assert named(html) == [("srcset", "l.jpg", "s.jpg")]


def test_pictures_with_the_same_placeholder_are_different():
    html = "<img src=wait.gif><img src=wait.gif data-src=a.jpg><img src=wait.gif data-src=b.jpg>"
    assert named(html) == [("img", "wait.gif"), ("lazy", "a.jpg", "wait.gif"), ("lazy", "b.jpg", "wait.gif")]


def test_two_that_contain_each_other_leave_one():
    assert len(named("<img srcset='a.jpg 1x, b.jpg 2x'><img srcset='b.jpg 100w, a.jpg 200w'>")) == 1


def test_style_sheets():
    html = """<link rel=stylesheet href=a.css><link rel="preload" as="style" href="b.css">
        <link rel="icon stylesheet" href=c.css>
        <style>@import "d.css";</style><link href=e.css><iframe srcdoc="<link rel=stylesheet href=f.css>"></iframe>"""
    assert [short(address) for address in markup.read(html, URL).sheets] == ["a.css", "b.css", "c.css", "d.css", "f.css"]


@pytest.mark.parametrize(
    ("content", "onward"),
    [
        ("0;url=/en/", "https://example.com/en/"), ("0; URL='a.html'", URL + "a.html"), ("5, a.html", URL + "a.html"),
        ("0 url = a.html", URL + "a.html"), ('1.5;url="a.html#b"', URL + "a.html"),
        ("10;url=a.html", URL + "a.html"), (";a.html", None),
        ("300;url=a.html", None), ("30", None), ("0", None), ("", None), ("0;url=", None), (f"5;url={URL}#top", None),
        ("0;url=javascript:x", None), ("soon", None),
    ],
)  # fmt: skip
def test_where_a_page_sends_its_readers_on_to(content, onward):
    assert markup.read(f"<meta http-equiv=Refresh content='{escape(content)}'>", URL).onward == onward


def test_who_has_scripts_is_not_sent_on():
    assert markup.read("<noscript><meta http-equiv=refresh content='0;url=a.html'></noscript>", URL).onward is None


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        ("<meta charset=utf-8><img src=é.jpg>".encode(), None),
        ("<meta charset=iso-8859-1><img src=é.jpg>".encode("latin-1"), None),
        ("<img src=é.jpg>".encode("latin-1"), "iso-8859-1"),
        ("\ufeff<img src=é.jpg>".encode("utf-16"), None),
        ("<meta charset=iso-8859-1><img src=é.jpg>".encode(), "utf-8"),  # the header knows better
        ("<img src=é.jpg>".encode(), "no-such-charset"),
    ],
)
def test_encodings(page, charset):
    assert [picture.best.address for picture in markup.read(page, URL, charset).pictures] == [URL + "%C3%A9.jpg"]


def test_xhtml():
    page = b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><img src="a.jpg"/></body></html>'
    assert named(page) == [("img", "a.jpg")]


@pytest.mark.parametrize(
    "page",
    [
        b"<div>" * 10_000 + b"<img src=a.jpg>", b"<template>" * 2_000, b"<iframe srcdoc='" * 2_000,
        b"<svg>" * 5_000 + b"<image href=a.jpg>",
        b"<img srcset='" + b"a 1x," * 50_000, b"<p style='background:" + b"(" * 50_000,
        b"<picture>" * 3_000 + b"<img src=a.jpg>",
        b"<div data-bgset='a" + b" " * 200_000 + b"b'>", b"<div data-srcset='a " + b"[" * 200_000 + b"'>",
        b"<div data-bgset='" + b"a.jpg | " * 50_000 + b"'>", b"<div data-interchange='" + b"[a.jpg, b], " * 50_000 + b"'>",
    ],
)  # fmt: skip
def test_what_nests_or_repeats_without_end_ends(page):
    markup.read(page, URL)


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        # One for narrow screens and one for wide ones; the img is what old browsers show.
        (
            "<source media='(max-width: 799px)' srcset=s.jpg><source media='(min-width: 800px)' srcset=l.jpg>",
            ["l.jpg", "i.jpg", "s.jpg"],
        ),
        ("<source media='(max-width: 799px)' srcset=s.jpg>", ["i.jpg", "s.jpg"]),
        (
            "<source media='(min-width:20em)' srcset=m.jpg><source media='(min-width:1000px)' srcset=l.jpg>",
            ["l.jpg", "m.jpg", "i.jpg"],
        ),
        ("<source media='(min-width:1px)' srcset='m.jpg 600w'><source srcset='l.jpg 900w'>", ["l.jpg", "m.jpg", "i.jpg"]),
    ],
)
def test_of_sources_for_several_screens_the_widest_screen_has_the_largest(sources, expected):
    assert named(f"<picture>{sources}<img src=i.jpg></picture>") == [
        ("img" if expected[0] == "i.jpg" else "picture", *expected)
    ]
