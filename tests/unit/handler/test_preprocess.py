"""What the networks see of an image."""

import io
import struct
import tracemalloc

import numpy as np
import pytest
from PIL import Image, ImageOps

from gateway.sources import from_bytes
from handler.preprocess import UndecodableImage, decode, preprocess, to_input, to_rgb


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


GRADIENT = np.tile(np.linspace(0, 255, 64, dtype=np.uint8), (48, 1))


@pytest.mark.parametrize("size", [(1, 1), (64, 48), (128, 128), (3000, 20)])
@pytest.mark.parametrize("mode", ["RGB", "L", "1", "P", "RGBA", "LA", "I;16"])
def test_every_mode_and_shape_becomes_a_model_input(size, mode):
    pixels = preprocess(encoded(Image.new("L", size, 100).convert(mode)))
    assert (pixels.shape, pixels.dtype) == ((128, 128, 3), np.uint8)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "PPM", "JPEG2000", "AVIF", "ICO"])
def test_formats_that_are_let_in(kind):
    pixels = preprocess(encoded(Image.new("RGB", (64, 64), (200, 40, 40)), kind))
    assert np.abs(pixels.astype(int).mean(axis=(0, 1)) - (200, 40, 40)).max() < 6


@pytest.mark.parametrize("kind", ["EPS", "PDF", "PCX"])
def test_formats_that_are_not(kind):
    with pytest.raises(UndecodableImage) as caught:
        preprocess(encoded(Image.new("RGB", (64, 64)), kind))
    assert caught.value.code == "image_unsupported"


def test_transparency_shows_white_and_not_black():
    assert preprocess(encoded(Image.new("RGBA", (64, 64), (0, 0, 0, 0)))).min() == 255
    palette = Image.new("P", (64, 64), 0)
    palette.putpalette([0, 0, 0, 255, 0, 0])
    assert preprocess(encoded(palette, transparency=0)).min() == 255


@pytest.mark.parametrize("dtype", [np.uint16, np.int32, np.float32])
def test_deep_greys_are_scaled_by_their_range(dtype):
    deep = Image.fromarray(GRADIENT.astype(dtype) * 16)
    assert np.abs(to_input(to_rgb(deep)).astype(int) - to_input(Image.fromarray(GRADIENT))).max() <= 1


def test_what_is_no_number_does_not_spoil_the_range():
    values = GRADIENT.astype(np.float32)
    values[0, 0], values[0, 1] = np.nan, np.inf
    spoiled = np.asarray(to_rgb(Image.fromarray(values)))[1:]
    assert np.abs(spoiled[..., 0].astype(int) - GRADIENT[1:]).max() <= 1


def test_a_photograph_stands_upright():
    image = Image.new("RGB", (60, 30), "white")
    image.paste("black", (0, 0, 30, 30))
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees clockwise to view
    turned = np.asarray(decode(encoded(image, "JPEG", exif=exif)).convert("L"))
    assert turned.shape == (60, 30)
    assert turned[:25].mean() < 20
    assert turned[35:].mean() > 235


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_orientations(orientation):
    image = Image.effect_noise((60, 30), 50)
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(image, exif=exif)
    assert np.array_equal(decode(data), ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB"))


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0MM\0*\0\0\0\x08\0", b"Exif\0\0nonsense", b"Exif\0\0II*\0"], ids=["cut", "none", "short"]
)
def test_odd_exif_data_spoil_no_picture(exif):
    data = encoded(Image.new("RGB", (60, 30), "white"), "JPEG")
    data = data[:20] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + data[20:]
    assert decode(data).size == (60, 30)


def test_a_turned_picture_whose_other_tags_are_odd():
    tags = struct.pack("<H HHII HHII I", 2, 0x0100, 9, 1, 0xFFFFFFFF, 0x0112, 3, 1, 6, 0)  # a width of -1
    exif = b"Exif\0\0II*\0\x08\0\0\0" + tags
    data = encoded(Image.new("RGB", (60, 30), "white"), "JPEG", exif=exif)
    assert decode(data).size == (30, 60)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_where_a_tiff_means_white_by_zero_dark_stays_dark(dtype):
    data = encoded(Image.fromarray(GRADIENT.astype(dtype) * (1 if dtype is np.uint8 else 256)), "TIFF")
    tag = b"\x06\x01\x03\x00\x01\x00\x00\x00"  # 262, PhotometricInterpretation, one short
    assert data.count(tag + b"\x01") == 1
    negative = decode(data.replace(tag + b"\x01", tag + b"\x00")).convert("L")
    assert (negative.getpixel((0, 0)), negative.getpixel((63, 0))) == (255, 0)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "image_empty"),
        (b"%PDF-1.7", "image_unsupported"),
        (encoded(Image.effect_noise((64, 64), 50))[:300], "image_corrupt"),
        (encoded(Image.effect_noise((64, 64), 50), "JPEG")[:500], "image_corrupt"),
    ],
)
def test_what_cannot_be_decoded_has_a_code(data, code):
    with pytest.raises(UndecodableImage) as caught:
        preprocess(data)
    assert caught.value.code == code


def test_a_bomb_is_refused_by_its_header():
    with pytest.raises(UndecodableImage) as caught:
        preprocess(encoded(Image.new("1", (20_000, 20_000))))
    assert caught.value.code == "image_too_large"
    with pytest.raises(UndecodableImage, match="announces 11x10"):
        preprocess(encoded(Image.new("L", (11, 10))), max_pixels=100)


def test_a_bomb_inside_an_icon_is_refused_before_it_is_decoded():
    png = encoded(Image.new("1", (20_000, 20_000)))
    icon = struct.pack("<HHH BBBBHHII", 0, 1, 1, 64, 64, 0, 0, 1, 32, len(png), 22) + png
    tracemalloc.start()
    with pytest.raises(UndecodableImage) as caught:
        preprocess(icon)
    assert caught.value.code == "image_too_large"
    assert from_bytes(icon, "a.ico").kind == "image"  # and so it is told as one that is too large
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
