"""What Chromium shows of real pages is found: a judge that shares nothing with the finder."""

import os
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks import judge_web

pytestmark = [pytest.mark.shared, pytest.mark.slow]

# Of each kind of page one or two; ``python -m benchmarks.judge_web`` judges them all, on two screens.
SAMPLE = [
    "learning-zone+website-templates/touch-hospital-medical-bootstrap-html5-template/index.html",
    "mdn+learning-area/html__introduction-to-html__structuring-a-page-of-content-finished/index.html",
    "mdn+learning-area/html__multimedia-and-embedding__mdn-splash-page-finished/index.html",
    "mdn+learning-area/html__multimedia-and-embedding__responsive-images/responsive.html",
    "mozilla+readability/topicseed-1/source.html",
    "mozilla+readability/wikipedia-2/source.html",
    "varundevanga09+Skin-Disease/Notebook.html",
    "verlok+vanilla-lazyload/demos/native_lazyload.html",
    "verlok+vanilla-lazyload/demos/picture_type_avif.html",
]


@pytest.fixture(scope="module")
def folder():
    if not judge_web.PAGES.is_dir():
        pytest.skip("the real pages are not there")
    if judge_web.chromium() is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium on a machine that should have one")
        pytest.skip("no Chromium on this machine")
    return Path(judge_web.PAGES)


def test_what_the_browser_shows_is_found(folder):
    verdicts = list(judge_web.judge(folder, SAMPLE, judge_web.SCREENS[:1]))
    Console(width=160).print(judge_web.table(verdicts))
    assert sum(verdict.named for verdict in verdicts) > 140
    assert judge_web.share(verdicts) >= 0.99, [miss for verdict in verdicts for miss in verdict.missed]
