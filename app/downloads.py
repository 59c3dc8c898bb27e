"""What a person takes away: CSV, JSON, pictures, and corrections that ``training`` learns from."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import PurePosixPath

from pydantic import TypeAdapter, ValidationError

from app.client import GatewayFailed
from app.view import Correction, Picture
from gateway.outcomes import Outcome, outcomes_csv

CORRECTION = TypeAdapter(Correction)
MANIFEST = "manifest.csv"
COLUMNS = ("path", "label", "modality", "source")
"""What ``training.manifest`` reads."""
SOURCE = "corrections"
UNKNOWN = "unknown"
STEM_CHARACTERS = 40


def reports_csv(outcomes: Sequence[Outcome]) -> bytes:
    """All of them as CSV; with a byte order mark, without which spreadsheets misread names that are not English."""
    return outcomes_csv(outcomes).encode("utf-8-sig")


def reports_json(outcomes: Sequence[Outcome], corrections: Mapping[str, Correction]) -> bytes:
    """One report, or a list of several outcomes, with thumbnails: the file can be opened on the page again.

    A picture that a person has corrected has their word beside the networks', under ``correction``.
    """
    documents = [outcome.as_dict() for outcome in outcomes]
    for image in (image for document in documents for image in document.get("images", ())):
        if image["sha256"] in corrections:
            image["correction"] = asdict(corrections[image["sha256"]])
    return json.dumps(documents[0] if len(documents) == 1 else documents, ensure_ascii=False).encode()


def corrections_in(data: bytes) -> dict[str, Correction]:
    """What a person said of the pictures in a file of :func:`reports_json`, by fingerprint.

    Raises:
        GatewayFailed: ``answer_invalid``: something else stands there.
    """
    content = json.loads(data)
    documents = content if isinstance(content, list) else [content]
    images = [image for document in documents for image in document.get("images", ()) if "correction" in image]
    try:
        return {image["sha256"]: CORRECTION.validate_python(image["correction"]) for image in images}
    except ValidationError:
        raise GatewayFailed("answer_invalid", 200, "Not a report", "a correction of the report is none") from None


def pictures_zip(pictures: Iterable[Picture]) -> bytes:
    """The pictures as PNG files, one folder for each label, and ``pictures.csv``, which says where each comes from."""
    rows = []
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for picture in pictures:
            png = png_of(picture)
            if png is None:
                continue
            path = f"{picture.label}/{_stem(picture.source)}-{_place(picture)}{picture.entry.sha256[:12]}.png"
            if path not in archive.namelist():
                archive.writestr(path, png)
            rows.append(
                (path, picture.label, picture.entry.confidence, _cell(picture.source), picture.page or "", picture.entry.sha256)
            )
        archive.writestr("pictures.csv", _table(("path", "label", "confidence", "source", "page", "sha256"), rows))
    return buffer.getvalue()


def corrections_csv(pictures: Iterable[Picture]) -> bytes:
    """The corrected pictures as a manifest of training. Its paths lead into the folder that :func:`corrections_zip` makes."""
    rows = {
        picture.entry.sha256: (_corrected_path(picture), picture.label, _cell(picture.correction.modality) or UNKNOWN, SOURCE)
        for picture in pictures
        if picture.correction
    }
    return _table(COLUMNS, rows.values())


def corrections_zip(pictures: Iterable[Picture]) -> bytes:
    """A folder for ``python -m training.train --more FOLDER``: the corrected pictures and their manifest."""
    corrected = [picture for picture in pictures if picture.correction and png_of(picture)]
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(MANIFEST, corrections_csv(corrected))
        for path, png in {_corrected_path(picture): png_of(picture) for picture in corrected}.items():
            archive.writestr(path, png or b"")
    return buffer.getvalue()


def png_of(picture: Picture) -> bytes | None:
    """The picture as the report has it, 256 pixels at most, or None where the report came without pictures."""
    uri = picture.entry.thumbnail
    return base64.b64decode(uri.partition(",")[2]) if uri else None


def _corrected_path(picture: Picture) -> str:
    return f"pictures/{picture.entry.sha256}.png"


def _stem(name: str) -> str:
    """A document's name as a part of a file's name, on every system."""
    stem = re.sub(r"[^\w.-]+", "_", PurePosixPath(name.replace("\\", "/")).stem).strip("._")
    return stem[:STEM_CHARACTERS] or "picture"


def _place(picture: Picture) -> str:
    return f"p{picture.page}-" if picture.page else ""


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    writer.writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _cell(text: str) -> str:
    # As in gateway.report: a spreadsheet must not run a file's name as a formula.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
