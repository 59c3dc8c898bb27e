"""pdfium's word on what is found in real PDFs: a sample of them here, all of them by ``python -m benchmarks.judge_pdf``."""

from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from benchmarks.judge_pdf import FOLDER, KNOWN, judge, search_here
from gateway.limits import Limits

SAMPLE = 60
LARGEST = 400_000  # bytes; the sample is to take less than a minute


@pytest.mark.shared
@pytest.mark.slow
def test_a_sample_of_real_pdfs_is_right_and_complete():
    files = [path for path in FOLDER.rglob("*.pdf") if path.stat().st_size < LARGEST and path.name not in KNOWN]
    if not files:
        pytest.skip("the real PDFs are not here")
    files.sort(key=lambda path: sha256(path.name.encode()).hexdigest())  # any order, but always the same
    counts, remarks = Counter(), []
    for path in files[:SAMPLE]:
        verdict = judge(path, search_here(path, Limits()))
        counts += verdict.counts
        remarks += [f"{path.name}: {remark}" for remark in verdict.remarks]
    assert counts["match"] > 20, "the sample shows next to nothing"
    assert counts["match"] >= 0.97 * (counts["match"] + counts["wrong"]), remarks
    assert counts["found"] >= 0.98 * (counts["found"] + counts["missed"]), remarks
    assert counts["black"] == 0, remarks


@pytest.mark.parametrize("name", sorted(KNOWN))
@pytest.mark.shared
def test_known_exceptions_are_still_there(name):
    """One that has been mended is to be struck off the list."""
    paths: list[Path] = list(FOLDER.rglob(name))
    if not paths:
        pytest.skip("the real PDFs are not here")
    verdict = judge(paths[0], search_here(paths[0], Limits()))
    assert verdict.counts["wrong"] + verdict.counts["missed"] > 0
