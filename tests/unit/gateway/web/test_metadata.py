"""The pictures that a page names for search engines."""

import json

import pytest

from gateway.web import metadata

BASE = "https://example.com/p/"


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({"@type": "Article", "image": "a.jpg"}, ["a.jpg"]),
        ({"@type": "Article", "image": [{"@type": "ImageObject", "url": "/a.jpg"}, "b.jpg"]}, ["/a.jpg", "b.jpg"]),
        ({"@type": "Article", "image": {"@id": "https://example.com/p/a.jpg"}}, ["a.jpg"]),  # as Rank Math writes it
        # As Yoast does: the article's image is another entry of the same block.
        (
            {
                "@graph": [
                    {"@type": "Article", "image": {"@id": "https://example.com/p/#primaryimage"}},
                    {"@type": "ImageObject", "@id": "https://example.com/p/#primaryimage", "contentUrl": "/b.jpg"},
                    {"@type": "Organization", "logo": {"@id": "https://example.com/#/schema/logo/image/"}},
                ]
            },
            ["/b.jpg"],
        ),
    ],
)
def test_json_ld(described, expected):
    found = metadata.of_json_ld(json.dumps(described), BASE)
    assert [one.best.address for one in found] == [
        "https://example.com" + one if one[0] == "/" else BASE + one for one in expected
    ]
