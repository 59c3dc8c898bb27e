"""The documents on the desk, one row each: how far it is, what came out, what went wrong and what to do about it."""

from __future__ import annotations

from html import escape
from itertools import groupby

import streamlit as st

from app import state
from app.desk import Job, State
from app.view import Picture
from app.words import explain, percent

PASSWORD = ("pdf_encrypted", "pdf_password_wrong")
ROWS = 8
"""Where there are more documents, those at work and those with a problem alone have their rows in sight."""
LINKED = 20
"""As many addresses are taken from a link, and put into one: whoever opens it has each of them fetched."""


def documents(jobs: list[Job], found: list[Picture]) -> None:
    """Draw the rows. ``found`` are the pictures of all of them, in the same order."""
    pictures = {job: list(group) for job, group in groupby(found, key=lambda picture: picture.job)}
    quiet = [job for job in jobs if job.state in (State.DONE, State.WAITING)] if len(jobs) > ROWS else []
    for job in jobs:
        if job not in quiet:
            _row(job, pictures.get(job.id, []))
    if quiet:
        done = sum(job.state is State.DONE for job in quiet)
        words = f"{done:,} documents done" + (f", {len(quiet) - done:,} waiting" if done < len(quiet) else "")
        folded = st.expander(words, icon=":material/stacks:", key="folded", on_change="rerun")
        if folded.open:  # hundreds of rows are drawn for those alone who look at them
            with folded:
                for job in quiet:
                    _row(job, pictures.get(job.id, []))


def _row(job: Job, pictures: list[Picture]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"document-{job.id}"):
        st.html(f'<div class="ms-doc">{heading(job)}{share(pictures)}{problem(job)}</div>', width="stretch")
        if job.problem and job.problem.code not in PASSWORD and explain(job.problem).again:
            st.button("Try again", key=f"again-{job.id}", on_click=state.desk().retry, args=(job.id,))
        st.button(
            "Remove", help="Take this document off the page", key=f"remove-{job.id}", icon=":material/close:",
            type="tertiary", on_click=_remove, args=(job,),
        )  # fmt: skip
    if job.busy:
        st.progress(_share_done(job), text=progress_words(job))
    if job.problem and job.problem.code in PASSWORD:
        _ask_password(job)


def heading(job: Job) -> str:
    """The document's name and what is known of it, as HTML."""
    report = job.report
    known = []
    if report:
        if report.source.pages:
            known.append(f"{report.source.pages} page{'s' * (report.source.pages != 1)}")
        elif report.source.kind == "page":
            known.append("web page")
        count = report.summary.images
        known.append(f"{count} picture{'s' * (count != 1)}" if count else "no pictures")
        if report.summary.skipped:
            known.append(f"{report.summary.skipped} left out")
    return f'<div class="name"><b>{escape(job.document.name)}</b><span>{", ".join(known)}</span></div>'


def share(pictures: list[Picture]) -> str:
    """How much of a document is medical, a person's word included, as HTML."""
    if not pictures:
        return ""
    medical = sum(picture.label == "medical" for picture in pictures)
    return (
        f'<div class="ms-share"><span class="track" aria-hidden="true"><i style="flex:{medical}"></i>'
        f'<i style="flex:{len(pictures) - medical}"></i></span><span>{percent(medical / len(pictures))} medical</span></div>'
    )


def problem(job: Job) -> str:
    """What went wrong and what to do, as HTML."""
    if job.problem is None:
        return ""
    words = explain(job.problem)
    kept = f" The first {job.pages_done} of {job.pages} pages are below." if job.report and job.pages else ""
    return (
        f'<div class="ms-problem" role="alert"><b>{escape(words.what)}</b>'
        f"<p>{_code(words.todo)}{kept} <code>{escape(job.problem.code)}</code></p></div>"
    )  # fmt: skip


def progress_words(job: Job) -> str:
    """What is being done, in a line."""
    if job.state is State.WAITING:
        return "Waiting for the documents before it"
    if job.awaits == "gateway_unreachable":
        return "medsift's gateway cannot be reached; trying again for half a minute"
    if job.awaits:
        return "The classifier is waking up; this can take some minutes the first time"
    if not job.report:
        return "Fetching the address" if job.document.url else "Looking for pictures"
    count = job.report.summary.images
    return f"Page {job.pages_done} of {job.pages}, {count} picture{'s' * (count != 1)} so far"


def _share_done(job: Job) -> float:
    return job.pages_done / job.pages if job.pages else 0.0


def _ask_password(job: Job) -> None:
    with st.form(f"password-{job.id}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        password = st.text_input("Password of the PDF", type="password", key=f"secret-{job.id}", width=280)
        if st.form_submit_button("Open the PDF") and password:
            state.desk().retry(job.id, password)
            st.rerun()


def _remove(job: Job) -> None:
    state.desk().remove(job.id)
    remember_link()


def remember_link() -> None:
    """Put the addresses on the desk into the page's own address: whoever opens it gets the same result."""
    urls = [job.document.url for job in state.desk().jobs() if job.document.url][:LINKED]
    st.query_params["url"] = urls
    state.visited("\n".join(urls))


def _code(text: str) -> str:
    parts = escape(text).split("`")
    return "".join(f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts))
