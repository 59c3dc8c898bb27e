"""What a page shows, and what the search makes of it."""

import io
import resource
from pathlib import Path

import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageOps
from pymupdf import mupdf

from gateway.images import FoundImage, Keep, Repeated, Skipped
from gateway.limits import MIB, Limits
from gateway.pdf.document import open_pdf
from gateway.pdf.page import PageSearch
from tests.pdfs import Document, difference, picture, pixels, search

SIZE = (96, 64)
AT = "96 0 0 64 50 200 cm"  # one point per pixel, upright; the page is 300x400
BOX = (50, 136, 146, 200)


def only(findings):
    [found] = findings
    assert isinstance(found, FoundImage)
    return found


def one_page(content, images=None, **entries):
    document = Document()
    document.page(content, images(document) if images else {}, **entries)
    return document.bytes()


def test_an_image_in_the_page():
    found = only(search(one_page(f"q {AT} /I Do Q", lambda document: {"I": document.image(picture())})))
    assert (found.origin, found.width, found.height) == ("embedded", *SIZE)
    assert found.placement.bbox == BOX
    assert difference(pixels(found), picture()) == 0


def test_an_image_in_a_form_in_a_form():
    document = Document()
    inner = document.form("96 0 0 64 0 0 cm /I Do", {"/XObject": Dictionary({"/I": document.image(picture())})})
    outer = document.form("1 0 0 1 10 20 cm /F Do", {"/XObject": Dictionary({"/F": inner})})
    document.page("1 0 0 1 40 180 cm /F Do", {"F": outer})
    found = only(search(document.bytes()))
    assert (found.origin, found.placement.bbox) == ("embedded", BOX)


def test_an_inline_image():
    grey = picture(mode="L")
    content = f"q {AT} BI /W 96 /H 64 /CS /G /BPC 8 ID ".encode() + grey.tobytes() + b" EI Q"
    found = only(search(one_page(content)))
    assert found.origin == "inline"
    assert difference(pixels(found), grey) == 0


def test_of_the_images_that_all_pages_share_only_those_that_this_one_draws_are_loaded(monkeypatch):
    """FPDF names every image of the document on every page; its time would grow with the square of its pages."""
    document = Document()
    document.page(f"q {AT} /I7 Do Q", {f"I{index}": document.image(picture(index)) for index in range(20)})
    loaded, load = [], mupdf.pdf_load_image
    monkeypatch.setattr(mupdf, "pdf_load_image", lambda *entries: loaded.append(entries) or load(*entries))
    assert only(search(document.bytes())).origin == "embedded"
    assert len(loaded) == 1


def test_a_name_that_is_written_in_codes():
    found = only(search(one_page(f"q {AT} /A#20#49 Do Q", lambda document: {"A I": document.image(picture())})))
    assert found.origin == "embedded"


def test_a_form_that_draws_with_the_pages_resources():
    document = Document()
    form = document.form(f"{AT} /I Do", {})
    del form.Resources
    document.page("/F Do", {"F": form, "I": document.image(picture())})
    found = only(search(document.bytes()))
    assert (found.origin, found.placement.bbox) == ("embedded", BOX)


def test_an_annotations_appearance():
    document = Document()
    appearance = document.form(
        "96 0 0 64 0 0 cm /I Do", {"/XObject": Dictionary({"/I": document.image(picture())})}, box=(0, 0, 96, 64)
    )
    stamp = Dictionary(Type=Name.Annot, Subtype=Name.Stamp, Rect=Array([50, 200, 146, 264]), F=4, AP=Dictionary(N=appearance))
    document.page("", Annots=Array([document.pdf.make_indirect(stamp)]))
    found = only(search(document.bytes()))
    assert (found.origin, found.placement.bbox) == ("annotation", BOX)


