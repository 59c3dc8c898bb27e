"""The downloads, and the link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app import downloads, state
from app.desk import Job
from app.documents import LINKED
from app.view import Choice, Picture, Show, choose


def takeaway(jobs: list[Job], found: list[Picture], shown: list[Picture]) -> None:
    """Draw the buttons. ``shown`` are the pictures that the filters leave."""
    outcomes = [job.outcome for job in jobs]
    corrections = state.corrections()
    # Reports that came without pictures have none to take away; one that is in two documents is corrected once.
    medical, shown = ([each for each in some if each.entry.thumbnail] for some in (choose(found, Choice(Show.MEDICAL)), shown))
    checked = list({each.entry.sha256: each for each in choose(found, Choice(Show.CHECKED))}.values())
    with_picture = sum(each.entry.thumbnail is not None for each in checked)
    st.subheader("Take away", anchor=False)
    with st.container(horizontal=True):
        _button("Table (CSV)", "report.csv", "text/csv", lambda: downloads.reports_csv(outcomes))
        _button("Report (JSON)", "report.json", "application/json", lambda: downloads.reports_json(outcomes, corrections),
                help="Hand it in here again to see this result without classifying anew.")  # fmt: skip
        _button(f"Medical pictures ({len(medical)})", "medical.zip", "application/zip",
                lambda: downloads.pictures_zip(medical), disabled=not medical)  # fmt: skip
        _button(f"Shown pictures ({len(shown)})", "pictures.zip", "application/zip",
                lambda: downloads.pictures_zip(shown), disabled=not shown)  # fmt: skip
    table = (
        " The table holds what the networks say; your corrections are in the report and in the files below." if checked else ""
    )
    st.html(f'<p class="ms-note">Pictures are PNG files of 256 pixels at most.{table}</p>')
    if checked:
        with st.container(horizontal=True):
            _button(f"Corrections with pictures ({with_picture})", "corrections.zip", "application/zip",
                    lambda: downloads.corrections_zip(checked), type="primary")  # fmt: skip
            _button("Corrections (CSV)", "corrections.csv", "text/csv", lambda: downloads.corrections_csv(checked))
        st.html(
            '<p class="ms-note">Unpack the ZIP into a folder and the next network learns from it: '
            "<code>python -m training.train --more FOLDER</code></p>"
        )
    urls = [job.document.url for job in jobs if job.document.url]
    if urls:
        these = "this result" if len(urls) <= LINKED else f"the first {LINKED} of the {len(urls)} addresses"
        st.html(f'<p class="ms-note">A link to {these}. It reads the addresses anew; files are not in it.</p>')
        st.code(f"{st.context.url or ''}?{urlencode({'url': urls[:LINKED]}, doseq=True)}", language=None, wrap_lines=True)


def _button(label: str, name: str, mime: str, data: Callable[[], bytes], **options: Any) -> None:
    st.download_button(label, data, f"medsift-{name}", mime, key=name, on_click="ignore", icon=":material/download:", **options)
