"""The pictures that a page's elements name."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from bs4 import BeautifulSoup, Tag, XMLParsedAsHTMLWarning
from bs4.exceptions import ParserRejectedMarkup

from gateway.images import Origin
from gateway.web import charset, css, lazy, media, metadata, srcset
from gateway.web.addresses import is_data, named_as_image, resolve
from gateway.web.pictures import Candidate, Picture, Rank

# Elements whose background attribute browsers still honour (HTML Living Standard, 15.3 "Rendering").
_WITH_BACKGROUND = frozenset((
    "body", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
))  # fmt: skip
_SOURCES = {
    "embed": ("src",), "iframe": ("src",), "input": ("src",), "object": ("data",),
    "image": ("href", "xlink:href"), "feimage": ("href", "xlink:href"),
}  # fmt: skip
_FRAMES = 3  # a page in a page in a page
# As browsers read it (HTML Living Standard, "shared declarative refresh steps"), within the time that a reader waits.
_REFRESH = re.compile(r"\s*(?:\d|10)(?:\.[\d.]*)?(?:\s*[;,]|\s)\s*(?:url\s*=\s*)?+(?:'([^']*)|\"([^\"]*)|([^'\"].*))", re.I)


@dataclass
class Markup:
    """What a page names: its pictures, in order, the style sheets that it links, and where it sends its readers on to."""

    pictures: list[Picture] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    onward: str | None = None

    def add(self, picture: Picture | None) -> None:
        """Put a picture at the end, if there is one."""
        if picture is not None:
            self.pictures.append(picture)


def read(page: bytes | str, url: str | None, header: str | None = None, frames: int = _FRAMES) -> Markup:
    """Read a page.

    Args:
        page: The HTML. Bytes are decoded as :func:`gateway.web.charset.decode` says.
        url: The page's address, which ``base`` elements may replace as the start of relative ones.
        header: The charset that the HTTP header names.
        frames: How many levels of ``iframe srcdoc`` are opened.
    """
    markup = Markup()
    text = charset.decode(page, header) if isinstance(page, bytes) else page
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", XMLParsedAsHTMLWarning)  # XHTML; read as what browsers make of text/html
        try:
            soup = BeautifulSoup(text, "lxml", huge_tree=True)  # else an attribute of over 10 MB is lost
        except ParserRejectedMarkup:
            return markup
    base = _base(soup, url)
    handled: set[int] = set()
    for tag in _shown(soup):
        if tag.name == "picture" and id(tag) not in handled:
            members = tag.find_all(("source", "img", "picture"))
            handled.update(map(id, members))
            _pictures(members, base, markup)
        elif id(tag) not in handled and (tag.name == "img" or (tag.name == "image" and tag.has_attr("src"))):
            _pictures([tag], base, markup)
        elif tag.name in ("meta", "link"):
            _head(tag, base, markup)
            markup.onward = markup.onward or _onward(tag, base, url)
        elif id(tag) not in handled:
            _element(tag, base, markup)
        if tag.name == "iframe" and frames and (inside := tag.get("srcdoc")):
            frame = read(str(inside), base, frames=frames - 1)
            markup.pictures += frame.pictures
            markup.sheets += frame.sheets
        if (style := tag.get("style")) and "(" in str(style):
            markup.pictures += css.of_style(str(style), base)
        if tag.name == "style":
            sheet = css.of_sheet(tag.get_text(), base)
            markup.pictures += sheet.pictures
            markup.sheets += sheet.imports
    markup.pictures += metadata.json_ld(soup, base)
    return markup


def _base(soup: BeautifulSoup, url: str | None) -> str | None:
    tag = soup.find("base", href=True)
    base = resolve(url, str(tag["href"])) if isinstance(tag, Tag) else None
    return url if base is None or is_data(base) else base


def _shown(soup: BeautifulSoup) -> Iterator[Tag]:
    """The elements that readers may get to see, in document order, among them those for readers without scripts."""
    unused: set[int] = set()
    for tag in soup.find_all(True):
        if id(tag) in unused or tag.name == "script":
            continue
        if tag.name == "template" and not tag.has_attr("shadowrootmode"):
            unused.update(map(id, tag.find_all(True)))
        else:
            yield tag


def _pictures(members: Iterable[Tag], base: str | None, markup: Markup) -> None:
    """The picture that an ``img``, or a ``picture`` with its members, shows; then others that wait in their attributes."""
    shown: list[Candidate] = []
    others: list[list[Candidate]] = []
    for tag in members:
        waiting, *more = lazy.candidates(tag.attrs, base, own=True)
        others += more
        if tag.name == "source":
            shown += _source(tag, base, waiting)
        else:
            shown += [*_sized(tag, "srcset", base, "srcset"), *waiting]
            shown += _named(tag, ("src", "lowsrc"), base, "img", Rank.SHOWN)
    for candidates in (shown, *others):
        markup.add(Picture.of(candidates))


def _source(tag: Tag, base: str | None, waiting: list[Candidate]) -> Iterator[Candidate]:
    media_type, query = str(tag.get("type", "")).strip().lower(), str(tag.get("media", ""))
    least = media.least_width(query)
    for one in (*_sized(tag, "srcset", base, "picture"), *waiting):
        rank = Rank.SMALL if media.for_others(query) else one.rank
        yield replace(one, rank=rank, media_type=media_type, screen=least)


def _sized(tag: Tag, name: str, base: str | None, origin: Origin) -> Iterator[Candidate]:
    for one in srcset.parse(str(tag.get(name, ""))):
        if (address := resolve(base, one.address)) is not None:
            yield Candidate.sized(one, address, origin)


def _head(tag: Tag, base: str | None, markup: Markup) -> None:
    markup.add(metadata.of_meta(tag, base))
    if tag.name != "link":
        return
    rels = {str(word).lower() for word in tag.get_attribute_list("rel") if word}
    use = str(tag.get("as", "")).lower()
    address = resolve(base, str(tag.get("href", "")))
    if address is not None and ("stylesheet" in rels or ("preload" in rels and use == "style")):
        markup.sheets.append(address)
    elif "preload" in rels and use == "image":
        sized = _sized(tag, "imagesrcset", base, "srcset")
        markup.add(Picture.of([*sized, *_named(tag, ("href",), base, "img", Rank.SHOWN)]))


def _onward(tag: Tag, base: str | None, url: str | None) -> str | None:
    if str(tag.get("http-equiv", "")).strip().lower() != "refresh" or tag.find_parent("noscript"):
        return None
    match = _REFRESH.match(str(tag.get("content", "")))
    address = resolve(base, match[1] or match[2] or match[3] or "") if match else None
    return None if address is None or is_data(address) or address == resolve(None, url or "") else address


def _element(tag: Tag, base: str | None, markup: Markup) -> None:
    """Any other element: what its own attributes name, and what waits in others."""
    own: list[Candidate] = []
    if tag.name in _SOURCES:
        own = [
            candidate
            for candidate in _named(tag, _SOURCES[tag.name], base, "svg" if "image" in tag.name else "img")
            if tag.name in ("input", "image", "feimage") or _is_image(tag, candidate.address)
        ]
    elif tag.name in ("a", "area"):
        names = tuple(name for name in ("href", "xlink:href") if named_as_image(str(tag.get(name, "")).strip()))
        markup.add(Picture.of(_named(tag, names, base, "img"), link=True))
    elif tag.name in _WITH_BACKGROUND:
        own = list(_named(tag, ("background",), base, "css"))
    elif tag.name == "video":
        own = list(_named(tag, ("poster",), base, "img", Rank.SHOWN))
    elif "-" in tag.name:  # amp-img, amp-video and their like
        own = list(_named(tag, ("poster",), base, "img"))
        if "im" in tag.name:
            own += [*_sized(tag, "srcset", base, "srcset"), *_named(tag, ("src",), base, "img", Rank.SHOWN)]
    layers = lazy.candidates(tag.attrs, base, own=False)
    markup.add(Picture.of([*own, *(layers[0] if layers else [])]))
    for layer in layers[1:]:
        markup.add(Picture.of(layer))


def _named(tag: Tag, names: tuple[str, ...], base: str | None, origin: Origin, rank: Rank = Rank.NORMAL) -> Iterator[Candidate]:
    for name in names:
        value = tag.get(name)
        if isinstance(value, str) and (address := resolve(base, value)) is not None:
            yield Candidate(address, origin, rank)


def _is_image(tag: Tag, address: str) -> bool:
    media_type = str(tag.get("type", "")).strip().lower()
    return media_type.startswith("image/") if media_type else named_as_image(address)
