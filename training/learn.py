"""What a network learns from labels, shared by both members of the ensemble.

Three targets at once: the label; the modality, which keeps apart what the label throws together; and the maps and
features of one that knows ImageNet, so that what is known of the world outlasts a few thousand labelled pictures.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from handler.ensemble import Member, fill, network, normalise, resized
from handler.preprocess import SIZE
from training.advisers import advice, disagreement
from training.augment import Augmentation, collage, mix_pairs, plain
from training.data import Example, Stream
from training.imitation import Master, maps, variance
from training.loop import Run, device

SMALLEST_MODALITY = 20
"""Rarer modalities have no class of their own: a handful of pictures says more about their source."""

REMEMBERED = 51_200
"""How many views back the moving average of the weights reaches."""


@dataclass(frozen=True)
class Recipe:
    """How labels are learnt. Rates are AdamW's, for the network's body and for its heads, with batches of 64; they grow with
    the square root of the batch.

    The first ``small`` of the steps see views of ``small_side`` pixels, which cost half and undo that crops make things look
    larger than they are when served (Touvron et al., "Fixing the train-test resolution discrepancy", 2019); the others see
    ``large_side``. ``side`` is the size at which the network is going to look at pictures; it is validated at it.
    Where there are advisers, ``advice`` is their share of the loss beside the labels', ``heat`` its temperature.
    """

    steps: int
    batch: int = 64
    rate: float = 4e-4
    head_rate: float = 1.5e-3
    modality: float = 0.3
    imitation: float = 0.5
    mixed: float = 0.3
    collages: float = 0.12
    smoothing: float = 0.02
    small: float = 0.75
    small_side: int = 96
    large_side: int = SIZE
    side: int = SIZE
    advice: float = 0.7
    heat: float = 2.0
    seed: int = 0


class Learner(nn.Module):
    """A network of two classes with a second head for the modality, used in training alone."""

    def __init__(self, net: Any, modalities: int) -> None:
        super().__init__()
        self.net = net
        self.modality = nn.Linear(net.classifier[1].in_features, max(modalities, 1))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, list[Tensor]]:
        """Normalised [N,3,H,W] to label logits [N,2], modality logits [N,K], and the network's maps."""
        found = maps(self.net, images)
        return self.net.classifier(found[-1]), self.modality(found[-1]), found


