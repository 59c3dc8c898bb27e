"""What is shown, as far as it can be told without a browser; what comes from documents is never taken for markup."""

from __future__ import annotations

from dataclasses import replace

from app.client import Document, GatewayFailed
from app.desk import Job, State
from app.detail import facts, maps, verdict
from app.documents import heading, problem, progress_words, share
from app.gallery import card, place_words
from app.intake import addresses_of, document_of
from app.leftout import ROWS, table
from app.pagemap import FORMATS
from app.summary import bins, figures, histogram
from app.view import Correction, Picture
from gateway.images import Placement, Skipped
from tests.unit.app.reports import BOX, entry, report

EVIL = "<img src=x onerror=alert(1)>"
RED = Picture(1, "paper.pdf", entry("red", 0.9))
PINK = Picture(1, "paper.pdf", entry("pink", 0.6, page=2, index=1))


def test_a_card_says_in_words_what_it_shows() -> None:
    drawn = card(PINK, FORMATS[0])
    assert drawn["says"] == "Medical, 60 % sure, Page 2, paper.pdf, Check"
    assert drawn["src"].startswith("data:image/webp;base64,")
    assert "pagemap" in drawn["map"]


def test_a_card_does_not_lend_the_networks_confidence_to_another_label() -> None:
    drawn = card(replace(RED, correction=Correction("non-medical")), FORMATS[0])
    assert (drawn["label"], drawn["percent"], drawn["confidence"], drawn["flag"]) == (
        "Non-medical",
        "your word",
        0,
        "Corrected",
    )
    assert card(replace(RED, correction=Correction("medical")), FORMATS[0])["flag"] == "Confirmed"


def test_places_in_words() -> None:
    many = replace(RED.entry, placements=tuple(Placement(page, BOX) for page in (1, 3, 3, 5, 7, 9)))
    assert place_words(replace(RED, entry=many)) == "Pages 1, 3, 5, 7 …"
    site = entry("red", page=None, url="https://example.org/scan.png")
    assert place_words(replace(RED, entry=site)) == "example.org/scan.png"
    assert place_words(replace(RED, entry=replace(site, url="data:image/png;base64,AAAA"))) == "Written into the page"
    assert place_words(replace(RED, entry=replace(site, url=None, origin="direct"))) == "The picture itself"


def test_the_large_picture_says_why_it_is_flagged() -> None:
    assert "both networks are unsure" in verdict(PINK)
    apart = replace(PINK.entry, models=replace(PINK.entry.models, original=0.1, finetuned=0.95))
    assert "the two networks disagree" in verdict(replace(PINK, entry=apart))
    assert "Flagged" not in verdict(RED)
    assert "your word; the networks say medical, 90 % sure" in verdict(replace(RED, correction=Correction("non-medical")))


def test_only_so_many_page_maps() -> None:
    everywhere = replace(RED.entry, placements=tuple(Placement(page, BOX) for page in range(1, 31)))
    assert "and 22 more pages" in maps(replace(RED, entry=everywhere), FORMATS[0])


def test_names_addresses_and_details_are_text() -> None:
    evil = replace(entry("red", page=None), url=f"https://example.org/{EVIL}")
    job = Job(1, Document(EVIL), "k", State.FAILED, report=report(evil), problem=GatewayFailed("odd", 400, EVIL, EVIL))
    shown = (
        facts(Picture(1, EVIL, evil)) + heading(job) + problem(job) + table([(EVIL, Skipped(EVIL, EVIL, url=EVIL))])
    )  # fmt: skip
    assert "<img" not in shown
    assert "&lt;img" in shown


def test_a_row_says_how_far_a_document_is() -> None:
    job = Job(1, Document("a.pdf", b"x"), "k")
    assert progress_words(job) == "Waiting for the documents before it"
    working = replace(job, state=State.WORKING)
    assert progress_words(working) == "Looking for pictures"
    assert progress_words(replace(working, document=Document("a", url="https://a.b"))) == "Fetching the address"
    assert "waking up" in progress_words(replace(working, awaits="inference_unavailable"))
    assert "gateway cannot be reached" in progress_words(replace(working, awaits="gateway_unreachable"))
    partly = replace(working, report=report(RED.entry, pages=9), done=range(1, 5))
    assert progress_words(partly) == "Page 4 of 9, 1 picture so far"
    failed = replace(partly, state=State.FAILED, problem=GatewayFailed("inference_failed", 502, "T", "d"))
    assert "The first 4 of 9 pages are below. <code>inference_failed</code>" in problem(failed)


def test_the_sums() -> None:
    job = Job(
        1, Document("a.pdf"), "k", State.DONE, report=report(RED.entry, entry("blue", 0.1), skipped=(Skipped("blank", ""),))
    )
    assert "50 % medical" in share([RED, replace(PINK, correction=Correction("non-medical"))])
    assert share([]) == ""
    assert "4 pages, 2 pictures, 1 left out" in heading(job)
    assert "<dt>to check</dt><dd>1</dd>" in figures([RED, PINK], 3)
    assert "no pictures" in heading(replace(job, report=report()))


def test_the_histogram_counts_every_picture_once() -> None:
    certain = replace(RED, entry=replace(RED.entry, confidence=1.0))
    odd = replace(RED, entry=replace(RED.entry, confidence=0.4999))
    bars = bins([RED, PINK, certain, odd, replace(RED, correction=Correction("non-medical"))])
    assert sum(sum(bar) for bar in bars.values()) == 5
    assert (bars[90], bars[60], bars[95], bars[50]) == ((1, 1), (1, 0), (1, 0), (1, 0))
    assert "1 from 60 to 65 percent" in histogram([PINK])


def test_the_most_frequent_reason_comes_first_and_the_list_ends() -> None:
    rows = [("a.pdf", Skipped("blank", "one colour", 1))] + [("a.pdf", Skipped("too_small", "8x8 px", 2))] * 300
    html = table(rows)
    assert html.index("Smaller than 32 pixels") < html.index("And 101 more")
    assert html.count("<tr>") == ROWS + 1


def test_addresses_as_people_paste_them() -> None:
    assert addresses_of(" example.org/a \nhttp://b.org\thttp://b.org\n") == ["https://example.org/a", "http://b.org"]
    assert len(addresses_of(" ".join(f"a.org/{number}" for number in range(100)))) == 100


def test_a_file_whose_type_the_browser_does_not_know() -> None:
    assert document_of("scan.pdf", b"", "").content_type == "application/pdf"
    assert document_of("scan.unheard-of", b"", "").content_type == "application/octet-stream"
