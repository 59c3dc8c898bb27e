"""``python -m training.distill``: an EfficientNet-B0 takes over what EfficientNet-Lite0 learnt from ImageNet.

Every weight of Lite0 finds its place (:mod:`training.lite`). What differs is learnt: the network comes to give Lite0's maps
on strongly augmented and mixed views that both see alike (function matching: Beyer et al., "Knowledge distillation: a good
teacher is patient and consistent", 2022). No label is used, and no image of a source that a split of
:mod:`training.disjoint` leaves out.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import torch
import typer
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from training.augment import STRONG, inputs, mix, plain
from training.data import Example, Stream, read_further, read_manifest, read_photographs, some_of, split_of
from training.disjoint import read_splits
from training.imitation import Master, master, variance
from training.learn import fix_norms, start_from, without_drop_path
from training.lite import SLOPE, inherit, maps
from training.loop import Run, device
from training.options import DATA, PHOTOGRAPHS, Data, More, Photographs


def main(
    data: Data = DATA,
    more: More = None,
    photographs: Photographs = PHOTOGRAPHS,
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and distilled.safetensors.")] = Path("runs/distill"),
    start: Annotated[str | None, typer.Option(help="A distilled.safetensors to go on from.")] = None,
    steps: int = 1500,
    batch: int = 64,
    size: Annotated[int, typer.Option(help="Side of the views, pixels. 96 is twice as fast as 128.")] = 96,
    rate: Annotated[float, typer.Option(help="Learning rate.")] = 1.5e-3,
    seed: int = 0,
) -> None:
    """Teach the network to give EfficientNet-Lite0's maps."""
    torch.manual_seed(seed)
    labelled = read_manifest(data)
    examples = [*known_to_all(split_of(labelled, "train")), *read_photographs(photographs)]
    for folder in more or []:
        examples += known_to_all(read_further(folder))
    stream = Stream(examples, STRONG, batch, seed)
    model = master()
    measured = inputs(next(iter(stream))[0].to(device()), size)
    student = start_from(start) if start else inherit()
    student.to(device(), memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    without_drop_path(student)
    fix_norms(student)
    scales = [variance(target) for target in model.maps(measured)]

    def loss(pixels: Tensor, index: Tensor) -> Tensor:
        views = mix(inputs(pixels, size), 0.4, random.Random(int(index.sum())))
        return model.distance(maps(student, views), model.maps(views), scales)

    held_out = some_of(split_of(labelled, "val"), 256)
    run = Run(
        folder=output,
        model=student,
        groups=[{"params": [p for n, p in student.named_parameters() if "classifier" not in n], "lr": rate}],
        steps=steps,
        seed=seed,
    )
    averaged = run.run(stream, loss, lambda net: agreement(net, model, held_out))
    save_file({name: tensor.contiguous() for name, tensor in averaged.state_dict().items()}, output / "distilled.safetensors")


def known_to_all(examples: list[Example]) -> list[Example]:
    """The examples whose source no split leaves out: what may form the start that all splits share."""
    left_out = {source for sources in read_splits().values() for source in sources}
    return [example for example in examples if example.source not in left_out]


@torch.no_grad()
def agreement(student: nn.Module, model: Master, examples: list[Example]) -> dict[str, float]:
    """How near the student's features are to its master's on plain images: cosine of the centred features, and R²."""
    mine, theirs = [], []
    for first in range(0, len(examples), 64):
        pixels = torch.stack([plain(example.load()) for example in examples[first : first + 64]]).to(device())
        views = inputs(pixels)
        mine.append(maps(student, views)[-1] / SLOPE)
        theirs.append(model.maps(views)[-1])
    a, b = torch.cat(mine), torch.cat(theirs)
    centre = b.mean(0)
    return {
        "cosine": float(functional.cosine_similarity(a - centre, b - centre).mean()),
        "r2": float(1 - ((a - b) ** 2).sum() / ((b - centre) ** 2).sum()),
    }


if __name__ == "__main__":
    typer.run(main)
