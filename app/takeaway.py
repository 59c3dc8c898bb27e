"""The downloads, and the link."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from app import downloads
from app.desk import Job
from app.view import Choice, Picture, Show, choose


def takeaway(jobs: list[Job], found: list[Picture], shown: list[Picture]) -> None:
    """Draw the buttons. ``shown`` are the pictures that the filters leave."""
    reports = [job.report for job in jobs if job.report]
    medical = choose(found, Choice(Show.MEDICAL))
    checked = choose(found, Choice(Show.CHECKED))
    st.subheader("Take away", anchor=False)
    with st.container(horizontal=True):
        _button("Table (CSV)", "report.csv", "text/csv", lambda: downloads.reports_csv(reports))
        _button("Report (JSON)", "report.json", "application/json", lambda: downloads.reports_json(reports),
                help="Hand it in here again to see this result without classifying anew.")  # fmt: skip
        _button(f"Medical pictures ({len(medical)})", "medical.zip", "application/zip",
                lambda: downloads.pictures_zip(medical), disabled=not medical)  # fmt: skip
        _button(f"Shown pictures ({len(shown)})", "pictures.zip", "application/zip",
                lambda: downloads.pictures_zip(shown), disabled=not shown)  # fmt: skip
    st.html('<p class="ms-note">Pictures are PNG files of 256 pixels at most.</p>')
    if checked:
        with st.container(horizontal=True):
            _button(f"Corrections with pictures ({len(checked)})", "corrections.zip", "application/zip",
                    lambda: downloads.corrections_zip(checked), type="primary")  # fmt: skip
            _button("Corrections (CSV)", "corrections.csv", "text/csv", lambda: downloads.corrections_csv(checked))
        st.html(
            '<p class="ms-note">Unpack the ZIP into a folder and the next network learns from it: '
            "<code>python -m training.train --more FOLDER</code></p>"
        )
    urls = [job.document.url for job in jobs if job.document.url]
    if urls:
        st.html('<p class="ms-note">A link to this result. It reads the addresses anew; files are not in it.</p>')
        st.code(f"{st.context.url or ''}?{urlencode({'url': urls}, doseq=True)}", language=None, wrap_lines=True)


def _button(label: str, name: str, mime: str, data: Callable[[], bytes], **options: Any) -> None:
    st.download_button(label, data, f"medsift-{name}", mime, key=name, on_click="ignore", icon=":material/download:", **options)
