"""The two networks and what they say together. Plain PyTorch; knows nothing of TorchServe."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional
from torchvision.models import efficientnet_b0

from handler import LABELS
from handler.preprocess import SIZE

SIDES = {"original": 96, "finetuned": 160}
"""Height and width at which each network looks at a picture, in pixels: two that see it at different scales are wrong on
different pictures, and more often right together than two that see it as it is sent."""

MEMBERS = tuple(SIDES)
"""The networks of the ensemble, in the order of its outputs."""

REVIEW_FILE = "review.json"

# Every network reads RGB / 255 in ImageNet's normalisation.
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Calibration:
    """What is fitted to a network after training, on sources that it did not see.

    The logits become ``logits / temperature + (bias, 0)``: a positive bias speaks for medical.
    """

    temperature: float = 1.0
    bias: float = 0.0


@dataclass(frozen=True)
class ReviewBand:
    """The medical probabilities between which the ensemble's answer deserves a person's look."""

    low: float = 0.2
    high: float = 0.8

    def holds(self, probability: float) -> bool:
        """Whether an answer with this medical probability is unsure."""
        return self.low < probability < self.high

    @classmethod
    def load(cls, folder: Path) -> ReviewBand:
        """Read the ``review.json`` of a folder; the default band where there is none."""
        path = folder / REVIEW_FILE
        return cls(**json.loads(path.read_text(encoding="utf-8"))) if path.is_file() else cls()


def network(classes: int = len(LABELS)) -> nn.Module:
    """An untrained EfficientNet-B0 (Tan and Le, 2019; torchvision's): float [N,3,H,W] to logits [N,classes]."""
    net: nn.Module = efficientnet_b0(weights=None, num_classes=classes)
    return net


def normalise(pixels: Tensor) -> Tensor:
    """uint8 [N,3,H,W], RGB, to what the networks read: float32, ImageNet mean and standard deviation."""
    mean = torch.tensor(MEAN, device=pixels.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=pixels.device).view(1, 3, 1, 1)
    return (pixels.float() / 255 - mean) / std


def resized(images: Tensor, side: int) -> Tensor:
    """Float [N,3,H,W] at another height and width, channels last: smoothed where it shrinks, so that no detail is mistaken."""
    if side != images.shape[-1]:
        shrinks = side < images.shape[-1]
        mode = "bilinear" if shrinks else "bicubic"
        images = functional.interpolate(images, (side, side), mode=mode, align_corners=False, antialias=shrinks)
    return images.contiguous(memory_format=torch.channels_last)


class Member(nn.Module):
    """One calibrated network that looks at pictures at its own size: normalised [N,3,H,W] to its medical probability [N]."""

    def __init__(self, net: nn.Module, calibration: Calibration = Calibration(), side: int = SIZE) -> None:
        super().__init__()
        self.net = net
        self.calibration = calibration
        self.side = side

    def forward(self, images: Tensor) -> Tensor:
        """Medical probability, float32 [N]: the softmax over two calibrated logits."""
        logits = self.net(resized(images, self.side)).float()
        margin = (logits[:, 0] - logits[:, 1]) / self.calibration.temperature + self.calibration.bias
        return torch.sigmoid(margin)


class Ensemble(nn.Module):
    """Both networks on the same pixels."""

    def __init__(self, members: Iterable[Member], band: ReviewBand = ReviewBand()) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.band = band

    @classmethod
    def load(cls, folder: Path) -> Ensemble:
        """Read the two networks and the review band of a folder, in fp32, ready to infer."""
        members = (load_member(folder, name) for name in MEMBERS)
        return cls(members, ReviewBand.load(folder)).eval()

    def forward(self, pixels: Tensor) -> Tensor:
        """uint8 [N,3,128,128] to the medical probability by each network, float32 [N,2], columns as in MEMBERS."""
        images = normalise(pixels).to(next(self.parameters()).dtype)
        return torch.stack([member(images) for member in self.members], dim=1)


def load_member(folder: Path, name: str) -> Member:
    """One network with its calibration, from the safetensors file that :func:`save_member` wrote."""
    path = folder / f"{name}.safetensors"
    net = network()
    with safe_open(path, framework="pt") as file:
        calibration = Calibration(**json.loads((file.metadata() or {}).get("calibration", "{}")))
        weights = {name: file.get_tensor(name).float() for name in file.keys()}  # noqa: SIM118  (no dict)
    if wrong := fill(net, weights):
        raise ValueError(f"{path.name} is not an EfficientNet-B0 of two classes: {', '.join(wrong[:3])}")
    return Member(net.eval(), calibration, SIDES[name])


def fill(net: nn.Module, weights: Mapping[str, Tensor]) -> list[str]:
    """Load stored weights into a network; the names that it lacks or does not know, none if they are its own."""
    missing, unexpected = net.load_state_dict(weights, strict=False)
    # The count of batches that batch normalisation has seen is of no use once trained, and is not stored.
    wrong: list[str] = [name for name in missing if not name.endswith("num_batches_tracked")] + unexpected
    return wrong


def save_member(path: Path, net: nn.Module, calibration: Calibration = Calibration()) -> None:
    """Store a network in fp16 (10 MB), its calibration in the file's metadata."""
    weights = {
        name: tensor.detach().to("cpu", torch.float16).contiguous()
        for name, tensor in net.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    for name, tensor in weights.items():
        if not torch.isfinite(tensor).all():
            raise ValueError(f"{name} does not fit into fp16")
    save_file(weights, path, metadata={"calibration": json.dumps(asdict(calibration))})


def save_review_band(folder: Path, band: ReviewBand) -> None:
    """Store the review band beside the networks of a folder, as :meth:`ReviewBand.load` reads it."""
    text = json.dumps(asdict(band), indent=2) + "\n"
    (folder / REVIEW_FILE).write_text(text, encoding="utf-8")
