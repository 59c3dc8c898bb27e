import io

import pytest
from PIL import Image

from gateway.errors import AddressForbidden, AddressStatus, SourceEmpty, SourceNotFound, SourceTooLarge, SourceUnsupported
from gateway.fetch import Fetcher
from gateway.limits import Limits
from gateway.sources import from_address, from_bytes, from_file, is_address
from tests.documents import pdf, picture
from tests.sites import serving


def encoded(format):
    buffer = io.BytesIO()
    Image.radial_gradient("L").convert("RGB").save(buffer, format)
    return buffer.getvalue()


@pytest.mark.parametrize("lead", [b"", b"\xef\xbb\xbf", b"<html>junk before the header" + b"\n" * 900])
def test_a_pdf_is_told_by_its_header_among_the_first_bytes(lead):
    assert from_bytes(lead + b"%PDF-1.7\n", "a", content_type="text/html").kind == "pdf"


def test_a_header_further_in_is_no_header():
    with pytest.raises(SourceUnsupported):
        from_bytes(b"x" * 2000 + b"%PDF-1.7", "a")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "ICO", "JPEG2000", "AVIF"])
def test_an_image_is_told_by_its_bytes(format):
    assert from_bytes(encoded(format), "a", content_type="text/html").kind == "image"


@pytest.mark.parametrize(
    "data",
    [
        b"<!DOCTYPE html><p>",
        b"\xef\xbb\xbf \n<HTML lang=en>",
        b"<!-- saved from --><html>",
        b'<?xml version="1.0"?>\n<html xmlns="http://www.w3.org/1999/xhtml">',
    ],
)
def test_a_page_is_told_by_its_first_tag(data):
    assert from_bytes(data, "a").kind == "page"


def test_a_page_is_believed_to_be_one():
    assert from_bytes(b"Some words <img src=x>", "a", content_type="text/html").kind == "page"


@pytest.mark.parametrize(("content_type", "kind"), [("application/pdf", "pdf"), ("image/png", "image")])
def test_a_damaged_source_is_what_its_sender_says(content_type, kind):
    assert from_bytes(b"\0damaged", "a", content_type=content_type).kind == kind


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"just words", b"<svg xmlns=", b"{}", b"\0" * 64])
def test_anything_else_is_refused(data):
    with pytest.raises(SourceUnsupported):
        from_bytes(data, "a")


def test_no_bytes_are_no_source():
    with pytest.raises(SourceEmpty):
        from_bytes(b"", "a", content_type="application/pdf")


def test_a_file_is_named_as_it_was_given(tmp_path):
    path = tmp_path / "a scan.pdf"
    path.write_bytes(pdf(1))
    source = from_file(path, Limits())
    assert (source.kind, source.name, source.url) == ("pdf", str(path), None)


@pytest.mark.parametrize(("name", "kind"), [("a.PDF", "pdf"), ("a.jpeg", "image"), ("a.html", "page")])
def test_a_file_whose_bytes_say_nothing_is_what_it_is_called(tmp_path, name, kind):
    (tmp_path / name).write_bytes(b"damaged")
    assert from_file(tmp_path / name, Limits()).kind == kind


def test_a_file_whose_name_says_nothing_either(tmp_path):
    (tmp_path / "notes.txt").write_bytes(b"words")
    with pytest.raises(SourceUnsupported):
        from_file(tmp_path / "notes.txt", Limits())


def test_files_that_cannot_be_read(tmp_path):
    for path in (tmp_path / "none.pdf", tmp_path, tmp_path / ("x" * 300), tmp_path / "a\0b"):
        with pytest.raises(SourceNotFound):
            from_file(path, Limits())


def test_a_file_over_the_bound(tmp_path):
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7")
    assert from_file(path, Limits(source_bytes=8)).kind == "pdf"
    with pytest.raises(SourceTooLarge):
        from_file(path, Limits(source_bytes=7))


def test_an_address_gives_a_pdf_a_page_or_an_image():
    answers = {
        "/a": pdf(1),
        "/b": (200, {"Content-Type": "text/html; charset=latin-1"}, b"words"),
        "/c": picture(1),
        "/d": (302, {"Location": "/c"}, b""),
    }
    with serving(answers) as site:
        fetcher = Fetcher(Limits(), frozenset({site.netloc}))
        sources = {path: from_address(site.url(path), fetcher, Limits()) for path in answers}
        assert {path: source.kind for path, source in sources.items()} == {
            "/a": "pdf",
            "/b": "page",
            "/c": "image",
            "/d": "image",
        }
        assert sources["/b"].charset == "latin-1"
        assert (sources["/d"].name, sources["/d"].url) == (site.url("/d"), site.url("/c"))
        with pytest.raises(AddressStatus):
            from_address(site.url("/none"), fetcher, Limits())
        with pytest.raises(SourceTooLarge):
            from_address(site.url("/a"), fetcher, Limits(source_bytes=10))
        with pytest.raises(AddressForbidden):
            from_address(site.url("/a"), Fetcher(Limits()), Limits())


def test_what_is_an_address():
    assert is_address("HTTPS://example.org")
    assert not is_address("http/file.pdf")
