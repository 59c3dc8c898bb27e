"""What the networks see of an image."""

import io

import numpy as np
import pytest
from PIL import Image

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
    with pytest.raises(UndecodableImage, match="announces 20000x20000") as caught:
        preprocess(encoded(Image.new("1", (20_000, 20_000))))
    assert caught.value.code == "image_too_large"
    with pytest.raises(UndecodableImage):
        preprocess(encoded(Image.new("L", (11, 10))), max_pixels=100)
