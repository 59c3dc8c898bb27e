"""Choosing and sorting pictures, and what a correction does to both."""

from app.client import Document
from app.desk import Job, State
from app.view import Choice, Correction, Order, Show, choose, counts, pictures
from tests.unit.app.reports import entry, report

JOBS = [
    Job(1, Document("a.pdf"), "a", State.DONE, report=report(
        entry("red", 0.9), entry("blue", 0.1, page=2, index=1), entry("pink", 0.6, page=3, index=2), name="a.pdf"
    )),
    Job(2, Document("b.pdf"), "b", State.DONE, report=report(entry("red", 0.9, page=4), name="b.pdf")),
    Job(3, Document("c.pdf"), "c"),
]  # fmt: skip


def shown(choice: Choice, corrections: dict[str, Correction] | None = None) -> list[str]:
    return [picture.id for picture in choose(pictures(JOBS, corrections or {}), choice)]


def test_all_pictures_of_all_documents_in_their_order() -> None:
    assert shown(Choice()) == ["1-0", "1-1", "1-2", "2-0"]


def test_filters() -> None:
    assert shown(Choice(Show.MEDICAL)) == ["1-0", "1-2", "2-0"]
    assert shown(Choice(Show.NON_MEDICAL)) == ["1-1"]
    assert shown(Choice(Show.REVIEW)) == ["1-2"]
    assert shown(Choice(confidence=(0.8, 1.0))) == ["1-0", "1-1", "2-0"]
    assert shown(Choice(job=2)) == ["2-0"]


def test_orders() -> None:
    assert shown(Choice(order=Order.UNSURE))[0] == "1-2"
    assert shown(Choice(order=Order.SURE))[-1] == "1-2"
    assert shown(Choice(order=Order.MEDICAL))[-1] == "1-1"


def test_a_correction_moves_the_picture_wherever_it_is() -> None:
    red = entry("red").sha256
    corrections = {red: Correction("non-medical")}
    assert shown(Choice(Show.MEDICAL), corrections) == ["1-2"]
    assert shown(Choice(Show.CHECKED), corrections) == ["1-0", "2-0"]


def test_a_person_settles_what_was_to_check() -> None:
    corrections = {entry("pink").sha256: Correction("medical")}
    assert shown(Choice(Show.REVIEW), corrections) == []
    assert counts(pictures(JOBS, corrections))[Show.CHECKED] == 1
