"""The pictures that a page names for others than its readers: previews, search engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from bs4 import BeautifulSoup, Tag

from gateway.web.addresses import resolve
from gateway.web.pictures import Candidate, Picture

# https://ogp.me, Twitter's cards, schema.org's microdata
_PROPERTIES = frozenset((
    "image", "og:image", "og:image:secure_url", "og:image:url", "parsely-image-url", "sailthru.image.full",
    "thumbnail", "thumbnailurl", "twitter:image", "twitter:image:src",
))  # fmt: skip
_KEYS = frozenset((
    "associatedMedia", "image", "images", "logo", "photo", "primaryImageOfPage", "thumbnail", "thumbnailURL",
    "thumbnailUrl",
))  # fmt: skip
_ADDRESSES = ("contentUrl", "contentURL", "url", "@id")


def of_meta(tag: Tag, base: str | None) -> Picture | None:
    """The picture that a ``meta`` or ``link`` element names, if it does. Icons are no pictures of the page."""
    if tag.name == "meta":
        names = (tag.get("property"), tag.get("name"), tag.get("itemprop"))
        named = any(isinstance(name, str) and name.strip().lower() in _PROPERTIES for name in names)
        address = tag.get("content")
    else:
        words = {word.lower() for attribute in ("rel", "itemprop") for word in tag.get_attribute_list(attribute) if word}
        named = not words.isdisjoint(("image_src", "image", "thumbnailurl"))
        address = tag.get("href")
    if not named or not isinstance(address, str):
        return None
    return _picture(address, base)


def of_json_ld(text: str, base: str | None) -> Iterator[Picture]:
    """The pictures that a page's JSON-LD describes with schema.org's words. What is not JSON describes none."""
    try:
        todo: list[tuple[Any, bool]] = [(json.loads(text, strict=False), False)]
    except (ValueError, RecursionError):
        return
    while todo:
        value, is_image = todo.pop()
        if isinstance(value, list):
            todo += [(item, is_image) for item in reversed(value)]
        elif isinstance(value, str) and is_image:
            if picture := _picture(value, base):
                yield picture
        elif isinstance(value, dict):
            if is_image or "ImageObject" in _types(value):
                named = {key: value[key] for key in _ADDRESSES if isinstance(value.get(key), str)}
                if "#" in named.get("@id", ""):
                    del named["@id"]  # https://site/#logo: another entry of the same block, and no file
                address = next(iter(named.values()), "")
                todo.append((address if "/" in address else "", True))
            todo += [
                (item, key in _KEYS and (not isinstance(item, dict) or _is_image(item)))
                for key, item in reversed(value.items())
                if isinstance(item, dict | list) or key in _KEYS
            ]


def json_ld(soup: BeautifulSoup, base: str | None) -> Iterator[Picture]:
    """The pictures of all JSON-LD blocks of a page."""
    for tag in soup.find_all("script", type=lambda value: bool(value) and "ld+json" in str(value).lower()):
        yield from of_json_ld(tag.get_text(), base)


def _types(value: dict[str, Any]) -> list[Any]:
    types = value.get("@type")
    return types if isinstance(types, list) else [types]


def _is_image(value: dict[str, Any]) -> bool:
    return "@type" not in value or "ImageObject" in _types(value)


def _picture(address: str, base: str | None) -> Picture | None:
    absolute = resolve(base, address)
    return Picture.of([Candidate(absolute, "meta")]) if absolute else None
