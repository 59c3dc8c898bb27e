"""What a network imitates beside its labels: the maps of one that knows ImageNet."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from training import lite
from training.loop import device


@dataclass(frozen=True)
class Master:
    """The frozen network that is imitated. The features of who imitates it are ``slope`` times as large."""

    net: nn.Module
    slope: float = lite.SLOPE

    @torch.no_grad()
    def maps(self, images: Tensor) -> list[Tensor]:
        """What there is to imitate, as :func:`maps`."""
        return maps(self.net, images)

    def distance(self, ours: list[Tensor], theirs: list[Tensor], scales: list[Tensor]) -> Tensor:
        """The mean squared error of every map, in units of :func:`variance`."""
        told = [*ours[:-1], ours[-1] / self.slope]
        errors = [((a.float() - b.float()) ** 2 / scale).mean() for a, b, scale in zip(told, theirs, scales, strict=True)]
        return torch.stack(errors).mean()


def master() -> Master:
    """EfficientNet-Lite0 from its package."""
    return Master(lite.load_lite().to(device()))


def maps(net: nn.Module, images: Tensor) -> list[Tensor]:
    """A network's own ``maps`` where it has such, else those of an EfficientNet-B0: [N,C,h,w] each, pooled features last."""
    own = getattr(net, "maps", None)
    found: list[Tensor] = own(images) if own else lite.maps(net, images)
    return found


def variance(target: Tensor) -> Tensor:
    """In what units the error of a map, or of pooled features, is told."""
    # Pooled features per channel, as a linear classifier sees them; maps as a whole, so that quiet channels stay quiet.
    if target.dim() == 2:
        each = target.float().var(0)
        return each + 0.1 * each.mean()
    return target.float().var((0, 2, 3)).mean()
