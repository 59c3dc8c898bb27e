"""What a person does on the page, in Chromium."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pymupdf
import pytest
from playwright.sync_api import Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from app import sample
from gateway.outcomes import outcomes_json
from tests.functional.app.classifier import Classifier
from tests.sites import Site
from tests.unit.app.reports import entry, report
from training.manifest import read_rows

Open = Callable[..., Page]
Picture = Callable[[Page, str], None]
PDF = "application/pdf"


def hand_in(page: Page, *files: tuple[str, str, bytes]) -> None:
    uploads = [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files]
    page.locator('input[type="file"]').set_input_files(uploads)


def cards(page: Page) -> Locator:
    return page.locator("button.card")


def take(page: Page, label: str) -> bytes:
    """What a button hands out. A click that meets the page while it redraws gives an error; a person clicks again."""
    button = page.get_by_role("button", name=label)
    for patience_s in (15, 30, 60):
        try:
            with page.expect_download(timeout=patience_s * 1000) as download:
                button.click()
            return Path(download.value.path()).read_bytes()
        except PlaywrightTimeout:
            continue
    raise AssertionError(f"{label!r} handed out nothing")


@pytest.fixture
def opened(visit: Open, sample_pdf: bytes) -> Page:
    """The page with the sample on it."""
    page = visit()
    hand_in(page, ("sample.pdf", PDF, sample_pdf))
    expect(cards(page)).to_have_count(7)
    expect(page.get_by_text("Take away")).to_be_visible()
    return page


def test_the_empty_page_says_what_to_do(visit: Open, picture: Picture) -> None:
    page = visit()
    expect(page.get_by_text("Hand in papers, reports or web pages")).to_be_visible()
    expect(page.get_by_role("button", name="Try it with this drawn sample")).to_be_visible()
    picture(page, "empty")


def test_an_uploaded_pdf_becomes_a_gallery(opened: Page, picture: Picture) -> None:
    expect(cards(opened).nth(0)).to_have_attribute("aria-label", re.compile(r"^Medical, \d\d % sure, Page 1, sample\.pdf$"))
    expect(cards(opened).nth(3)).to_have_attribute("aria-label", re.compile("Check$"))
    expect(cards(opened).nth(4)).to_have_attribute("aria-label", re.compile(r"^Non-medical, 96 % sure, Page 3"))
    expect(opened.locator(".ms-figures")).to_have_text(re.compile("pictures7medical4non-medical3to check1left out0"))
    expect(opened.get_by_text("57 % medical")).to_be_visible()
    widths = opened.evaluate("[...document.images].map(image => image.naturalWidth)")
    assert all(width > 0 for width in widths)
    picture(opened, "gallery")


def test_several_files_and_pictures_at_once(visit: Open, sample_pdf: bytes) -> None:
    page = visit()
    buffer = io.BytesIO()
    sample.chest().save(buffer, "PNG")
    hand_in(page, ("sample.pdf", PDF, sample_pdf), ("film.png", "image/png", buffer.getvalue()))
    expect(cards(page)).to_have_count(8)
    expect(cards(page).nth(7)).to_have_attribute("aria-label", re.compile("The picture itself, film.png"))
    expect(page.get_by_label("Document", exact=False).first).to_be_visible()


def test_progress_while_the_classifier_thinks_and_results_before_the_end(
    visit: Open, classifier: Classifier, picture: Picture
) -> None:
    page = visit()
    classifier.awake.clear()
    hand_in(page, ("long.pdf", PDF, long_pdf(14)))
    expect(page.get_by_text("Looking for pictures")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_be_visible()
    picture(page, "loading")
    classifier.awake.set()
    expect(page.get_by_text("14 pages, 14 pictures")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    expect(cards(page)).to_have_count(14)


def test_an_address_and_a_link_to_its_result(visit: Open, site: Site, picture: Picture) -> None:
    page = visit()
    page.get_by_role("tab", name="Addresses").click()
    page.get_by_label("Addresses of web pages").fill(site.url("/"))
    page.get_by_role("button", name="Look for pictures").click()
    expect(cards(page)).to_have_count(2)
    expect(cards(page).nth(1)).to_have_attribute("aria-label", re.compile(f"{site.netloc}/hills.png"))
    page.get_by_text("Left out: 1").click()
    expect(page.get_by_text("Smaller than 32 pixels")).to_be_visible()
    picture(page, "address")
    query = page.evaluate("location.search")
    assert query.startswith("?url=http")
    again = visit("/" + query)
    expect(cards(again)).to_have_count(2)


def test_filters_and_order(opened: Page, picture: Picture) -> None:
    opened.get_by_text("Non-medical 3").click()
    expect(cards(opened)).to_have_count(3)
    opened.get_by_text("To check 1").click()
    expect(cards(opened)).to_have_count(1)
    opened.get_by_text("All 7").click()
    expect(cards(opened)).to_have_count(7)
    opened.get_by_label("Order").click()
    opened.get_by_role("option", name="Least certain first").click()
    expect(cards(opened).first).to_have_attribute("aria-label", re.compile("^Medical, 61 % sure"))
    low = opened.get_by_role("slider").first
    low.focus()
    for _ in range(3):
        low.press("PageUp")
    expect(cards(opened)).to_have_count(6)
    opened.get_by_text("To check 1").click()
    expect(opened.get_by_text("No picture fits")).to_be_visible()
    picture(opened, "filtered")


def test_correcting_by_keyboard_and_learning_from_it(opened: Page, tmp_path: Path, picture: Picture) -> None:
    cards(opened).nth(2).focus()
    opened.keyboard.press("ArrowRight")
    opened.keyboard.press("Enter")
    dialog = opened.get_by_role("dialog")
    expect(dialog.get_by_text("both networks are unsure")).to_be_visible()
    expect(dialog.get_by_text("58 % medical")).to_be_visible()
    picture(opened, "detail")
    opened.keyboard.press("n")
    expect(dialog.get_by_text("your word; the networks say medical")).to_be_visible()
    dialog.get_by_label("Kind, if you know it").click()
    opened.get_by_role("option", name="diagram").click()
    opened.keyboard.press("Escape")
    if dialog.is_visible():  # the first Escape may go to the list of kinds
        opened.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(cards(opened).nth(3)).to_have_attribute("aria-label", re.compile("^Non-medical, your word, .* Corrected$"))
    expect(opened.locator(".ms-figures")).to_have_text(re.compile("pictures7medical3non-medical4to check0"))
    picture(opened, "corrected")
    with zipfile.ZipFile(io.BytesIO(take(opened, "Corrections with pictures (1)"))) as archive:
        archive.extractall(tmp_path)
    (row,) = read_rows(tmp_path)
    assert (row.label, row.modality, row.source) == ("non-medical", "diagram", "corrections")
    assert (tmp_path / row.path).is_file()
    assert take(opened, "Corrections (CSV)") == (tmp_path / "manifest.csv").read_bytes()


def test_turning_from_picture_to_picture(opened: Page) -> None:
    cards(opened).nth(0).click()
    dialog = opened.get_by_role("dialog")
    expect(dialog.get_by_text("1 of 7")).to_be_visible()
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_text("2 of 7")).to_be_visible()
    opened.keyboard.press("ArrowLeft")
    expect(dialog.get_by_text("1 of 7")).to_be_visible()


def test_taking_away_and_opening_again(opened: Page, visit: Open) -> None:
    cards(opened).nth(6).click()
    opened.get_by_role("dialog").get_by_role("button", name="It is medical").click()
    expect(opened.get_by_role("dialog").get_by_text("your word")).to_be_visible()
    opened.keyboard.press("Escape")
    expect(opened.get_by_text("71 % medical")).to_be_visible()
    table = list(csv.DictReader(io.StringIO(take(opened, "Table (CSV)").decode("utf-8-sig"))))
    assert [row["label"] for row in table] == ["medical"] * 4 + ["non-medical"] * 3
    with zipfile.ZipFile(io.BytesIO(take(opened, "Medical pictures (5)"))) as archive:
        assert sum(name.startswith("medical/sample-p") for name in archive.namelist()) == 5
    report = take(opened, "Report (JSON)")
    assert json.loads(report)["summary"]["images"] == 7
    again = visit()
    hand_in(again, ("medsift-report.json", "application/json", report))
    expect(cards(again)).to_have_count(7)
    expect(cards(again).nth(6)).to_have_attribute("aria-label", re.compile("^Medical, your word, .* Corrected$"))


def test_many_documents_are_folded_away(visit: Open) -> None:
    reports = [
        replace(report(replace(entry("red"), thumbnail=None), name=f"{number}.pdf"), id=str(number)) for number in range(9)
    ]
    page = visit()
    hand_in(page, ("nine.json", "application/json", outcomes_json(reports).encode()))
    expect(cards(page)).to_have_count(9)
    expect(page.locator(".ms-doc")).to_have_count(0)
    expect(page.get_by_role("button", name="Medical pictures (0)")).to_be_disabled()  # the reports came without
    page.get_by_text("9 documents done").click()
    expect(page.locator(".ms-doc")).to_have_count(9)
    page.get_by_role("button", name="Remove").first.click()
    expect(page.locator(".ms-doc")).to_have_count(8)


def test_errors_say_what_to_do_and_leave_the_others_alone(visit: Open, sample_pdf: bytes, picture: Picture) -> None:
    page = visit()
    hand_in(
        page,
        ("torn.pdf", PDF, b"%PDF-1.7\nnothing else"),
        ("large.pdf", PDF, sample_pdf + bytes(3 << 20)),
        ("notes.json", "application/json", b"{}"),
        ("locked.pdf", PDF, locked_pdf("sesam")),
        ("sample.pdf", PDF, sample_pdf),
    )
    expect(cards(page)).to_have_count(7)
    expect(page.get_by_text("This is not a medsift report.")).to_be_visible()
    expect(page.get_by_text("This PDF is damaged.")).to_be_visible()
    expect(page.get_by_text("larger than can be sent this way")).to_be_visible()
    expect(page.get_by_text("protected by a password")).to_be_visible()
    picture(page, "errors")
    page.get_by_label("Password of the PDF").fill("sesame")
    page.get_by_role("button", name="Open the PDF").click()
    expect(page.get_by_text("That password does not open the PDF.")).to_be_visible()
    page.get_by_label("Password of the PDF").fill("sesam")
    page.get_by_role("button", name="Open the PDF").click()
    expect(cards(page)).to_have_count(8)


def test_every_file_of_a_batch_has_a_row_on_the_page_and_in_the_table(visit: Open, sample_pdf: bytes) -> None:
    page = visit()
    names = ["sample.pdf", "copy of **sample** ![](x).pdf", "letter.docx", "empty.pdf", "also empty.pdf"]
    contents = [sample_pdf, sample_pdf, b"PK\x03\x04", b"", b""]
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    kinds = [PDF, PDF, word, PDF, PDF]
    hand_in(page, *zip(names, kinds, contents, strict=True))
    expect(cards(page)).to_have_count(14)
    expect(page.locator(".ms-doc .name b")).to_have_text(names)
    expect(page.get_by_text("neither a PDF nor a web page nor a picture")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_count(0)
    table = csv.DictReader(io.StringIO(take(page, "Table (CSV)").decode("utf-8-sig")))
    assert {row["source"]: row["skipped"] for row in table} == dict(
        zip(names, ["", "", "source_unsupported", "source_empty", "source_empty"], strict=True)
    )
    page.get_by_role("button", name="Remove").nth(1).hover()
    expect(page.get_by_text("Take this document off the page")).to_be_visible()  # and not its name, which is no markup


def test_all_addresses_are_taken_and_a_link_holds_twenty(visit: Open) -> None:
    page = visit()
    page.get_by_role("tab", name="Addresses").click()
    page.get_by_label("Addresses of web pages").fill("\n".join(f"http://127.0.0.1:9/{number}" for number in range(25)))
    page.get_by_role("button", name="Look for pictures").click()
    expect(page.locator(".ms-doc")).to_have_count(25)
    assert page.evaluate("location.search").count("url=") == 20


def test_an_address_that_may_not_be_fetched(visit: Open) -> None:
    page = visit("/?url=http://127.0.0.1:9/")
    expect(page.get_by_text("This address is not on the public internet.")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Hand in papers, reports or web pages")).to_be_visible()
    assert page.evaluate("location.search") == ""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_phone_shows_everything_in_its_width(visit: Open, picture: Picture, dark: bool) -> None:
    page = visit(width=390, height=844, dark=dark)
    page.get_by_role("button", name="Try it with this drawn sample").click()
    expect(cards(page)).to_have_count(7)
    expect(page.get_by_text("Take away")).to_be_attached()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390
    left = {round(box["x"]) for box in (cards(page).nth(number).bounding_box() for number in range(4))}
    assert len(left) == 2  # two columns
    page.set_viewport_size({"width": 390, "height": 2400})
    picture(page, f"phone-{'dark' if dark else 'light'}")
    cards(page).nth(3).click()
    expect(page.get_by_role("dialog").get_by_text("both networks are unsure")).to_be_visible()
    picture(page, f"phone-detail-{'dark' if dark else 'light'}")


def test_dark_is_dark_and_readable_everywhere(visit: Open, picture: Picture) -> None:
    page = visit(dark=True)
    page.get_by_role("button", name="Try it with this drawn sample").click()
    expect(cards(page)).to_have_count(7)
    cards(page).nth(3).click()
    note = page.get_by_role("dialog").get_by_text("both networks are unsure")
    expect(note).to_be_visible()
    picture(page, "dark-detail")
    assert contrast(note) > 4.5
    page.keyboard.press("Escape")
    picture(page, "dark")
    for number in (0, 4):
        for part in (".label", ".percent", ".source"):
            assert contrast(cards(page).nth(number).locator(part)) > 4.5, part


def contrast(spot: Locator) -> float:
    """WCAG 2's contrast of a text with what it lies on."""
    foreground, background = spot.evaluate("""start => {
        const channels = colour => colour.match(/[\\d.]+/g).map(Number);
        let ground = start, colour;
        do {
            colour = channels(getComputedStyle(ground).backgroundColor);
            ground = ground.parentElement ?? ground.getRootNode().host;
        } while (ground && colour.length === 4 && colour[3] === 0);
        return [channels(getComputedStyle(start).color).slice(0, 3), colour.slice(0, 3)];
    }""")
    light, dark = sorted((luminance(foreground), luminance(background)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: list[float]) -> float:
    linear = [(value / 255) / 12.92 if value <= 10.3 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def long_pdf(pages: int) -> bytes:
    """A page for each picture, every one different."""
    document = pymupdf.open()
    for number in range(pages):
        buffer = io.BytesIO()
        picture = sample.head() if number % 2 else sample.landscape()
        picture.rotate(number * 9).resize((90, 90)).save(buffer, "PNG")
        document.new_page().insert_image(pymupdf.Rect(60, 60, 260, 260), stream=buffer.getvalue())
    return document.tobytes()


def locked_pdf(password: str) -> bytes:
    document = pymupdf.open(stream=long_pdf(1))
    return document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=password, owner_pw=password)
