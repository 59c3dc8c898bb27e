"""Documents on the desk, worked off by its thread; the gateway is played by functions."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from app.client import Document, Gateway, GatewayFailed
from app.desk import Desk, Job, State
from gateway.report import Report
from tests.unit.app.reports import entry, report

PDF = Document("paper.pdf", b"%PDF", "application/pdf")
COLOURS = ("red", "blue", "pink", "green", "gold", "navy", "teal", "plum", "gray", "tan")


class Played(Gateway):
    """A gateway that answers from a function of document, pages and thumbnails, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Document, range, bool], Report]) -> None:
        super().__init__("http://played")
        self.answer = answer
        self.asked: list[tuple[str, range | None, str | None, bool]] = []

    def classify(
        self, document: Document, pages: range | None = None, password: str | None = None, *, thumbnails: bool = True
    ) -> Report:
        self.asked.append((document.name, pages, password, thumbnails))
        assert pages is not None
        return self.answer(document, pages, thumbnails)


def ten_pages(document: Document, pages: range, thumbnails: bool) -> Report:
    return report(*(entry(COLOURS[page - 1], page=page) for page in pages if page <= 10), pages=10)


def finished(desk: Desk) -> list[Job]:
    until = time.monotonic() + 5
    while any(job.busy for job in desk.jobs()):
        assert time.monotonic() < until, "the desk does not finish"
        time.sleep(0.005)
    return desk.jobs()


def test_a_pdf_is_worked_off_in_parts_and_becomes_one_report() -> None:
    gateway = Played(ten_pages)
    desk = Desk(gateway)
    desk.add(PDF)
    (job,) = finished(desk)
    assert job.state is State.DONE
    assert [place.page for each in job.report.images for place in each.placements] == list(range(1, 11))
    assert [pages for _, pages, _, _ in gateway.asked] == [range(1, 5), range(5, 11)]
    assert (job.pages_done, job.pages) == (10, 10)


def test_results_are_there_while_the_rest_is_still_being_worked_on() -> None:
    go_on = threading.Event()

    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if pages[0] > 1:
            assert go_on.wait(5)
        return ten_pages(document, pages, thumbnails)

    desk = Desk(Played(answer))
    desk.add(PDF)
    until = time.monotonic() + 5
    while not desk.jobs()[0].report and time.monotonic() < until:
        time.sleep(0.005)
    (job,) = desk.jobs()
    assert job.busy
    assert job.pages_done == 4
    assert len(job.report.images) == 4
    go_on.set()
    assert len(finished(desk)[0].report.images) == 10


def test_a_failure_keeps_what_was_found_and_trying_again_goes_on_from_there() -> None:
    broken = True

    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if pages[0] == 5 and broken:
            raise GatewayFailed("inference_failed", 502, "Failed", "it failed")
        return ten_pages(document, pages, thumbnails)

    gateway = Played(answer)
    desk = Desk(gateway)
    desk.add(PDF)
    (job,) = finished(desk)
    assert job.state is State.FAILED
    assert job.problem.code == "inference_failed"
    assert len(job.report.images) == 4
    broken = False
    desk.retry(job.id)
    (job,) = finished(desk)
    assert job.state is State.DONE
    assert len(job.report.images) == 10
    assert [pages for _, pages, _, _ in gateway.asked] == [range(1, 5), range(5, 11), range(5, 11)]


def test_one_document_that_fails_does_not_hold_up_the_next() -> None:
    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if document.name == "bad.pdf":
            raise GatewayFailed("pdf_corrupt", 422, "Damaged", "it is damaged")
        return ten_pages(document, pages, thumbnails)

    desk = Desk(Played(answer))
    desk.add(Document("bad.pdf", b"?"))
    desk.add(PDF)
    assert [job.state for job in finished(desk)] == [State.FAILED, State.DONE]


def test_a_sleeping_classifier_is_waited_for_as_long_as_it_says() -> None:
    naps: list[float] = []

    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if len(naps) < 2:
            raise GatewayFailed("inference_unavailable", 503, "Asleep", "asleep", retry_after_s=9)
        return report(entry("red"), pages=1)

    desk = Desk(Played(answer), sleep=naps.append)
    desk.add(PDF)
    assert finished(desk)[0].state is State.DONE
    assert naps == [9, 9]


def test_patience_ends() -> None:
    naps: list[float] = []

    def asleep(document: Document, pages: range, thumbnails: bool) -> Report:
        raise GatewayFailed("inference_unavailable", 503, "Asleep", "asleep", retry_after_s=60)

    desk = Desk(Played(asleep), sleep=naps.append)
    desk.add(PDF)
    assert finished(desk)[0].problem.code == "inference_unavailable"
    assert naps == [60, 60, 60]


