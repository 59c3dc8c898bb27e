"""Findings as frames between the child process and its parent."""

from __future__ import annotations

from typing import Any

import numpy as np

from gateway.images import Box, Finding, FoundImage, Placement, Repeated, Searched, Skipped
from gateway.isolation import Header
from handler.preprocess import SIZE


def packed(finding: Finding) -> tuple[Header, bytes]:
    """A finding as a frame."""
    if isinstance(finding, FoundImage):
        png = finding.png or b""
        header = {
            "kind": "found", "sha256": finding.sha256, "width": finding.width, "height": finding.height,
            "origin": finding.origin, "placement": _placement(finding.placement), "png": finding.png is not None,
        }  # fmt: skip
        return header, finding.pixels.tobytes() + png
    if isinstance(finding, Repeated):
        return {"kind": "repeated", "sha256": finding.sha256, "placement": _placement(finding.placement)}, b""
    if isinstance(finding, Skipped):
        return {
            "kind": "skipped", "reason": finding.reason, "detail": finding.detail, "page": finding.page, "bbox": finding.bbox,
        }, b""  # fmt: skip
    return {"kind": "searched", "page": finding.page, "pages": finding.pages}, b""


def unpacked(header: Header, blob: bytes) -> Finding:
    """The finding of a frame. Raises KeyError or ValueError where it is none."""
    kind = header["kind"]
    if kind == "found":
        size = SIZE * SIZE * 3
        return FoundImage(
            sha256=header["sha256"], width=header["width"], height=header["height"], origin=header["origin"],
            pixels=np.frombuffer(blob[:size], dtype=np.uint8).reshape(SIZE, SIZE, 3),
            placement=_read_placement(header["placement"]), png=blob[size:] if header["png"] else None,
        )  # fmt: skip
    if kind == "repeated":
        return Repeated(header["sha256"], _read_placement(header["placement"]))
    if kind == "skipped":
        return Skipped(header["reason"], header["detail"], header["page"], _read_box(header["bbox"]))
    if kind == "searched":
        return Searched(header["page"], header["pages"])
    raise ValueError(f"no finding is called {kind!r}")


def _placement(placement: Placement | None) -> dict[str, Any] | None:
    return {"page": placement.page, "bbox": placement.bbox} if placement else None


def _read_placement(document: dict[str, Any]) -> Placement:
    return Placement(document["page"], tuple(document["bbox"]))


def _read_box(numbers: list[float] | None) -> Box | None:
    return tuple(numbers) if numbers else None  # type: ignore[return-value]
