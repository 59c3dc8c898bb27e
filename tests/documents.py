"""Small PDFs for tests, drawn here, and a classifier without networks."""

from __future__ import annotations

import io

import numpy as np
import pymupdf
from PIL import Image

from gateway.images import Searched, inspect
from gateway.inference import Predictions
from gateway.report import Model, Opinions, Prediction, Probabilities
from gateway.service import Service


def picture(seed: int, side: int = 96) -> bytes:
    """A PNG of coloured noise."""
    pixels = np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def pdf(*seeds: int, password: str | None = None) -> bytes:
    """A PDF with one picture a page."""
    with pymupdf.open() as document:
        for seed in seeds:
            document.new_page(width=300, height=300).insert_image(pymupdf.Rect(50, 50, 250, 250), stream=picture(seed))
        if password:
            return bytes(document.tobytes(encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw=password, owner_pw=password))
        return bytes(document.tobytes())


class InProcess(Service):
    """Searches the PDFs above without a child process, which would take a second to start."""

    def find(self, source, **_):
        with pymupdf.open(stream=source.data, filetype="pdf") as document:
            for number, page in enumerate(document, 1):
                for xref, *_ in page.get_images():
                    image = Image.open(io.BytesIO(document.extract_image(xref)["image"]))
                    yield inspect(image, "embedded", self.limits)
                yield Searched(number, len(document))


class Flat:
    """Finds everything medical, and counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def predict(self, pixels):
        self.calls += 1
        one = Prediction("medical", 0.9, Probabilities(0.9, 0.1), Opinions(0.9, 0.9), review=False)
        return Predictions(Model("medsift", "test"), (one,) * len(pixels))
