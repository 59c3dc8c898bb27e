"""What advisers say, and how far a pupil is from it."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from training.advisers import SUREST, EfficientNetV2B0, advice, disagreement


class Says(nn.Module):
    """An adviser that says of every picture with what probability it is medical."""

    def __init__(self, chance):
        super().__init__()
        self.chance = chance

    def forward(self, images):
        return torch.full((len(images),), self.chance)


def test_advice_is_the_mean_of_what_all_say_and_nobody_is_surer_than_the_others_can_outweigh():
    images = torch.zeros(3, 3, 8, 8)
    assert advice([Says(0.5), Says(0.5)], images).tolist() == [0, 0, 0]
    assert advice([Says(1.0), Says(0.5)], images).tolist() == pytest.approx([SUREST / 2] * 3)


def test_nobody_disagrees_less_than_who_says_the_same():
    advised = torch.tensor([-1.5, 0.0, 4.0])
    same = torch.stack([advised, torch.zeros(3)], dim=1)
    for other in (same + torch.tensor([0.5, 0.0]), same * 1.5 + 0.1 * torch.eye(2)[0], -same):
        assert disagreement(same, advised, heat=2.0) < disagreement(other, advised, heat=2.0)


def test_the_teacher_has_two_classes_and_nothing_but_its_features_to_imitate(teacher):
    net = EfficientNetV2B0(teacher).eval()
    images = torch.randn(2, 3, 64, 64)
    (found,) = net.maps(images)
    assert found.shape == (2, 1280)
    assert torch.allclose(net(images), net.classifier(found))


def test_another_file_is_no_teacher(tmp_path):
    save_file({"weight": torch.zeros(1)}, tmp_path / "other.safetensors")
    with pytest.raises(ValueError, match="does not hold an EfficientNetV2-B0"):
        EfficientNetV2B0(tmp_path / "other.safetensors")
