"""The two networks that know ImageNet: EfficientNet-Lite0, and the EfficientNetV2-B0 of a file."""

from __future__ import annotations

from pathlib import Path

from training import graft, lite
from training.imitation import Master
from training.loop import device


def master(teacher: Path | None) -> Master:
    """EfficientNet-Lite0, from its package, or the EfficientNetV2-B0 that ``teacher`` holds.

    Raises ValueError where the file holds something else.
    """
    if teacher is None:
        return Master(lite.load_lite().to(device()), lite.maps, lite.maps, lite.SLOPE)
    return Master(graft.load_teacher(teacher).to(device()), graft.teacher_maps, graft.student_maps)
