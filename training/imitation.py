"""What a network imitates beside its labels: the maps of EfficientNet-Lite0, which knows ImageNet."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training import lite
from training.loop import device


@dataclass(frozen=True)
class Master:
    """The frozen network that is imitated."""

    net: nn.Module

    @torch.no_grad()
    def maps(self, images: Tensor) -> list[Tensor]:
        """What there is to imitate, as :func:`training.lite.maps`."""
        return lite.maps(self.net, images)

    def distance(self, ours: list[Tensor], theirs: list[Tensor], scales: list[Tensor]) -> Tensor:
        """The mean squared error of every map, in units of :func:`variance`; our features are ``SLOPE`` times as large."""
        told = [*ours[:-1], ours[-1] / lite.SLOPE]
        return torch.stack([((a - b) ** 2 / scale).mean() for a, b, scale in zip(told, theirs, scales, strict=True)]).mean()


def master() -> Master:
    """EfficientNet-Lite0 from its package."""
    return Master(lite.load_lite().to(device()))


def variance(target: Tensor) -> Tensor:
    """In what units the error of a map, or of pooled features, is told."""
    # Pooled features per channel, as a linear classifier sees them; maps as a whole, so that quiet channels stay quiet.
    if target.dim() == 2:
        each = target.var(0)
        return each + 0.1 * each.mean()
    return target.var((0, 2, 3)).mean()
