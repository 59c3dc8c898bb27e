"""What a person takes away opens again: tables, pictures, and corrections that training reads."""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from app import downloads
from app.client import Document, GatewayFailed, read_report, read_reports
from app.desk import Job, State
from app.view import Correction, Picture
from tests.unit.app.reports import entry, report
from training.manifest import Row, read_rows

RED = Picture(1, "Über/uns: 1.pdf", entry("red", 0.9), Correction("non-medical", "chart"))
BLUE = Picture(1, "=cmd.pdf", entry("blue", 0.2, page=7, index=1))
PINK = Picture(2, "page", entry("pink", 0.6, page=None), Correction("medical"))


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


def test_the_table_has_a_row_for_each_picture() -> None:
    (row,) = rows(downloads.reports_csv([report(entry("red"), name="Röntgen.pdf")]))
    assert (row["source"], row["label"], row["page"]) == ("Röntgen.pdf", "medical", "1")


def test_one_report_or_a_list_as_json_and_both_open_again() -> None:
    one, two = report(entry("red")), report(entry("blue", 0.1), name="b.pdf")
    assert read_report(downloads.reports_json([one], {})) == one
    assert read_reports(downloads.reports_json([one, two], {})) == [one, two]


def test_what_could_not_be_read_is_in_the_table_and_in_the_report() -> None:
    locked = Job(1, Document("locked.pdf"), "", State.FAILED, problem=GatewayFailed("pdf_encrypted", 422, "Locked", "locked"))
    waiting = Job(2, Document("later.pdf"), "")
    outcomes = [report(entry("red")), locked.outcome, waiting.outcome]
    assert [(row["source"], row["skipped"]) for row in rows(downloads.reports_csv(outcomes))] == [
        ("paper.pdf", ""), ("locked.pdf", "pdf_encrypted"), ("later.pdf", "not_finished")
    ]  # fmt: skip
    assert len(read_reports(downloads.reports_json(outcomes, {}))) == 3


def test_a_report_of_some_of_the_pages_says_which_it_lacks() -> None:
    asleep = GatewayFailed("inference_unavailable", 503, "Asleep", "it is asleep")
    partly = Job(1, Document("a.pdf"), "", State.FAILED, range(1, 5), report(entry("red"), pages=9), asleep)
    assert [(row["label"], row["skipped"], row["detail"]) for row in rows(downloads.reports_csv([partly.outcome]))] == [
        ("medical", "", ""), ("", "not_finished", "pages 5 to 9: it is asleep")
    ]  # fmt: skip
    assert partly.outcome.summary.skipped == 1


def test_a_saved_report_keeps_what_a_person_said() -> None:
    red = entry("red")
    saved = downloads.reports_json([report(red, entry("blue"))], {red.sha256: Correction("non-medical", "chart")})
    assert downloads.corrections_in(saved) == {red.sha256: Correction("non-medical", "chart")}
    assert read_report(saved) == report(red, entry("blue"))
    with pytest.raises(GatewayFailed):
        downloads.corrections_in(saved.replace(b'"label": "non-medical"', b'"label": "perhaps"'))


def test_pictures_lie_in_a_folder_for_each_label_under_names_for_every_system() -> None:
    with zipfile.ZipFile(io.BytesIO(downloads.pictures_zip([RED, BLUE, PINK]))) as archive:
        names = archive.namelist()
        table = rows(archive.read("pictures.csv"))
        assert Image.open(io.BytesIO(archive.read(names[0]))).getpixel((0, 0)) == (255, 0, 0)
    assert [name.rsplit("-", 1)[0] for name in names[:3]] == ["non-medical/uns_1-p1", "non-medical/cmd-p7", "medical/page"]
    assert [row["path"] for row in table] == names[:3]
    assert table[1]["source"] == "'=cmd.pdf"


def test_a_report_without_pictures_gives_none() -> None:
    bare = replace(RED, entry=replace(RED.entry, thumbnail=None))
    with zipfile.ZipFile(io.BytesIO(downloads.pictures_zip([bare]))) as archive:
        assert archive.namelist() == ["pictures.csv"]
    with zipfile.ZipFile(io.BytesIO(downloads.corrections_zip([bare]))) as archive:
        assert archive.namelist() == ["manifest.csv"]


def test_training_reads_the_corrections(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(downloads.corrections_zip([RED, BLUE, PINK, replace(RED, job=2)]))) as archive:
        archive.extractall(tmp_path)
    assert read_rows(tmp_path) == [
        Row(f"pictures/{RED.entry.sha256}.png", "non-medical", "chart", "corrections", ""),
        Row(f"pictures/{PINK.entry.sha256}.png", "medical", "unknown", "corrections", ""),
    ]
    with Image.open(tmp_path / "pictures" / f"{PINK.entry.sha256}.png") as picture:
        assert picture.size == (40, 40)


def test_the_table_of_corrections_is_the_same_manifest() -> None:
    with zipfile.ZipFile(io.BytesIO(downloads.corrections_zip([RED]))) as archive:
        assert archive.read("manifest.csv") == downloads.corrections_csv([RED])
