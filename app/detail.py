"""One picture, large: what both networks think of it, where it is, and the place to say that they are wrong."""

from __future__ import annotations

from html import escape
from typing import Literal

import streamlit as st

from app import pagemap, state, view
from app.gallery import WORDS, place_words
from app.view import Correction, Picture
from app.words import ORIGINS, percent
from gateway.report import Label

MAPS = 8
MODALITIES: dict[Label, tuple[str, ...]] = {
    "medical": (
        "blood-smear", "ct-abdomen", "ct-chest", "ct-head", "cytology", "dermoscopy", "endoscopy", "fundus", "histology",
        "mammography", "mri-brain", "mri-breast", "mri-cardiac", "mri-spine", "oct", "pet", "us-breast", "us-lung", "us-ovary",
        "xray-bone", "xray-chest", "xray-dental", "xray-hand", "xray-knee", "mixed",
    ),
    "non-medical": (
        "animals", "architecture", "astronomy", "chart", "code", "device", "diagram", "food", "industrial", "landscape", "logo",
        "map", "objects", "people", "scanned-text", "screenshot", "mixed",
    ),
}  # fmt: skip
"""The kinds that training tells apart."""


@st.dialog("Picture", width="large", on_dismiss=state.close_picture)
def detail() -> None:
    """The opened picture. Buttons here redraw the dialog alone."""
    jobs = state.desk().jobs()
    found = {picture.id: picture for picture in view.pictures(jobs, state.corrections())}
    picture = found.get(state.opened() or "")
    if picture is None:
        st.html('<p class="ms-note">This picture is no longer on the desk.</p>')
        return
    left, right = st.columns([5, 4], gap="large")
    with left:
        _large(picture)
        _turning(picture)
    with right:
        tone = "medical" if picture.label == "medical" else "other"
        st.html(f'<div class="ms-tone-{tone}">{verdict(picture)}</div>')
        _correcting(picture)
        job = next(job for job in jobs if job.id == picture.job)
        size = pagemap.page_size(job.report) if job.report else pagemap.FORMATS[0]
        st.html(f'<div class="ms-tone-{tone}">{facts(picture)}{maps(picture, size)}</div>')


def verdict(picture: Picture) -> str:
    """The label, why it is flagged, and what each network says, as HTML."""
    entry = picture.entry
    small = f"{percent(entry.confidence)} sure"
    if picture.correction:
        small = f"your word; the networks say {entry.label}, {small}"
    flagged = ""
    if entry.review:
        apart = abs(entry.models.original - entry.models.finetuned)
        why = "the two networks disagree" if apart > 0.3 else "both networks are unsure"
        flagged = f'<p class="ms-flagged"><b>Flagged for a look:</b> {why}. Say below what it is.</p>'
    rows = (
        ("", "Network “original”", entry.models.original),
        ("", "Network “finetuned”", entry.models.finetuned),
        ("both", "Both together", entry.probabilities.medical),
    )
    bars = "".join(
        f'<span class="{kind}">{name}</span><span class="track"><i style="width:{value:.1%}"></i></span>'
        f'<span class="number {kind}">{percent(value)} medical</span>'
        for kind, name, value in rows
    )
    heading = f'<div class="ms-verdict">{WORDS[picture.label]} <small>{small}</small></div>'
    return f'{heading}{flagged}<div class="ms-opinions">{bars}</div>'


def facts(picture: Picture) -> str:
    """Where the picture is and what it is, as HTML."""
    entry = picture.entry
    rows = [("Document", picture.source), ("Place", place_words(picture))]
    if entry.url and not entry.url.startswith("data:"):
        rows.append(("Address", entry.url))
    rows += [
        ("Found", ORIGINS.get(entry.origin, entry.origin)),
        ("Size", f"{entry.width} × {entry.height} pixels"),
        ("Fingerprint", entry.sha256[:16]),
    ]
    return '<dl class="ms-facts">' + "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>" for name, text in rows) + "</dl>"


def maps(picture: Picture, size: pagemap.Size) -> str:
    """The pages that the picture is on, in small, as HTML."""
    figures = "".join(
        f"<figure>{pagemap.draw(size, pagemap.boxes_on(picture.entry.placements, page), 96)}<br>page {page}</figure>"
        for page in picture.pages[:MAPS]
    )
    more = len(picture.pages) - MAPS
    return f'<div class="ms-maps">{figures}{f"<span>and {more} more pages</span>" if more > 0 else ""}</div>' if figures else ""


def _large(picture: Picture) -> None:
    entry = picture.entry
    if not entry.thumbnail:
        st.html('<div class="ms-large"><p class="ms-note">This report came without pictures.</p></div>')
        return
    alt = f"{WORDS[picture.label]} picture, {place_words(picture)}"
    st.html(f'<div class="ms-large"><img src="{entry.thumbnail}" alt="{escape(alt)}"></div>')
    if max(entry.width, entry.height) > 256:
        st.html(
            f'<p class="ms-note">Shown at 256 pixels. The original has {entry.width} × {entry.height}; '
            "<code>medsift extract</code> writes it at full size.</p>"
        )


def _turning(picture: Picture) -> None:
    ids = state.queue()
    if picture.id not in ids or len(ids) < 2:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Previous", icon=":material/arrow_back:", shortcut="Left", on_click=state.turn, args=(-1,))
        st.button("Next", icon=":material/arrow_forward:", shortcut="Right", on_click=state.turn, args=(1,))
        st.html(f'<p class="ms-note">{ids.index(picture.id) + 1} of {len(ids)}</p>', width="content")


def _correcting(picture: Picture) -> None:
    fingerprint, kept = picture.entry.sha256, state.corrections()

    with st.container(horizontal=True, vertical_alignment="bottom"):
        for label in MODALITIES:
            chosen = picture.correction is not None and picture.label == label
            kind: Literal["primary", "secondary"] = "primary" if chosen else "secondary"
            if st.button(f"It is {label}", key=f"say-{label}", shortcut=label[0].upper(), type=kind):
                kept[fingerprint] = Correction(label)
                st.rerun()  # the whole page: the card behind changes with it
        if picture.correction and st.button("Undo", type="tertiary"):
            del kept[fingerprint]
            st.rerun()
    if picture.correction:
        # Not knowing is an option of its own: a list without a choice is emptied by Escape.
        options = ("", *MODALITIES[picture.label])
        known, key = picture.correction.modality, f"modality-{picture.label}-{fingerprint}"

        def say_modality() -> None:  # a callback, for it counts also when the dialog is closed at once
            kept[fingerprint] = Correction(picture.label, st.session_state[key])

        st.selectbox(
            "Kind, if you know it", options, index=options.index(known) if known in options else 0,
            format_func=lambda name: name or "unknown", key=key, on_change=say_modality,
        )  # fmt: skip
