import torch
from PIL import Image
from torch import nn

from training.data import Example
from training.mistakes import mistakes, sheet


class Brightness(nn.Module):
    """Stands in for the ensemble: dark pictures are medical."""

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        medical = 1 - pixels.float().mean((1, 2, 3)) / 255
        return torch.stack([medical, medical], 1)


def test_mistakes_come_worst_first_and_are_drawn(tmp_path):
    def example(name: str, grey: int, label: int) -> Example:
        Image.new("RGB", (40, 40), (grey, grey, grey)).save(tmp_path / name)
        return Example(str(tmp_path / name), label, "photograph", "someone/pictures", "test")

    right = example("right.png", 10, 0)
    slightly = example("slightly.png", 100, 1)
    badly = example("badly.png", 5, 1)
    found = mistakes(Brightness(), [right, slightly, badly])
    assert [mistake.example for mistake in found] == [badly, slightly]
    page = sheet(found, columns=2)
    assert page.getpixel((20, 20)) == (5, 5, 5)
