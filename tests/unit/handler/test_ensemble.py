"""What is stored with the networks, and what they say together."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from handler.ensemble import (
    Calibration,
    Ensemble,
    Member,
    ReviewBand,
    load_member,
    network,
    normalise,
    save_member,
    save_review_band,
)


def test_the_review_band_travels_with_the_networks(tmp_path, networks):
    for path in networks.glob("*.safetensors"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    save_review_band(tmp_path, ReviewBand(0.1, 0.7))
    assert Ensemble.load(tmp_path).band == ReviewBand(0.1, 0.7)
    assert Ensemble.load(networks).band == ReviewBand()


def test_a_band_holds_what_lies_inside():
    band = ReviewBand(0.25, 0.75)
    assert [band.holds(value) for value in (0.0, 0.25, 0.26, 0.5, 0.75, 1.0)] == [False, False, True, True, False, False]


def test_a_member_keeps_its_calibration_and_its_answers(tmp_path):
    torch.manual_seed(3)
    net = network().eval()
    images = torch.randn(2, 3, 128, 128)
    save_member(tmp_path / "net.safetensors", net, Calibration(temperature=2.0, bias=0.5))
    loaded = load_member(tmp_path / "net.safetensors")
    assert loaded.calibration == Calibration(2.0, 0.5)
    with torch.inference_mode():
        assert torch.allclose(loaded(images), Member(net, Calibration(2.0, 0.5))(images), atol=5e-3)


def test_a_bias_speaks_for_medical(networks, pictures):
    member = load_member(networks / "original.safetensors")
    images = normalise(torch.tensor(pictures[:8]).permute(0, 3, 1, 2))
    with torch.inference_mode():
        before = member(images)
        after = Member(member.net, Calibration(member.calibration.temperature, member.calibration.bias + 1.0))(images)
    assert (after >= before).all()
    assert (after > before)[(before > 0.01) & (before < 0.99)].any()


def test_weights_of_something_else_are_refused(tmp_path, networks):
    weights = load_file(networks / "original.safetensors")
    weights.pop("classifier.1.weight")
    save_file(weights, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="not an EfficientNet-B0 of two classes"):
        load_member(tmp_path / "other.safetensors")
