"""What became of several sources: a report of each, or what went wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.errors import MedsiftError
from gateway.images import Skipped
from gateway.report import Report, SourceInfo, Summary, to_csv


@dataclass(frozen=True)
class Failure:
    """A source without a report."""

    source: str
    error: MedsiftError

    def as_dict(self) -> dict[str, Any]:
        """As a list of reports has it."""
        error = {"code": self.error.code, "title": self.error.title, "detail": self.error.detail}
        return {"source": self.source, "error": error}


Outcome = Report | Failure


def outcome_json(outcome: Outcome) -> str:
    """One of them as JSON."""
    return json.dumps(outcome.as_dict(), ensure_ascii=False)


def outcomes_json(outcomes: Sequence[Outcome]) -> str:
    """A JSON list, in order."""
    return json.dumps([outcome.as_dict() for outcome in outcomes], ensure_ascii=False)


def outcomes_csv(outcomes: Iterable[Outcome]) -> str:
    """The rows of all of them."""
    return to_csv(map(in_rows, outcomes))


def in_rows(outcome: Outcome) -> Report:
    """A report whose rows are the outcome's: a failure is one row, its code where a skipped image has its reason."""
    if isinstance(outcome, Report):
        return outcome
    reason = Skipped(outcome.error.code, outcome.error.detail)
    source = SourceInfo("pdf", outcome.source, "", None)
    return Report("", source, None, (), (reason,), Summary(0, 0, 0, 0, 1), {})
