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
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from handler.ensemble import network, normalise
from training.augment import STRONG, mix, plain
from training.data import Example, Stream, draw_weights, read_manifest, read_photographs, split_of
from training.graft import graft, load_teacher, student_maps, teacher_maps, without_drop_path
from training.loop import Run, device


def main(
    data: Annotated[Path, typer.Option(help="Folder with manifest.csv.")] = Path("../shared/data"),
    photographs: Annotated[Path, typer.Option(help="Folder of ZIP files of photographs; none if it is absent.")] = Path(
        "../shared/tiny-imagenet"
    ),
    teacher: Annotated[Path, typer.Option(help="The teacher's weights.")] = Path(
        "../shared/teacher/efficientnetv2_b0_imagenet.safetensors"
    ),
    output: Annotated[Path, typer.Option(help="Folder for checkpoints and distilled.safetensors.")] = Path("runs/distill"),
    start: Annotated[Path | None, typer.Option(help="A distilled.safetensors to go on from, instead of the graft.")] = None,
    steps: int = 2500,
    batch: int = 64,
    size: Annotated[int, typer.Option(help="Side of the views, pixels. 96 is twice as fast as 128.")] = 128,
    rate: Annotated[float, typer.Option(help="Learning rate of the new parts.")] = 2e-3,
    grafted_rate: Annotated[float, typer.Option(help="Learning rate of the grafted blocks.")] = 1e-4,
    seed: int = 0,
) -> None:
    """Teach the lower stages to give the teacher's maps."""
    torch.manual_seed(seed)
    examples = split_of(read_manifest(data), "train") + (read_photographs(photographs) if photographs.is_dir() else [])
    stream = Stream(examples, draw_weights(examples), STRONG, batch, seed)
    master = load_teacher(teacher).to(device())
    measured = _inputs(next(iter(stream))[0].to(device()), size)
    student = network().to(device())
    inherited = set(graft(student, master, measured))
    if start is not None:
        student.load_state_dict(_read(start), strict=False)
    student.to(memory_format=torch.channels_last).train()
    without_drop_path(student)
    targets = teacher_maps(master, measured)
    scales = [_variance(target) for target in targets]

    def loss(pixels: Tensor, index: Tensor) -> Tensor:
        views = mix(_inputs(pixels, size), 0.4, random.Random(int(index.sum())))
        return distance(student_maps(student, views), teacher_maps(master, views), scales)

    held_out = random.Random(0).sample(split_of(read_manifest(data), "val"), 256)

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


def distance(maps: list[Tensor], targets: list[Tensor], scales: list[Tensor]) -> Tensor:
    """The mean squared error of every map in units of the target's variance; the pooled features count twice."""
    errors = [((a - b) ** 2 / scale).mean() for a, b, scale in zip(maps, targets, scales, strict=True)]
    return torch.stack(errors).sum() + errors[-1]


@torch.no_grad()
def agreement(student: nn.Module, teacher: nn.Module, examples: list[Example], size: int) -> dict[str, float]:
    """How near the student's features are to the teacher's on plain images: cosine of the centred features, and R²."""
    mine, theirs = [], []
    for first in range(0, len(examples), 64):
        pixels = torch.stack([plain(example.load()) for example in examples[first : first + 64]]).to(device())
        views = _inputs(pixels, size)
        mine.append(student_maps(student, views)[-1])
        theirs.append(teacher_maps(teacher, views)[-1])
    a, b = torch.cat(mine), torch.cat(theirs)
    centre = b.mean(0)
    return {
        "cosine": float(functional.cosine_similarity(a - centre, b - centre).mean()),
        "r2": float(1 - ((a - b) ** 2).sum() / ((b - centre) ** 2).sum()),
    }


def _inputs(pixels: Tensor, size: int) -> Tensor:
    images = normalise(pixels)
    if size != images.shape[-1]:
        images = functional.interpolate(images, size, mode="bilinear", antialias=True)
    return images.contiguous(memory_format=torch.channels_last)


def _variance(target: Tensor) -> Tensor:
    # Pooled features per channel, as a linear classifier sees them; maps as a whole, so that quiet channels stay quiet.
    if target.dim() == 2:
        variance = target.var(0)
        return variance + 0.1 * variance.mean()
    return target.var((0, 2, 3)).mean()


def _read(path: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    return load_file(path)


if __name__ == "__main__":
    typer.run(main)