def test_a_button_with_a_picture_in_a_form_that_wants_its_fields_drawn_anew():
    document = Document()
    icon = document.form(
        "96 0 0 64 0 0 cm /I Do", {"/XObject": Dictionary({"/I": document.image(picture())})}, box=(0, 0, 96, 64)
    )
    button = document.pdf.make_indirect(
        Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, Ff=65536, T="photo", F=4, Rect=Array([50, 200, 146, 264]),
            MK=Dictionary(I=icon, TP=1), AP=Dictionary(N=icon),
        )
    )  # fmt: skip
    document.page("", Annots=Array([button]))
    document.pdf.Root.AcroForm = Dictionary(Fields=Array([button]), NeedAppearances=True)
    found = only(search(document.bytes()))
    assert (found.origin, found.placement.bbox) == ("annotation", BOX)


def test_an_image_in_a_pattern_where_it_first_shows_whole():
    document = Document()
    pattern = document.form(
        "96 0 0 64 0 0 cm /I Do", {"/XObject": Dictionary({"/I": document.image(picture())})}, box=(0, 0, 96, 64),
        Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1, XStep=96, YStep=64, Matrix=Array([1, 0, 0, 1, 50, 200]),
    )  # fmt: skip
    del pattern["/Subtype"]
    document.page("/Pattern cs /P scn 50 200 96 64 re f", resources={"Pattern": Dictionary(P=pattern)})
    found = only(search(document.bytes()))
    assert found.placement.bbox == pytest.approx(BOX, abs=0.01)
    assert difference(pixels(found), picture()) < 3


def tiling(document, cell, resources, box, matrix):
    """A pattern whose cell of this box is laid side by side."""
    pattern = document.form(
        cell, resources, box, Type=Name.Pattern, PatternType=1, PaintType=1, TilingType=1, XStep=box[2], YStep=box[3],
        Matrix=Array(matrix),
    )  # fmt: skip
    del pattern["/Subtype"]
    return pattern


@pytest.mark.parametrize(
    ("matrix", "bbox"), [((0.5, 0, 0, 0.5, 0, 0), (192, 16, 240, 48)), ((0.5, 0, 0, -0.5, 0, 400), (192, 32, 240, 64))]
)
def test_an_image_in_a_cell_that_clips_itself_far_from_where_it_is_seen(matrix, bbox):
    document = Document()
    images = {"/XObject": Dictionary({"/I": document.image(picture())})}
    pattern = tiling(document, "q 0 0 96 64 re W n 96 0 0 64 0 0 cm /I Do Q", images, (0, 0, *SIZE), matrix)
    document.page("/Pattern cs /P scn 150 200 140 190 re f", resources={"Pattern": Dictionary(P=pattern)})
    assert only(search(document.bytes())).placement.bbox == bbox


def test_an_image_in_a_pattern_in_a_pattern():
    document = Document()
    images = {"/XObject": Dictionary({"/I": document.image(picture())})}
    inner = tiling(document, "24 0 0 16 0 0 cm /I Do", images, (0, 0, 24, 16), (1, 0, 0, 1, 0, 0))
    cell = "/Pattern cs /Q scn 2 2 92 60 re f"
    outer = tiling(document, cell, {"/Pattern": Dictionary(Q=inner)}, (0, 0, 96, 64), (1, 0, 0, 1, 0, 0))
    document.page("/Pattern cs /P scn 100 160 200 160 re f", resources={"Pattern": Dictionary(P=outer)})
    found = only(search(document.bytes()))
    left, top, right, bottom = found.placement.bbox
    assert (right - left, bottom - top) == (24, 16)


BAD = [
    {"ColorSpace": Name.Foo, "BitsPerComponent": 8},
    {"ColorSpace": Name.DeviceGray, "BitsPerComponent": 8, "SMask": Dictionary()},
    {"Filter": Name.JPXDecode},
]


@pytest.mark.parametrize("entries", BAD, ids=lambda entries: next(iter(entries.values())))
def test_an_object_that_cannot_be_read_spoils_no_other_image(entries):
    document = Document()
    images = {"A": document.raw(bytes(20_000), SIZE, **entries), "I": document.image(picture())}
    document.page(f"q {AT} /I Do Q", images)
    assert only(search(document.bytes())).placement.bbox == BOX
    document.page(f"q 30 0 0 30 0 0 cm /A Do Q q {AT} /I Do Q", images)
    found, told = search(document.bytes(), number=2)
    assert found.placement.bbox == BOX
    assert (told.reason, told.page) == ("page_corrupt", 2)


