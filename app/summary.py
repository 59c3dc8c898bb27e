"""The sums: how many of what, and how sure."""

from __future__ import annotations

import streamlit as st

from app.view import Picture, Show, counts

STEP, LOWEST = 5, 50  # percent to a bar, and of the first; the surer of two labels has half or more


def summary(pictures: list[Picture], skipped: int) -> None:
    """Counts on the left, the histogram of confidence on the right."""
    left, right = st.columns([5, 4], gap="large", vertical_alignment="center")
    left.html(figures(pictures, skipped))
    if pictures:
        right.html(histogram(pictures))


def figures(pictures: list[Picture], skipped: int) -> str:
    """The counts as HTML."""
    sums = counts(pictures)
    shown = (
        ("", "pictures" if sums[Show.ALL] != 1 else "picture", sums[Show.ALL]),
        ("medical", "medical", sums[Show.MEDICAL]),
        ("other", "non-medical", sums[Show.NON_MEDICAL]),
        ("", "to check", sums[Show.REVIEW]),
        ("", "left out", skipped),
    )
    return '<dl class="ms-figures">' + "".join(
        f'<div class="{kind}"><dt>{name}</dt><dd>{count:,}</dd></div>' for kind, name, count in shown
    ) + "</dl>"  # fmt: skip


def histogram(pictures: list[Picture]) -> str:
    """How many pictures there are at each confidence, in steps of five percent, as HTML: medical on non-medical."""
    bars = bins(pictures)
    tallest = max(sum(bar) for bar in bars.values())
    columns = "".join(
        f'<span title="{low} to {low + STEP} %: {medical} medical, {other} non-medical">'
        f'<i class="medical" style="height:{medical / tallest:.1%}"></i>'
        f'<i class="other" style="height:{other / tallest:.1%}"></i></span>'
        for low, (medical, other) in bars.items()
    )
    says = ", ".join(f"{sum(bar)} from {low} to {low + STEP} percent" for low, bar in bars.items() if sum(bar))
    return (
        f'<div class="ms-bars" role="img" aria-label="Confidence of the pictures: {says}">{columns}</div>'
        '<div class="ms-scale" aria-hidden="true"><span>50 %</span><span>confidence</span><span>100 %</span></div>'
    )


def bins(pictures: list[Picture]) -> dict[int, tuple[int, int]]:
    """Medical and non-medical pictures by the lower edge of their bar, in percent."""
    bars = dict.fromkeys(range(LOWEST, 100, STEP), (0, 0))
    for picture in pictures:
        low = min(max(int(picture.entry.confidence * 100 // STEP) * STEP, LOWEST), 100 - STEP)
        medical, other = bars[low]
        bars[low] = (medical + 1, other) if picture.label == "medical" else (medical, other + 1)
    return bars
