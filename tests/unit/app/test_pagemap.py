"""The page in small."""

import pytest

from app.pagemap import boxes_on, draw, page_size
from gateway.images import Placement, Skipped
from tests.unit.app.reports import BOX, entry, report


@pytest.mark.parametrize(
    ("reach", "size"),
    [
        ((300.0, 400.0), (595.0, 842.0)),
        ((612.0, 792.0), (612.0, 792.0)),
        ((720.0, 405.0), (720.0, 405.0)),
        ((2000.0, 3000.0), (2000.0, 3000.0)),
    ],
)
def test_the_first_common_format_that_holds_every_place(reach: tuple[float, float], size: tuple[float, float]) -> None:
    assert page_size(report(skipped=(Skipped("blank", "", 1, (0.0, 0.0, *reach)),))) == size


def test_a_web_page_has_some_size_too() -> None:
    assert page_size(report(entry("red", page=None), pages=None)) == (595.0, 842.0)


def test_a_mark_lies_where_the_picture_lies() -> None:
    html = draw((100.0, 200.0), [(25.0, 50.0, 75.0, 100.0)], height=40)
    assert 'style="width:20px;height:40px"' in html
    assert "left:25.0%;top:25.0%;width:50.0%;height:25.0%" in html


def test_a_mark_stays_on_the_page_whichever_corner_came_first() -> None:
    assert "left:0.0%;top:0.0%;width:100.0%;height:100.0%" in draw((100.0, 100.0), [(150.0, 150.0, -50.0, -50.0)])


def test_a_page_of_no_size_can_be_drawn() -> None:
    assert "pagemap" in draw((0.0, 0.0), [(0.0, 0.0, 0.0, 0.0)])


def test_the_places_of_one_page() -> None:
    assert boxes_on([Placement(1, BOX), Placement(2, BOX)], 2) == [BOX]
