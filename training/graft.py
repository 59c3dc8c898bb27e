"""Move a teacher's upper stages into an EfficientNet-B0.

EfficientNetV2-B0 and EfficientNet-B0 agree in shape from 112 channels on, so the student can take the teacher's blocks
over weight for weight and has only its lower stages to learn. That keeps the teacher's function where a student which
learns from outputs alone keeps only its answers on the images at hand.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import timm
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

STAGES = {
    "blocks.4.1": "5.1",
    "blocks.4.4": "5.2",
    "blocks.5.0": "6.0",
    "blocks.5.1": "6.1",
    "blocks.5.4": "6.2",
    "blocks.5.6": "6.3",
}
"""Teacher's block (timm) to the student's (torchvision's ``features``) that takes it over whole."""

TAPS = {"blocks.4.0": "5.0", "blocks.4.4": "5.2", "blocks.5.7": "7.0"}
"""Where the student's maps are to equal the teacher's. ``features[7]`` is wider: its first channels count."""


def load_teacher(path: Path) -> nn.Module:
    """The frozen EfficientNetV2-B0: normalised [N,3,H,W] to features [N,1280]."""
    teacher: nn.Module = timm.create_model("tf_efficientnetv2_b0", num_classes=0)
    weights = {name: tensor.float() for name, tensor in load_file(path).items()}
    missing, unexpected = teacher.load_state_dict(weights, strict=False)
    if unexpected or any(not name.endswith("num_batches_tracked") for name in missing):
        raise ValueError(f"{path} does not hold the teacher's weights")
    return teacher.eval().requires_grad_(False).to(memory_format=torch.channels_last)


def graft(student: Any, teacher: Any, images: Tensor) -> None:
    """Give the student the teacher's upper blocks, and what else of it fits: block 6h, the head, the stem.

    ``images`` (normalised, [N,3,H,W]) are what batch normalisation's means and variances are measured on: the teacher's
    are folded away, and a student trained on without them would change what it computes at its first step.
    """
    statistics = _measure(teacher, images)
    features = student.features
    for source, target in STAGES.items():
        _copy_block(teacher.get_submodule(source), features.get_submodule(target), statistics, source)
    _copy_block(teacher.get_submodule("blocks.5.7"), features.get_submodule("7.0"), statistics, "blocks.5.7")
    _copy_conv(teacher.conv_head, teacher.bn2, features[8], statistics["conv_head"])
    with torch.no_grad():
        features[0][0].weight.copy_(teacher.conv_stem.weight)


@contextmanager
def tapped(model: nn.Module, names: list[str]) -> Iterator[list[Tensor]]:
    """Collect the outputs of the named modules, in the order in which a forward pass runs them."""
    seen: list[Tensor] = []
    hooks = [model.get_submodule(name).register_forward_hook(lambda _m, _i, out: seen.append(out)) for name in names]
    try:
        yield seen
    finally:
        for hook in hooks:
            hook.remove()


def teacher_maps(teacher: Any, images: Tensor) -> list[Tensor]:
    """The teacher's maps at TAPS, then its pooled features [N,1280]."""
    with torch.no_grad(), tapped(teacher, list(TAPS)) as maps:
        pooled = teacher(images)
    return [*maps, pooled]


def student_maps(student: Any, images: Tensor) -> list[Tensor]:
    """The student's maps at TAPS, each as many channels as the teacher has there, then its pooled features [N,1280]."""
    with tapped(student, [f"features.{target}" for target in TAPS.values()]) as maps:
        pooled = student.avgpool(student.features(images)).flatten(1)
    maps[-1] = maps[-1][:, :192]
    return [*maps, pooled]


def _measure(teacher: nn.Module, images: Tensor) -> dict[str, tuple[Tensor, Tensor]]:
    statistics: dict[str, tuple[Tensor, Tensor]] = {}

    def measure(name: str) -> nn.Module:
        def hook(_module: nn.Module, _inputs: object, out: Tensor) -> None:
            statistics[name] = (out.mean((0, 2, 3)), out.var((0, 2, 3), unbiased=False))

        return hook  # type: ignore[return-value]

    hooks = [
        module.register_forward_hook(measure(name)) for name, module in teacher.named_modules() if isinstance(module, nn.Conv2d)
    ]
    with torch.no_grad():
        teacher(images)
    for hook in hooks:
        hook.remove()
    return statistics


def _copy_block(block: Any, target: Any, statistics: dict[str, tuple[Tensor, Tensor]], name: str) -> None:
    expand, depthwise, squeeze, project = target.block
    _copy_conv(block.conv_pw, block.bn1, expand, statistics[f"{name}.conv_pw"])
    _copy_conv(block.conv_dw, block.bn2, depthwise, statistics[f"{name}.conv_dw"])
    _copy_conv(block.conv_pwl, block.bn3, project, statistics[f"{name}.conv_pwl"])
    squeeze.fc1.load_state_dict(block.se.conv_reduce.state_dict())
    squeeze.fc2.load_state_dict(block.se.conv_expand.state_dict())


@torch.no_grad()
def _copy_conv(conv: nn.Conv2d, norm: Any, target: Any, measured: tuple[Tensor, Tensor]) -> None:
    kernel, own = conv.weight, target[0].weight
    outputs, inputs = kernel.shape[:2]
    if own.shape[-1] == 5 and kernel.shape[-1] == 3:
        # TensorFlow pads a stride of 2 at the end alone, torchvision's 5x5 on both sides: there the kernel sits one further.
        first = 2 if target[0].stride[0] == 2 else 1
        own.zero_()
        own[:outputs, :inputs, first : first + 3, first : first + 3] = kernel
    else:
        if own.shape[1] > inputs:
            own[:, inputs:] *= 0.1  # inputs that the teacher does not have begin quietly
        own[:outputs, :inputs] = kernel
    scale = norm.weight / (norm.running_var + norm.eps).sqrt()
    shift = norm.bias - norm.running_mean * scale
    mean, variance = measured
    batch_norm = target[1]
    batch_norm.running_mean[:outputs] = mean
    batch_norm.running_var[:outputs] = variance
    batch_norm.weight[:outputs] = scale * (variance + batch_norm.eps).sqrt()
    batch_norm.bias[:outputs] = shift + scale * mean
