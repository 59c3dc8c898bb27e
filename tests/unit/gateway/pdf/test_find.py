"""The whole way: child processes, their limits, and what is left of a document that breaks them."""

import zlib
from dataclasses import replace

import pytest
from pikepdf import Dictionary, Encryption, Name, ObjectStreamMode

from gateway.errors import PdfCorrupt, PdfEncrypted, PdfNoPages, PdfPasswordWrong
from gateway.images import FoundImage, Keep, Repeated, Searched, Skipped
from gateway.limits import MIB, Limits
from gateway.pdf import find
from tests.pdfs import Document, difference, picture, pixels

AT = "q 96 0 0 64 50 200 cm /I Do Q"


def album(pages):
    """One picture of its own on each page."""
    document = Document()
    for number in range(pages):
        document.page(AT, {"I": document.image(picture(number))})
    return document


def endless(document):
    """A page that is nothing but forms that call forms, a billion times."""
    form = document.form("n", {})
    for _ in range(9):
        form = document.form("/F Do " * 10, {"/XObject": Dictionary({"/F": form})})
    document.page(f"{AT} /F Do", {"I": document.image(picture(99)), "F": form})


def test_findings_stream_page_by_page_and_know_what_came_before():
    document = album(2)
    document.page(AT, {"I": document.image(picture(0))})
    findings = list(find(document.bytes(), Limits(), keep=Keep.FULL))
    assert [type(finding) for finding in findings] == [FoundImage, Searched, FoundImage, Searched, Repeated, Searched]
    assert findings[1] == Searched(1, 3)
    assert difference(pixels(findings[2]), picture(1)) == 0
    assert findings[4].sha256 == findings[0].sha256
    assert findings[0].pixels.shape == (128, 128, 3)


def test_chosen_pages_side_by_side_come_in_order():
    limits = Limits(pdf_child_pages=1, pdf_children=2)
    findings = list(find(album(5).bytes(), limits, pages=range(2, 99)))
    assert [finding.page for finding in findings if isinstance(finding, Searched)] == [2, 3, 4, 5]
    assert [finding.placement.page for finding in findings if isinstance(finding, FoundImage)] == [2, 3, 4, 5]


def test_the_same_image_on_pages_of_two_children_is_one():
    document = Document()
    image = document.image(picture())
    for _ in range(4):
        document.page(AT, {"I": image})
    findings = list(find(document.bytes(), Limits(pdf_child_pages=1, pdf_children=2)))
    assert [type(finding) for finding in findings if not isinstance(finding, Searched)] == [FoundImage, *[Repeated] * 3]


def test_pages_beyond_the_last_are_passed_over_and_told_of_where_there_are_no_others():
    assert list(find(album(2).bytes(), Limits(), pages=range(3, 9))) == [
        Searched(0, 2), Skipped("page_missing", "the PDF has 2 pages, and none of those that were asked for"),
    ]  # fmt: skip


def test_passwords():
    data = album(1).bytes(encryption=Encryption(user="open", owner="own"))
    with pytest.raises(PdfEncrypted):
        next(find(data, Limits()))
    with pytest.raises(PdfPasswordWrong):
        next(find(data, Limits(), password="shut"))
    assert isinstance(next(find(data, Limits(), password="open")), FoundImage)


@pytest.mark.parametrize(
    ("data", "error"), [(b"%PDF-1.7\nnothing that follows is a PDF", PdfNoPages | PdfCorrupt), (b"\x00" * 100, PdfCorrupt)]
)
def test_what_is_no_pdf(data, error):
    with pytest.raises((PdfNoPages, PdfCorrupt)) as caught:
        next(find(data, Limits()))
    assert isinstance(caught.value, error)


def test_no_pages():
    document = Document()
    with pytest.raises(PdfNoPages):
        next(find(document.bytes(), Limits()))


def test_a_page_that_never_ends_costs_itself_alone():
    document = album(1)
    endless(document)
    document.page(AT, {"I": document.image(picture(1))})
    findings = list(find(document.bytes(), Limits(pdf_page_s=1.0)))
    skipped = [finding for finding in findings if isinstance(finding, Skipped)]
    assert [(finding.reason, finding.page) for finding in skipped] == [("limit_time", 2)]
    assert [finding.placement.page for finding in findings if isinstance(finding, FoundImage)] == [1, 3]
    assert [finding.page for finding in findings if isinstance(finding, Searched)] == [1, 2, 3]


@pytest.mark.parametrize(("bound", "reason"), [({"pdf_cpu_s": 2.0}, "limit_cpu"), ({"pdf_wall_s": 4.0}, "limit_time")])
def test_a_limit_on_the_whole_ends_with_what_was_found(bound, reason):
    document = album(1)
    endless(document)
    document.page(AT, {"I": document.image(picture(1))})
    findings = list(find(document.bytes(), replace(Limits(), pdf_page_s=60.0, **bound)))
    assert [type(finding) for finding in findings] == [FoundImage, Searched, Skipped]
    assert findings[-1].reason == reason


def test_counted_limits():
    data = album(3).bytes()
    *before, last = find(data, Limits(pdf_pages=2))
    assert last.reason == "limit_pages"
    assert len(before) == 4
    *before, last = find(data, Limits(images=1))
    assert (last.reason, len(before)) == ("limit_images", 2)
    *before, last = find(data, Limits(placements=2))
    assert (last.reason, len(before)) == ("limit_images", 4)
    *before, last = find(data, Limits(pdf_pixels=96 * 64))
    assert last.reason == "limit_pixels"


def test_a_symbol_drawn_often_uses_up_no_limit_on_images():
    document = Document()
    logo = document.image(picture(0))
    document.page("q 9 0 0 9 1 1 cm /I Do Q " * 20, {"I": logo})
    document.page(AT, {"I": document.image(picture(1))})
    findings = list(find(document.bytes(), Limits(images=2)))
    assert [finding.placement.page for finding in findings if isinstance(finding, FoundImage)] == [1, 2]
    assert not [finding for finding in findings if isinstance(finding, Skipped)]


def test_a_pdf_for_the_holders_of_certificates_is_encrypted_and_not_damaged():
    document = album(1)
    document.pdf.trailer.Foo = 1
    handler = b"/Encrypt << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s5 /V 4 /Length 128 /Recipients [] >>"
    data = document.bytes(object_stream_mode=ObjectStreamMode.disable).replace(b"/Foo 1", handler)
    with pytest.raises(PdfEncrypted, match="no password opens"):
        list(find(data, Limits()))


def test_memory_is_bounded_and_what_did_not_fit_is_said():
    document = album(1)
    side = 9_900
    zeros = zlib.compress(bytes(side * side), 1)
    large = document.raw(zeros, (side, side), ColorSpace=Name.DeviceGray, BitsPerComponent=8, Filter=Name.FlateDecode)
    document.page(AT, {"I": large})
    document.page(AT, {"I": document.image(picture(1))})
    findings = list(find(document.bytes(), Limits(pdf_memory=64 * MIB)))
    assert [finding.reason for finding in findings if isinstance(finding, Skipped)] == ["limit_memory"]
    assert [finding.placement.page for finding in findings if isinstance(finding, FoundImage)] == [1, 3]


def test_a_caller_that_stops_listening_leaves_no_child_behind():
    found = find(album(30).bytes(), Limits())
    assert isinstance(next(found), FoundImage)
    children = [lane.child for lane in found.gi_frame.f_locals["search"]._lanes]
    found.close()
    assert children
    assert all(child._process.returncode is not None for child in children)
