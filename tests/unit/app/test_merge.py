"""The parts of a PDF become one report."""

from app.merge import merge, next_pages
from gateway.images import Skipped
from tests.unit.app.reports import entry, report


def test_the_first_part_is_the_report() -> None:
    part = report(entry("red"))
    assert merge(None, part) is part


def test_new_pictures_are_added_and_counted_on() -> None:
    merged = merge(report(entry("red", 0.9)), report(entry("blue", 0.1, page=3), entry("pink", 0.6, page=4)))
    assert [(each.index, each.page) for each in merged.images] == [(0, 1), (1, 3), (2, 4)]
    assert (merged.summary.images, merged.summary.medical, merged.summary.review) == (3, 2, 1)
    assert merged.timing_ms == {"total": 20.0}


def test_a_picture_of_both_parts_is_one_entry_with_both_places() -> None:
    merged = merge(report(entry("red", page=1)), report(entry("red", page=3)))
    assert [place.page for place in merged.images[0].placements] == [1, 3]
    assert merged.summary.images == 1


def test_what_concerns_the_whole_document_is_said_once_and_what_a_page_lacks_each_time() -> None:
    whole = Skipped("limit_pages", "too many pages")
    small = Skipped("too_small", "8x8 px", page=1)
    merged = merge(report(skipped=(small, small, whole)), report(skipped=(whole, Skipped("too_small", "8x8 px", page=5))))
    assert [(each.reason, each.page) for each in merged.skipped] == [
        ("too_small", 1), ("too_small", 1), ("limit_pages", None), ("too_small", 5)
    ]  # fmt: skip
    assert merged.summary.skipped == 4


def test_a_document_is_asked_for_in_growing_parts_that_cover_it_once() -> None:
    done, asked = None, []
    while (done := next_pages(done, 0.5, 70 if done else None)) is not None:
        asked.append(done)
    assert [len(part) for part in asked] == [4, 8, 16, 32, 10]
    assert [page for part in asked for page in part] == list(range(1, 71))


def test_slow_answers_make_the_parts_smaller() -> None:
    assert next_pages(range(1, 9), 20.0, 100) == range(9, 13)
    assert next_pages(range(1, 2), 20.0, 100) == range(2, 3)


def test_a_slow_start_does_not_end_in_a_process_for_every_page() -> None:
    done, asked = None, []
    while (done := next_pages(done, 5.0 + 0.4 * len(done or ()), 125 if done else None)) is not None:
        asked.append(len(done))
    assert asked == [4, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 1]


def test_what_has_no_pages_is_asked_for_once() -> None:
    assert next_pages(range(1, 5), 0.5, None) is None
