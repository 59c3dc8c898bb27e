"""Masks and colour spaces: what a reader sees, not what is stored."""

import io
import struct
import zlib

import numpy as np
import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name
from PIL import Image

from gateway.images import FoundImage
from gateway.pdf import appearance as appearance_module
from gateway.pdf import pixmaps
from tests.pdfs import Document, difference, picture, pixels, search

SIZE = (96, 64)
AT = "q 96 0 0 64 50 200 cm"
WHITE = Image.new("RGB", SIZE, "white")


def seen(build, content=f"{AT} /I Do Q"):
    """The one image that a page shows; ``build`` makes its object."""
    document = Document()
    document.page(content, {"I": build(document)})
    [found] = search(document.bytes())
    assert isinstance(found, FoundImage)
    return pixels(found)


def ramp(size=SIZE):
    return Image.fromarray(np.tile(np.linspace(0, 255, size[0]).astype(np.uint8), (size[1], 1)))


def packed(bits):
    """A boolean array as rows of bits, each padded to whole bytes."""
    return np.packbits(bits, axis=1).tobytes()


def test_a_soft_mask_is_composited_on_white():
    image = seen(lambda document: document.image(picture(), SMask=document.image(ramp())))
    assert difference(image, Image.composite(picture(), WHITE, ramp())) < 1


def test_black_under_full_transparency_is_white():
    black = Image.new("RGB", SIZE)
    shape = Image.new("L", SIZE)
    shape.paste(255, (10, 10, 40, 40))
    image = seen(lambda document: document.image(black, SMask=document.image(shape)))
    assert image.getpixel((60, 50)) == (255, 255, 255)
    assert image.getpixel((20, 20)) == (0, 0, 0)


def test_a_larger_mask_sets_the_size():
    dot = Image.new("RGB", (1, 1), (200, 0, 0))
    image = seen(lambda document: document.image(dot, SMask=document.image(ramp())))
    assert image.size == SIZE
    assert difference(image, Image.composite(Image.new("RGB", SIZE, (200, 0, 0)), WHITE, ramp())) < 1


def test_a_stencil_takes_the_fill_colour():
    bits = np.asarray(ramp()) > 100
    image = seen(
        lambda document: document.raw(packed(~bits), SIZE, ImageMask=True, BitsPerComponent=1), f"1 0 0 rg {AT} /I Do Q"
    )
    expected = Image.composite(Image.new("RGB", SIZE, "red"), WHITE, Image.fromarray(bits))
    assert difference(image, expected) == 0


def test_white_ink_is_shown_on_black():
    bits = np.asarray(ramp()) > 100
    image = seen(
        lambda document: document.raw(packed(~bits), SIZE, ImageMask=True, BitsPerComponent=1), f"1 1 1 rg {AT} /I Do Q"
    )
    assert difference(image, Image.fromarray(bits)) == 0


def test_an_explicit_mask_and_a_colour_key():
    bits = np.asarray(ramp()) > 100

    def masked(document):
        mask = document.raw(packed(bits), SIZE, ImageMask=True, BitsPerComponent=1)
        return document.image(picture(), Mask=mask)

    assert difference(seen(masked), Image.composite(WHITE, picture(), Image.fromarray(bits))) < 1
    keyed = seen(lambda document: document.image(ramp(), Mask=Array([0, 100])))
    assert difference(keyed, Image.fromarray(np.where(np.asarray(ramp()) <= 100, 255, np.asarray(ramp())).astype(np.uint8))) < 1


def test_a_scan_stored_as_paper_and_ink_is_one_image():
    document = Document()
    ink = np.asarray(ramp((192, 128))) > 100
    stencil = document.raw(packed(~ink), (192, 128), ImageMask=True, BitsPerComponent=1)
    document.page(f"{AT} /Paper Do Q 0 0 1 rg {AT} /Ink Do Q", {"Paper": document.image(picture()), "Ink": stencil})
    [found] = search(document.bytes())
    assert (found.width, found.height) == (192, 128)
    paper = picture().resize((192, 128), Image.Resampling.BILINEAR)
    expected = Image.composite(Image.new("RGB", paper.size, "blue"), paper, Image.fromarray(ink))
    assert difference(pixels(found), expected) < 8


