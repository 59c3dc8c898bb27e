import hashlib
import io
import json

import pytest
from PIL import Image

from gateway.errors import PdfCorrupt
from gateway.extract import extract, folder_names
from gateway.fetch import Fetcher
from gateway.images import Keep, fingerprint
from gateway.limits import Limits
from gateway.service import Service
from gateway.sources import Source, from_bytes
from tests.documents import Flat, pdf, picture

SERVICE = Service(Flat(), Fetcher(Limits()), Limits())


def test_images_and_their_index(tmp_path):
    source = from_bytes(pdf(1, 2, 1), "a.pdf")
    told = []
    assert extract(source, SERVICE.find(source, keep=Keep.FULL), tmp_path / "new" / "folder", told.append) == 2
    index = json.loads((tmp_path / "new" / "folder" / "images.json").read_text())
    assert index["source"] == {"kind": "pdf", "name": "a.pdf", "sha256": hashlib.sha256(source.data).hexdigest(), "pages": 3}
    assert [(image["page"], image["file"]) for image in index["images"]] == [(1, "0000.png"), (2, "0001.png")]
    assert [place["page"] for place in index["images"][0]["placements"]] == [1, 3]
    assert "label" not in index["images"][0]
    for seed, image in zip((1, 2), index["images"], strict=True):
        written = Image.open(tmp_path / "new" / "folder" / image["file"])
        assert fingerprint(written) == image["sha256"] == fingerprint(Image.open(io.BytesIO(picture(seed))))
    assert told[-1].page == told[-1].pages == 3


def test_a_source_that_cannot_be_read_leaves_no_folder(tmp_path):
    source = Source("pdf", "a.pdf", b"%PDF-1.7 and no more")
    with pytest.raises(PdfCorrupt):
        extract(source, SERVICE.find(source, keep=Keep.FULL), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_for_each_of_several_sources():
    names = ["x/a.pdf", "y/a.pdf", "https://example.org/", "a.pdf-2", "../..", "Röntgen 1.pdf"]
    assert folder_names(names) == ["a.pdf", "a.pdf-2", "example.org", "a.pdf-2-2", "source", "Röntgen_1.pdf"]
    assert [len(name.encode()) for name in folder_names(["é" * 300, "é" * 301])] == [200, 202]
