"""Which pictures to show, and in which order: the controls."""

from __future__ import annotations

import streamlit as st

from app.desk import Job
from app.view import Choice, Order, Picture, Show, counts


def filters(found: list[Picture], jobs: list[Job]) -> Choice:
    """Draw the controls and read them."""
    sums = counts(found)
    offered = [show for show in Show if show is Show.ALL or sums[show] or show in (Show.MEDICAL, Show.NON_MEDICAL)]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium", key="filters"):
        show = st.segmented_control(
            "Show", offered, default=Show.ALL, required=True, key="show",
            format_func=lambda show: f"{show} {sums[show]}",
        )  # fmt: skip
        low, high = st.slider("Confidence", 50, 100, (50, 100), step=1, format="%d %%", key="confidence", width=220)
        order = st.selectbox("Order", list(Order), key="order", width=220)
        with_pictures = [job for job in jobs if job.report and job.report.images]
        job = None
        if len(with_pictures) > 1:
            names = {each.id: each.document.name for each in with_pictures}
            job = st.selectbox(
                "Document", [None, *names], format_func=lambda each: names.get(each, "All documents"), key="document", width=220
            )
    # The slider's ends include everything beyond: a confidence is 0.5 at least but for rounding.
    bounds = (low / 100 if low > 50 else 0.0, high / 100 if high < 100 else 1.0)
    return Choice(show, bounds, order or Order.PLACE, job)
