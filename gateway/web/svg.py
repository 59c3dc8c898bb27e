"""SVG: drawings. Nothing that a medical device took is one, so they are not rendered."""

from __future__ import annotations

import re

# Atomic groups and possessive repeats: what is no SVG must not be tried in every possible way.
_ROOT = re.compile(
    rb"\s*+(?><\?xml[^>]*+>\s*+)?+(?><!--.*?-->\s*+|<!DOCTYPE[^>\[]*+(?>\[.*?\])?+[^>]*+>\s*+)*+<svg[\s>]",
    re.DOTALL | re.IGNORECASE,
)


def is_svg(data: bytes, content_type: str) -> bool:
    """Whether this is SVG, by what the server says or by how it begins; compressed with gzip only by what it says."""
    return content_type == "image/svg+xml" or _ROOT.match(data[:4096].removeprefix(b"\xef\xbb\xbf")) is not None
