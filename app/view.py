"""Which pictures are shown, and in which order: the reports of all documents as one list, chosen from and sorted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.desk import Job
from gateway.report import Entry, Label


@dataclass(frozen=True)
class Correction:
    """What a person says a picture is, against the networks or with them. ``modality`` is one of training's names, or empty."""

    label: Label
    modality: str = ""


@dataclass(frozen=True)
class Picture:
    """A picture of one document. ``correction`` is None where nobody has said what it is."""

    job: int
    source: str
    entry: Entry
    correction: Correction | None = None

    @property
    def id(self) -> str:
        """The same for as long as the document lies on the desk."""
        return f"{self.job}-{self.entry.index}"

    @property
    def label(self) -> Label:
        """The person's word where there is one, else the networks'."""
        return self.correction.label if self.correction else self.entry.label

    @property
    def page(self) -> int | None:
        """The first page that it is on."""
        return self.entry.page

    @property
    def pages(self) -> tuple[int, ...]:
        """All pages that it is on."""
        places = {place.page for place in self.entry.placements}
        return tuple(sorted(places | ({self.entry.page} if self.entry.page else set())))


class Show(StrEnum):
    """Which pictures."""

    ALL = "All"
    MEDICAL = "Medical"
    NON_MEDICAL = "Non-medical"
    REVIEW = "To check"
    CHECKED = "Checked"


class Order(StrEnum):
    """In which order."""

    PLACE = "As in the document"
    UNSURE = "Least certain first"
    SURE = "Most certain first"
    MEDICAL = "Most medical first"


@dataclass(frozen=True)
class Choice:
    """What a person wants to see. ``confidence`` bounds are inclusive; ``job`` None is every document."""

    show: Show = Show.ALL
    confidence: tuple[float, float] = (0.0, 1.0)
    order: Order = Order.PLACE
    job: int | None = None


def pictures(jobs: Iterable[Job], corrections: Mapping[str, Correction]) -> list[Picture]:
    """Every picture found so far; a correction holds wherever the same picture is."""
    return [
        Picture(job.id, job.report.source.name, entry, corrections.get(entry.sha256))
        for job in jobs
        if job.report
        for entry in job.report.images
    ]


def choose(found: Iterable[Picture], choice: Choice) -> list[Picture]:
    """The pictures to show, in order."""
    low, high = choice.confidence
    shown = [
        picture
        for picture in found
        if _shown(picture, choice.show)
        and low <= picture.entry.confidence <= high
        and choice.job in (None, picture.job)
    ]  # fmt: skip
    match choice.order:
        case Order.UNSURE:
            return sorted(shown, key=lambda picture: picture.entry.confidence)
        case Order.SURE:
            return sorted(shown, key=lambda picture: -picture.entry.confidence)
        case Order.MEDICAL:
            return sorted(shown, key=lambda picture: -picture.entry.probabilities.medical)
        case Order.PLACE:
            return shown


def counts(found: Iterable[Picture]) -> dict[Show, int]:
    """How many pictures each way of showing has."""
    found = list(found)
    return {show: sum(_shown(picture, show) for picture in found) for show in Show}


def _shown(picture: Picture, show: Show) -> bool:
    match show:
        case Show.ALL:
            return True
        case Show.MEDICAL:
            return picture.label == "medical"
        case Show.NON_MEDICAL:
            return picture.label == "non-medical"
        case Show.REVIEW:
            # A person's word settles it.
            return picture.entry.review and picture.correction is None
        case Show.CHECKED:
            return picture.correction is not None
