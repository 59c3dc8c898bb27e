"""Both networks of the ensemble, in the steps in which one learns from the other; for serving, and for every left-out split.

*original* learns the broad set. A copy goes on from there with what *original* was found to lack: kinds of pictures, not single
ones, since those that few sources have, drawn more often, push out what holds elsewhere. Both of them, EfficientNet-Lite0 and
EfficientNetV2-B0, trained on the same pictures, advise a pupil, which goes on from the copy, and *finetuned* goes on from the
pupil. *original* stays as it is: two networks that differ in what they saw are right more often together.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import nn

from handler.ensemble import MEMBERS, SIDES, Member, save_member
from handler.preprocess import SIZE
from training.advisers import EfficientNetV2B0
from training.data import Example, read_further, read_manifest, read_photographs, split_of
from training.imitation import Master
from training.learn import Recipe, fit
from training.loop import device


@dataclass(frozen=True)
class Given:
    """What the networks learn from: *original* from ``broad``, all others from ``wide``; validated on ``held_out``."""

    broad: list[Example]
    wide: list[Example]
    held_out: list[Example]


def gather(
    data: Path, more: Sequence[Path], further: Sequence[Path], photographs: Path | None
) -> tuple[list[Example], list[Example]]:
    """The broad and the wide examples: the data's training split, further folders, and photographs as non-medical."""
    broad = split_of(read_manifest(data), "train")
    for folder in more:
        broad += read_further(folder)
    broad += [replace(example, label=1) for example in read_photographs(photographs)]
    return broad, broad + [example for folder in further for example in read_further(folder)]


def train(
    start: nn.Module, given: Given, master: Master, teacher: Path | None, folder: Path, steps: int, batch: int, seed: int = 1
) -> tuple[nn.Module, nn.Module]:
    """*original* and *finetuned*, trained from ``start``; resumable.

    ``steps`` are those of *original*, of the copy and, with a quarter of the batch, of *finetuned*; the others have three
    quarters of them. ``teacher`` are EfficientNetV2-B0's weights; without them it does not advise. ``folder`` gets a folder
    for each of the six networks.
    """

    def learn(name: str, net: nn.Module, recipe: Recipe, master: Master, advisers: Sequence[Member] = ()) -> nn.Module:
        torch.manual_seed(recipe.seed)  # the head for the modality is drawn from it
        examples = given.broad if name == "original" else given.wide
        return fit(copy.deepcopy(net), examples, given.held_out, recipe, folder / name, master, advisers)

    near, far = SIDES.values()
    recipe = Recipe(steps=steps, batch=batch, seed=seed, side=near)
    original = learn("original", start, recipe, master)
    gentle = replace(recipe, rate=3e-4, side=far)
    onward = learn("onward", original, replace(gentle, seed=seed + 1), master)

    fewer = replace(recipe, steps=steps * 3 // 4, small=0.0, side=SIZE)
    lite = learn("lite", master.net, replace(fewer, seed=seed + 2), itself(master.net))
    advisers = [Member(original, side=near), Member(onward, side=far), Member(lite)]
    if teacher is not None and teacher.exists():
        wide = EfficientNetV2B0(teacher).to(device())
        large = replace(fewer, batch=max(2, batch // 2), rate=3e-4, large_side=160, side=160, seed=seed + 3)
        advisers.append(Member(learn("wide", wide, large, itself(wide)), side=160))
    advised = replace(gentle, steps=fewer.steps, small=1.0, seed=seed + 4)
    pupil = learn("pupil", onward, advised, master, [adviser.eval() for adviser in advisers])

    last = replace(gentle, batch=max(2, batch // 4), seed=seed + 5)
    return original, learn("finetuned", pupil, last, master)


def save(pair: Sequence[nn.Module], folder: Path) -> None:
    """Store both networks, not calibrated, as :func:`handler.ensemble.load_member` reads them."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, net in zip(MEMBERS, pair, strict=True):
        save_member(folder / f"{name}.safetensors", net)


def itself(net: nn.Module) -> Master:
    """A network, frozen as it is now, as the master from which it may not stray while it learns."""
    return Master(copy.deepcopy(net).eval().requires_grad_(False), slope=1.0)