def test_a_gateway_that_starts_anew_fails_none_of_the_documents_that_wait() -> None:
    naps: list[float] = []

    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if len(naps) < 3:
            raise GatewayFailed("gateway_unreachable", 0, "No connection", "nothing answers")
        return report(entry("red"), pages=1)

    desk = Desk(Played(answer), sleep=naps.append)
    for name in ("a.pdf", "b.pdf"):
        desk.add(replace(PDF, name=name))
    assert [job.state for job in finished(desk)] == [State.DONE, State.DONE]
    assert naps == [5, 5, 5]


def retried_with_a_password(gateway: Played) -> tuple[Desk, int]:
    """A desk with a document, handed in without its password and then tried again with it."""
    desk = Desk(gateway)
    first = desk.add(PDF)
    finished(desk)
    desk.retry(first, "sesam")
    finished(desk)
    return desk, first


def test_a_password_goes_along_and_the_same_file_is_taken_once() -> None:
    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if gateway.asked[-1][2] != "sesam":
            raise GatewayFailed("pdf_encrypted", 422, "Locked", "locked")
        return report(entry("red"), pages=1)

    gateway = Played(answer)
    desk, first = retried_with_a_password(gateway)
    assert desk.add(PDF) == first
    assert [job.state for job in finished(desk)] == [State.DONE]


def test_who_tries_again_need_not_type_the_password_again() -> None:
    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if len(gateway.asked) < 3:
            code = "pdf_encrypted" if len(gateway.asked) == 1 else "inference_failed"
            raise GatewayFailed(code, 422, "Failed", "failed")
        return report(entry("red"), pages=1)

    gateway = Played(answer)
    desk, first = retried_with_a_password(gateway)
    desk.retry(first)
    finished(desk)
    assert [password for _, _, password, _ in gateway.asked] == [None, "sesam", "sesam"]


def test_a_report_too_large_to_be_sent_is_asked_for_in_smaller_parts() -> None:
    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if len(pages) > 2 or (pages[0] == 3 and thumbnails):
            raise GatewayFailed("answer_too_large", 413, "Too large", "too large")
        return report(entry(COLOURS[pages[0]], page=pages[0]), pages=3)

    gateway = Played(answer)
    desk = Desk(gateway)
    desk.add(PDF)
    assert finished(desk)[0].state is State.DONE
    assert [(pages, thumbnails) for _, pages, _, thumbnails in gateway.asked] == [
        (range(1, 5), True), (range(1, 3), True), (range(3, 4), True), (range(3, 4), False)
    ]  # fmt: skip


def test_nobody_looks_so_nothing_is_worked_on() -> None:
    now = [0.0]
    gateway = Played(ten_pages)

    def leaving(document: Document, pages: range, thumbnails: bool) -> Report:
        now[0] += 1000.0
        return ten_pages(document, pages, thumbnails)

    gateway.answer = leaving
    desk = Desk(gateway, clock=lambda: now[0])
    desk.add(PDF)
    time.sleep(0.1)
    assert len(gateway.asked) == 1
    assert finished(desk)[0].state is State.DONE  # somebody looks again


def test_what_is_taken_off_the_desk_is_gone() -> None:
    desk = Desk(Played(ten_pages))
    desk.remove(desk.add(PDF))
    assert desk.jobs() == []
    desk.put(report(entry("red")))
    assert [job.state for job in desk.jobs()] == [State.DONE]


def test_a_copy_under_another_name_has_a_row_of_its_own() -> None:
    desk = Desk(Played(ten_pages))
    desk.add(PDF)
    desk.add(Document("copy of paper.pdf", PDF.data, PDF.content_type))
    assert [job.document.name for job in finished(desk)] == ["paper.pdf", "copy of paper.pdf"]


def test_a_file_that_failed_is_tried_again_when_it_is_handed_in_again() -> None:
    away = True

    def answer(document: Document, pages: range, thumbnails: bool) -> Report:
        if away:
            raise GatewayFailed("gateway_unreachable", 0, "No connection", "nothing answers")
        return report(entry("red"), pages=1)

    desk = Desk(Played(answer), sleep=lambda _: None)
    desk.add(PDF)
    assert [job.state for job in finished(desk)] == [State.FAILED]
    away = False
    desk.add(PDF)
    assert [job.state for job in finished(desk)] == [State.DONE]


def test_a_report_that_is_opened_twice_is_there_once() -> None:
    desk = Desk(Played(ten_pages))
    for each in (report(entry("red")), report(entry("red")), replace(report(entry("red")), id="2")):
        desk.put(each)
    assert len(desk.jobs()) == 2
