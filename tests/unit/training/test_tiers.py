"""T1 and T2 from stored predictions, T3 from pictures made here and judged by a network stored as a run stores it."""

import csv
import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from rich.console import Console
from torch import nn
from typer.testing import CliRunner

from handler.ensemble import Calibration, Member, network
from training import tiers
from training.data import Example
from training.drawings import DOCUMENTS, kinds
from training.manifest import read_rows
from training.pair import save
from training.shortcuts import (
    MEDICAL,
    NON_MEDICAL,
    SHORTCUTS,
    Case,
    damaged,
    grey,
    inverted,
    is_graphic,
    on_screen,
    shortcuts,
    small,
    spread,
    tinted,
)
from training.tiers import Answer, balanced_interval, judge, read_predictions, told


@pytest.fixture(scope="module")
def examples(tmp_path_factory):
    """Grey scans from two places, colourful photographs, charts."""
    folder = tmp_path_factory.mktemp("data")
    made = []
    for number in range(24):
        label = number % 2
        modality = ("ct-head", "xray-chest")[number // 2 % 2] if label == MEDICAL else ("animals", "chart")[number // 2 % 2]
        generator = np.random.default_rng(number)
        pixels = generator.integers(30, 220, (100, 120, 1 if label == MEDICAL else 3), dtype=np.uint8).repeat(3, 2)[..., :3]
        path = folder / f"{number}.png"
        Image.fromarray(pixels).save(path)
        made.append(Example(str(path), label, modality, f"place-{number % 3}", "train"))
    return made


@pytest.fixture
def photograph(examples):
    return next(e for e in examples if e.modality == "animals").load()


@pytest.fixture
def scan(examples):
    return next(e for e in examples if e.modality == "ct-head").load()


def test_every_shortcut_is_made_for_the_labels_it_is_about(examples):
    cases = list(shortcuts(examples, seed=1, most=4))
    labels = {name: {c.label for c in cases if c.modality == name} for name in {c.modality for c in cases}}
    assert labels == {
        "grey photograph": {NON_MEDICAL}, "inverted photograph": {NON_MEDICAL}, "tinted scan": {MEDICAL},
        "bordered scan": {MEDICAL}, "marked scan": {MEDICAL}, "64 px": {0, 1}, "JPEG 20": {0, 1}, "on a screen": {0, 1},
        "panels": {0, 1},
    }  # fmt: skip
    assert all(sum(c.modality == name and c.label == label for c in cases) <= 4 for name in labels for label in (0, 1))
    assert all(c.image.mode == "RGB" for c in cases)


def test_the_same_seed_makes_the_same_pictures_whatever_the_order_of_the_examples(examples):
    first, again, other = (
        [c.image.tobytes() for c in shortcuts(given, seed, most=3)]
        for given, seed in ((examples, 5), (examples[::-1], 5), (examples, 6))
    )
    assert first == again
    assert first != other


@pytest.mark.parametrize("shortcut", SHORTCUTS, ids=lambda s: s.name)
def test_every_shortcut_changes_its_picture_and_leaves_the_original_alone(shortcut, scan, photograph):
    for image in (scan, photograph):
        before = image.tobytes()
        changed = shortcut.make(image, random.Random(3))
        assert image.tobytes() == before
        assert shortcut.name == "grey photograph" or changed.tobytes() != before


def test_grey_takes_the_colour_out_and_tint_brings_colour_in(photograph, scan):
    assert np.ptp(np.asarray(grey(photograph, random.Random(0))), axis=2).max() == 0
    assert np.ptp(np.asarray(scan), axis=2).max() == 0
    colourful = [np.ptp(np.asarray(tinted(scan, random.Random(n)), dtype=int), axis=2).max() > 20 for n in range(8)]
    assert all(colourful)


def test_a_negative_is_bright_where_the_picture_is_dark(photograph):
    grey_levels = np.asarray(photograph.convert("L"), dtype=int)
    negative = np.asarray(inverted(photograph, random.Random(0)).convert("L"), dtype=int)
    assert np.abs(255 - grey_levels - negative).max() <= 1


def test_small_copies_have_64_pixels_and_damaged_ones_their_size(photograph):
    assert min(small(photograph, random.Random(0)).size) == 64
    copy = damaged(photograph, random.Random(0))
    assert copy.size == photograph.size
    assert np.abs(np.asarray(copy, dtype=int) - np.asarray(photograph, dtype=int)).mean() > 2


def test_a_photographed_screen_still_shows_its_picture():
    half = Image.new("RGB", (100, 100), "black")
    half.paste((255, 255, 255), (50, 0, 100, 100))
    for seed in range(10):
        seen = np.asarray(on_screen(half, random.Random(seed)).convert("L"), dtype=int)
        height, width = seen.shape
        assert seen[height // 2, width * 3 // 10] < seen[height // 2, width * 7 // 10] - 60


def test_pages_are_medical_when_scans_fill_a_quarter(tmp_path):
    def plain(name, colour, label, modality):
        Image.new("RGB", (60, 60), colour).save(tmp_path / name)
        return Example(str(tmp_path / name), label, modality, "s", "train")

    pair = [plain("m.png", (250, 0, 250), MEDICAL, "ct-head"), plain("n.png", (0, 250, 0), NON_MEDICAL, "animals")]
    pages = [c for c in shortcuts(pair, seed=2, most=15) if c.modality == "panels"]
    assert sum(page.label == MEDICAL for page in pages) == sum(page.label == NON_MEDICAL for page in pages) == 15
    for page in pages:
        scans = (np.asarray(page.image) == (250, 0, 250)).all(axis=2).mean()
        assert (scans >= 0.3) if page.label == MEDICAL else (scans <= 0.2)


def test_spreading_takes_every_source_before_it_takes_one_twice():
    many = [Example(f"{n}", 0, "ct-head", "large", "train") for n in range(50)]
    few = [Example(f"x{n}", 0, "ct-head", f"small-{n}", "train") for n in range(5)]
    assert {e.source for e in spread(many + few, 6, random.Random(0))} == {"large", *(f"small-{n}" for n in range(5))}
    assert len(spread(many + few, 100, random.Random(0))) == 55


def test_tiers_of_examples_part_photographs_from_graphics(examples):
    assert {c.modality for c in tiers.scans_and_photographs(examples)} == {"ct-head", "xray-chest", "animals"}
    assert {c.modality for c in tiers.scans_and_graphics(examples)} == {"ct-head", "xray-chest", "chart"}
    assert is_graphic("chart")
    assert not is_graphic("satellite")


def test_what_is_drawn_is_a_graphic_but_for_pictures_of_things():
    modalities = {kind.modality for kind in kinds() if kind.source == DOCUMENTS}
    assert {m for m in modalities if not is_graphic(m)} == {"art", "astronomy", "satellite", "seismic", "texture", "thermal"}


@pytest.mark.shared
def test_the_training_images_hold_most_graphics():
    folder = Path("../shared/data")
    if not folder.exists():
        pytest.skip("the training images are not here")
    held = {row.modality for row in read_rows(folder) if row.label == "non-medical" and is_graphic(row.modality)}
    assert {"chart", "logo", "diagram", "screenshot", "textpage", "map", "heatmap"} <= held


class Redness(nn.Module):
    """A network that says medical when red outweighs blue."""

    def forward(self, images):
        margin = images[:, 0].mean((1, 2)) - images[:, 2].mean((1, 2))
        return torch.stack([margin * 10, -margin * 10], dim=1)


def test_judging_averages_the_networks_and_keeps_the_order():
    class Opposite(Redness):
        def forward(self, images):
            return -super().forward(images)

    cases = [Case(Image.new("RGB", (50, 40), colour), MEDICAL, "x", "s") for colour in ("red", "blue", "red")]
    alone = [a.chance for a in judge([Member(Redness())], cases, "split-1", batch=2)]
    assert [chance > 0.9 for chance in alone] == [True, False, True]
    both = judge([Member(Redness()), Member(Opposite())], cases)
    assert [a.chance for a in both] == pytest.approx([0.5, 0.5, 0.5])
    assert judge([Member(Redness())], []) == []


def answers(right, wrong, *, medical, modality="m", split="split-1"):
    def one(good):
        return Answer(split, modality, "s", medical, 0.9 if good == medical else 0.1)

    return [one(True)] * right + [one(False)] * wrong


def test_figures_are_told_per_split_and_per_subtype_of_each_label():
    given = answers(9, 1, medical=True, modality="other") + answers(40, 10, medical=False, modality="other", split="split-2")
    result = told(given)
    assert set(result) == {"split-1", "split-2", "all"}
    assert result["all"]["balanced_accuracy"] == pytest.approx(0.85)
    assert result["all"]["recall"]["modality"] == {
        "medical: other": pytest.approx(0.9),
        "non-medical: other": pytest.approx(0.8),
    }
    assert result["all"]["images"] == 60


def test_the_interval_of_balanced_accuracy_holds_it_and_narrows_with_more_images():
    few = balanced_interval(answers(9, 1, medical=True) + answers(8, 2, medical=False))
    many = balanced_interval(answers(900, 100, medical=True) + answers(800, 200, medical=False))
    assert few[0] < many[0] < 0.85 < many[1] < few[1]
    assert many[1] - many[0] == pytest.approx(2 * 1.96 * 0.5 * (0.09 / 1000 + 0.16 / 1000) ** 0.5, rel=0.02)


def write_predictions(folder, rows):
    folder.mkdir(parents=True)
    with (folder / "predictions.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "modality", "source", "original", "finetuned"))
        writer.writerows(rows)


def test_predictions_are_read_and_calibrated(tmp_path):
    write_predictions(
        tmp_path / "s",
        [("a.jpg", "medical", "ct-head", "x", "0.3", "0.5"), ("b.jpg", "non-medical", "chart", "y", "0.15", "0.05")],
    )
    plain = read_predictions(tmp_path / "s" / "predictions.csv", "s")
    assert [(a.medical, round(a.chance, 6)) for a in plain] == [(True, 0.4), (False, 0.1)]
    moved = read_predictions(tmp_path / "s" / "predictions.csv", "s", (Calibration(bias=1.0), Calibration()))
    assert moved[0].chance > 0.5 > moved[1].chance > plain[1].chance


def test_the_command_prints_and_stores_all_three_tiers(tmp_path, examples, monkeypatch):
    rows = [
        (
            e.path,
            "medical" if e.label == 0 else "non-medical",
            e.modality,
            e.source,
            *(("0.8", "0.9") if e.label == 0 else ("0.3", "0.2")),
        )
        for e in examples
    ]
    write_predictions(tmp_path / "runs" / "split-1", rows)
    save([network(), network()], tmp_path / "runs" / "split-1")
    data = tmp_path / "data"
    data.mkdir()
    with (data / "manifest.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("path", "label", "modality", "source", "split"))
        writer.writerows((path, label, modality, source, "train") for path, label, modality, source, *_ in rows)
    monkeypatch.setattr(tiers, "read_splits", lambda: {"split-1": ["place-0", "place-1"], "split-2": ["place-2"]})
    monkeypatch.setattr(tiers, "Console", lambda: Console(width=160))
    app = tiers.typer.Typer()
    app.command()(tiers.main)
    options = ["--runs", tmp_path / "runs", "--data", data, "--output", tmp_path / "out" / "tiers.json", "--most", "2"]
    run = CliRunner().invoke(app, [str(option) for option in options], catch_exceptions=False)
    assert run.exit_code == 0
    told_of = json.loads((tmp_path / "out" / "tiers.json").read_text())
    assert set(told_of) == {"T1", "T2", "T3"}
    assert told_of["T1"]["all"]["balanced_accuracy"] == 1.0
    assert "non-medical: chart" in told_of["T2"]["all"]["recall"]["modality"]
    assert "non-medical: chart" not in told_of["T1"]["all"]["recall"]["modality"]
    assert 0 < told_of["T3"]["all"]["images"] <= 2 * 13
    assert "T3: sub-type" in run.output


def test_without_any_prediction_the_command_says_what_to_run_first(tmp_path):
    app = tiers.typer.Typer()
    app.command()(tiers.main)
    run = CliRunner().invoke(app, ["--runs", str(tmp_path), "--most", "0"])
    assert run.exit_code == 2
    assert "training.disjoint" in run.output
