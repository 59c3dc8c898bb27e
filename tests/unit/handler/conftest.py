"""Two small worlds: pictures with structure, and networks that have an opinion on them."""

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw, ImageFilter

from handler.ensemble import SIDES, Calibration, network, normalise, resized, save_member


def draw_pictures(count, seed):
    """uint8 [count,128,128,3]: blurred rectangles and ellipses, grey and coloured."""
    dice = np.random.default_rng(seed)
    pictures = []
    for number in range(count):
        picture = Image.new("RGB", (128, 128), tuple(dice.integers(0, 256, 3).tolist()))
        pen = ImageDraw.Draw(picture)
        for _ in range(8):
            left, top, *size = dice.integers(4, 96, 4).tolist()
            shape = pen.ellipse if dice.random() < 0.5 else pen.rectangle
            shape((left, top, left + size[0], top + size[1]), fill=tuple(dice.integers(0, 256, 3).tolist()))
        picture = picture.filter(ImageFilter.GaussianBlur(float(dice.uniform(0, 3))))
        pictures.append(np.asarray(picture.convert("L").convert("RGB") if number % 3 == 0 else picture))
    return np.stack(pictures)


@pytest.fixture(scope="session")
def pictures():
    return draw_pictures(24, seed=0)


@pytest.fixture(scope="session")
def networks(tmp_path_factory):
    """A model store: untrained weights, but with the statistics of real activations, so that answers spread between 0 and 1."""
    folder = tmp_path_factory.mktemp("networks")
    pixels = normalise(torch.tensor(draw_pictures(12, seed=1)).permute(0, 3, 1, 2))
    for seed, (name, side) in enumerate(SIDES.items()):
        images = resized(pixels, side)
        torch.manual_seed(seed)
        net = network()
        for module in net.modules():
            if isinstance(module, torch.nn.BatchNorm2d):
                module.momentum = None  # averages over all batches that it sees: this one
        with torch.no_grad():
            net.train()(images)
            margins = -net.eval()(images).diff(dim=1)
        middle = margins.median()
        spread = float((margins - middle).abs().median()) / 1.5
        save_member(folder / f"{name}.safetensors", net, Calibration(temperature=spread, bias=-float(middle) / spread))
    return folder
