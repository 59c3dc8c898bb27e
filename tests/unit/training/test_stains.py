"""Dyes of other laboratories."""

import random

import numpy as np
import pytest
import torch
from PIL import Image

from training.augment import plain
from training.data import Example, Stream
from training.stains import restain


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
    stream = Stream(examples, lambda image, dice: plain(image), batch=40, seed=0, restained=1.0)
    pixels, index = next(iter(stream))
    same = (pixels == plain(slide)).flatten(1).all(1)
    assert torch.equal(same, index == 1)
