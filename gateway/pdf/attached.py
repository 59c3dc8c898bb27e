"""Files that a PDF carries along. They are named and not searched: a portfolio is a cover page and nothing but these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from pymupdf import mupdf

from gateway.images import SUFFIXES, Skipped
from gateway.pdf.inventory import annotations_of

MOST = 100
"""Files that are named one by one."""


def attached(document: Any) -> Iterator[Skipped]:
    """The documents and pictures among the files that belong to a whole PdfDocument, each skipped as ``attachment``."""
    files = mupdf.pdf_load_name_tree(document, mupdf.pdf_new_name("EmbeddedFiles"))
    return _told((mupdf.pdf_dict_get_val(files, number) for number in range(mupdf.pdf_dict_len(files))), None)


def pinned(page: Any, number: int) -> Iterator[Skipped]:
    """Those that are pinned to a place of page ``number``, a PdfPage."""
    return _told((mupdf.pdf_dict_gets(annotation, "FS") for annotation in annotations_of(page)), number)


def _told(files: Iterable[Any], page: int | None) -> Iterator[Skipped]:
    """``files`` are file specifications (ISO 32000-1, 7.11.3), or null."""
    names = [f'"{name}"' for file in files if PurePath(name := _name(file)).suffix.lower() in SUFFIXES]
    if len(names) > MOST:
        names[MOST:] = [f"and {len(names) - MOST:,} more"]
    for name in names:
        yield Skipped("attachment", f"attached to the PDF and not searched, to be handed in by itself: {name}", page)


def _name(file: Any) -> str:
    unicode, plain = (mupdf.pdf_to_text_string(mupdf.pdf_dict_gets(file, key)) for key in ("UF", "F"))
    return str(unicode or plain)
