"""What people see of the command line: tables on standard output, progress and complaints on standard error."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO

from rich.console import Console, Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from gateway.errors import InferenceUnavailable, MedsiftError
from gateway.report import Entry, Report
from gateway.service import Progress as Searched

PIPE_WIDTH = 120


def output(file: TextIO | None = None) -> Console:
    """Standard output or a file; all but a terminal gets tables of a fixed width."""
    width = None if (file or sys.stdout).isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=file, width=width, highlight=False)


def complain(name: str, error: MedsiftError) -> None:
    """One line on standard error."""
    hint = "; medsift up starts one" if isinstance(error, InferenceUnavailable) else ""
    sys.stderr.write(f"medsift: {plain(name)}: {plain(error.detail)} ({error.code}){hint}\n")


def plain(text: str) -> str:
    """Text of strangers without what would steer a terminal."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)


def report_table(report: Report) -> RenderableType:
    """A report for people: one line per image, and how many were left out for which reason."""
    is_pdf = report.source.kind == "pdf"
    title = Text(plain(report.source.name) + _pages_in_all(report), "bold")
    table = Table()
    table.add_column("#", justify="right")
    table.add_column("page" if is_pdf else "address", justify="right" if is_pdf else "left", overflow="fold")
    table.add_column("pixels", justify="right")
    table.add_column("found as")
    table.add_column("label", no_wrap=True)  # what a narrow terminal cuts last
    table.add_column("confidence", justify="right", no_wrap=True)
    for entry in report.images:
        style = "green" if entry.label == "medical" else "dim"
        label = Text(entry.label + (", unsure" if entry.review else ""), "yellow" if entry.review else style)
        place = _pages(entry) if is_pdf else Text(plain(entry.url or "")[:200])
        size = f"{entry.width}x{entry.height}"
        table.add_row(str(entry.index), place, size, entry.origin, label, f"{entry.confidence:.1%}")
    return Group(title, *([table] if report.images else []), _sums(report))


@dataclass(frozen=True)
class Bars:
    """The progress of a command; nothing is drawn outside a terminal."""

    progress: Progress
    sources: TaskID
    pages: TaskID

    def start(self, name: str) -> None:
        """A source begins."""
        description = plain(name if len(name) <= 40 else "…" + name[-39:])
        self.progress.reset(self.pages, description=description, total=None, visible=True, images="")

    def searched(self, so_far: Searched) -> None:
        """It has come so far."""
        images = f"{so_far.images} images"
        self.progress.update(self.pages, completed=so_far.page, total=so_far.pages or None, images=images)

    def images(self, done: int, total: int) -> None:
        """As many labelled images are done, of so many."""
        self.progress.update(self.pages, completed=done, total=total)

    def done(self) -> None:
        """It is done."""
        self.progress.advance(self.sources)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The bars are away, so that something else can be printed."""
        self.progress.stop()
        yield
        self.progress.start()


@contextmanager
def bars(total: int, unit: str = "sources") -> Iterator[Bars]:
    """Progress bars over ``total`` sources, gone when they are done."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[images]}"),
        TimeRemainingColumn(),
    )
    quiet = not console.is_terminal
    with Progress(*columns, console=console, transient=True, redirect_stdout=False, disable=quiet) as progress:
        sources = progress.add_task(unit, total=total, visible=total > 1, images="")
        pages = progress.add_task("", total=None, visible=False, images="")
        yield Bars(progress, sources, pages)


@contextmanager
def status(description: str) -> Iterator[Callable[[str], None]]:
    """A line that changes, where the end is not known; gone when it is reached."""
    console = Console(stderr=True)
    with console.status(plain(description)) as line:
        yield lambda text: line.update(f"{plain(description)}: {text}")


def _pages(entry: Entry) -> str:
    pages = sorted({place.page for place in entry.placements} or {entry.page or 0})
    return ", ".join(map(str, pages[:5])) + (" …" if len(pages) > 5 else "")


def _pages_in_all(report: Report) -> str:
    pages = report.source.pages
    return "" if pages is None else f", {pages} page" + ("s" if pages != 1 else "")


def _sums(report: Report) -> Text:
    sums = report.summary
    noun = "image" if sums.images == 1 else "images"
    parts = [f"{sums.images} {noun}: {sums.medical} medical, {sums.non_medical} non-medical"]
    if sums.review:
        parts.append(f"{sums.review} of them unsure")
    if report.skipped:
        reasons = Counter(skipped.reason for skipped in report.skipped).most_common()
        parts.append("left out: " + ", ".join(f"{count} {reason}" for reason, count in reasons))
    return Text("; ".join(parts))
