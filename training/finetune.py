"""``python -m training.finetune``: the network *finetuned*, from *original* on what that one finds hard."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import torch
import typer
from torch import Tensor, nn

from handler.ensemble import load_member, save_member
from training.augment import Augmentation, inputs
from training.data import Example, View, draw_weights, read_manifest, some_of, split_of
from training.imitation import Master, master
from training.learn import Recipe, fit
from training.loop import device
from training.options import DATA, PHOTOGRAPHS, Data, More, Photographs
from training.train import gather


def main(
    data: Data = DATA,
    more: More = None,
    photographs: Photographs = PHOTOGRAPHS,
    start: Annotated[Path, typer.Option(help="The network that goes on, and says what is hard.")] = Path(
        "model_store/original.safetensors"
    ),
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and the log.")] = Path("runs/finetuned"),
    weights: Annotated[Path, typer.Option(help="Where the finished network goes.")] = Path("model_store/finetuned.safetensors"),
    mined: Annotated[int, typer.Option(help="Training images that are looked at for hard ones.")] = 12_000,
    steps: int = 600,
    batch: int = 64,
    seed: int = 2,
) -> None:
    """Learn from what *original* finds hard."""
    net = harden(
        net=load_member(start).net,
        examples=gather(data, more or [], photographs),
        held_out=some_of(split_of(read_manifest(data), "val"), 900),
        recipe=Recipe(steps=steps, batch=batch, seed=seed),
        folder=output,
        master=master(),
        mined=mined,
    )
    save_member(weights, net)


def harden(
    net: nn.Module,
    examples: Sequence[Example],
    held_out: Sequence[Example],
    recipe: Recipe,
    folder: Path,
    master: Master,
    mined: int,
) -> nn.Module:
    """Train ``net`` on, with examples drawn by how hard it finds them now; other arguments as for :func:`fit`.

    ``mined`` of them are looked at; the others count as hard as these are on average, each label for itself.
    """
    folder.mkdir(parents=True, exist_ok=True)
    view = Augmentation()
    draws = random.Random(recipe.seed).choices(range(len(examples)), draw_weights(examples), k=mined)
    chosen = sorted(set(draws))
    remembered = folder / "hardness.pt"
    if remembered.exists():
        found = torch.load(remembered, weights_only=True)
    else:
        found = mine(net, [examples[number] for number in chosen], view, recipe.seed)
        torch.save(found, remembered)
    labels = torch.tensor([example.label for example in examples])
    hardness = torch.zeros(len(examples))
    for label in set(labels.tolist()):
        own = found[labels[chosen] == label]
        hardness[labels == label] = own.mean() if len(own) else 0.0
    hardness[chosen] = found
    return fit(net, examples, hard_weights(examples, hardness), held_out, recipe, folder, master, view)


@torch.no_grad()
def mine(net: nn.Module, examples: Sequence[Example], view: View, seed: int, batch: int = 64) -> Tensor:
    """How wrong the network is on one augmented view of each example: 1 - probability of its label, float32 [N]."""
    net = net.to(device(), memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
    dice = random.Random(seed)
    wrong = []
    for first in range(0, len(examples), batch):
        part = examples[first : first + batch]
        pixels = torch.stack([view(example.load(), dice) for example in part]).to(device())
        chances = net(inputs(pixels)).softmax(1).cpu()
        labels = torch.tensor([example.label for example in part])
        wrong.append(1 - chances.gather(1, labels[:, None])[:, 0])
    return torch.cat(wrong)


def hard_weights(examples: Sequence[Example], hardness: Tensor) -> list[float]:
    """The usual weights, raised up to threefold by hardness; both labels stay balanced.

    One label is harder than the other. Drawn more often for that, it would become what the network says in doubt. Raised
    sevenfold, the few sources that are hard here push out what holds elsewhere.
    """
    raised = [w * (1 + 2 * float(hard)) for w, hard in zip(draw_weights(examples), hardness, strict=True)]
    totals: dict[int | None, float] = defaultdict(float)
    for example, weight in zip(examples, raised, strict=True):
        totals[example.label] += weight
    return [weight / totals[example.label] / len(totals) for example, weight in zip(examples, raised, strict=True)]


if __name__ == "__main__":
    typer.run(main)