def fit(
    net: nn.Module,
    examples: Sequence[Example],
    held_out: Sequence[Example],
    recipe: Recipe,
    folder: Path,
    master: Master,
    advisers: Sequence[Member] = (),
) -> nn.Module:
    """Train ``net`` on labelled examples; returns the moving average of its weights.

    They are drawn as :class:`training.data.Stream` says. ``held_out`` are validated on; ``master`` is what goes on to be
    imitated; ``advisers`` say what they think of every view.
    """
    torch.manual_seed(recipe.seed)
    classes = modality_classes(examples)
    labels = torch.tensor([label for e in examples if (label := e.label) is not None])
    modalities = torch.tensor([classes.get((e.label, e.modality), -1) for e in examples])
    learner = Learner(net, len(classes)).to(device()).to(memory_format=torch.channels_last).train()
    without_drop_path(learner)
    fix_norms(learner)
    learner.requires_grad_(True)  # a moving average that is trained on has none
    stream = Stream(examples, Augmentation(), recipe.batch, recipe.seed)

    def seen(pixels: Tensor, index: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """What is seen of a batch: images, targets, kinds, and each one's partner and own weight in the mix."""
        dice = random.Random(int(index.sum()))
        index = index.cpu()
        target = functional.one_hot(labels[index], 2).float().to(pixels.device)
        kind = modalities[index].to(pixels.device)
        pixels, target, kind = collage(pixels, target, kind, recipe.collages, dice)
        images, target, partner, weight = mix_pairs(normalise(pixels), target, recipe.mixed, dice)
        return images, target, kind, partner, weight

    def loss(pixels: Tensor, index: Tensor) -> Tensor:
        views, target, kind, partner, weight = seen(pixels, index)
        images = resized(views, recipe.small_side if run.step < recipe.small * recipe.steps else recipe.large_side)
        said, said_kind, found = learner(images)
        total = functional.cross_entropy(said, target, label_smoothing=recipe.smoothing)
        if advisers:
            told = disagreement(said, advice(advisers, views), recipe.heat)
            total = (1 - recipe.advice) * total + recipe.advice * told
        total = total + recipe.modality * _modality_loss(said_kind, kind, partner, weight)
        return total + recipe.imitation * master.distance(found, master.maps(images), scales)

    def validate(averaged: Any) -> dict[str, float]:
        chance = medical_probabilities(Member(averaged.net, side=recipe.side), held_out)
        truth = torch.tensor([e.label for e in held_out])
        right = (chance < 0.5).long() == truth
        recalls = [float(right[truth == label].float().mean()) for label in (0, 1)]
        return {"accuracy": float(right.float().mean()), "medical_recall": recalls[0], "non_medical_recall": recalls[1]}

    growth = (recipe.batch / 64) ** 0.5
    body = [p for n, p in learner.named_parameters() if n.startswith("net.features")]
    heads = [p for n, p in learner.named_parameters() if not n.startswith("net.features")]
    run = Run(
        folder=folder,
        model=learner,
        groups=[{"params": body, "lr": growth * recipe.rate}, {"params": heads, "lr": growth * recipe.head_rate}],
        steps=recipe.steps,
        seed=recipe.seed,
        average=1 - recipe.batch / REMEMBERED,
    )
    # In units of the very first batch, also where a run goes on from the middle.
    first, index = next(iter(stream))
    side = recipe.small_side if recipe.small else recipe.large_side
    scales = [variance(found) for found in master.maps(resized(seen(first.to(device()), index)[0], side))]
    averaged: Any = run.run(stream, loss, validate)
    trained: nn.Module = averaged.net
    return trained


def modality_classes(examples: Sequence[Example]) -> dict[tuple[int | None, str], int]:
    """A class for every (label, modality) of at least SMALLEST_MODALITY examples."""
    counts = Counter((e.label, e.modality) for e in examples)
    kept = sorted((pair for pair, count in counts.items() if count >= SMALLEST_MODALITY), key=str)
    return {pair: number for number, pair in enumerate(kept)}


@torch.no_grad()
def medical_probabilities(member: Member, examples: Sequence[Example], batch: int = 64) -> Tensor:
    """What a network that is served says of each example: its medical probability, float32 [N]."""
    member = member.eval()
    chances = []
    for first in range(0, len(examples), batch):
        pixels = torch.stack([plain(e.load()) for e in examples[first : first + batch]]).to(device())
        chances.append(member(normalise(pixels)).cpu())
    return torch.cat(chances)


def start_from(init: str) -> nn.Module:
    """A network of two classes whose body comes from a safetensors file, or from torchvision for ``imagenet``."""
    if init == "imagenet":
        from torchvision.models import EfficientNet_B0_Weights, efficientnet_b0

        weights = efficientnet_b0(weights=EfficientNet_B0_Weights.IMAGENET1K_V1).state_dict()
    else:
        from safetensors.torch import load_file

        weights = load_file(init)
    net = network()
    body = {name: tensor.float() for name, tensor in weights.items() if not name.startswith("classifier")}
    wrong = [name for name in fill(net, body) if not name.startswith("classifier")]
    if wrong:
        raise ValueError(f"{init} does not hold an EfficientNet-B0: {', '.join(wrong[:3])}")
    return net


def without_drop_path(net: nn.Module) -> None:
    """Switch stochastic depth off: a block left out cannot equal what it is to imitate."""
    for name, module in net.named_modules():
        if name.endswith("stochastic_depth"):
            module.p = 0.0


def fix_norms(net: nn.Module) -> None:
    """Let batch normalisation keep its statistics: no document has those of a batch of augmented views of sixty sources."""
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.eval()


def _modality_loss(said: Tensor, kind: Tensor, partner: Tensor, weight: Tensor) -> Tensor:
    # A mixed picture is of both kinds, each by its share; -1 is a picture whose kind is not to be told.
    own = functional.cross_entropy(said, kind.clamp(min=0), reduction="none") * (kind >= 0)
    other_kind = kind[partner]
    other = functional.cross_entropy(said, other_kind.clamp(min=0), reduction="none") * (other_kind >= 0)
    return (weight * own + (1 - weight) * other).mean()
