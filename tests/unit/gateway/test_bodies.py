import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bodies import parse_flag, parse_pages, read_body, wants_csv
from gateway.errors import RequestInvalid, SourceEmpty, SourceUnsupported
from gateway.limits import Limits
from gateway.sources import Source
from tests.documents import pdf, picture


def fetch(url):
    return Source("page", url, b"<html>")


def read(data, content_type, disposition="", **limits):
    return read_body(data, content_type, disposition, Limits(**limits), fetch)


def form(*parts):
    """A form of (headers, content) pairs."""
    chunks = [b"--cut\r\n" + head.encode() + b"\r\n\r\n" + content + b"\r\n" for head, content in parts]
    return b"".join(chunks) + b"--cut--\r\n"


def file(name, content, field="file"):
    return f'Content-Disposition: form-data; name="{field}"; filename="{name}"', content


@given(st.integers(1, 99_999), st.integers(0, 5_000))
def test_a_range_of_pages_holds_both_ends(first, more):
    pages = parse_pages(f"{first}-{first + more}")
    assert (pages[0], pages[-1], len(pages)) == (first, first + more, more + 1)


@given(st.integers(1, 99_999))
def test_a_page_is_a_range_of_one(page):
    assert parse_pages(str(page)) == range(page, page + 1)


@given(st.text(min_size=1).filter(lambda text: not set(text) <= set("0123456789-")))
def test_anything_else_is_no_range(text):
    with pytest.raises(RequestInvalid):
        parse_pages(text)


@pytest.mark.parametrize("text", ["0", "0-4", "4-3", "-", "1-", "-1", "1-2-3", "9" * 30, "1 - 2", "١"])
def test_these_are_no_ranges_either(text):
    with pytest.raises(RequestInvalid):
        parse_pages(text)


def test_no_pages_are_all_pages():
    assert parse_pages(None) is None
    assert parse_pages("") is None


def test_flags():
    assert parse_flag("true", "x")
    assert not parse_flag(None, "x")
    with pytest.raises(RequestInvalid, match="thumbnails"):
        parse_flag("maybe", "thumbnails")


@pytest.mark.parametrize(
    ("accept", "csv"),
    [
        (None, False),
        ("*/*", False),
        ("text/csv", True),
        ("application/json, text/csv;q=0.5", False),
        ("application/json;q=0.2, text/csv;q=0.5", True),
        ("TEXT/CSV; q=1", True),
        ("text/csv;q=0", False),
        ("text/csv;q=high", False),
    ],
)
def test_who_gets_csv(accept, csv):
    assert wants_csv(accept) is csv


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("", "document"),
        ('attachment; filename="a scan.pdf"', "a scan.pdf"),
        ("attachment; filename*=UTF-8''R%C3%B6ntgen.pdf", "Röntgen.pdf"),
        ("attachment; filename*=nonsense''%FF", "\N{REPLACEMENT CHARACTER}"),
    ],
)
def test_a_plain_body_is_named_by_its_disposition(disposition, name):
    body = read(pdf(1), "application/pdf", disposition)
    assert [part.name for part in body.parts] == [name]
    assert not body.several
    assert body.parts[0].read().kind == "pdf"


def test_json_names_an_address():
    body = read(b'{"url": "https://example.org/", "password": "p"}', "application/json; charset=utf-8")
    assert body.parts[0].read().name == "https://example.org/"
    assert body.password == "p"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_json_as_windows_writes_it(encoding):
    body = read('{"url": "https://example.org/é"}'.encode(encoding), "application/json")
    assert body.parts[0].name == "https://example.org/é"


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"url": 1}', b'{"url": "x", "pages": "1"}', b"\xff"])
def test_other_json_is_refused(data):
    with pytest.raises(RequestInvalid):
        read(data, "application/json")


def test_a_form_holds_several_files_also_under_one_name():
    data = form(
        file("a.pdf", pdf(1)), file("b.png", picture(1)), file("empty.pdf", b""),
        ('Content-Disposition: form-data; name="password"', b"p"),
    )  # fmt: skip
    body = read(data, "multipart/form-data; boundary=cut")
    assert [part.name for part in body.parts] == ["a.pdf", "b.png", "empty.pdf"]
    assert [part.read().kind for part in body.parts[:2]] == ["pdf", "image"]
    assert body.parts[1].read().data == picture(1)
    assert (body.several, body.password) == (True, "p")
    with pytest.raises(SourceEmpty):
        body.parts[2].read()


@pytest.mark.parametrize(
    ("written", "name"), [("=?utf-8?B?TcO8bGxlci5wZGY=?=", "Müller.pdf"), ("=?utf-8?B?!?=", "document"), ("=?x", "=?x")]
)
def test_a_name_as_powershell_writes_it(written, name):
    (part,) = read(form(file(written, pdf(1))), 'multipart/form-data; boundary="cut"').parts
    assert part.name == name


def test_a_page_in_a_form_keeps_its_charset():
    head = 'Content-Disposition: form-data; name="f"; filename="a"\r\nContent-Type: text/html; charset=gbk'
    (part,) = read(form((head, b"no tag")), "multipart/form-data; boundary=cut").parts
    assert (part.read().kind, part.read().charset) == ("page", "gbk")


@pytest.mark.parametrize("end", [b"--cut--", b"--cut--\r\n", b"--cut--\r\nmore"])
def test_how_forms_may_end(end):
    data = form(file("a.png", picture(1))).removesuffix(b"--cut--\r\n") + end
    assert len(read(data, "multipart/form-data; boundary=cut").parts) == 1


@pytest.mark.parametrize("missing", [4, 9, 300])
def test_a_form_that_ends_early_loses_no_file_in_silence(missing):
    data = form(file("a.png", picture(1)), file("b.png", picture(2)))[:-missing]
    with pytest.raises(RequestInvalid):
        read(data, "multipart/form-data; boundary=cut")


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"no form", "multipart/form-data; boundary=cut"),
        (form(file("a.pdf", b"x")), "multipart/form-data"),
        (form(('Content-Disposition: form-data; name="password"', b"p")), "multipart/form-data; boundary=cut"),
        (form(file("a.pdf", b"x"))[:60], "multipart/form-data; boundary=cut"),
    ],
)
def test_forms_that_are_none(data, content_type):
    with pytest.raises(RequestInvalid):
        read(data, content_type)


def test_a_form_has_so_many_files():
    data = form(*[file(f"{n}.pdf", b"x") for n in range(4)])
    assert len(read(data, "multipart/form-data; boundary=cut", parts=4).parts) == 4
    with pytest.raises(RequestInvalid, match="more than 3"):
        read(data, "multipart/form-data; boundary=cut", parts=3)


@given(st.text(st.characters(codec="latin-1"), max_size=60), st.sampled_from(["", "multipart/form-data; ", "text/csv;q"]))
def test_no_header_is_a_fault(text, start):
    assert wants_csv(start + text) in (True, False)
    try:
        body = read(b"%PDF-1.7", start + text, start + text)
    except (RequestInvalid, SourceUnsupported):
        return
    assert body.parts


@given(st.binary(max_size=200))
def test_no_form_is_a_fault(data):
    with pytest.raises(RequestInvalid):
        read(b"--cut\r\n" + data, "multipart/form-data; boundary=cut")


def test_other_media_types_are_refused():
    with pytest.raises(SourceUnsupported):
        read(b"words", "text/plain")
