"""Networks that are not served, and advise the one that is: two more that know ImageNet, trained on the same labels.

What several networks say of a strongly altered or mixed picture, and how sure they are, tells more than its label (Hinton
et al., "Distilling the knowledge in a neural network", 2015); that they see the very same view as their pupil matters most
(Beyer et al., 2022).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional

from handler import LABELS
from handler.ensemble import Member, fill

SUREST = 8.0
"""An adviser's difference of logits counts up to here, so that no single one overrules the others."""

FEATURES = 1280
"""How many pooled features EfficientNets of this size have."""


class EfficientNetV2B0(nn.Module):
    """EfficientNetV2-B0 (Tan and Le, 2021; timm's form of Keras' weights) with two classes: float [N,3,H,W] to logits [N,2].

    ``path`` is a safetensors file of its weights without the classifier. Raises ValueError where it holds something else.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        from timm import create_model

        self.features = create_model("tf_efficientnetv2_b0", num_classes=0)
        if wrong := fill(self.features, load_file(path)):
            raise ValueError(f"{path} does not hold an EfficientNetV2-B0: {', '.join(wrong[:3])}")
        self.classifier = nn.Sequential(nn.Dropout(0.2), nn.Linear(FEATURES, len(LABELS)))

    def maps(self, images: Tensor) -> list[Tensor]:
        """Its pooled features alone: no other network has maps like its own."""
        return [self.features(images)]

    def forward(self, images: Tensor) -> Tensor:
        """The logits."""
        logits: Tensor = self.classifier(self.maps(images)[0])
        return logits


@torch.no_grad()
def advice(advisers: Sequence[Member], images: Tensor) -> Tensor:
    """The mean of the advisers' differences of logits, medical over not, on normalised [N,3,H,W]: float32 [N]."""
    said = [torch.logit(adviser(images), eps=1e-6).clamp(-SUREST, SUREST) for adviser in advisers]
    return torch.stack(said).mean(0)


def disagreement(logits: Tensor, advised: Tensor, heat: float) -> Tensor:
    """Cross-entropy of logits [N,2] to what advisers said [N], both softened by the temperature ``heat``."""
    margin = (logits[:, 0] - logits[:, 1]).float()
    return heat**2 * functional.binary_cross_entropy_with_logits(margin / heat, torch.sigmoid(advised / heat))
