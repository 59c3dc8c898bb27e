"""Pictures cut into strips and tiles are whole again, and pictures that merely stand together stay apart."""

import pytest
from PIL import Image, ImageOps

from gateway.images import FoundImage
from tests.pdfs import Document, difference, picture, pixels, search

SIZE = (320, 256)
WHOLE = picture(3, SIZE)


def laid_out(pieces, scale=0.5):
    """A page with pieces of a picture: (image, left, top), in pixels, where they lie in it."""
    document = Document()
    images, content = {}, []
    for index, (image, left, top) in enumerate(pieces):
        images[f"I{index}"] = document.image(image)
        width, height = image.width * scale, image.height * scale
        content.append(f"q {width} 0 0 {height} {20 + left * scale} {380 - top * scale - height} cm /I{index} Do Q")
    document.page("\n".join(content), images)
    return search(document.bytes())


def cut(columns, rows, order=None):
    """The picture in tiles of the same size, but for the last of each row and column."""
    width, height = -(-SIZE[0] // columns), -(-SIZE[1] // rows)
    tiles = [
        (WHOLE.crop((x, y, min(x + width, SIZE[0]), min(y + height, SIZE[1]))), x, y)
        for y in range(0, SIZE[1], height)
        for x in range(0, SIZE[0], width)
    ]
    return order(tiles) if order else tiles


def backwards(tiles):
    return tiles[::-1]


@pytest.mark.parametrize(
    ("columns", "rows", "order"),
    [
        (1, 7, None),
        (5, 1, None),
        (3, 3, None),
        (1, 7, lambda tiles: tiles[::-1]),
        (1, 128, None),
        (4, 5, lambda tiles: tiles[::-1]),
    ],
)
def test_strips_and_tiles_are_one_picture(columns, rows, order):
    [found] = laid_out(cut(columns, rows, order))
    assert isinstance(found, FoundImage)
    assert found.placement.bbox == (20, 20, 180, 148)
    assert difference(pixels(found), WHOLE) == 0


def test_cuts_that_are_rounded_still_fit():
    strips = [(image, left, top + shift) for (image, left, top), shift in zip(cut(1, 4), (0, 1, 0, -1), strict=True)]
    [found] = laid_out(strips)
    assert difference(pixels(found), WHOLE) == 0


def stripped(image, height, top=0):
    return [
        (image.crop((0, y, image.width, min(y + height, image.height))), 0, top + y) for y in range(0, image.height, height)
    ]


def test_an_edge_of_the_picture_that_lies_on_a_cut_does_not_part_it():
    edged = WHOLE.copy()
    edged.paste(ImageOps.invert(WHOLE.crop((0, 144, 320, 256))), (0, 144))
    [found] = laid_out(stripped(edged, 36))
    assert difference(pixels(found), edged) == 0


def test_two_pictures_in_strips_one_right_below_the_other_are_two():
    above, below = picture(3, (320, 356)), picture(4, (320, 320))
    found = laid_out(stripped(above, 80) + stripped(below, 80, top=356))
    assert [(image.width, image.height) for image in found] == [(320, 356), (320, 320)]


def test_panels_side_by_side_stay_apart():
    findings = laid_out([(picture(1, (96, 96)), 0, 0), (picture(2, (96, 96)), 96, 0)])
    assert [type(found) for found in findings] == [FoundImage, FoundImage]


def test_scans_with_black_margins_stay_apart():
    def scan(seed):
        image = Image.new("RGB", (96, 96))
        image.paste(picture(seed, (64, 64)), (16, 16))
        return image

    assert len(laid_out([(scan(1), 0, 0), (scan(2), 96, 0), (scan(3), 0, 96), (scan(4), 96, 96)])) == 4


def test_pictures_with_a_gap_or_another_resolution_stay_apart():
    upper, lower = cut(1, 2)
    assert len(laid_out([upper, (lower[0], 0, lower[2] + 6)])) == 2
    finer = (lower[0].resize((640, 256)).crop((0, 0, 320, 256)), 0, lower[2])
    assert len(laid_out([upper, finer])) == 2


def test_a_wallpaper_is_its_image_many_times():
    tile = picture(4, (64, 64))
    findings = laid_out([(tile, 0, 0), (tile, 64, 0)])
    assert {found.sha256 for found in findings} == {findings[0].sha256}
    assert len(findings) == 2
