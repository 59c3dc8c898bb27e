"""What is handed in: a file, some bytes or an address, and which of PDF, page or image it turns out to be."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.report import Kind


@dataclass(frozen=True)
class Source:
    """A document at hand. ``url`` is where it was fetched from, after redirects, or None."""

    kind: Kind
    name: str
    data: bytes
    url: str | None = None
    charset: str | None = None
