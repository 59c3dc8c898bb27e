import io

from rich.console import Console

from gateway import console
from gateway.errors import PdfEncrypted
from gateway.fetch import Fetcher
from gateway.limits import Limits
from gateway.service import Service
from gateway.sources import from_bytes
from tests.documents import Flat, pdf, picture

SERVICE = Service(Flat(), Fetcher(Limits()), Limits())


def shown(data, name, columns=120):
    file = io.StringIO()
    Console(file=file, width=columns).print(console.report_table(SERVICE.classify(from_bytes(data, name))))
    return file.getvalue()


def test_a_table_has_a_line_for_each_image_and_the_sums():
    text = shown(pdf(1, 2, 1), "[bold]a.pdf")
    assert "[bold]a.pdf, 3 pages" in text
    assert "2 images: 2 medical, 0 non-medical" in text
    assert "1, 3" in text
    assert text.count("90.0%") == 2


def test_what_was_left_out_is_counted_by_reason():
    text = shown(picture(1, side=8), "a.png")
    assert "left out: 1 too_small" in text


def test_a_narrow_terminal_still_shows_what_matters():
    text = shown(pdf(1), "a.pdf", columns=40)
    assert "│ medical │      90.0% │" in text


def test_names_cannot_steer_the_terminal(capsys):
    console.complain("a\x1b[2J\nb.pdf", PdfEncrypted("it needs a password"))
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "\x1b" not in error
    assert error.endswith("it needs a password (pdf_encrypted)\n")


def test_no_bars_outside_a_terminal(capsys):
    with console.bars(3) as bars:
        bars.start("a.pdf")
        bars.done()
    assert capsys.readouterr() == ("", "")
