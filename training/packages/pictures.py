"""Decodes a file of a package into pictures as the data folder has them: RGB, at most 144 by 288 pixels."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import SimpleITK
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

SHORT, LONG = 144, 288
SMALLEST = 40
"""Pixels of the longer side under which a picture shows too little."""

VOLUMES = (".dcm", ".nii", ".nii.gz", ".nrrd", ".mha", ".mgz", ".hdr")
MIDDLE = 0.7
"""The part of an axis that slices are taken from: beyond it a head is hair and air."""


def decode(name: str, data: bytes, slices: int) -> Iterator[Image.Image]:
    """The pictures in a file: one, or of a volume ``slices`` of each of its planes.

    Raises:
        ValueError: no decoder knows the file, or it is damaged.
    """
    try:
        if name.lower().endswith(VOLUMES):
            yield from volume(name, data, slices)
        else:
            with Image.open(io.BytesIO(data)) as image:
                yield shrink(flat(image))
    except UnidentifiedImageError as error:
        raise ValueError(f"{name}: no format that Pillow knows") from error
    except (OSError, RuntimeError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValueError(f"{name}: {error}") from error


def flat(image: Image.Image) -> Image.Image:
    """RGB, turned as the camera was held; over white where transparent; 16 bits stretched to 8."""
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith(("I", "F")):
        return Image.fromarray(_grey(np.asarray(image, dtype=np.float32)))
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def volume(name: str, data: bytes, slices: int) -> Iterator[Image.Image]:
    """Slices of a scan, with square pixels; the one picture of a file that holds one.

    Raises:
        RuntimeError: SimpleITK cannot read it.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, Path(name).name)
        file.write_bytes(data)
        scan: Any = SimpleITK.ReadImage(str(file))
    colours = scan.GetNumberOfComponentsPerPixel() in (3, 4)
    values = SimpleITK.GetArrayFromImage(scan)
    spacing = scan.GetSpacing()[::-1]
    while values.ndim > (4 if colours else 3):  # time, or directions: the first
        values, spacing = values[0], spacing[1:]
    if colours:
        for frame in values[:: max(1, len(values) // max(slices, 1))] if values.ndim == 4 else [values]:
            yield shrink(Image.fromarray(frame[..., :3].astype(np.uint8)))
        return
    if values.ndim == 2 or 1 in values.shape:
        yield shrink(_square(_grey(np.squeeze(values)), *spacing[-2:]))
        return
    grey = _grey(values)
    for axis in range(3):
        across = [spacing[other] for other in range(3) if other != axis]
        # SimpleITK's first axis runs from the feet up: seen from the front or the side, the head is at the top.
        turned = np.moveaxis(grey, axis, 0) if axis == 0 else np.moveaxis(grey, axis, 0)[:, ::-1]
        length = len(turned)
        for place in np.linspace((1 - MIDDLE) / 2, (1 + MIDDLE) / 2, slices) if length >= slices else ():
            yield shrink(_square(turned[int(place * (length - 1))], *across))


def shrink(image: Image.Image) -> Image.Image:
    """At most SHORT pixels on the short side and LONG on the long one; never larger than it was."""
    factor = min(1.0, SHORT / min(image.size), LONG / max(image.size))
    size = max(1, round(image.width * factor)), max(1, round(image.height * factor))
    return image if factor == 1 else image.resize(size, Image.Resampling.BOX if factor < 0.25 else Image.Resampling.LANCZOS)


def says_something(image: Image.Image) -> bool:
    """Whether there is enough to see: not tiny, and not of one brightness."""
    return max(image.size) >= SMALLEST and min(image.size) >= SMALLEST // 2 and float(np.asarray(image.convert("L")).std()) > 6


def _grey(values: NDArray[Any]) -> NDArray[np.uint8]:
    # One window for the whole scan; its brightest voxels are metal or noise.
    finite = np.nan_to_num(values.astype(np.float32))
    low, high = np.percentile(finite, (0.5, 99.7))
    scaled: NDArray[np.uint8] = (np.clip((finite - low) / max(float(high - low), 1e-6), 0, 1) * 255).astype(np.uint8)
    return scaled


def _square(values: NDArray[np.uint8], down: float, across: float) -> Image.Image:
    image = Image.fromarray(values).convert("RGB")
    finest = min(down, across)
    if finest <= 0:
        return image
    return image.resize((max(1, round(image.width * across / finest)), max(1, round(image.height * down / finest))))
