"""How the command line writes what became of its sources."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path

from gateway import console
from gateway.outcomes import Outcome, outcome_json, outcomes_csv, outcomes_json
from gateway.report import Report


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


def text(outcomes: list[Outcome], format: Format, several: bool) -> str:
    """All of them; ``several`` makes the JSON a list. Tables hold no failures: these have been complained about."""
    if format is Format.CSV:
        return outcomes_csv(outcomes)
    if format is Format.TABLE:
        return console.rendered(console.report_table(one) for one in outcomes if isinstance(one, Report))
    return outcomes_json(outcomes) if several else outcome_json(outcomes[0])
