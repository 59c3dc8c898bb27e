"""``srcset`` attributes, as browsers read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

MANY = 200
"""Candidates of one picture: real pages have twenty at most."""

WHITESPACE = " \t\n\f\r"
_NUMBER = re.compile(r"-?(?:\d+|\d*\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_COUNT = re.compile(r"\d+", re.ASCII)
_MEANS = {"w": "width", "x": "density", "h": "height"}


@dataclass(frozen=True)
class Sized:
    """An address of a ``srcset`` and what it says of itself: width in pixels, or pixels per CSS pixel."""

    address: str
    width: int | None = None
    density: float | None = None


def parse(text: str) -> list[Sized]:
    """Parse a ``srcset`` attribute.

    HTML Living Standard, 4.8.4.3.10 "Parsing a srcset attribute", step for step: an address may hold commas, though not
    at its ends; a candidate with a wrong descriptor is left out, and the others stay. The first MANY are read.
    """
    candidates = islice(_split(text), MANY)
    return [found for address, descriptors in candidates if (found := _described(address, descriptors)) is not None]


def _split(text: str) -> Iterator[tuple[str, list[str]]]:
    position = 0
    while True:
        while position < len(text) and text[position] in WHITESPACE + ",":
            position += 1
        if position == len(text):
            return
        start = position
        while position < len(text) and text[position] not in WHITESPACE:
            position += 1
        address = text[start:position]
        if address.endswith(","):
            yield address.rstrip(","), []
        else:
            descriptors, position = _descriptors(text, position)
            yield address, descriptors


def _descriptors(text: str, position: int) -> tuple[list[str], int]:
    # Commas and spaces inside parentheses belong to a descriptor, although no descriptor has any yet.
    descriptors, current, inside = [], "", False
    while position < len(text):
        character = text[position]
        position += 1
        if inside:
            current += character
            inside = character != ")"
        elif character == ",":
            break
        elif character in WHITESPACE:
            descriptors.append(current)
            current = ""
        else:
            current += character
            inside = character == "("
    return [descriptor for descriptor in (*descriptors, current) if descriptor], position


def _described(address: str, descriptors: list[str]) -> Sized | None:
    seen: dict[str, float] = {}
    for descriptor in descriptors:
        number, unit = descriptor[:-1], descriptor[-1]
        if unit not in _MEANS or _MEANS[unit] in seen:
            return None
        if not (_NUMBER if unit == "x" else _COUNT).fullmatch(number):
            return None
        value = float(number)
        if value < 0 or (value == 0 and unit != "x"):
            return None
        seen[_MEANS[unit]] = value
    if ("density" in seen and len(seen) > 1) or ("height" in seen and "width" not in seen):
        return None
    width = seen.get("width")
    return Sized(address, None if width is None else int(min(width, 1e9)), seen.get("density"))
