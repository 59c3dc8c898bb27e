"""What was found and not classified, and why."""

from __future__ import annotations

from html import escape
from itertools import groupby

import streamlit as st

from app.desk import Job
from app.words import reason
from gateway.images import Skipped

ROWS = 200


def left_out(jobs: list[Job]) -> None:
    """Draw the list, folded: grouped by reason, most frequent first."""
    rows = [(job.document.name, skipped) for job in jobs if job.report for skipped in job.report.skipped]
    if rows:
        with st.expander(f"Left out: {len(rows):,}", icon=":material/filter_alt_off:"):
            st.html(table(rows))


def table(rows: list[tuple[str, Skipped]]) -> str:
    """The rows as HTML, the first ``ROWS`` of them."""
    by_reason = sorted(rows, key=lambda row: row[1].reason)
    groups = sorted(([*group] for _, group in groupby(by_reason, key=lambda row: row[1].reason)), key=len, reverse=True)
    body = "".join(
        f'<tr><td>{escape(reason(skipped.reason))}</td><td class="few">{_place(skipped)}</td>'
        f"<td>{escape(skipped.detail)}</td><td>{escape(name)}</td></tr>"
        for name, skipped in [row for group in groups for row in group][:ROWS]
    )
    more = f'<p class="ms-note">And {len(rows) - ROWS:,} more, all in the table (CSV).</p>' if len(rows) > ROWS else ""
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Why", "Where", "In detail", "Document"))
    return f'<table class="ms-skipped"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}'


def _place(skipped: Skipped) -> str:
    if skipped.page:
        return f"page {skipped.page}"
    url = skipped.url or ""
    return escape(url if len(url) <= 60 else f"{url[:40]}…{url[-18:]}")
