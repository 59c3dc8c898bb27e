"""A page's bytes as characters: what browsers make of labels that promise too much."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.web import markup
from gateway.web.charset import decode

LABELS = ["gb2312", "shift_jis", "euc-kr", "big5", "us-ascii", "windows-1251", "tis-620", "utf-8", "utf-16", "no-such-charset"]


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("byte", [b"\xff", b"\x81", b"\xe6\x9c"], ids=bytes.hex)
def test_bytes_that_fit_no_character_cost_no_picture(label, byte):
    page = b"<head><meta charset='%s'></head><img src=a.png>%s<img src=b.png>" % (label.encode(), byte)
    assert len(markup.read(page, "https://example.com/").pictures) == 2


@pytest.mark.parametrize(
    ("page", "header", "text"),
    [
        ("<meta charset=gb2312>\u6731\u9555\u57fa".encode("gbk"), None, "\u6731\u9555\u57fa"),
        ("<meta charset=utf-8>R\u00f6ntgen".encode("latin-1"), "iso-8859-1", "R\u00f6ntgen"),
        ("R\u00f6ntgen \u20ac".encode("cp1252"), None, "R\u00f6ntgen \u20ac"),
        ("R\u00f6ntgen".encode(), None, "R\u00f6ntgen"),
        ("R\u00f6ntgen".encode("utf-8-sig"), "windows-1251", "R\u00f6ntgen"),
        ("R\u00f6ntgen".encode("utf-16"), "utf-8", "R\u00f6ntgen"),
        ("R\u00f6ntgen".encode("utf-16-le"), "utf-16", "R\u00f6ntgen"),
        ("<meta charset=utf-16>R\u00f6ntgen".encode(), None, "R\u00f6ntgen"),
    ],
)
def test_a_mark_then_the_header_then_the_page_itself(page, header, text):
    assert decode(page, header).rpartition(">")[2] == text


@given(st.binary(max_size=100), st.none() | st.sampled_from(LABELS))
def test_every_page_has_characters(page, header):
    assert isinstance(decode(b"<img>" + page, header), str)
