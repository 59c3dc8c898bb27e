"""Which images look alike, whatever size and format they were saved in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

NEAR = 4
"""Bits of 64 by which the hashes of one picture's copies differ at most."""


def difference_hash(image: Image.Image) -> int:
    """64 bits that say where brightness rises from left to right on a 9x8 thumbnail (dHash, Krawetz, 2013)."""
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), dtype=np.int16)
    bits = (grey[:, 1:] > grey[:, :-1]).ravel()
    return int("".join("1" if bit else "0" for bit in bits), 2)


def alike(value: int, known: NDArray[np.uint64]) -> bool:
    """Whether a hash is within NEAR bits of any of the known ones."""
    return int(np.bitwise_count(known ^ np.uint64(value)).min(initial=64)) <= NEAR
