"""The data folder: a manifest, the images it names, and how often each is drawn."""

from __future__ import annotations

import random
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image
from torch.utils.data import IterableDataset, get_worker_info

from handler import LABELS
from handler.preprocess import decode
from training.manifest import read_rows
from training.stains import STAINED, magnified, restain

SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".webp"))

View = Callable[[Image.Image, random.Random], torch.Tensor]


@dataclass(frozen=True)
class Example:
    """One image of the manifest. ``label`` is None where the image has no part in the labels."""

    path: str
    label: int | None
    modality: str
    source: str
    split: str
    archive: str | None = None

    def load(self) -> Image.Image:
        """The image as it is served: upright, RGB on white, at its stored size. Raises UndecodableImage as ``decode``."""
        if self.archive is None:
            return decode(Path(self.path).read_bytes())
        with zipfile.ZipFile(self.archive) as stored:
            return decode(stored.read(self.path))


def read_manifest(folder: Path) -> list[Example]:
    """The examples of ``folder/manifest.csv``. Raises ValueError as :func:`training.manifest.read_rows` does."""
    return [
        Example(str(folder / row.path), LABELS.index(row.label), row.modality, row.source, row.split)
        for row in read_rows(folder)
    ]


def read_further(folder: Path) -> list[Example]:
    """What a further folder has for training: its training split, or all of it where the manifest has no splits."""
    return [example for example in read_manifest(folder) if example.split in ("", "train")]


def read_photographs(folder: Path | None) -> list[Example]:
    """The unlabelled photographs of a folder of ZIP files, as Tiny-ImageNet is stored; none without the folder."""
    if folder is None or not folder.is_dir():
        return []
    return [
        Example(path=name, label=None, modality="photograph", source="tiny-imagenet", split="train", archive=str(archive))
        for archive in sorted(folder.glob("*.zip"))
        for name in zipfile.ZipFile(archive).namelist()
        if Path(name).suffix.lower() in SUFFIXES
    ]


def draw_weights(examples: Sequence[Example], power: float = 0.5, most: float = 0.1) -> list[float]:
    """How often each example is drawn, summing to one.

    Labels are balanced. Within a label every (modality, source) pair counts by its size to ``power``, so that a few
    hundred chest films of one hospital do not crowd out everything else, and a source has at most ``most`` of the draws
    if there are others: a generator of ninety kinds of charts would crowd out the photographs. Within a pair all are alike.
    """
    pairs = Counter((e.label, e.modality, e.source) for e in examples)
    sources: dict[int | None, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for (label, _, source), count in pairs.items():
        sources[label][source] += count**power
    factors = {(label, source): factor for label in sources for source, factor in _capped(sources[label], most).items()}
    return [pairs[e.label, e.modality, e.source] ** (power - 1) * factors[e.label, e.source] / len(sources) for e in examples]


def _capped(shares: dict[str, float], most: float) -> dict[str, float]:
    """What to multiply the shares by, that they sum to one and, where enough sources share, none has more than ``most``."""
    large: set[str] = set()
    while True:
        rest = sum(share for name, share in shares.items() if name not in large)
        left = 1 - most * len(large)
        grown = {name for name, share in shares.items() if name not in large and share * left > most * rest}
        if not grown or (len(large) + len(grown)) * most >= 1 or grown | large == set(shares):
            return {name: most / share if name in large else left / rest for name, share in shares.items()}
        large |= grown


@dataclass
class Stream(IterableDataset):
    """Endless batches of views, drawn as :func:`draw_weights` says.

    Yields ``(pixels uint8 [batch,3,128,128], index int64 [batch])``. The draw depends on ``seed`` and ``start``
    alone, so that a run which resumes at a step draws on as if it had not stopped. ``restained`` is how often stained
    tissue is seen in other dyes, ``magnified`` how often at another magnification.
    """

    examples: Sequence[Example]
    view: View
    batch: int
    seed: int
    start: int = 0
    restained: float = 0.4
    magnified: float = 0.4

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        info = get_worker_info()
        first, stride = (info.id, info.num_workers) if info else (0, 1)
        cumulative = torch.tensor(draw_weights(self.examples), dtype=torch.float64).cumsum(0)
        cache: dict[int, Image.Image] = {}
        step = self.start + first
        while True:
            dice = random.Random(f"{self.seed}-{step}")
            picked = [
                min(int(torch.searchsorted(cumulative, dice.random() * float(cumulative[-1]))), len(self.examples) - 1)
                for _ in range(self.batch)
            ]
            views = [self.view(self._stained(index, cache, dice), dice) for index in picked]
            yield torch.stack(views), torch.tensor(picked)
            step += stride

    def _stained(self, index: int, cache: dict[int, Image.Image], dice: random.Random) -> Image.Image:
        image = self._load(index, cache)
        if self.examples[index].modality not in STAINED:
            return image
        if dice.random() < self.restained:
            image = restain(image, dice)
        return magnified(image, dice) if dice.random() < self.magnified else image

    def _load(self, index: int, cache: dict[int, Image.Image]) -> Image.Image:
        # Decoded once: 28,000 pictures of 144 px are 2 GB, and reading them again costs a tenth of a training step.
        if index not in cache:
            cache[index] = self.examples[index].load()
        return cache[index]


def split_of(examples: Sequence[Example], split: str) -> list[Example]:
    """The examples of one split."""
    return [example for example in examples if example.split == split]


def some_of(examples: Sequence[Example], count: int) -> list[Example]:
    """At most ``count`` of the examples, the same every time: what a run is validated on."""
    return random.Random(0).sample(list(examples), min(count, len(examples)))
