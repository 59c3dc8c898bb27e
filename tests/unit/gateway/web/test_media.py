"""What media queries say of a screen's width."""

import pytest

from gateway.web.media import bounded_above, least_width


@pytest.mark.parametrize(
    ("media", "least", "bounded"),
    [
        ("", 0, False),
        ("print", 0, False),
        ("(min-width: 800px)", 800, False),
        ("screen and (MIN-WIDTH:50.5em)", 808, False),
        ("(max-width: 799px)", 0, True),
        ("(min-width: 400px) and (max-width: 799px)", 400, True),
        ("(width >= 800px)", 800, False),
        ("(width<800px)", 0, True),
        ("(400px <= width < 800px)", 400, True),
        ("(800px > width)", 0, True),
        ("(min-height: 800px)", 0, False),
        ("(min-resolution: 2dppx), (min-device-width: 10rem)", 160, False),
    ],
)
def test_media(media, least, bounded):
    assert (least_width(media), bounded_above(media)) == (least, bounded)
