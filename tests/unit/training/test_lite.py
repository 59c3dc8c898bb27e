"""Lite0's weights in B0's form, on random weights: those hide no mistake."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from handler.ensemble import network, normalise
from training.imitation import Master, variance
from training.learn import fix_norms, without_drop_path
from training.lite import SLOPE, inherit, load_lite, maps

NAMES = {4: ("_expand_conv", "_bn0"), 3: ("_depthwise_conv", "_bn1"), 1: ("_project_conv", "_bn2")}
"""The parts of a block of Lite0, by their place from its end in a block of B0 (the gate is at 2)."""


@pytest.fixture(scope="module")
def weights():
    """A state dict as the package of Lite0 holds one, of the shapes that B0 has and of moderate size."""
    torch.manual_seed(0)
    found = {}

    def take(unit, conv, norm):
        found[f"{conv}.weight"] = torch.randn_like(unit[0].weight) / unit[0].weight[0].numel() ** 0.5
        for name, value in (("weight", 1.0), ("bias", 0.5), ("running_mean", 0.1), ("running_var", 1.0)):
            found[f"{norm}.{name}"] = value + 0.1 * torch.rand(unit[1].weight.shape)

    features = network().features
    take(features[0], "_conv_stem", "_bn0")
    for number, block in enumerate(b.block for stage in features[1:8] for b in stage):
        for place in NAMES if len(block) == 4 else (3, 1):
            take(block[-place], *(f"_blocks.{number}.{name}" for name in NAMES[place]))
    take(features[8], "_conv_head", "_bn1")
    return found


@pytest.fixture(scope="module")
def path(weights, tmp_path_factory):
    path = tmp_path_factory.mktemp("lite") / "lite0.pth"
    torch.save(weights, path)
    return path


def test_the_first_stage_computes_what_tensorflow_does_on_a_mirrored_picture(weights, path):
    pixels = torch.randint(0, 256, (2, 3, 32, 32)).float()
    images = normalise(pixels.byte())
    # TensorFlow: (x - 127) / 128, a stride of two padded at the right alone; below, torchvision's padding stays.
    padded = functional.pad((pixels.flip(3) - 127) / 128, (0, 1, 1, 1))
    expected = functional.conv2d(padded, weights["_conv_stem.weight"], stride=2)
    norm = (weights[f"_bn0.{name}"] for name in ("running_mean", "running_var", "weight", "bias"))
    expected = functional.relu6(functional.batch_norm(expected, *norm, eps=1e-3)).flip(3)
    inner = slice(1, -1)  # at the edges, padding means another colour
    said = load_lite(path).features[0](images)
    assert torch.allclose(said[..., inner, inner], expected[..., inner, inner], atol=1e-4)


def test_what_inherits_computes_the_same_but_for_the_activation(path):
    lite, heir = load_lite(path), inherit(path).eval()
    swap(heir, lambda: Halved())
    images = torch.randn(2, 3, 64, 64)
    with torch.no_grad():
        for module in heir.modules():
            if hasattr(module, "fc2"):
                module.fc2.weight.zero_()  # what is left of the gate is its bias
        for own, target in zip(maps(heir, images)[:-1], maps(lite, images)[:-1], strict=True):
            assert torch.allclose(own, target, atol=1e-3)


class Halved(nn.Module):
    """ReLU6 of half the input, doubled: what SiLU is to be with SLOPE."""

    def forward(self, x):
        return functional.relu6(x / SLOPE) * SLOPE


def swap(module, make):
    for name, child in module.named_children():
        if isinstance(child, nn.SiLU):
            setattr(module, name, make())
        else:
            swap(child, make)


def test_the_distance_of_equal_maps_is_nothing(path):
    master = Master(load_lite(path))
    targets = master.maps(torch.randn(4, 3, 64, 64))
    same = [*targets[:-1], targets[-1] * SLOPE]
    scales = [variance(target) for target in targets]
    assert master.distance(same, targets, scales) == 0
    assert master.distance([m + 1 for m in same], targets, scales) > 0


def test_another_file_is_refused(tmp_path):
    torch.save({"weight": torch.zeros(1)}, tmp_path / "other.pth")
    with pytest.raises(ValueError, match="does not hold an EfficientNet-Lite0"):
        load_lite(tmp_path / "other.pth")


def test_without_noise_a_network_computes_in_training_what_it_does_when_served():
    net, images = network(), torch.randn(4, 3, 32, 32)
    net.eval()
    served = net.features(images)
    net.train()
    without_drop_path(net)
    fix_norms(net)
    assert torch.allclose(net.features(images), served)
