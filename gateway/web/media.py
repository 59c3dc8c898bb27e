"""Media queries, as far as they say how wide a screen is, and who does not see what a screen on a desk shows."""

from __future__ import annotations

import re

_PIXELS = {"px": 1.0, "em": 16.0, "rem": 16.0}
_LENGTH = r"([0-9]{1,6}(?:\.[0-9]{1,6})?)(px|r?em)"
# The older way, min-width: 800px, and the ranges of Media Queries 4: width >= 800px, 800px <= width.
_LEAST = re.compile(rf"(?:min-(?:device-)?width\s*:|\bwidth\s*>=?)\s*{_LENGTH}|{_LENGTH}\s*<=?\s*width\b")
# The other way up, in other colours, without motion, on paper.
_OTHERS = re.compile(
    r"orientation\s*:\s*portrait|prefers-color-scheme\s*:\s*dark|prefers-reduced-motion(?!\s*:\s*no-)|\bprint\b"
)
_MOST = re.compile(rf"(?:max-(?:device-)?width\s*:|\bwidth\s*<=?)\s*{_LENGTH}|{_LENGTH}\s*>=?\s*width\b")


def least_width(media: str) -> float:
    """The width in CSS pixels that a screen has at least where the query is true; 0 where it says nothing of it."""
    lowered = media.lower()
    return max(
        (float(old or new) * _PIXELS[unit or unit_new] for old, unit, new, unit_new in _LEAST.findall(lowered)), default=0.0
    )


def for_others(media: str) -> bool:
    """Whether the query is not true on a wide screen as most have it."""
    lowered = media.lower()
    return _OTHERS.search(lowered) is not None or (_MOST.search(lowered) is not None and not least_width(media))
