"""A page's bytes to its characters."""

from __future__ import annotations

import webencodings
from bs4.dammit import EncodingDetector


def decode(page: bytes, charset: str | None) -> str:
    """Decode a page as browsers do; bytes that fit no character become U+FFFD, and everything around them stays.

    HTML Living Standard, 13.2.3.2 "Determining the character encoding": a byte order mark, then what the HTTP header says
    (``charset``), then what the page says of itself. Labels mean what the WHATWG's Encoding Standard has them mean:
    ``gb2312`` is GBK. A page that says nothing that is known is UTF-8 where it can be, and windows-1252 where not.
    """
    encoding = _known(charset) or _declared(page) or (webencodings.UTF8 if _is_utf8(page) else webencodings.lookup("latin1"))
    text: str = webencodings.decode(page, encoding, errors="replace")[0]
    return text


def _known(label: str | None) -> webencodings.Encoding | None:
    return webencodings.lookup(label) if label else None


def _declared(page: bytes) -> webencodings.Encoding | None:
    found = _known(EncodingDetector.find_declared_encoding(page, is_html=True))
    # What could be read so far is not UTF-16, whatever it says.
    return webencodings.UTF8 if found and found.name.startswith("utf-16") else found


def _is_utf8(page: bytes) -> bool:
    try:
        page.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
