"""Which of a page's drawn images is which object of the file; those that are none lie inline in a content stream."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from pymupdf import mupdf

from gateway.pdf.document import DAMAGE, is_out_of_memory
from gateway.pdf.drawn import Drawn, address

DEPTH = 12  # forms in forms; honest files stay under five
ANY = (0, 0)
DRAWN_NAME = re.compile(rb"/([^\s\0()<>\[\]{}/%]+)[\s\0]+Do\b")
HEX_IN_NAME = re.compile(rb"#([0-9A-Fa-f]{2})")


def annotations_of(page: Any) -> Iterator[Any]:
    """The annotations of a PdfPage, or what stands in their place, as the file has them."""
    every = mupdf.pdf_dict_gets(page.obj(), "Annots")
    for index in range(mupdf.pdf_array_len(every)):
        yield mupdf.pdf_array_get(every, index)


class Inventory:
    """The image objects that a page's content names, that of its forms, patterns and annotations included.

    Resources name far more than a page draws: some programs give every page those of the whole document. So only what the
    content names is looked at, and loaded only where its size is that of a drawn image, and once. MuPDF then gives the very
    image that it drew, because it keeps what is in use.
    """

    def __init__(self, document: Any, page: Any, drawn: Iterable[Drawn]) -> None:
        """``document`` is a PdfDocument, ``page`` a PdfPage of it; ``drawn`` is all that it draws, and is to be kept."""
        self._document = document
        self._drawn = {one.identity for one in drawn}  # any other image's address may be another's a moment later
        self._by_size: dict[tuple[int, int], list[tuple[int, Any]]] = {}
        self._numbers: dict[int, int] = {}
        self._visited: set[int] = set()
        self._walk(mupdf.pdf_page_contents(page), mupdf.pdf_page_resources(page), 0)
        for annotation in annotations_of(page):
            appearance = mupdf.pdf_dict_gets(annotation, "AP")
            for stream in _streams(mupdf.pdf_dict_gets(appearance, "N")):
                self._walk(stream, mupdf.pdf_dict_gets(stream, "Resources"), 0)

    def number(self, drawn: Drawn) -> int | None:
        """The number of the object that an image is, or None where it is none."""
        for size in ((drawn.image.w(), drawn.image.h()), ANY):
            if drawn.identity not in self._numbers:
                self._load(self._by_size.pop(size, []))
        return self._numbers.get(drawn.identity)

    def _load(self, candidates: list[tuple[int, Any]]) -> None:
        for number, stream in candidates:
            try:
                identity = address(mupdf.pdf_load_image(self._document, stream).m_internal)
            except DAMAGE as error:
                if is_out_of_memory(error):
                    raise
                continue  # and so it was not drawn either
            if identity in self._drawn:
                self._numbers[identity] = number

    def _add(self, stream: Any) -> None:
        number = mupdf.pdf_to_num(stream)
        if number in self._visited:
            return
        self._visited.add(number)
        width, height = (mupdf.pdf_to_int(mupdf.pdf_dict_gets(stream, name)) for name in ("Width", "Height"))
        # A JPEG 2000 stream knows its size better than its dictionary does.
        self._by_size.setdefault(ANY if "JPX" in _filters(stream) else (width, height), []).append((number, stream))

    def _walk(self, content: Any, resources: Any, depth: int) -> None:
        if depth > DEPTH or not mupdf.pdf_is_dict(resources):
            return
        objects = mupdf.pdf_dict_gets(resources, "XObject")
        for stream in (mupdf.pdf_dict_gets(objects, name) for name in self._names(content)):
            if mupdf.pdf_to_name(mupdf.pdf_dict_gets(stream, "Subtype")) == "Image":
                self._add(stream)
            else:
                self._walk_holder(stream, resources, depth)
        for pattern in _values(mupdf.pdf_dict_gets(resources, "Pattern")):
            self._walk_holder(pattern, resources, depth)

    def _walk_holder(self, holder: Any, inherited: Any, depth: int) -> None:
        if mupdf.pdf_is_stream(holder) and self._is_new(holder):
            own = mupdf.pdf_dict_gets(holder, "Resources")
            self._walk(holder, own if mupdf.pdf_is_dict(own) else inherited, depth + 1)

    def _names(self, content: Any) -> set[str]:
        """What a content stream, or a page's several, draws by name."""
        try:
            data, _ = mupdf.fz_read_best(mupdf.pdf_open_contents_stream(self._document, content), 0, 0)
        except DAMAGE as error:
            if is_out_of_memory(error):
                raise
            return set()
        names = DRAWN_NAME.findall(mupdf.fz_buffer_extract_copy(data))
        return {
            HEX_IN_NAME.sub(lambda pair: bytes.fromhex(pair[1].decode()), name).decode("utf-8", "replace")
            for name in set(names)
        }

    def _is_new(self, holder: Any) -> bool:
        number = mupdf.pdf_to_num(holder)
        if number in self._visited:
            return False
        self._visited.add(number)
        return True


def _values(dictionary: Any) -> Iterator[Any]:
    for index in range(mupdf.pdf_dict_len(dictionary)):
        yield mupdf.pdf_dict_get_val(dictionary, index)


def _streams(appearance: Any) -> Iterator[Any]:
    """An appearance is a stream, or a dictionary of one for each state."""
    if mupdf.pdf_is_stream(appearance):
        yield appearance
    else:
        yield from (value for value in _values(appearance) if mupdf.pdf_is_stream(value))


def _filters(stream: Any) -> str:
    filters = mupdf.pdf_dict_gets(stream, "Filter")
    if mupdf.pdf_is_array(filters):
        return " ".join(mupdf.pdf_to_name(mupdf.pdf_array_get(filters, i)) for i in range(mupdf.pdf_array_len(filters)))
    return str(mupdf.pdf_to_name(filters))