def test_a_picture_stored_row_by_row_under_half_a_point_each():
    grey = picture(size=(800, 400), mode="L")
    rows = [grey.crop((0, row, 800, row + 1)).tobytes() for row in range(400)]
    content = b"".join(
        f"q 288 0 0 .36 6 {350 - 0.36 * (row + 1):.4f} cm BI /W 800 /H 1 /CS /G /BPC 8 ID ".encode() + data + b" EI Q\n"
        for row, data in enumerate(rows)
    )
    found = only(search(one_page(content)))
    assert (found.width, found.height) == (800, 400)
    assert difference(pixels(found), grey) == 0


def test_the_same_image_many_times_is_one_image():
    document = Document()
    image = document.image(picture())
    document.page("q 96 0 0 64 10 10 cm /I Do Q q 48 0 0 32 10 200 cm /I Do Q", {"I": image})
    document.page("q 96 0 0 64 10 10 cm /J Do Q", {"J": document.image(picture())})
    first, second = search(document.bytes())
    assert isinstance(first, FoundImage)
    assert isinstance(second, Repeated)
    assert second.sha256 == first.sha256
    assert second.placement.bbox == (10, 168, 58, 200)


def test_what_is_never_seen_is_not_found():
    document = Document()
    image = document.image(picture())
    hidden = document.pdf.make_indirect(Dictionary(Type=Name.OCG, Name="layer"))
    document.pdf.Root.OCProperties = Dictionary(OCGs=Array([hidden]), D=Dictionary(OFF=Array([hidden]), Order=Array([])))
    content = f"""
        q 96 0 0 64 900 200 cm /I Do Q
        q 0 0 10 10 re W n {AT} /I Do Q
        /OC /L BDC q {AT} /I Do Q EMC
        q /G gs {AT} /I Do Q
    """
    resources = {"Properties": Dictionary(L=hidden), "ExtGState": Dictionary(G=Dictionary(ca=0))}
    document.page(content, {"I": image, "Unused": document.image(picture(1))}, resources=resources)
    assert search(document.bytes()) == []


def test_a_shading_is_no_image():
    shading = Dictionary(
        ShadingType=2, ColorSpace=Name.DeviceRGB, Coords=Array([0, 0, 300, 400]),
        Function=Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1),
    )  # fmt: skip
    assert search(one_page("q 10 10 50 50 re W n /S sh Q", resources={"Shading": Dictionary(S=shading)})) == []


def test_an_image_that_is_only_a_mask_is_none_and_what_it_masks_is_seen_through_it():
    document = Document()
    mask = document.form(
        "96 0 0 64 50 200 cm /M Do", {"/XObject": Dictionary({"/M": document.image(picture(5, mode="L"))})},
        Group=Dictionary(S=Name.Transparency, CS=Name.DeviceGray),
    )  # fmt: skip
    state = Dictionary(SMask=Dictionary(Type=Name.Mask, S=Name.Luminosity, G=mask))
    document.page(f"/G gs {AT} /I Do", {"I": document.image(picture())}, resources={"ExtGState": Dictionary(G=state)})
    expected = Image.composite(picture(), Image.new("RGB", SIZE, "white"), picture(5, mode="L"))
    assert difference(pixels(only(search(document.bytes()))), expected) < 4


@pytest.mark.parametrize(
    ("matrix", "turned"),
    [
        ("96 0 0 64 50 200", lambda image: image),
        ("-96 0 0 64 146 200", ImageOps.mirror),
        ("96 0 0 -64 50 264", ImageOps.flip),
        ("-96 0 0 -64 146 264", lambda image: image.rotate(180)),
        ("0 96 -64 0 120 200", lambda image: image.transpose(Image.Transpose.ROTATE_90)),
        ("0 -96 64 0 50 300", lambda image: image.transpose(Image.Transpose.ROTATE_270)),
        ("0 -96 -64 0 120 300", lambda image: image.transpose(Image.Transpose.TRANSPOSE)),
        ("0 96 64 0 50 200", lambda image: image.transpose(Image.Transpose.TRANSVERSE)),
    ],
)
def test_images_are_turned_as_the_page_turns_them(matrix, turned):
    found = only(search(one_page(f"{matrix} cm /I Do", lambda document: {"I": document.image(picture())})))
    expected = turned(picture())
    assert (found.width, found.height) == expected.size
    assert difference(pixels(found), expected) == 0


