"""The images that style sheets name: what is drawn behind, before, after or around an element."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import tinycss2
from tinycss2.bytes import decode_stylesheet_bytes

from gateway.web.addresses import resolve
from gateway.web.pictures import Candidate, Picture

# Masks and cursors are not seen as pictures; fonts are none.
_DRAWN = ("background", "border-image", "-webkit-border-image", "content", "list-style", "initial-value", "--")
_SETS = ("image-set", "-webkit-image-set")
_PER_DENSITY = {"x": 1.0, "dppx": 1.0, "dpi": 1 / 96, "dpcm": 2.54 / 96}
_DEPTH = 32
_NAMES_SOMETHING = re.compile(r"\b(?:url|src|image-set)\(|@import|\\", re.IGNORECASE)  # a backslash may spell any of them


@dataclass
class Sheet:
    """What a style sheet names: pictures to draw, and further sheets, as absolute addresses."""

    pictures: list[Picture] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)


def of_sheet(css: str | bytes, base: str | None, charset: str | None = None) -> Sheet:
    """Read a style sheet. ``base`` is its own address, ``charset`` what its HTTP header or its page says."""
    sheet = Sheet()
    text = decode_stylesheet_bytes(css, charset)[0] if isinstance(css, bytes) else css
    if _NAMES_SOMETHING.search(text):  # parsing takes seconds per MB, and most sheets draw with colours alone
        rules = tinycss2.parse_stylesheet(text, skip_comments=True, skip_whitespace=True)
        _rules(rules, base, sheet, _DEPTH)
    return sheet


def of_style(css: str, base: str | None) -> list[Picture]:
    """The pictures of a ``style`` attribute, or of anything else that holds declarations."""
    sheet = Sheet()
    _rules(tinycss2.parse_blocks_contents(css, skip_comments=True, skip_whitespace=True), base, sheet, _DEPTH)
    return sheet.pictures


def of_value(css: str, base: str | None) -> list[Picture]:
    """The pictures of one value, such as ``url(a.jpg), url(b.jpg)``."""
    return list(_pictures(tinycss2.parse_component_value_list(css), base, _DEPTH))


def _rules(rules: list[Any], base: str | None, sheet: Sheet, depth: int) -> None:
    if depth == 0:
        return
    for rule in rules:
        if rule.type == "declaration":
            if rule.lower_name.startswith(_DRAWN):
                sheet.pictures += _pictures(rule.value, base, _DEPTH)
        elif rule.type == "at-rule" and rule.lower_at_keyword == "import":
            address = next((text for node in rule.prelude if (text := _address(node)) is not None), None)
            if address and (absolute := resolve(base, address)):
                sheet.imports.append(absolute)
        elif rule.type in ("qualified-rule", "at-rule") and rule.content is not None:
            inside = tinycss2.parse_blocks_contents(rule.content, skip_comments=True, skip_whitespace=True)
            _rules(inside, base, sheet, depth - 1)


def _pictures(nodes: list[Any], base: str | None, depth: int) -> Iterator[Picture]:
    if depth == 0:
        return
    for node in nodes:
        address = _address(node) if node.type != "string" else None
        if address is not None:
            yield from _picture([_candidate(address, base)])
        elif node.type == "function" and node.lower_name in _SETS:
            yield from _picture([_option(option, base) for option in _split(node.arguments)])
        elif node.type == "function":
            yield from _pictures(node.arguments, base, depth - 1)  # cross-fade(), or what var() falls back to
        elif node.type in ("{} block", "() block", "[] block"):
            yield from _pictures(node.content, base, depth - 1)  # custom properties hold anything


def _picture(candidates: list[Candidate | None]) -> Iterator[Picture]:
    picture = Picture.of(candidate for candidate in candidates if candidate is not None)
    if picture is not None:
        yield picture


def _option(nodes: list[Any], base: str | None) -> Candidate | None:
    """One option of an image-set (CSS Images 4): an address, a resolution (1x where it has none), a type()."""
    address = next((text for node in nodes if (text := _address(node)) is not None), None)
    density, media_type = 1.0, ""
    for node in nodes:
        if node.type == "dimension":
            density = node.value * _PER_DENSITY.get(node.lower_unit, 1.0)
        elif node.type == "function" and node.lower_name == "type":
            media_type = next((part.value.lower() for part in node.arguments if part.type == "string"), "")
    return None if address is None else _candidate(address, base, density, media_type)


def _candidate(address: str, base: str | None, density: float | None = None, media_type: str = "") -> Candidate | None:
    absolute = resolve(base, address)
    return Candidate(absolute, "css", density=density, media_type=media_type) if absolute else None


def _address(node: Any) -> str | None:
    if node.type in ("url", "string"):
        return str(node.value)
    if node.type == "function" and node.lower_name in ("url", "src"):
        return next((str(part.value) for part in node.arguments if part.type == "string"), None)
    return None


def _split(nodes: list[Any]) -> list[list[Any]]:
    parts: list[list[Any]] = [[]]
    for node in nodes:
        if node.type == "literal" and node.value == ",":
            parts.append([])
        else:
            parts[-1].append(node)
    return parts
