"""The way in: files, addresses, the sample, a report from before."""

from __future__ import annotations

import mimetypes
from functools import cache

import streamlit as st

from app import sample, state
from app.client import Document, GatewayFailed, read_reports
from app.documents import LINKED, remember_link
from app.downloads import corrections_in
from app.gallery import webp
from gateway.limits import Limits
from gateway.report import Report


def intake(first: bool) -> None:
    """Draw the way in: open where nothing has been handed in yet, else folded away."""
    if first:
        left, right = st.columns([5, 4], gap="large")
        with left:
            st.html(
                '<p class="ms-lead">Hand in papers, reports or web pages. medsift finds every picture in them and says which '
                "are medical: X-rays, scans, ultrasound, microscopy and the like.</p>"
            )
            _ways()
        with right:
            st.html(shop_window())
            st.button("Try it with this drawn sample", icon=":material/draft:", on_click=_sample)
    else:
        with st.expander("Hand in more", icon=":material/add:"):
            _ways()


@cache
def shop_window() -> str:
    """What the page does in six drawn pictures, as HTML."""
    shown = (
        (sample.head, "medical"), (sample.landscape, "other"), (sample.ultrasound, "medical"),
        (sample.chart, "other"), (sample.tissue, "medical"), (sample.logo, "other"),
    )  # fmt: skip
    words = {"medical": "Medical", "other": "Non-medical"}
    items = "".join(
        f'<li class="{kind}"><img src="{webp(draw())}" alt=""><span class="ms-mark"></span>{words[kind]}</li>'
        for draw, kind in shown
    )
    return f'<ul class="ms-show" aria-label="Examples">{items}</ul>'


def take_link() -> None:
    """Take up the addresses of the page's own address."""
    urls = st.query_params.get_all("url")[:LINKED]
    if urls and not state.visited("\n".join(urls)):
        for url in urls:
            state.desk().add(Document(url, url=url))


def addresses_of(text: str) -> list[str]:
    """The addresses in a text, one a line or between spaces; one without a scheme gets https."""
    words = dict.fromkeys(text.split())
    return [word if "://" in word else f"https://{word}" for word in words]


def document_of(name: str, data: bytes, content_type: str) -> Document:
    """A file as a document. Browsers leave the type of some empty."""
    return Document(name, data, content_type or mimetypes.guess_type(name)[0] or "application/octet-stream")


def open_reports(data: bytes) -> int:
    """Put the reports of a JSON file, one or a list, on the desk, failures and corrections among them: how many.

    Raises:
        GatewayFailed: It holds something else.
    """
    entries = read_reports(data)
    # What was said on this page is newer than what was saved.
    for fingerprint, correction in corrections_in(data).items():
        state.corrections().setdefault(fingerprint, correction)
    for entry in entries:
        if isinstance(entry, Report):
            state.desk().put(entry)
        else:
            state.desk().refuse(*entry)
    return len(entries)


def take(name: str, data: bytes, content_type: str) -> None:
    """Put a file on the desk: a document to classify, or a report from before."""
    if not name.lower().endswith(".json"):
        if len(data) <= Limits.source_bytes:
            state.desk().add(document_of(name, data, content_type))
        else:
            detail = f"a document may have {Limits.source_bytes:,} bytes"
            state.desk().refuse(name, GatewayFailed("source_too_large", 413, "The source is too large", detail))
        return
    try:
        open_reports(data)
    except GatewayFailed as problem:
        state.desk().refuse(name, problem)


def _ways() -> None:
    files, addresses = st.tabs(["Files", "Addresses"])
    with files:
        # Of any type and nearly any size: what the uploader itself turns down is gone without a word once the others are taken.
        handed = st.file_uploader(
            "PDFs, pictures, or a report saved before", accept_multiple_files=True, key=state.uploader_key()
        )
        if handed:
            for file in handed:
                take(file.name, file.getvalue(), file.type)
            state.empty_uploader()
            st.rerun()
    with addresses, st.form("addresses", border=False, clear_on_submit=True):
        text = st.text_area("Addresses of web pages, PDFs or pictures, one a line", placeholder="https://…", height=110)
        if st.form_submit_button("Look for pictures", type="primary") and text.strip():
            for url in addresses_of(text):
                state.desk().add(Document(url, url=url))
            remember_link()
            st.rerun()


def _sample() -> None:
    state.desk().add(document_of("sample.pdf", sample.draw(), "application/pdf"))
