"""Windows of photographs: where they may come from, and that each keeps the source of its photograph."""

import random

import numpy as np
import pytest
from PIL import Image

from training.cuts import cut, is_photograph, main
from training.data import Example, read_manifest


@pytest.fixture
def folder(tmp_path):
    """Photographs of two sources, and what no window may be cut from."""
    lines = ["path,label,modality,source,split"]
    for number, (label, modality, source, split) in enumerate(
        [
            ("non-medical", "street", "a/one", "train"),
            ("non-medical", "food", "a/two", "train"),
            ("non-medical", "street", "a/three", "test"),
            ("non-medical", "chart", "a/four", "train"),
            ("non-medical", "people", "a/five", "train"),
            ("medical", "ct-head", "a/six", "train"),
        ]
    ):
        pixels = np.random.default_rng(number).integers(0, 256, (120, 160, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
        lines.append(f"{number}.png,{label},{modality},{source},{split}")
    (tmp_path / "manifest.csv").write_text("\n".join(lines))
    return tmp_path


def test_windows_are_non_medical_and_of_their_photographs_sources(folder):
    main(folder / "cuts", folder, count=20)
    cuts = read_manifest(folder / "cuts")
    assert len(cuts) == 20
    assert {example.source for example in cuts} == {"a/one", "a/two", "a/five"}
    assert {(example.label, example.modality, example.split) for example in cuts} == {(1, "cut", "train")}
    for example in cuts:
        assert min(example.load().size) >= 2 * 0.25 * 120 - 1


def test_windows_of_bodies_are_grey(folder):
    main(folder / "cuts", folder, count=30)
    bodies = [np.asarray(example.load(), dtype=int) for example in read_manifest(folder / "cuts") if example.source == "a/five"]
    assert bodies
    assert max(int(np.ptp(pixels, axis=2).max()) for pixels in bodies) <= 3


def test_the_same_seed_cuts_the_same_windows(folder):
    for name in ("once", "again"):
        main(folder / name, folder, count=3)
    assert [e.load().tobytes() for e in read_manifest(folder / "once")] == [
        e.load().tobytes() for e in read_manifest(folder / "again")
    ]


@pytest.mark.parametrize("modality", ["chart", "screenshot", "anatomy-drawing"])
def test_graphics_are_not_cut(modality):
    assert not is_photograph(Example("a.png", 1, modality, "a/one", "train"))


def test_a_window_shows_more_contrast_than_a_dull_photograph():
    dull = np.random.default_rng(0).normal(120, 4, (100, 100, 1)).clip(0, 255).astype(np.uint8).repeat(3, 2)
    deviations = [np.asarray(cut(Image.fromarray(dull), random.Random(seed))).std() for seed in range(20)]
    assert min(deviations) > 12
