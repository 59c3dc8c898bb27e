"""What became of several sources: a report of each, or what went wrong with it."""

from __future__ import annotations

import json
from collections.abc import Sequence
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


def outcomes_csv(outcomes: Sequence[Outcome]) -> str:
    """The rows of all reports; a failure is one row, its code where a skipped image has its reason."""
    return to_csv([outcome if isinstance(outcome, Report) else _row(outcome) for outcome in outcomes])


def _row(failure: Failure) -> Report:
    reason = Skipped(failure.error.code, failure.error.detail)
    source = SourceInfo("pdf", failure.source, "", None)
    return Report("", source, None, (), (reason,), Summary(0, 0, 0, 0, 1), {})
