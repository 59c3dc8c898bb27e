"""PDFs drawn for tests: pictures with known pixels, placed and masked as real documents do it."""

from __future__ import annotations

import io
import random

import numpy as np
import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image

from gateway.images import Keep
from gateway.limits import Limits
from gateway.pdf.document import open_pdf
from gateway.pdf.page import PageSearch

PAGE = (300, 400)


def picture(seed=0, size=(96, 64), mode="RGB"):
    """A picture that looks like itself alone: no two corners, rows or turns of it are alike."""
    width, height = size
    dice = random.Random(seed)
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    bands = []
    for _ in range({"L": 1, "RGB": 3, "CMYK": 4}[mode]):
        a, b, c = (dice.uniform(0.5, 2.5) for _ in range(3))
        bands.append(120 + 70 * np.sin(a + 3 * b * x + 2 * y) * np.cos(c * 4 * y - x) + 50 * (x > dice.random()) * (y > 0.6))
    stacked = np.stack(bands, axis=-1).clip(0, 255).astype(np.uint8)
    return Image.fromarray(stacked.squeeze(), mode if mode != "L" else None)


class Document:
    """A PDF in the making. Positions are PDF's own: points from the bottom left."""

    def __init__(self):
        self.pdf = pikepdf.new()

    def image(self, image, **entries):
        """An image object of an L, RGB or CMYK picture; ``entries`` overrule or add to its dictionary."""
        space = {"L": Name.DeviceGray, "RGB": Name.DeviceRGB, "CMYK": Name.DeviceCMYK}[image.mode]
        return self.raw(image.tobytes(), image.size, **({"ColorSpace": space, "BitsPerComponent": 8} | entries))

    def raw(self, data, size, **entries):
        """An image object of bytes as they are."""
        stream = self.pdf.make_stream(data)
        stream.Type, stream.Subtype, stream.Width, stream.Height = Name.XObject, Name.Image, *size
        for name, value in entries.items():
            stream["/" + name] = value
        return stream

    def form(self, content, resources, box=(0, 0, *PAGE), **entries):
        """A form object."""
        stream = self.pdf.make_stream(content.encode())
        stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array(list(box))
        stream.Resources = Dictionary(resources)
        for name, value in entries.items():
            stream["/" + name] = value
        return stream

    def page(self, content, images=None, size=PAGE, resources=None, **entries):
        """A page; ``images`` names its objects in the content."""
        self.pdf.add_blank_page(page_size=size)
        page = self.pdf.pages[-1]
        page.Resources = Dictionary({"/XObject": Dictionary({"/" + name: value for name, value in (images or {}).items()})})
        for name, value in (resources or {}).items():
            page.Resources["/" + name] = value
        page.Contents = self.pdf.make_stream(content if isinstance(content, bytes) else content.encode())
        for name, value in entries.items():
            page["/" + name] = value
        return page

    def bytes(self, **options):
        """The file."""
        buffer = io.BytesIO()
        self.pdf.save(buffer, **options)
        return buffer.getvalue()


def search(data, number=1, limits=None):
    """What one page's search finds, in this process, with whole images kept."""
    return list(PageSearch(open_pdf(io.BytesIO(data)), limits or Limits(), Keep.FULL).search(number))


def pixels(found):
    """A finding's whole image."""
    return Image.open(io.BytesIO(found.png)).convert("RGB")


def difference(one, other):
    """The mean difference of two pictures of one size, in grey levels."""
    assert one.size == other.size
    return float(np.abs(np.asarray(one.convert("RGB"), float) - np.asarray(other.convert("RGB"), float)).mean())
