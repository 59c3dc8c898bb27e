import csv
import io
import statistics
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import typer
from PIL import Image

from handler.preprocess import preprocess
from training.data import read_manifest
from training.drawings import DOCUMENTS, INSTRUMENTS, LOOKALIKES, SCANS, SOURCES, draw, kinds
from training.drawings.__main__ import drawn, keep, main
from training.drawings.canvas import LONG, SHORT, Dice, flat, palette, words
from training.manifest import COLUMNS


def picture(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_every_kind_draws_pictures_of_the_right_size_that_show_something(kind):
    for index in range(2):
        drawing = draw(1, index, kind)
        image = picture(drawing.data)
        assert (drawing.kind, drawing.modality, drawing.source) == (kind.name, kind.modality, kind.source)
        assert image.mode == "RGB"
        assert 24 <= min(image.size) <= SHORT
        assert max(image.size) <= LONG
        assert np.asarray(image).std() > 1
        assert preprocess(drawing.data).shape == (128, 128, 3)


@pytest.mark.parametrize("index", range(5))
def test_a_seed_and_an_index_always_give_the_same_bytes(index):
    first = draw(5, index)
    draw(6, 3)  # whatever was drawn in between
    assert draw(5, index) == first


def test_another_seed_or_index_gives_another_picture():
    assert len({draw(seed, index).data for seed in range(4) for index in range(4)}) == 16


def test_names_are_unique_and_weights_decide_how_often_a_kind_is_drawn():
    names = [kind.name for kind in kinds()]
    assert len(set(names)) == len(names)
    chosen = Counter(Dice(f"0/{n}").choices(kinds(), [k.weight for k in kinds()])[0].name for n in range(4000))
    assert set(chosen) == set(names)
    assert chosen["lines"] > 2 * chosen["gantt"]


def test_each_source_is_drawn_apart_from_the_others():
    for source in SOURCES:
        assert {draw(3, index, source=source).source for index in range(4)} == {source}
    assert {draw(3, index).source for index in range(4)} == {DOCUMENTS}


def test_scans_are_labelled_medical_and_what_looks_like_them_is_not(tmp_path):
    assert {keep(tmp_path, 4, index, SCANS)["label"] for index in range(3)} == {"medical"}
    assert {keep(tmp_path, 4, index, LOOKALIKES)["label"] for index in range(3)} == {"non-medical"}


def test_grey_and_dark_pictures_are_among_them():
    drawn = [picture(draw(2, index).data).convert("RGB") for index in range(60)]
    grey = [float(np.ptp(np.asarray(image, dtype=int), axis=2).max() < 12) for image in drawn]
    dark = [float(np.asarray(image.convert("L")).mean() < 80) for image in drawn]
    assert 0.1 < statistics.mean(grey) < 0.7
    assert 0.08 < statistics.mean(dark) < 0.5


def test_an_empty_sheet_is_flat_and_a_written_one_is_not():
    sheet = Image.new("RGB", (80, 80), "navy")
    assert flat(sheet)
    sheet.paste((255, 255, 255), (10, 10, 60, 30))
    assert not flat(sheet)


def test_palettes_keep_ink_apart_from_paper():
    for n in range(200):
        shades = palette(Dice(str(n)), dark=0.5)
        assert abs(sum(shades.ink) - sum(shades.paper)) > 150


def test_words_come_in_the_number_asked_for():
    assert all(3 <= len(words(Dice(str(n)), 3, 5).split()) <= 5 for n in range(50))


def test_the_command_writes_a_manifest_that_training_reads(tmp_path):
    command = [sys.executable, "-m", "training.drawings", str(tmp_path / "drawn"), "--count", "12", "--seed", "4"]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    examples = read_manifest(tmp_path / "drawn")
    assert len(examples) == 12
    assert {(e.label, e.split, e.source) for e in examples} == {(1, "train", "drawn")}
    assert all(example.load().size[0] >= 24 for example in examples)
    assert (tmp_path / "drawn" / "manifest.csv").read_text().count("AGPL-3.0-or-later") == 12


def test_a_run_that_was_cut_off_goes_on_where_it_stopped(tmp_path):
    rows = [keep(tmp_path, 4, index) for index in range(3)]
    manifest = tmp_path / "manifest.csv"
    with manifest.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
        file.write("chart/4-00003.png,non-medical,cha")  # torn
    (tmp_path / rows[1]["path"]).unlink()
    first = tmp_path / rows[0]["path"]
    written = first.stat().st_mtime_ns
    main(tmp_path, count=5, seed=4)
    assert sorted(row["group"] for row in drawn(tmp_path)) == [f"4/{index}" for index in range(5)]
    assert first.stat().st_mtime_ns == written
    assert len(read_manifest(tmp_path)) == 5


def test_a_folder_holds_drawings_of_one_source(tmp_path):
    main(tmp_path, count=1)
    with pytest.raises(typer.BadParameter, match="another source"):
        main(tmp_path, count=1, source=INSTRUMENTS)
    with pytest.raises(typer.BadParameter, match="drawn-instruments"):
        main(tmp_path, count=1, source="engraved")