def test_an_image_at_an_angle_stands_on_white():
    turned = "83 48 -32 55.4 100 150"  # by thirty degrees
    found = only(search(one_page(f"{turned} cm /I Do", lambda document: {"I": document.image(picture())})))
    image = pixels(found)
    assert image.size[0] == pytest.approx(96 * 0.866 + 64 * 0.5, abs=3)
    assert image.getpixel((1, 1)) == (255, 255, 255)
    assert image.getpixel((image.width // 2, image.height // 2)) != (255, 255, 255)


@pytest.mark.parametrize("rotate", [90, 180, 270])
def test_a_turned_page(rotate):
    found = only(search(one_page(f"q {AT} /I Do Q", lambda document: {"I": document.image(picture())}, Rotate=rotate)))
    assert difference(pixels(found), picture().rotate(-rotate, expand=True)) == 0
    x0, y0, x1, y1 = found.placement.bbox
    assert (x1 - x0, y1 - y0) == ((96, 64) if rotate == 180 else (64, 96))


def test_a_clip_and_the_pages_box_crop():
    content = f"q 60 210 40 50 re W n {AT} /I Do Q"
    found = only(search(one_page(content, lambda document: {"I": document.image(picture())})))
    assert found.placement.bbox == (60, 140, 100, 190)
    assert difference(pixels(found), picture().crop((10, 4, 50, 54))) == 0
    found = only(
        search(
            one_page(f"q {AT} /I Do Q", lambda document: {"I": document.image(picture())}, CropBox=Array([100, 0, 300, 400]))
        )
    )
    assert found.placement.bbox == (0, 136, 46, 200)
    assert difference(pixels(found), picture().crop((50, 0, 96, 64))) == 0


def test_a_round_clip_leaves_white_outside():
    circle = "98 232 m 130 232 l 98 264 l 66 232 l 98 200 l 130 232 l h W n"
    found = only(search(one_page(f"q {circle} {AT} /I Do Q", lambda document: {"I": document.image(picture())})))
    assert found.placement.bbox == (66, 136, 130, 200)
    assert pixels(found).getpixel((2, 2)) == (255, 255, 255)
    assert difference(pixels(found).crop((28, 20, 36, 40)), picture().crop((44, 20, 52, 40))) < 4


def test_small_and_blank_images_are_skipped_with_their_place():
    document = Document()
    small, blank = document.image(picture(size=(31, 200))), document.image(Image.new("RGB", (50, 50), "red"))
    document.page("q 31 0 0 200 0 0 cm /S Do Q q 50 0 0 50 100 100 cm /B Do Q", {"S": small, "B": blank})
    findings = search(document.bytes())
    assert [(found.reason, found.page, found.bbox) for found in findings] == [
        ("too_small", 1, (0, 200, 31, 400)),
        ("blank", 1, (100, 250, 150, 300)),
    ]


def test_a_bomb_is_skipped_unopened():
    document = Document()
    bomb = document.raw(b"", (40_000, 30_000), ColorSpace=Name.DeviceRGB, BitsPerComponent=8)
    document.page(f"q {AT} /B Do Q q 96 0 0 64 50 20 cm /I Do Q", {"B": bomb, "I": document.image(picture())})
    skipped, found = search(document.bytes())
    assert isinstance(skipped, Skipped)
    assert (skipped.reason, skipped.bbox) == ("image_too_large", BOX)
    assert isinstance(found, FoundImage)


def test_memory_does_not_grow_with_pages():
    document = Document()
    for number in range(60):
        document.page(f"q {AT} /I Do Q", {"I": document.image(picture(number, (400, 400)))})
    pages = PageSearch(open_pdf(io.BytesIO(document.bytes())), Limits(), Keep.NOTHING)

    def resident():
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()

    for number in range(1, 21):
        list(pages.search(number))
    before = resident()
    for number in range(21, 61):
        list(pages.search(number))
    assert resident() - before < 9 * MIB  # the images of forty pages are 19
