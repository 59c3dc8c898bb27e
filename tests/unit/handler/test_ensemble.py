"""What is stored with the networks, and what they say together."""

import pytest
import torch
from safetensors.torch import load_file, save_file

from handler.ensemble import (
    SIDES,
    Calibration,
    Ensemble,
    Member,
    ReviewBand,
    load_member,
    network,
    normalise,
    resized,
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
    save_member(tmp_path / "finetuned.safetensors", net, Calibration(temperature=2.0, bias=0.5))
    loaded = load_member(tmp_path, "finetuned")
    assert loaded.calibration == Calibration(2.0, 0.5)
    with torch.inference_mode():
        assert torch.allclose(loaded(images), Member(net, Calibration(2.0, 0.5), side=SIDES["finetuned"])(images), atol=5e-3)


class Middle(torch.nn.Module):
    """As logits, the red in the middle of a picture, and nothing; keeps the shape of what it saw."""

    def forward(self, images):
        self.seen = images.shape
        middle = images[:, 0, images.shape[2] // 2, images.shape[3] // 2]
        return torch.stack([middle, torch.zeros_like(middle)], dim=1)


@pytest.mark.parametrize("side", [96, 128, 160])
def test_a_member_sees_the_whole_picture_at_its_own_size(side):
    net = Middle()
    ramp = torch.linspace(-1, 1, 128).expand(2, 3, 128, 128)
    assert torch.allclose(Member(net, side=side)(ramp), torch.tensor(0.5), atol=0.01)  # the middle stays in the middle
    assert net.seen == (2, 3, side, side)


def test_fine_detail_is_smoothed_where_a_picture_shrinks():
    stripes = torch.tensor([-1.0, 1.0]).repeat(64).expand(1, 3, 128, 128)
    assert resized(stripes, 32).abs().max() < 0.1
    assert torch.equal(resized(stripes, 128), stripes)


def test_a_bias_speaks_for_medical(networks, pictures):
    member = load_member(networks, "original")
    images = normalise(torch.tensor(pictures[:8]).permute(0, 3, 1, 2))
    with torch.inference_mode():
        before = member(images)
        more = Calibration(member.calibration.temperature, member.calibration.bias + 1.0)
        after = Member(member.net, more, member.side)(images)
    assert (after >= before).all()
    assert (after > before)[(before > 0.01) & (before < 0.99)].any()


def test_weights_of_something_else_are_refused(tmp_path, networks):
    weights = load_file(networks / "original.safetensors")
    weights.pop("classifier.1.weight")
    save_file(weights, tmp_path / "original.safetensors")
    with pytest.raises(ValueError, match="not an EfficientNet-B0 of two classes"):
        load_member(tmp_path, "original")
