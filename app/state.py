"""What the page remembers of one visitor between two drawings."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.client import Gateway
from app.desk import Desk
from app.view import Correction
from gateway.settings import Settings

PAGE = 48
"""How many cards are drawn before a person asks for more."""


def _session() -> Any:
    return st.session_state


def desk() -> Desk:
    """The visitor's documents."""
    if "desk" not in _session():
        _session()["desk"] = Desk(Gateway(Settings().gateway_url))
    desk_: Desk = _session()["desk"]
    return desk_


def corrections() -> dict[str, Correction]:
    """What the visitor corrected, by a picture's fingerprint."""
    kept: dict[str, Correction] = _session().setdefault("corrections", {})
    return kept


def opened() -> str | None:
    """The picture that is shown large."""
    opened_: str | None = _session().get("opened")
    return opened_


def queue() -> tuple[str, ...]:
    """The pictures before and after it: those that were shown when it was opened, whatever became of them since."""
    ids: tuple[str, ...] = _session().get("queue", ())
    return ids


def open_picture(picture: str, among: tuple[str, ...]) -> None:
    """Show a picture large, out of a row of others."""
    _session().update(opened=picture, queue=among)


def turn(step: int) -> None:
    """Show the next picture of the row, or the one before."""
    ids, here = queue(), opened()
    if here in ids:
        _session()["opened"] = ids[(ids.index(here) + step) % len(ids)]


def close_picture() -> None:
    """Show none large."""
    _session()["opened"] = None


def shown_cards() -> int:
    """How many cards are drawn."""
    return int(_session().get("cards", PAGE))


def show_more() -> None:
    """Draw another page of cards."""
    _session()["cards"] = shown_cards() + PAGE


def uploader_key() -> str:
    """Changes when the uploader is to be empty again."""
    return f"files-{_session().get('uploads', 0)}"


def empty_uploader() -> None:
    """The files are on the desk: the uploader need not list them as well."""
    _session()["uploads"] = _session().get("uploads", 0) + 1


def visited(link: str) -> bool:
    """Whether the addresses in the page's link were taken up already; from now on they were."""
    seen = _session().get("link") == link
    _session()["link"] = link
    return seen
