"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option(help="Folder with manifest.csv.")]
More = Annotated[list[Path] | None, typer.Option(help="Further folders with manifest.csv: drawn graphics, corrections.")]
Further = Annotated[list[Path] | None, typer.Option(help="Further folders, for all networks but original.")]
Photographs = Annotated[Path | None, typer.Option(help="Folder of ZIP files of photographs; none if it is absent.")]
Teacher = Annotated[Path | None, typer.Option(help="Safetensors file of EfficientNetV2-B0, an adviser; none if it is absent.")]
Init = Annotated[str, typer.Option(help="A safetensors file to start from, or 'imagenet' for torchvision's weights.")]

DATA = Path("../shared/data")
PHOTOGRAPHS = Path("../shared/tiny-imagenet")
DISTILLED = "runs/distill/distilled.safetensors"
TEACHER = Path("../shared/teacher/efficientnetv2_b0_imagenet.safetensors")
