"""What media queries say of a screen."""

import pytest

from gateway.web.media import for_others, least_width


@pytest.mark.parametrize(
    ("media", "least", "others"),
    [
        ("", 0, False),
        ("print", 0, True),
        ("(min-width: 800px)", 800, False),
        ("screen and (MIN-WIDTH:50.5em)", 808, False),
        ("(max-width: 799px)", 0, True),
        ("(min-width: 400px) and (max-width: 799px)", 400, False),
        ("(width >= 800px)", 800, False),
        ("(width<800px)", 0, True),
        ("(400px <= width < 800px)", 400, False),
        ("(800px > width)", 0, True),
        ("(min-height: 800px)", 0, False),
        ("(orientation:portrait) and (min-width: 600px)", 600, True),
        ("(prefers-color-scheme: Dark)", 0, True),
        ("(prefers-color-scheme: light)", 0, False),
        ("(prefers-reduced-motion: reduce)", 0, True),
        ("(prefers-reduced-motion: no-preference)", 0, False),
        ("(min-resolution: 2dppx), (min-device-width: 10rem)", 160, False),
    ],
)
def test_media(media, least, others):
    assert (least_width(media), for_others(media)) == (least, others)
