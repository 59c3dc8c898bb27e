"""Pictures that wait in other attributes until a script puts them in place.

Every lazy-loading script has its own names for them. Names change, values stay: an attribute counts where its value looks
like the address of an image, or where its name says that it holds one and its value could be one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gateway.web import css, srcset
from gateway.web.addresses import ending, is_data, named_as_image, resolve
from gateway.web.pictures import Candidate, Rank

# What HTML itself gives a meaning to is read elsewhere, or holds words.
_HTML = frozenset((
    "action", "alt", "aria-label", "background", "cite", "class", "content", "data", "formaction", "height", "href",
    "id", "imagesizes", "imagesrcset", "name", "onclick", "onerror", "onload", "ping", "placeholder", "poster",
    "property", "rel", "sizes", "src", "srcdoc", "srcset", "style", "summary", "title", "type", "usemap", "value", "width",
    "xlink:href", "xmlns",
))  # fmt: skip
_NAME = re.compile(
    r"src|lazy|progressive|orig|image|img|photo|picture|thumb|poster|background|\bbg\b|full|large|medium|small|preview"
    r"|zoom|hi-?res|hidpi|2x|\brjs\b|retina|pin-media"
)
_NO_ADDRESS = re.compile(r"title|alt\b|caption|name\b|credit|desc|type\b|sizes\b")
_FULL = re.compile(r"full|large|\blg\b|orig|zoom|hi-?res|hidpi|retina|2x|\brjs\b|highres|big|max")
_SMALL = re.compile(r"small|thumb|tiny|low|lqip|placeholder|preview|blur|medium|min\b|loading")
_INSTEAD = re.compile(r"fallback|error|default|broken|no-?im")  # shown where the picture itself cannot be
_ANOTHER = re.compile(r"hover|roll-?over|mouse-?over|swap|next|prev")
_BACKGROUND = re.compile(r"\b(?:bg|background)(?:-?(?:image|img|src|url|hidpi))*$")
_ADDRESS = re.compile(r"[^\s\"<>{}|\\^`]+")
_CODE = (":", "v-", "x-bind:")  # Vue's and Alpine's attributes hold expressions
_BAR = re.compile(r"\|")  # bLazy: a.jpg|a@2x.jpg
_OR, _FOR = re.compile(r"\s\||\|\s"), re.compile(r"\[[^\[\]]*\]")  # lazysizes: a.jpg [(max-width: 30em)] | b.jpg
_SIZES = re.compile(r"\[\s*([^\s,\[\]\"]+)\s*,[^\[\]\"]+\]")  # Foundation: [small.jpg, small], [large.jpg, large]
_WIDTH = "{width}"  # lazysizes, in Shopify's themes: its script fills in one of data-widths, which may be missing
_WIDE = 2048
_OPTION = re.compile(r"\)\s*[\d.]+(?:x|dppx|dpi)\b")
_NO_IMAGE = frozenset((
    "css", "htm", "html", "js", "json", "m3u8", "m4v", "mov", "mp3", "mp4", "ogg", "ogv", "pdf", "txt", "webm", "xml",
))  # fmt: skip
_MANY = 200  # addresses in one attribute


def candidates(attributes: Mapping[str, Any], base: str | None, *, own: bool) -> list[list[Candidate]]:
    """What attributes other than HTML's own name: one list per picture, for an attribute may hold several backgrounds.

    Args:
        attributes: As Beautiful Soup has them.
        base: The address that relative ones start from.
        own: The element is itself a picture (``img``, ``source``). The first list is of that one, and may be empty; what
            is shown on other occasions, or only looks like an image's address, is a picture of its own.
    """
    pictures: list[list[Candidate]] = [[]] if own else []
    for name, value in attributes.items():
        if not isinstance(value, str) or name in _HTML or name.startswith(("on", "aria-", "xmlns", *_CODE)):
            continue
        value = _filled(value.strip(), attributes)
        for place, layer in enumerate(_layers(name, value, base, own)):
            if own:
                place = 0 if _same(name, value) else len(pictures)
            while len(pictures) <= place:
                pictures.append([])
            pictures[place] += [replace(one, origin="lazy", rank=_rank(name)) for one in layer]
    return pictures


def _rank(name: str) -> Rank:
    if _INSTEAD.search(name):
        return Rank.SMALL
    return Rank.FULL if _FULL.search(name) else Rank.SMALL if _SMALL.search(name) else Rank.NORMAL


def _same(name: str, value: str) -> bool:
    """Whether a picture's attribute holds that picture once more, in another size or in another's stead."""
    if _INSTEAD.search(name) or value[:1] in ("[", "{"):
        return True
    return _says_so(name) and not _ANOTHER.search(name)


def _says_so(name: str) -> bool:
    return bool(_NAME.search(name)) and not _NO_ADDRESS.search(name)


def _layers(name: str, value: str, base: str | None, own: bool) -> list[list[Candidate]]:
    says_so = _says_so(name)
    if "url(" in value or "image-set(" in value:
        return [list(picture.candidates) for layer in value.split("|") for picture in css.of_value(_as_set(layer), base)]
    if sizes := [one for one in _SIZES.findall(value)[:_MANY] if named_as_image(one)]:
        return [_plain(sizes[::-1], base)]
    if value[:1] in ("[", "{"):
        return [_plain(_in_json(value), base)] if own else []
    if _ADDRESS.fullmatch(value):
        image = named_as_image(value) and (says_so or (name.startswith("data-") and "/" in value))
        promised = (own and says_so) or _BACKGROUND.search(name)
        return [_plain([value], base)] if image or (promised and _could_be(name, value)) else []
    if "{" in value or not (says_so or name.startswith("data-")):  # a template's gaps, filled by a script
        return []
    if says_so and "set" not in name and not {",", "|"} & set(value) and named_as_image(value):
        return [_plain([value], base)]  # a file's name with spaces
    parts = (_OR if "set" in name else _BAR).split(value, _MANY)
    sized = [one for part in reversed(parts) for one in srcset.parse(_FOR.sub("", part))]
    if ("set" not in name or len(parts) > 1) and not all(
        named_as_image(one.address) and (len(parts) > 1 or one.width or one.density) for one in sized
    ):
        return []
    return [[Candidate.sized(one, address, "lazy") for one in sized if (address := resolve(base, one.address)) is not None]]


def _plain(references: list[str], base: str | None) -> list[Candidate]:
    return [Candidate(address, "lazy") for reference in references if (address := resolve(base, reference)) is not None]


def _as_set(layer: str) -> str:
    # url(small.jpg) 1x, url(large.jpg) 2x: what a script will put into an image-set.
    return f"image-set({layer})" if _OPTION.search(layer) and "image-set(" not in layer else layer


def _filled(value: str, attributes: Mapping[str, Any]) -> str:
    if _WIDTH not in value:
        return value
    widths = map(int, re.findall(r"\d{1,5}", str(attributes.get("data-widths", ""))))
    return value.replace(_WIDTH, str(max(widths, default=_WIDE)))


def _could_be(name: str, value: str) -> bool:
    # An address without an ending, as image servers have: /render?id=12. Words and numbers are none.
    if ending(value) in _NO_IMAGE:
        return False
    return (
        is_data(value)
        or "://" in value
        or value.startswith(("/", "./", "../"))
        or ("src" in name and ("/" in value or "?" in value))
    )


def _in_json(text: str) -> list[str]:
    """The strings in a JSON text, keys among them, that look like images' addresses."""
    try:
        todo = [json.loads(text)]
    except (ValueError, RecursionError):
        return []
    found: list[str] = []
    while todo and len(found) < _MANY:
        value = todo.pop()
        if isinstance(value, dict):
            todo += [*value.values(), *value]
        elif isinstance(value, list):
            todo += value
        elif isinstance(value, str) and _ADDRESS.fullmatch(value) and named_as_image(value):
            found.append(value)
    return found
