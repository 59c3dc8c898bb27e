"""The cards: every chosen picture with its label, its confidence and its place. A press opens it."""

from __future__ import annotations

import base64
import io
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image

from app import pagemap
from app.view import Picture
from app.words import percent

ASSETS = Path(__file__).parent / "assets"
QUALITY = 82
WORDS = {"medical": "Medical", "non-medical": "Non-medical"}

_cards = st.components.v2.component(
    "medsift_gallery",
    css=(ASSETS / "gallery.css").read_text(encoding="utf-8"),
    js=(ASSETS / "gallery.js").read_text(encoding="utf-8"),
)


def gallery(pictures: list[Picture], sizes: dict[int, pagemap.Size]) -> str | None:
    """Draw the cards. ``sizes`` holds each document's page size. Returns the picture that was just pressed."""
    result = _cards(
        key="gallery",
        data={"cards": [card(picture, sizes[picture.job]) for picture in pictures]},
        on_open_change=lambda: None,
    )
    pressed: str | None = result.open
    return pressed


def card(picture: Picture, size: pagemap.Size) -> dict[str, Any]:
    """What the browser needs to draw one card."""
    entry = picture.entry
    flag, kind = _flag(picture)
    where = place_words(picture)
    label = WORDS[picture.label]
    # The networks' confidence says nothing about a label that they did not give.
    overruled = picture.label != entry.label
    sure = "your word" if overruled else percent(entry.confidence)
    says = [label, sure if overruled else f"{sure} sure", where, picture.source, flag]
    return {
        "id": picture.id,
        "src": small(entry.thumbnail) if entry.thumbnail else "",
        "medical": picture.label == "medical",
        "label": label,
        "percent": sure,
        "confidence": 0 if overruled else entry.confidence,
        "flag": flag,
        "flagKind": kind,
        "where": where,
        "source": picture.source if picture.page or not entry.url else "",
        "map": pagemap.draw(size, pagemap.boxes_on(entry.placements, picture.page)) if picture.page else "",
        "says": ", ".join(part for part in says if part),
    }


def place_words(picture: Picture) -> str:
    """Where a picture is: its pages, or its address without what says nothing."""
    pages = picture.pages
    if len(pages) == 1:
        return f"Page {pages[0]}"
    if pages:
        listed = ", ".join(str(page) for page in pages[:4])
        return f"Pages {listed}{' …' if len(pages) > 4 else ''}"
    url = picture.entry.url
    if not url:
        return "The picture itself" if picture.entry.origin == "direct" else "On the page"
    return "Written into the page" if url.startswith("data:") else url.partition("://")[2] or url


@lru_cache(maxsize=512)
def small(uri: str) -> str:
    """A thumbnail as WebP, a tenth of the PNG's size: hundreds of them go to the browser at once."""
    with Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))) as image:
        return webp(image)


def webp(image: Image.Image) -> str:
    """A picture as a WebP in a data: address."""
    buffer = io.BytesIO()
    image.convert("RGB").save(buffer, "WEBP", quality=QUALITY)
    return "data:image/webp;base64," + base64.b64encode(buffer.getvalue()).decode()


def _flag(picture: Picture) -> tuple[str, str]:
    if picture.correction:
        return ("Confirmed" if picture.correction.label == picture.entry.label else "Corrected"), "corrected"
    return ("Check", "review") if picture.entry.review else ("", "")
