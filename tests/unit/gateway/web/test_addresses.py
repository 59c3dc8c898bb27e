"""What pages write where an address should be."""

import pytest

from gateway.web.addresses import data_of, ending, named_as_image, resolve, shown

BASE = "https://example.com/a/page.html?q=1"


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("b.jpg", "https://example.com/a/b.jpg"),
        ("../b.jpg", "https://example.com/b.jpg"),
        ("/b.jpg", "https://example.com/b.jpg"),
        ("//cdn.example/b.jpg", "https://cdn.example/b.jpg"),
        ("?b", "https://example.com/a/page.html?b"),
        ("http://other.example/b.jpg#part", "http://other.example/b.jpg"),
        ("  b.jpg\n", "https://example.com/a/b.jpg"),
        ("b\n c.jpg", "https://example.com/a/b%20c.jpg"),
        ("b\\c.jpg?x=\\", "https://example.com/a/b/c.jpg?x=%5C"),
        ("Größe.jpg", "https://example.com/a/Gr%C3%B6%C3%9Fe.jpg"),
        ("b%20c.jpg", "https://example.com/a/b%20c.jpg"),
        ("DATA:image/png,x y", "DATA:image/png,x y"),
        ("ftp://example.com/b.jpg", "ftp://example.com/b.jpg"),
        ("", None), ("#part", None), ("about:blank", None), ("javascript:void(0)", None), ("blob:x", None),
    ],
)  # fmt: skip
def test_resolve(reference, address):
    assert resolve(BASE, reference) == address


def test_without_a_base_a_relative_address_stays_relative():
    assert resolve(None, "b c.jpg") == "b%20c.jpg"


def test_what_cannot_be_an_address_is_handed_on_as_it_is():
    assert resolve(BASE, "http://[b") == "http://[b"


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://x/a.JPG?b=c.png", "jpg"),
        ("https://x/a.b/c", ""),
        ("https://x/.jpg", ""),
        ("https://x.jpg", ""),
        ("http://[", ""),
    ],
)
def test_ending(address, kind):
    assert ending(address) == kind


def test_named_as_image():
    assert named_as_image("/a.webp")
    assert named_as_image("data:image/png;base64,")
    assert not named_as_image("/a.html")
    assert not named_as_image("data:text/html,x.png")


@pytest.mark.parametrize(
    ("address", "content"),
    [
        ("data:image/png;base64,aGk=", ("image/png", b"hi")),
        ("data:image/png;base64,aGk", ("image/png", b"hi")),  # without its padding
        ("data:image/png;charset=x; base64 ,a%47 k\n=", ("image/png", b"hi")),
        ("data:,a%20b,c", ("text/plain", b"a b,c")),
        ("data:image/svg+xml;utf8,<svg/>", ("image/svg+xml", b"<svg/>")),
    ],
)
def test_data(address, content):
    assert data_of(address) == content


@pytest.mark.parametrize("address", ["data:", "data:image/png;base64", "data:image/png;base64,a", "data:;base64,!!!!"])
def test_no_data(address):
    with pytest.raises(ValueError, match="no "):
        data_of(address)


def test_a_report_shows_where_data_begins():
    assert shown("data:image/png;base64," + "A" * 1000) == "data:image/png;base64," + "A" * 58 + "…"
    assert shown("https://x/" + "a" * 1000) == "https://x/" + "a" * 1000


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("http://bücher.example/x.png", "http://xn--bcher-kva.example/x.png"),
        ("//BÜCHER.example:81/ü", "https://xn--bcher-kva.example:81/%C3%BC"),
        ("http://example/ü", "http://example/%C3%BC"),
    ],
)
def test_hosts_of_other_scripts_are_as_dns_has_them(reference, address):
    assert resolve("https://example.com/", reference) == address
