"""How many of the images that a browser shows are found: ``python -m benchmarks.judge_web [PAGES]``.

The judge is Chromium with scripts off, at the size of a desk and of a phone. What it shows of a page (the ``currentSrc`` of
each image, the computed backgrounds of each element and its pseudo-elements, posters, embedded images) is compared, address
by address, with what medsift reports of that page. Another candidate of the same picture counts when it is in the report and
has at least the width that the browser shows; which candidates a picture has is read from the browser's elements: the
attributes of its own, and each srcset on the page that holds its address.
"""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urldefrag

import typer
from playwright.sync_api import Browser, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from gateway.fetch import Fetcher
from gateway.images import Finding, FoundImage, Searched
from gateway.limits import Limits
from gateway.sources import Source
from gateway.web import find
from tests.sites import Site, serving_folder

PAGES = Path("../shared/pages")
HTML_ALONE = "mozilla+readability"  # pages whose images are elsewhere: nothing of them can be fetched
SCREENS: tuple[dict[str, Any], ...] = (
    {"viewport": {"width": 1280, "height": 800}, "device_scale_factor": 1},
    {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3},
)

ALONE = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]

SHOWN_BY_THE_BROWSER = """() => {
    const shown = [];
    const absolute = (text) => { try { return new URL(text, document.baseURI).href } catch { return "" } };
    const candidates = (elements) => elements.flatMap((element) => [...element.attributes].flatMap(({value}) =>
        [value, ...value.split(/\\s+/), ...value.split(/[\\s,]+/)].map((part) => absolute(part.replace(/,+$/, "")))));
    const add = (kind, address, width, same) => { if (address) shown.push({kind, address, width, same}) };
    const sets = [...document.querySelectorAll("img[srcset]")].map((image) => new Set(
        image.srcset.split(",").map((candidate) => absolute(candidate.trim().split(/\\s/)[0]))));
    for (const image of document.images) {
        const sources = image.parentElement?.tagName === "PICTURE" ? [...image.parentElement.querySelectorAll("source")] : [];
        const elsewhere = sets.filter((set) => set.has(image.currentSrc)).flatMap((set) => [...set]);
        add("img", image.currentSrc, image.naturalWidth, [...candidates([image, ...sources]), ...elsewhere]);
    }
    const properties = ["backgroundImage", "listStyleImage", "borderImageSource", "content"];
    for (const element of document.querySelectorAll("*")) {
        for (const part of [null, "::before", "::after"]) {
            const style = getComputedStyle(element, part);
            for (const property of properties) {
                let value = style[property];
                for (const [set] of value.matchAll(/image-set\\((?:[^()"]|"[^"]*"|\\([^()]*\\))*\\)/g)) {
                    const options = [...set.matchAll(/url\\("([^"]*)"\\)/g)].map((match) => match[1]);
                    add("css", options[0], 0, options);
                    value = value.replace(set, "");
                }
                for (const match of value.matchAll(/url\\("((?:[^"\\\\]|\\\\.)*)"\\)/g)) {
                    if (!match[1].startsWith("#")) add("css", match[1].replace(/\\\\(.)/g, "$1"), 0, []);
                }
            }
        }
    }
    for (const video of document.querySelectorAll("video[poster]")) add("poster", video.poster, 0, candidates([video]));
    for (const input of document.querySelectorAll("input[type=image]")) add("input", input.src, 0, []);
    for (const object of document.querySelectorAll("object[type^=image]")) add("object", object.data, 0, []);
    for (const embed of document.querySelectorAll("embed[type^=image]")) add("embed", embed.src, 0, []);
    for (const image of document.querySelectorAll("svg image")) add("svg", absolute(image.href.baseVal), 0, []);
    return shown.map((one) => ({...one, address: absolute(one.address)}));
}"""


@dataclass
class Verdict:
    """One page: how many distinct images the browser shows, and which of them are not in the report."""

    page: str
    named: int = 0
    larger: int = 0  # found in a larger candidate
    missed: list[str] = field(default_factory=list)

    @property
    def found(self) -> int:
        """How many are in the report."""
        return self.named - len(self.missed)