@pytest.mark.parametrize(("rotate", "size"), [(0, (192, 128)), (90, (128, 192))])
def test_ink_in_blocks_belongs_to_its_paper_and_sets_how_fine_it_is(rotate, size):
    document = Document()
    block = document.raw(packed(np.asarray(ramp((80, 24))) <= 100), (80, 24), ImageMask=True, BitsPerComponent=1)
    other = document.raw(packed(np.asarray(ramp((60, 24))) <= 100), (60, 24), ImageMask=True, BitsPerComponent=1)
    ink = "0 0 1 rg q 40 0 0 12 55 240 cm /Block Do Q 1 0 0 rg q 30 0 0 12 55 210 cm /Other Do Q"
    images = {"Paper": document.image(picture()), "Block": block, "Other": other}
    document.page(f"{AT} /Paper Do Q {ink}", images, Rotate=rotate)
    [found] = search(document.bytes())
    assert (found.width, found.height) == size
    seen = pixels(found).rotate(rotate, expand=True)
    assert seen.getpixel((88, 36)) == pytest.approx((0, 0, 255), abs=2)
    assert seen.getpixel((68, 96)) == pytest.approx((255, 0, 0), abs=2)


def test_an_opaque_image_on_another_is_its_own():
    document = Document()
    document.page(f"{AT} /A Do Q {AT} /B Do Q", {"A": document.image(picture(1)), "B": document.image(picture(2))})
    assert len(search(document.bytes())) == 2


def test_constant_alpha():
    document = Document()
    state = Dictionary(G=Dictionary(ca=0.5))
    document.page(f"/G gs {AT} /I Do Q", {"I": document.image(picture())}, resources={"ExtGState": state})
    [found] = search(document.bytes())
    assert difference(pixels(found), Image.blend(picture(), WHITE, 0.5)) < 1.5


def test_decode_inverts():
    image = seen(lambda document: document.image(picture(mode="L"), Decode=Array([1, 0])))
    assert difference(image, picture(mode="L").point(lambda value: 255 - value)) == 0


def test_one_bit_with_decode():
    bits = np.asarray(ramp()) > 100
    image = seen(
        lambda document: document.raw(packed(bits), SIZE, ColorSpace=Name.DeviceGray, BitsPerComponent=1, Decode=Array([1, 0]))
    )
    assert difference(image, Image.fromarray(~bits)) == 0


def test_sixteen_bits_keep_their_range():
    values = np.tile(np.linspace(0, 65535, SIZE[0]), (SIZE[1], 1)).astype(">u2")
    image = seen(lambda document: document.raw(values.tobytes(), SIZE, ColorSpace=Name.DeviceGray, BitsPerComponent=16))
    assert difference(image, ramp()) < 1


def test_indexed():
    indexed = picture().quantize(16)
    palette = bytes(indexed.getpalette()[:48])
    space = Array([Name.Indexed, Name.DeviceRGB, 15, pikepdf.String(palette)])
    image = seen(lambda document: document.raw(indexed.tobytes(), SIZE, ColorSpace=space, BitsPerComponent=8))
    assert difference(image, indexed) == 0


@pytest.mark.parametrize("kind", ["Separation", "DeviceN"])
def test_spot_colours(kind):
    to_rgb = Dictionary(
        FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 1, 1]), C1=Array([0, 0, 1]), N=1, Range=Array([0, 1, 0, 1, 0, 1])
    )
    names = Name.Blue if kind == "Separation" else Array([Name.Blue])
    space = Array([Name("/" + kind), names, Name.DeviceRGB, to_rgb])
    image = seen(lambda document: document.image(ramp(), ColorSpace=space))
    left = np.asarray(ramp())
    expected = np.stack([255 - left, 255 - left, np.full_like(left, 255)], axis=-1)
    assert difference(image, Image.fromarray(expected)) < 2


