"""``python -m training.distill``: an EfficientNet-B0 inherits an ImageNet teacher's function.

The upper stages are grafted (:mod:`training.graft`); the lower ones learn to give the teacher's maps on strongly
augmented and mixed views that teacher and student see alike (function matching: Beyer et al., "Knowledge distillation:
a good teacher is patient and consistent", 2022).
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import torch
import typer
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from handler.ensemble import network
from training.augment import STRONG, inputs, mix, plain
from training.data import Example, Stream, draw_weights, read_manifest, read_photographs, some_of, split_of
from training.graft import distance, graft, load_teacher, lower_maps, student_maps, teacher_maps, variance, without_drop_path
from training.loop import Run, device
from training.options import DATA, PHOTOGRAPHS, TEACHER, Data, Photographs

LOWER = (*(f"features.{stage}." for stage in range(5)), "features.5.0.")
"""The student's stages below the first map of TAPS."""


def main(
    data: Data = DATA,
    photographs: Photographs = PHOTOGRAPHS,
    teacher: Annotated[Path, typer.Option(help="The teacher's weights.")] = TEACHER,
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and distilled.safetensors.")] = Path("runs/distill"),
    start: Annotated[Path | None, typer.Option(help="A distilled.safetensors to go on from, instead of the graft.")] = None,
    lower: Annotated[
        bool, typer.Option("--lower", help="Only match the first map, on windows of the views: the cheapest beginning.")
    ] = False,
    steps: int = 2500,
    batch: int = 64,
    size: Annotated[int, typer.Option(help="Side of the views, pixels. 96 is twice as fast as 128.")] = 128,
    rate: Annotated[float, typer.Option(help="Learning rate of the new parts.")] = 2e-3,
    grafted_rate: Annotated[float, typer.Option(help="Learning rate of the grafted blocks.")] = 1e-4,
    seed: int = 0,
) -> None:
    """Teach the lower stages to give the teacher's maps."""
    torch.manual_seed(seed)
    examples = split_of(read_manifest(data), "train") + read_photographs(photographs)
    stream = Stream(examples, draw_weights(examples), STRONG, batch, seed)
    master = load_teacher(teacher).to(device())
    measured = inputs(next(iter(stream))[0].to(device()), size)
    student = network().to(device())
    inherited = set(graft(student, master, measured))
    if start is not None:
        student.load_state_dict(_read(start, lower), strict=False)
    student.to(memory_format=torch.channels_last).train()
    without_drop_path(student)
    targets = teacher_maps(master, measured)
    scales = [variance(target) for target in targets]

    def loss(pixels: Tensor, index: Tensor) -> Tensor:
        dice = random.Random(int(index.sum()))
        if lower:
            own, target = lower_maps(student, master, mix(_window(pixels, size, dice), 0.4, dice))
            return ((own - target) ** 2).mean() / scales[0]
        views = mix(inputs(pixels, size), 0.4, dice)
        return distance(student_maps(student, views), teacher_maps(master, views), scales)

    held_out = some_of(split_of(read_manifest(data), "val"), 256)

    def validate(averaged: nn.Module) -> dict[str, float]:
        return agreement(averaged, master, held_out, size)

    run = Run(
        folder=output,
        model=student,
        groups=[
            {"params": [p for n, p in student.named_parameters() if n in inherited], "lr": grafted_rate},
            {"params": [p for n, p in student.named_parameters() if n not in inherited and "classifier" not in n], "lr": rate},
        ],
        steps=steps,
        seed=seed,
    )
    averaged = run.run(stream, loss, validate)
    save_file({name: tensor.contiguous() for name, tensor in averaged.state_dict().items()}, output / "distilled.safetensors")


@torch.no_grad()
def agreement(student: nn.Module, teacher: nn.Module, examples: list[Example], size: int) -> dict[str, float]:
    """How near the student's features are to the teacher's on plain images: cosine of the centred features, and R²."""
    mine, theirs = [], []
    for first in range(0, len(examples), 64):
        pixels = torch.stack([plain(example.load()) for example in examples[first : first + 64]]).to(device())
        views = inputs(pixels, size)
        mine.append(student_maps(student, views)[-1])
        theirs.append(teacher_maps(teacher, views)[-1])
    a, b = torch.cat(mine), torch.cat(theirs)
    centre = b.mean(0)
    return {
        "cosine": float(functional.cosine_similarity(a - centre, b - centre).mean()),
        "r2": float(1 - ((a - b) ** 2).sum() / ((b - centre) ** 2).sum()),
    }


def _window(pixels: Tensor, size: int, dice: random.Random) -> Tensor:
    # Cut out, not made smaller: the lower stages then see details as large as they will be when served.
    room = pixels.shape[-1] - size
    top, left = dice.randint(0, room), dice.randint(0, room)
    return inputs(pixels[..., top : top + size, left : left + size], size)


def _read(path: Path, lower: bool) -> dict[str, Tensor]:
    # What lies above the first map was adapted to what lay below it: to go on below, it is grafted afresh.
    kept = LOWER if lower else ("",)
    return {name: tensor for name, tensor in load_file(path).items() if name.startswith(kept)}


if __name__ == "__main__":
    typer.run(main)
