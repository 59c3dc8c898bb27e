"""Random PDFs made of known images, masked, coloured, turned and cropped, give those images back."""

import io

import hypothesis.strategies as st
import pikepdf
import pytest
from hypothesis import HealthCheck, example, given, settings
from pikepdf import Array, Dictionary, Name
from PIL import Image

from gateway.images import FoundImage
from tests.pdfs import Document, difference, picture, pixels, search

TURNS = {
    "upright": ((1, 0, 0, 1), None),
    "mirrored": ((-1, 0, 0, 1), Image.Transpose.FLIP_LEFT_RIGHT),
    "upside down": ((1, 0, 0, -1), Image.Transpose.FLIP_TOP_BOTTOM),
    "half": ((-1, 0, 0, -1), Image.Transpose.ROTATE_180),
    "left": ((0, 1, -1, 0), Image.Transpose.ROTATE_90),
    "right": ((0, -1, 1, 0), Image.Transpose.ROTATE_270),
}
SQUARE = {
    "size": (40, 40), "seed": 0, "space": "rgb", "inverted": False, "mask": None, "turn": "half", "crop": None,
    "in_form": False,
}  # fmt: skip
PAGE_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}


@st.composite
def placements(draw):
    width, height = draw(st.integers(40, 120)), draw(st.integers(40, 120))
    crop = None
    if draw(st.booleans()):
        left, top = draw(st.integers(0, 4)), draw(st.integers(0, 4))
        crop = left, top, width - draw(st.integers(0, 4)), height - draw(st.integers(0, 4))
    return {
        "size": (width, height),
        "seed": draw(st.integers(0, 10_000)),
        "space": draw(st.sampled_from(["rgb", "grey", "indexed", "separation", "jpeg", "inline"])),
        "inverted": draw(st.booleans()),
        "mask": draw(st.sampled_from([None, "soft", "stencil"])),
        "turn": draw(st.sampled_from(sorted(TURNS))),
        "crop": crop,
        "in_form": draw(st.booleans()),
    }


def stored(document, placement):
    """The image object of a placement, and the picture that it shows before it is turned and cropped."""
    image = picture(placement["seed"], placement["size"])
    entries, jpeg = {}, io.BytesIO()
    if placement["space"] == "jpeg":
        image.save(jpeg, "JPEG", quality=95, subsampling=0)
        shown = Image.open(jpeg)  # which is not quite the picture: beside one that lost nothing, it is another
    elif placement["space"] == "grey":
        image = image.convert("L")
        if placement["inverted"]:
            entries["Decode"] = Array([1, 0])
        shown = image.point(lambda value: 255 - value) if placement["inverted"] else image
    elif placement["space"] == "indexed":
        image = image.quantize(32)
        palette = bytes((image.getpalette() + [0] * 96)[:96])
        entries["ColorSpace"] = Array([Name.Indexed, Name.DeviceRGB, 31, pikepdf.String(palette)])
        shown = image.convert("RGB")
        image = Image.frombytes("L", image.size, image.tobytes())
    elif placement["space"] == "separation":
        image = image.convert("L")
        ink = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1]), C1=Array([0]), N=1)
        entries["ColorSpace"] = Array([Name.Separation, Name.Black, Name.DeviceGray, ink])
        shown = image.point(lambda value: 255 - value)
    else:
        shown = image
    mask = None
    if placement["mask"] == "soft":
        mask = picture(placement["seed"] + 1, placement["size"], "L")
        entries["SMask"] = document.image(mask)
    elif placement["mask"] == "stencil":
        mask = picture(placement["seed"] + 1, placement["size"], "L").point(lambda value: 255 * (value > 90))
        hidden = mask.point(lambda value: 255 - value).convert("1", dither=Image.Dither.NONE)
        entries["Mask"] = document.raw(hidden.tobytes(), hidden.size, ImageMask=True, BitsPerComponent=1)
    if mask is not None:
        shown = Image.composite(shown.convert("RGB"), Image.new("RGB", shown.size, "white"), mask)
    if placement["space"] == "jpeg":
        return document.raw(
            jpeg.getvalue(), image.size, ColorSpace=Name.DeviceRGB, BitsPerComponent=8, Filter=Name.DCTDecode, **entries
        ), shown
    return document.image(image, **entries), shown


def drawn(document, placement, index):
    """Content that draws a placement in the page's lane ``index``, its resources, and what a reader then sees."""
    (a, b, c, d), turn = TURNS[placement["turn"]]
    width, height = placement["size"]
    across, up = (width, height) if a else (height, width)
    x, y = 10 + 140 * index, 30
    matrix = (
        a * width, b * width, c * height, d * height,
        x + (across if a < 0 or c < 0 else 0), y + (up if b < 0 or d < 0 else 0),
    )  # fmt: skip
    clip = ""
    if placement["space"] == "inline":
        image, shown = None, picture(placement["seed"], placement["size"], "L")
        draw = b"BI /W %d /H %d /CS /G /BPC 8 /F /AHx ID " % placement["size"] + shown.tobytes().hex().encode() + b"> EI"
    else:
        image, shown = stored(document, placement)
        draw = f"/I{index} Do".encode()
    shown = shown.convert("RGB")
    shown = shown.transpose(turn) if turn is not None else shown
    if placement["crop"]:
        left, top, right, bottom = placement["crop"]
        right, bottom = min(right, across), min(bottom, up)
        clip = f"{x + left} {y + up - bottom} {right - left} {bottom - top} re W n"
        shown = shown.crop((left, top, right, bottom))
    content = f"q {clip} {' '.join(map(str, matrix))} cm ".encode() + draw + b" Q "
    return content, ({f"/I{index}": image} if image is not None else {}), shown


@pytest.mark.slow
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(wanted=st.lists(placements(), min_size=1, max_size=3), rotate=st.sampled_from([0, 90, 180, 270]))
@example(wanted=[SQUARE, SQUARE, SQUARE | {"space": "jpeg"}], rotate=0)
def test_known_images_come_back(wanted, rotate):
    document = Document()
    content, images, expected = b"", {}, []
    for index, placement in enumerate(wanted):
        part, named, shown = drawn(document, placement, index)
        resources = {"/XObject": Dictionary(named)}
        if placement["in_form"]:
            form = document.form("", resources, box=(0, 0, 500, 300))
            form.write(part)
            part, named = f"/F{index} Do ".encode(), {f"/F{index}": form}
        content += part
        images |= named
        expected.append(shown.transpose(PAGE_TURNS[rotate]) if rotate else shown)
    document.page(content, {name[1:]: image for name, image in images.items()}, size=(450, 300), Rotate=rotate)
    found = [finding for finding in search(document.bytes()) if isinstance(finding, FoundImage)]
    distinct = {(image.size, image.tobytes()): image for image in expected}
    assert len(found) == len(distinct)
    bound = 4 if any(placement["space"] == "jpeg" for placement in wanted) else 2  # grey levels of 255, in the mean
    for finding, shown in zip(found, distinct.values(), strict=True):
        assert difference(pixels(finding), shown) < bound