def chromium() -> str | None:
    """Where the machine has its Chromium."""
    return next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


def pages(folder: Path) -> list[str]:
    """All pages of the folder, as paths inside it."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))


def judge(folder: Path, names: list[str], screens: tuple[dict[str, Any], ...] = SCREENS) -> Iterator[Verdict]:
    """Judge some pages of a folder, served on loopback. Nothing else is fetched, by the browser or by medsift."""
    with serving_folder(folder) as site, _browser() as browser:
        fetcher = Fetcher(Limits(), frozenset([site.netloc]), _loopback_alone)
        opened = [browser.new_context(java_script_enabled=False, **screen).new_page() for screen in screens]
        for name in names:
            yield _judged(opened, site, fetcher, name)


def table(verdicts: list[Verdict]) -> Table:
    """The verdicts, page by page, and together."""
    shown = Table("page", "named", "found", "of these larger", "share", "missed")
    for verdict in [*verdicts, _together(verdicts)]:
        share = f"{verdict.found / verdict.named:.1%}" if verdict.named else ""
        missed = "\n".join(verdict.missed[:5])
        shown.add_row(verdict.page, str(verdict.named), str(verdict.found), str(verdict.larger), share, missed)
    return shown


def share(verdicts: list[Verdict]) -> float:
    """The share of all named images that were found."""
    together = _together(verdicts)
    return together.found / together.named


def main(folder: Annotated[Path, typer.Argument(help="A folder of pages.")] = PAGES) -> None:
    """Judge all pages of a folder."""
    verdicts = list(judge(folder, pages(folder)))
    Console(width=160).print(table(verdicts))


def _judged(screens: list[Page], site: Site, fetcher: Fetcher, name: str) -> Verdict:
    url = site.url(f"/{name}")
    response = fetcher.get(url)
    source = Source("page", name, response.data, response.url, response.charset)
    report: dict[str, int] = {}
    for finding in find(source, fetcher, Limits()):
        if (address := _address(finding)) is not None:
            report[_comparable(address)] = finding.width if isinstance(finding, FoundImage) else 0
    verdict = Verdict(name)
    pictures = {(_comparable(one["address"])): one for one in _shown(screens, url)}
    for address, one in sorted(pictures.items()):
        verdict.named += 1
        if address in report:
            continue
        others = [report[other] for text in one["same"] if (other := _comparable(text)) in report]
        if others and (max(others) >= one["width"] or name.startswith(HTML_ALONE)):
            verdict.larger += 1
        else:
            verdict.missed.append(f"{one['kind']}: {one['address'][:100]}")
    return verdict


def _shown(screens: list[Page], url: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for page in screens:
        page.goto(url, wait_until="load")
        for frame in page.frames:
            if frame == page.main_frame or frame.url == "about:srcdoc":
                for one in frame.evaluate(SHOWN_BY_THE_BROWSER):
                    known = found.setdefault(one["address"], one)
                    known["same"] = [*known["same"], *one["same"]]
                    known["width"] = max(known["width"], one["width"])
    return list(found.values())


def _address(finding: Finding) -> str | None:
    return None if isinstance(finding, Searched) else getattr(finding, "url", None)


def _comparable(address: str) -> str:
    # Reports show only how a data: address begins; percent-encoding is a matter of taste.
    return address[:60] if address.startswith("data:") else unquote(urldefrag(address).url)


def _together(verdicts: list[Verdict]) -> Verdict:
    together = Verdict(f"{len(verdicts)} pages")
    for verdict in verdicts:
        together.named += verdict.named
        together.larger += verdict.larger
        together.missed += verdict.missed
    return together


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ALONE)
        try:
            yield browser
        finally:
            browser.close()


def _loopback_alone(host: str, *args: Any, **kwargs: Any) -> list[tuple[Any, ...]]:
    if host != "127.0.0.1":
        raise socket.gaierror(socket.EAI_NONAME, "not in this test")
    return socket.getaddrinfo(host, *args, **kwargs)


if __name__ == "__main__":
    typer.run(main)
