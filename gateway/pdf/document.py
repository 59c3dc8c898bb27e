"""Opening a PDF: what can go wrong before its first page."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import pymupdf
from pymupdf import mupdf

from gateway.errors import PdfCorrupt, PdfEncrypted, PdfNoPages, PdfPasswordWrong

DAMAGE = (mupdf.FzErrorBase, RuntimeError, ValueError, IndexError)
"""What MuPDF and its wrapper raise on damaged files."""

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it was memory that was missing."""
    return isinstance(error, MemoryError) or (isinstance(error, mupdf.FzErrorSystem) and "alloc" in str(error))


def open_pdf(file: str | Path | IO[bytes], password: str | None = None) -> pymupdf.Document:
    """A PDF that is open and has pages.

    Raises:
        PdfCorrupt: Not a PDF, or one damaged beyond repair.
        PdfEncrypted: A password is needed, and none was given.
        PdfPasswordWrong: The one that was given is wrong.
        PdfNoPages: It has no pages, or none that can be found.
    """
    try:
        if isinstance(file, (str, Path)):
            document = pymupdf.open(file, filetype="pdf")
        else:
            document = pymupdf.open(stream=file.read(), filetype="pdf")
    except DAMAGE:
        raise PdfCorrupt("the file is no PDF, or is damaged beyond repair") from None
    if document.needs_pass:
        if password is None:
            raise PdfEncrypted("the PDF is encrypted, and no password was given")
        if not document.authenticate(password):
            raise PdfPasswordWrong("the password does not open the PDF")
    try:
        pages = document.page_count
    except DAMAGE:
        raise PdfCorrupt("the PDF's list of pages is damaged") from None
    if pages == 0:
        raise PdfNoPages("the PDF has no page that can be read")
    return document