def test_cmyk_and_lab_come_out_in_their_hues():
    cyan = Image.merge("CMYK", [ramp(), *[Image.new("L", SIZE)] * 3])
    image = seen(lambda document: document.image(cyan))
    assert image.getpixel((0, 0)) == (255, 255, 255)
    red, green, blue = image.getpixel((95, 0))
    assert red < 40
    assert min(green, blue) > 120
    lab = np.zeros((*SIZE[::-1], 3), np.uint8)
    lab[..., 0], lab[..., 1], lab[..., 2] = np.asarray(ramp()), 228, 128  # light upwards, a = 100 of 127: magenta
    space = Array([Name.Lab, Dictionary(WhitePoint=Array([0.9505, 1, 1.089]), Range=Array([-128, 127, -128, 127]))])
    image = seen(lambda document: document.raw(lab.tobytes(), SIZE, ColorSpace=space, BitsPerComponent=8))
    red, green, blue = image.getpixel((60, 10))
    assert red > green + 60
    assert blue > green


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_jpeg_2000(mode):
    stored = picture().convert(mode)
    if mode == "RGBA":
        stored.putalpha(ramp())
    buffer = io.BytesIO()
    stored.save(buffer, "JPEG2000", irreversible=False)
    entries = {"SMaskInData": 1} if mode == "RGBA" else {}
    image = seen(lambda document: document.raw(buffer.getvalue(), SIZE, Filter=Name.JPXDecode, **entries))
    expected = Image.composite(picture(), WHITE, ramp()) if mode == "RGBA" else stored
    assert difference(image, expected) < 4


def test_a_jpeg_in_cmyk_as_photoshop_writes_it():
    buffer = io.BytesIO()
    picture(mode="CMYK").save(buffer, "JPEG", quality=95)  # Pillow inverts it and says so in an Adobe marker
    jpeg = seen(
        lambda document: document.raw(
            buffer.getvalue(), SIZE, Filter=Name.DCTDecode, ColorSpace=Name.DeviceCMYK, BitsPerComponent=8,
            Decode=Array([1, 0] * 4),
        )
    )  # fmt: skip
    plain = seen(lambda document: document.image(picture(mode="CMYK")))
    assert difference(jpeg, plain) < 4


def test_damaged_pixels_still_end_in_a_finding():
    document = Document()
    half = zlib.compress(picture().tobytes())[:2000] + struct.pack(">I", 0)
    broken = document.raw(half, SIZE, Filter=Name.FlateDecode, ColorSpace=Name.DeviceRGB, BitsPerComponent=8)
    nothing = document.raw(b"no JPEG", SIZE, Filter=Name.DCTDecode, ColorSpace=Name.DeviceRGB, BitsPerComponent=8)
    document.page(f"{AT} /I Do Q q 96 0 0 64 50 10 cm /N Do Q", {"I": broken, "N": nothing})
    findings = search(document.bytes())
    assert len(findings) == 2
    assert findings[1].reason in ("image_corrupt", "blank")


def test_a_large_image_is_halved_while_it_is_decoded(monkeypatch):
    monkeypatch.setattr(pixmaps, "DECODED_PIXELS", 96 * 64 // 4)
    image = seen(lambda document: document.image(picture()))
    assert image.size == (48, 32)
    assert difference(image, picture().resize((48, 32), Image.Resampling.BOX)) < 4


def test_what_is_seen_is_known_before_it_is_decoded(monkeypatch):
    sizes = []
    original = appearance_module.appearance

    def noting(drawn, *rest):
        image = original(drawn, *rest)
        sizes.append((appearance_module.seen_size(drawn), image.size))
        return image

    monkeypatch.setattr("gateway.pdf.page.appearance", noting)
    seen(lambda document: document.image(picture()))
    seen(lambda document: document.image(picture()), "q 60 210 40 50 re W n 96 0 0 64 50 200 cm /I Do Q")
    seen(lambda document: document.image(picture()), "0 96 -64 0 120 200 cm /I Do")
    seen(lambda document: document.image(picture()), "83 48 -32 55.4 100 150 cm /I Do")
    assert len(sizes) == 4
    assert all(predicted == actual for predicted, actual in sizes)
