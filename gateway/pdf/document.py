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
        PdfEncrypted: A password is needed, and none was given; or it is encrypted for the holders of certificates.
        PdfPasswordWrong: The one that was given is wrong.
        PdfNoPages: It has no pages, or none that can be found.
    """
    data = None if isinstance(file, (str, Path)) else file.read()
    try:
        document = pymupdf.open(filename=None if data is not None else file, stream=data, filetype="pdf")
    except DAMAGE:
        if "encryption" in _refusal(Path(file).read_bytes() if isinstance(file, (str, Path)) else data or b""):
            raise PdfEncrypted("the PDF is encrypted in a way that no password opens") from None
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
    _keep_appearances(document)
    return document


def _keep_appearances(document: pymupdf.Document) -> None:
    """Have MuPDF show a form's fields as they are stored: asked to draw them anew, it leaves out the pictures on buttons."""
    trailer = mupdf.pdf_trailer(mupdf.pdf_document_from_fz_document(document.this))
    form = mupdf.pdf_dict_getp(trailer, "Root/AcroForm")
    if mupdf.pdf_is_dict(form):
        mupdf.pdf_dict_dels(form, "NeedAppearances")


def _refusal(data: bytes) -> str:
    """Why MuPDF does not open a PDF, which PyMuPDF does not pass on."""
    try:
        mupdf.fz_open_document_with_buffer("pdf", mupdf.fz_new_buffer_from_copied_data(data))
    except DAMAGE as error:
        return str(error)
    return ""
