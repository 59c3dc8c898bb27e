"""How the command line writes what became of its sources."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TextIO, TypeVar

from gateway import console
from gateway.errors import OutputFailed
from gateway.outcomes import Outcome, in_rows, outcome_json
from gateway.report import Report, write_csv

Result = TypeVar("Result")


class Format(StrEnum):
    """How a result is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def usual(output: Path | None) -> Format:
    """What is written where nobody says: a table on a terminal, CSV to a file called so, else JSON."""
    if output is not None:
        return Format.CSV if output.suffix.lower() == ".csv" else Format.JSON
    return Format.TABLE if sys.stdout.isatty() else Format.JSON


@contextmanager
def opened(output: Path | None = None) -> Iterator[TextIO]:
    """What a result is written to, in UTF-8: a file, opened before the work is done for nothing, or standard output.

    Raises:
        OutputFailed: The file cannot be made.
    """
    if output:
        with writing(output, lambda: output.open("w", encoding="utf-8", newline="")) as file:
            yield file
        return
    if isinstance(sys.stdout, io.TextIOWrapper) and not sys.stdout.isatty():
        sys.stdout.reconfigure(encoding="utf-8")  # whatever the locale: JSON is, and CSV is read as such
    try:
        yield sys.stdout
    finally:
        sys.stdout.flush()


def writing(target: Path, write: Callable[[], Result]) -> Result:
    """What ``write`` gives. Raises :class:`OutputFailed` where the system lets it not write."""
    try:
        return write()
    except OSError as error:
        raise OutputFailed(f"{target} cannot be written ({error.strerror})") from None


def write(outcomes: Iterable[Outcome], format: Format, several: bool, file: TextIO) -> None:
    """Write each as it comes, so that what is done is kept when the rest is not; ``several`` makes the JSON a list.

    Tables hold no failures: these have been complained about.
    """
    if format is Format.CSV:
        write_csv(map(in_rows, outcomes), file)
    elif format is Format.TABLE:
        tables = console.output(file)
        for outcome in outcomes:
            if isinstance(outcome, Report):
                tables.print(console.report_table(outcome))
    elif several:
        _write_list(outcomes, file)
    else:
        (outcome,) = outcomes
        file.write(outcome_json(outcome) + "\n")


def _write_list(outcomes: Iterable[Outcome], file: TextIO) -> None:
    file.write("[")
    try:
        for number, outcome in enumerate(outcomes):
            file.write((", " if number else "") + outcome_json(outcome))
    finally:  # Ctrl-C among them: it is JSON all the same
        file.write("]\n")
