"""Dyes of other laboratories."""

import random

import numpy as np
import pytest
import torch
from PIL import Image

from training.augment import plain
from training.data import Example, Stream
from training.stains import from_afar, magnified, restain


@pytest.fixture
def slide() -> Image.Image:
    """Eosin's pink with a nucleus in haematoxylin's violet, on the lamp's white."""
    image = Image.new("RGB", (60, 60), (250, 250, 250))
    image.paste((235, 130, 190), (10, 10, 50, 50))
    image.paste((90, 60, 140), (25, 25, 35, 35))
    return image


def test_the_light_behind_the_slide_keeps_its_colour(slide):
    for seed in range(20):
        corner = restain(slide, random.Random(seed)).getpixel((2, 2))
        assert all(abs(value - 250) <= 1 for value in corner)


def test_tissue_takes_other_colours_and_nuclei_stay_darker_than_what_is_around_them(slide):
    pictures = [restain(slide, random.Random(seed)) for seed in range(40)]
    ground = np.array([picture.getpixel((15, 15)) for picture in pictures])
    assert (np.ptp(ground, axis=0) > 40).all()
    grey = [picture.convert("L") for picture in pictures]
    assert np.mean([picture.getpixel((30, 30)) < picture.getpixel((15, 15)) for picture in grey]) > 0.9


def test_only_what_was_stained_is_stained_again(slide, tmp_path):
    slide.save(tmp_path / "slide.png")
    examples = [Example(str(tmp_path / "slide.png"), 0, modality, "s", "train") for modality in ("histology", "ct-head")]
    stream = Stream(examples, lambda image, dice: plain(image), batch=40, seed=0, restained=1.0, magnified=0.0)
    pixels, index = next(iter(stream))
    same = (pixels == plain(slide)).flatten(1).all(1)
    assert torch.equal(same, index == 1)


def test_from_afar_there_is_more_tissue_of_the_same_size_and_light():
    nuclei = Image.new("RGB", (120, 120), (235, 130, 190))
    for x, y in ((20, 30), (70, 40), (40, 90), (95, 80)):
        nuclei.paste((90, 60, 140), (x, y, x + 16, y + 16))
    level = np.asarray(nuclei, dtype=float).mean((0, 1))
    for seed in range(20):
        seen = from_afar(nuclei, random.Random(seed))
        pixels = np.asarray(seen, dtype=float)
        assert abs(seen.width - 120) <= 6
        assert abs(pixels[40:80, 40:80].mean((0, 1)) - level).max() < 30
        assert edges(pixels) > 1.3 * edges(np.asarray(nuclei, dtype=float))


def test_a_higher_magnification_is_a_part_of_the_picture():
    slope = Image.linear_gradient("L").resize((120, 120)).convert("RGB")
    nearer = [seen for seed in range(40) if min((seen := magnified(slope, random.Random(seed))).size) < 100]
    assert 5 < len(nearer) < 20
    assert all(np.ptp(np.asarray(seen)[:, 0, 0]) < 0.85 * 255 for seen in nearer)


def edges(pixels):
    return float(np.abs(np.diff(pixels, axis=0)).mean() + np.abs(np.diff(pixels, axis=1)).mean())


def test_only_tissue_is_magnified(slide, tmp_path):
    slide.save(tmp_path / "slide.png")
    examples = [Example(str(tmp_path / "slide.png"), 0, modality, "s", "train") for modality in ("histology", "ct-head")]
    stream = Stream(examples, lambda image, dice: plain(image), batch=40, seed=0, restained=0.0, magnified=1.0)
    pixels, index = next(iter(stream))
    assert torch.equal((pixels == plain(slide)).flatten(1).all(1), index == 1)
