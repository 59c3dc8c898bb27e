"""What a command line names: files, addresses, and directories with files in them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gateway import console
from gateway.errors import MedsiftError, SourceNotFound
from gateway.fetch import Fetcher
from gateway.images import SUFFIXES
from gateway.limits import Limits
from gateway.outcomes import Failure
from gateway.sources import Source, from_address, from_file, in_characters, is_address

Result = TypeVar("Result")


@dataclass(frozen=True)
class Given:
    """One source, not read yet: an address, or a path as the system has it."""

    name: str

    def __str__(self) -> str:
        return in_characters(self.name)

    def read(self, fetcher: Fetcher, limits: Limits) -> Source:
        """Read or fetch it. Raises as :func:`from_file` and :func:`from_address`."""
        return from_address(self.name, fetcher, limits) if is_address(self.name) else from_file(Path(self.name), limits)


def expand(names: Iterable[str]) -> list[Given | Failure]:
    """The sources in order, directories opened up: PDFs and images at any depth, by name, hidden ones left out.

    A directory that a link leads to is opened up too, each once. One that cannot be read is a failure.
    """
    found: list[Given | Failure] = []
    for name in names:
        if not _is_folder(name):
            found.append(Given(name))
            continue
        nothing: MedsiftError = SourceNotFound("the directory holds no PDF or image")
        found.extend(list(_walk(name)) or [Failure(in_characters(name), nothing)])
    return found


def each(sources: list[Given | Failure], work: Callable[[Given, console.Bars], Result]) -> Iterator[Result | Failure]:
    """What ``work`` makes of each source; one that fails is complained about, and the others go on.

    Progress is shown meanwhile; while the caller has a result, the bars are away.
    """
    with console.bars(len(sources)) as bars:
        for one in sources:
            result: Result | Failure
            if isinstance(one, Failure):
                result = one
            else:
                bars.start(str(one))
                try:
                    result = work(one, bars)
                except MedsiftError as error:
                    result = Failure(str(one), error)
            bars.done()
            with bars.paused():
                if isinstance(result, Failure):
                    console.complain(result.source, result.error)
                yield result


def are_several(names: list[str]) -> bool:
    """Whether the answer is a list: several names, or a directory, whatever it holds."""
    return len(names) > 1 or any(map(_is_folder, names))


def _is_folder(name: str) -> bool:
    return not is_address(name) and os.path.isdir(name)  # Path.is_dir raises on what may not be looked at


def _walk(folder: str) -> Iterator[Given | Failure]:
    seen = {str(place) for place in Path(folder).resolve().parents}  # a link up would bring in more than was named
    unread: list[OSError] = []
    for root, folders, files in os.walk(folder, onerror=unread.append, followlinks=True):
        place = os.path.realpath(root)
        if place in seen:
            folders.clear()
            continue
        seen.add(place)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES:
                yield Given(str(Path(root, name)))
    for error in unread:
        reason: MedsiftError = SourceNotFound(f"the directory cannot be read ({error.strerror})")
        yield Failure(in_characters(error.filename), reason)
