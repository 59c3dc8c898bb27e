"""A picture of a page: one place, perhaps many addresses of the same content in different sizes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from gateway.images import Origin
from gateway.web.addresses import DECODED_TYPES, DRAWN_OR_UNKNOWN, ending, is_data
from gateway.web.srcset import Sized


class Rank(IntEnum):
    """What an attribute promises of its picture. Sizes decide only between equals."""

    FULL = 0
    NORMAL = 1
    SHOWN = 2  # a plain src: where there is something else, often its placeholder
    SMALL = 3


@dataclass(frozen=True)
class Candidate:
    """One address of a picture.

    ``media_type`` is what its element says of it, or empty; ``screen`` the width in pixels that a screen has at least
    where it is shown.
    """

    address: str
    origin: Origin
    rank: Rank = Rank.NORMAL
    width: int | None = None
    density: float | None = None
    media_type: str = ""
    screen: float = 0.0

    @classmethod
    def sized(cls, sized: Sized, address: str, origin: Origin, rank: Rank = Rank.NORMAL) -> Candidate:
        """One of a ``srcset``."""
        return cls(address, origin, rank, sized.width, sized.density)

    @property
    def preference(self) -> tuple[float, ...]:
        """Smaller is better: decodable, no placeholder, promised as large, large by its descriptor."""
        return (
            not _decodable(self), is_data(self.address), self.rank, -(self.width or 0), -(self.density or 1), -self.screen,
        )  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """Candidates, best first. ``link`` is set where a link leads to it, which may turn out to lead to a page."""

    candidates: tuple[Candidate, ...]
    link: bool = False

    @classmethod
    def of(cls, candidates: Iterable[Candidate], link: bool = False) -> Picture | None:
        """A picture of these candidates, each address once, or None where there are none."""
        best: dict[str, Candidate] = {}
        for candidate in sorted(candidates, key=lambda candidate: candidate.preference):
            best.setdefault(candidate.address, candidate)
        return cls(tuple(best.values()), link) if best else None

    @property
    def best(self) -> Candidate:
        """The candidate to fetch first."""
        return self.candidates[0]


def distinct(pictures: Iterable[Picture]) -> list[Picture]:
    """Each picture once, in the order of first appearance.

    Two are the same where the best address of one is among the sized addresses of the other (a page often shows a
    picture twice, in two sizes). A shared placeholder makes no two pictures the same.
    """
    first: dict[str, Picture] = {}
    for picture in pictures:
        address = picture.best.address
        known = first.get(address)
        if known is None:
            first[address] = picture
        else:
            first[address] = replace(
                known, candidates=tuple({c.address: c for c in (*known.candidates, *picture.candidates)}.values()),
                link=known.link and picture.link,
            )  # fmt: skip
    covered = {
        candidate.address: address
        for address, picture in first.items()
        for candidate in picture.candidates[1:]
        if candidate.width is not None or candidate.density is not None
    }
    dropped: set[str] = set()
    for address in first:
        larger = covered.get(address, address)
        if larger != address and larger not in dropped:  # two that cover each other must not both go
            dropped.add(address)
    return [picture for address, picture in first.items() if address not in dropped]


def _decodable(candidate: Candidate) -> bool:
    if candidate.media_type.startswith("image/"):
        return candidate.media_type in DECODED_TYPES
    if is_data(candidate.address):
        return not candidate.address[5:].lower().startswith("image/svg")
    return ending(candidate.address) not in DRAWN_OR_UNKNOWN
