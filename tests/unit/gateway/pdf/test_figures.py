"""Which pages without images are figures."""

import math

import pymupdf
import pytest
from pikepdf import Dictionary, Name

from gateway.images import FoundImage
from gateway.pdf.figures import figure_span
from tests.pdfs import Document, difference, picture, pixels, search

PAGE = (0, 0, 300, 400)
FONT = {"Font": Dictionary(F=Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))}


def curves(count=12):
    """A drawing over most of a page."""
    lines = []
    for index in range(count):
        x, y = 40 + 18 * index, 60 + 20 * index
        lines.append(f"{index / count:.2f} 0.2 0.5 rg {x} {y} m {x + 60} {y + 90} {x - 20} {y + 40} {x + 15} {y + 110} c f")
    return "\n".join(lines) + "\n"


def text(lines):
    return (
        "BT /F 11 Tf 12 TL 20 380 Td " + " ".join(f"({'words and words and words ' * 2}) Tj T*" for _ in range(lines)) + " ET\n"
    )


def searched(content, **more):
    document = Document()
    document.page(content, resources=FONT, **more)
    return search(document.bytes())


def test_a_drawing_is_rendered():
    [found] = searched(curves() + " BT /F 9 Tf 60 50 Td (label) Tj ET")
    assert isinstance(found, FoundImage)
    assert found.origin == "rendered"
    assert max(found.width, found.height) == 1024
    x0, y0, x1, y1 = found.placement.bbox
    assert x0 < 50
    assert x1 > 240
    assert math.isclose((x1 - x0) / (y1 - y0), found.width / found.height, rel_tol=0.01)
    assert len(pixels(found).getcolors(1 << 20)) > 12


def test_pages_of_text_tables_and_forms_are_none():
    assert searched(text(30)) == []
    assert searched(text(30) + "\n" + curves()) == []
    rules = "\n".join(f"20 {50 + 12 * row} m 280 {50 + 12 * row} l S" for row in range(25))
    assert searched(text(4) + rules) == []
    assert searched("") == []


def test_a_small_ornament_and_a_coloured_background_are_none():
    assert searched("q 0.2 0 0 0.2 100 100 cm " + curves() + " Q") == []
    assert searched("0.9 0.9 1 rg 0 0 300 400 re f " + text(3)) == []


def test_a_page_with_an_image_is_no_figure():
    document = Document()
    document.page(curves() + "q 96 0 0 64 50 200 cm /I Do Q", {"I": document.image(picture())})
    assert [found.origin for found in search(document.bytes())] == ["embedded"]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ([("fill-path", (0, 0, 200, 300))] * 8, (0, 0, 200, 300)),
        ([("fill-path", (0, 0, 200, 300))] * 7, None),
        ([("fill-shade", (0, 0, 200, 300))], (0, 0, 200, 300)),
        ([("fill-path", (0, 0, 100, 100))] * 8, None),
        ([("fill-path", (0, 0, 200, 300))] * 8 + [("fill-text", (190, 100, 240, 110))], (0, 0, 240, 300)),
        ([("fill-path", (0, 0, 200, 300))] * 8 + [("fill-text", (0, 100, 200, 140))], None),
        ([("stroke-path", (0, 10, 300, 11))] * 50, None),
    ],
)
def test_the_rule(marks, expected):
    assert figure_span(marks, PAGE) == expected


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_a_drawing_on_a_turned_page_is_where_it_is_seen(turn):
    [plain], [turned] = (searched(curves(), Rotate=angle) for angle in (0, turn))
    seen = pixels(plain).rotate(-turn, expand=True)
    assert abs(turned.width - seen.width) <= 1
    assert difference(pixels(turned), seen.resize(pixels(turned).size)) < 6
    box = pymupdf.Rect(plain.placement.bbox) * pymupdf.Matrix(turn)
    assert [turned.placement.bbox[2] - turned.placement.bbox[0], turned.placement.bbox[3] - turned.placement.bbox[1]] == (
        pytest.approx([abs(box.x1 - box.x0), abs(box.y1 - box.y0)], abs=1)
    )
