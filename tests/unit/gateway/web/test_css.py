"""The images that style sheets name."""

import pytest

from gateway.web import css

BASE = "https://example.com/css/site.css"


def addresses(pictures):
    return [
        [candidate.address.removeprefix("https://example.com/") for candidate in picture.candidates] for picture in pictures
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("a{background:#fff url(b.jpg) no-repeat}", [["css/b.jpg"]]),
        ("a{BACKGROUND-IMAGE:URL( 'b c.jpg' )}", [["css/b%20c.jpg"]]),
        (r"a{background:url(b\).jpg)}", [["css/b).jpg"]]),
        ("a{background:url(b.jpg),url(/c.jpg)}", [["css/b.jpg"], ["c.jpg"]]),
        ("a::before{content:url(b.png) / 'words'}", [["css/b.png"]]),
        ("a{list-style:url(b.png) inside}", [["css/b.png"]]),
        ("a{border-image:url(b.png) 30}", [["css/b.png"]]),
        ("a{--hero:url(b.jpg);background:var(--none, url(c.jpg))}", [["css/b.jpg"], ["css/c.jpg"]]),
        ("a{background:linear-gradient(red,blue),cross-fade(url(b.jpg),url(c.jpg))}", [["css/b.jpg"], ["css/c.jpg"]]),
        ("@media print{a{background:url(b.jpg)}}", [["css/b.jpg"]]),
        ("@layer x{@supports (a:b){a{background:url(b.jpg)}}}", [["css/b.jpg"]]),
        ("a{color:red;&:hover{background:url(b.jpg)}}", [["css/b.jpg"]]),
        ("@property --b{syntax:'<image>';initial-value:url(b.jpg)}", [["css/b.jpg"]]),
        ("@keyframes k{50%{background-image:url(b.jpg)}}", [["css/b.jpg"]]),
        ("a{background:url(data:image/png;base64,AA==)}", [["data:image/png;base64,AA=="]]),
    ],
)  # fmt: skip
def test_what_is_drawn(rule, expected):
    assert addresses(css.of_sheet(rule, BASE).pictures) == expected


@pytest.mark.parametrize(
    "rule",
    [
        "@font-face{font-family:f;src:url(f.woff)}", "a{mask:url(b.svg)}", "a{cursor:url(b.cur),auto}", "a{fill:url(#b)}",
        "a{background:url(#b)}", "a{content:'b.png'}", "a{background:url()}",
        "/* a{background:url(b.jpg)} */", "@namespace url(b.jpg);",
        "a{behavior:url(b.htc)}", "a{background:none}",
    ],
)  # fmt: skip
def test_what_is_not(rule):
    assert css.of_sheet(rule, BASE).pictures == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ('image-set("a.png" 1x, "b.png" 2x)', [["css/b.png", "css/a.png"]]),
        ("-webkit-image-set(url(a.png) 1x, url(b.png) 192dpi, url(c.png) 1.5dppx)", [["css/b.png", "css/c.png", "css/a.png"]]),
        ('image-set("a.avif" type("image/avif"), "a.jpg" type("image/jpeg"))', [["css/a.avif", "css/a.jpg"]]),
        ('image-set("a.jxl" type("image/jxl") 2x, "a.jpg" type("image/jpeg") 1x)', [["css/a.jpg", "css/a.jxl"]]),
        ('image-set("a.png" 1x), url(b.png)', [["css/a.png"], ["css/b.png"]]),
    ],
)
def test_of_a_set_the_largest_that_can_be_decoded(value, expected):
    assert addresses(css.of_style(f"background-image:{value}", BASE)) == expected


def test_imports():
    sheet = css.of_sheet('@import "a.css";@import url(b.css) print;@import url("/c.css") layer(x) supports(a:b);', BASE)
    assert [address.removeprefix("https://example.com/") for address in sheet.imports] == ["css/a.css", "css/b.css", "c.css"]


def test_a_sheet_in_its_own_encoding():
    sheet = css.of_sheet('@charset "iso-8859-1";a{background:url(ü.jpg)}'.encode("latin-1"), BASE)
    assert addresses(sheet.pictures) == [["css/%C3%BC.jpg"]]


@pytest.mark.parametrize("text", ["a{background:url(b.jpg", "a{background:url('b.jpg')", "}}a{background:url(b.jpg)}"])
def test_a_sheet_that_breaks_off(text):
    assert addresses(css.of_sheet(text, BASE).pictures) == [["css/b.jpg"]]


@pytest.mark.parametrize("text", ["a{" * 5_000, "a{background:" + "f(" * 5_000, "a{--b:" + "{" * 5_000, "a{b:" + "[" * 5_000])
def test_what_nests_without_end(text):
    assert css.of_sheet(text, BASE).pictures == []
