"""What a network imitates beside its labels: the maps of a frozen network that knows ImageNet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

Maps = Callable[[Any, Tensor], list[Tensor]]
"""A network and normalised [N,3,H,W] to some of its maps, [N,C,h,w] each, and last its pooled features [N,1280]."""


@dataclass(frozen=True)
class Master:
    """The frozen network, which maps of it and of its pupil are to be equal, and how much larger the pupil's features are."""

    net: nn.Module
    theirs: Maps
    ours: Maps
    slope: float = 1.0

    @torch.no_grad()
    def maps(self, images: Tensor) -> list[Tensor]:
        """What there is to imitate."""
        return self.theirs(self.net, images)

    def distance(self, ours: list[Tensor], theirs: list[Tensor], scales: list[Tensor]) -> Tensor:
        """The mean squared error of every map, in units of :func:`variance`."""
        told = [*ours[:-1], ours[-1] / self.slope]
        return torch.stack([((a - b) ** 2 / scale).mean() for a, b, scale in zip(told, theirs, scales, strict=True)]).mean()


def variance(target: Tensor) -> Tensor:
    """In what units the error of a map, or of pooled features, is told."""
    # Pooled features per channel, as a linear classifier sees them; maps as a whole, so that quiet channels stay quiet.
    if target.dim() == 2:
        each = target.var(0)
        return each + 0.1 * each.mean()
    return target.var((0, 2, 3)).mean()
