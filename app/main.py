"""The page people use: ``streamlit run app/main.py``. Talks to the gateway at ``MEDSIFT_GATEWAY_URL`` and to nothing else."""

from __future__ import annotations

import streamlit as st

from app import pagemap, state, view
from app.detail import detail
from app.documents import documents
from app.filters import filters
from app.gallery import ASSETS, gallery
from app.intake import intake, take_link
from app.leftout import left_out
from app.summary import summary
from app.takeaway import takeaway

POLL_S = 1.0
# Stands where the first cards will be.
SKELETON = f'<div class="ms-skeleton" aria-hidden="true">{"<i></i>" * 4}</div>'


def main() -> None:
    """Draw the page."""
    st.set_page_config("medsift", page_icon=str(ASSETS / "icon.svg"), layout="wide")
    st.html(ASSETS / "page.css")
    # Streamlit gives its dialogs no color-scheme, which the style sheet's light-dark() goes by.
    st.html(f'<style>[role="dialog"] {{ color-scheme: {st.context.theme.type or "light dark"} }}</style>')
    st.html('<div class="ms-top"><h1>medsift</h1><p>Which pictures are medical?</p></div>')
    take_link()
    jobs = state.desk().jobs()
    intake(first=not jobs)
    if not jobs:
        return
    busy = any(job.busy for job in jobs)
    # While work is going on, this part alone is drawn again and again; the rest of the page stays as it is.
    st.fragment(results, run_every=POLL_S if busy else None)(busy)
    if state.opened():
        detail()


def results(was_busy: bool) -> None:
    """Everything below the way in."""
    jobs = state.desk().jobs()
    if not jobs or was_busy != any(job.busy for job in jobs):
        st.rerun()  # the whole page: its frame depends on both
    found = view.pictures(jobs, state.corrections())
    documents(jobs, found)
    reports = {job.id: job.report for job in jobs if job.report}
    if not reports:
        if was_busy:
            st.html(SKELETON)
        return
    skipped = sum(report.summary.skipped for report in reports.values())
    summary(found, skipped)
    if found:
        shown = view.choose(found, filters(found, jobs))
        cards = shown[: state.shown_cards()]
        sizes = {job: pagemap.page_size(report) for job, report in reports.items()}
        pressed = gallery(cards, sizes)
        if pressed:
            state.open_picture(pressed, tuple(picture.id for picture in shown))
            st.rerun()
        if not shown:
            st.html('<div class="ms-empty"><b>No picture fits</b>Widen the filter to see more.</div>')
        if len(shown) > len(cards):
            st.button(f"Show more ({len(shown) - len(cards):,} left)", on_click=state.show_more)
    elif was_busy:
        st.html(SKELETON)
    else:
        st.html('<div class="ms-empty"><b>No pictures in it</b>What was left out, and why, is listed below.</div>')
    left_out(jobs)
    takeaway(jobs, found, shown if found else [])


if __name__ == "__main__":
    main()
