"""The child process: opens the PDF, searches the pages that it is told, and sends what it finds."""

from __future__ import annotations

import os
import sys

from gateway.errors import PdfError
from gateway.images import Keep, Skipped
from gateway.isolation import MEMORY_EXIT, Parent, allow, limit
from gateway.limits import Limits
from gateway.pdf import wire
from gateway.pdf.document import DAMAGE, is_out_of_memory, open_pdf
from gateway.pdf.page import PageSearch

OPENING = 3.0
"""How many pages' time opening may take: a damaged file is read from end to end to be mended."""


def main() -> None:
    """Two frames come in: what to open under which limits, and, once its pages are known, which of them to search."""
    parent = Parent()
    job = parent.receive()
    limits = Limits(**job["limits"])
    limit(limits.pdf_memory, limits.pdf_cpu_s)
    allow(OPENING * limits.pdf_page_s)
    try:
        document = open_pdf(f"/dev/fd/{job['fd']}", job["password"])
    except PdfError as error:
        parent.send({"kind": "error", "code": error.code, "detail": error.detail})
        return
    parent.send({"kind": "opened", "pages": document.page_count})
    search = PageSearch(document, limits, Keep(job["keep"]))
    start, stop, step = parent.receive()["pages"]
    for number in range(start, stop, step):
        allow(limits.pdf_page_s)
        before = search.pixels
        try:
            for finding in search.search(number):
                parent.send(*wire.packed(finding))
        except (MemoryError, *DAMAGE) as error:
            if is_out_of_memory(error):
                skipped = Skipped("limit_memory", "the page takes more memory than is allowed", number)
            else:
                skipped = Skipped("page_corrupt", "the page is damaged", number)
            parent.send(*wire.packed(skipped))
        parent.send({"kind": "searched", "page": number, "pixels": search.pixels - before})


if __name__ == "__main__":
    try:
        main()
    except MemoryError:
        os._exit(MEMORY_EXIT)  # at once: tidying up takes memory
    sys.exit(0)
