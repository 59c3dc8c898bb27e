"""Pictures that wait in other attributes."""

import pytest

from gateway.web import markup
from gateway.web.pictures import distinct

URL = "https://example.com/p/"
HOLD = "data:image/gif;base64,R0lGODlhAQABAAAAACw="


def named(html):
    pictures = distinct(markup.read(html, URL).pictures)
    return [[candidate.address.removeprefix(URL) for candidate in picture.candidates] for picture in pictures]


@pytest.mark.parametrize(
    "name",
    ["data-src", "data-original", "data-lazy-src", "data-lazy", "data-url-image", "lazy-src", "data-img", "data-echo-src",
     "data-orig-file", "original", "data-hi-res-src", "data-image"],
)  # fmt: skip
def test_names(name):
    assert named(f"<img src='{HOLD}' {name}='b/a.jpg'>") == [["b/a.jpg", HOLD]]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<img src=s.gif data-srcset='a.jpg 400w, b.jpg 800w'>", ["b.jpg", "a.jpg", "s.gif"]),
        ("<img data-srcset='a.jpg'>", ["a.jpg"]),
        ("<img data-src='a.jpg' data-large-file='b.jpg' data-thumb='c.jpg' src=d.jpg>", ["b.jpg", "a.jpg", "d.jpg", "c.jpg"]),
        ("<img data-src='/render?id=12' src=d.gif>", ["https://example.com/render?id=12", "d.gif"]),
        ("""<img data-images='{"https://x.example/a.jpg": [1, 2]}' src=d.gif>""", ["https://x.example/a.jpg", "d.gif"]),
        (
            "<img src=a.jpg data-medium-file='/m.jpg' data-large-file='/l.jpg'>",
            ["https://example.com/l.jpg", "a.jpg", "https://example.com/m.jpg"],
        ),
        ("<img src=a.jpg data-at2x=i/b.jpg>", ["i/b.jpg", "a.jpg"]),
        ("<picture><source srcset=m.jpg><img src=m.jpg data-lg-src=l.jpg></picture>", ["l.jpg", "m.jpg"]),
        ("<img data-interchange='[s.jpg, small], [l.jpg, large]'>", ["l.jpg", "s.jpg"]),
        ("<div data-interchange='[s.jpg, small], [l.jpg, large], [p.html, xlarge]'></div>", ["l.jpg", "s.jpg"]),
        ("<img src=a_300x.jpg data-src='a_{width}x.jpg' data-widths='[180, 900, 720]'>", ["a_900x.jpg", "a_300x.jpg"]),
        ("<img src=a.jpg data-rjs=a@2x.jpg>", ["a@2x.jpg", "a.jpg"]),
        ("<img src=tiny.jpg data-progressive=a.jpg>", ["a.jpg", "tiny.jpg"]),
        ("<img src=s.gif data-src='a.jpg|a@2x.jpg'>", ["a@2x.jpg", "a.jpg", "s.gif"]),
        ("<div data-bgset='a.jpg [(max-width: 30em)] | b.jpg 1x, c.jpg 2x'></div>", ["c.jpg", "b.jpg", "a.jpg"]),
        ("<img src=a.jpg data-srcset='b.jpg?c=d|e 2x'>", ["b.jpg?c=d%7Ce", "a.jpg"]),
        ("<img src=a.gif :src=\"'/b/' + name\" v-bind:src='x/y'>", ["a.gif"]),
        ("<div data-bg='a_{width}x.jpg?v=1'></div>", ["a_2048x.jpg?v=1"]),
        ("<div data-bg='https://x.example/photo-15?w=1200'></div>", ["https://x.example/photo-15?w=1200"]),
        ("<div data-background-image=/render/15></div>", ["https://example.com/render/15"]),
        ("<video poster=p.gif data-poster=q.jpg></video>", ["q.jpg", "p.gif"]),
        ("<object data-src=a.jpg></object>", ["a.jpg"]),
        ("<div data-bg=a.jpg></div>", ["a.jpg"]),
        ("<div data-bg='url(a.jpg)'></div>", ["a.jpg"]),
        ("<div data-bg=a.jpg data-bg-hidpi=b.jpg></div>", ["b.jpg", "a.jpg"]),
        ("<div data-background-image=a.jpg></div>", ["a.jpg"]),
        ("<section data-image-src=static/a.jpg></section>", ["static/a.jpg"]),
        ("<li data-thumb=t.jpg data-full=f.jpg></li>", ["f.jpg", "t.jpg"]),
        ("<div data-bg-set='url(a.jpg) 1x, url(b.jpg) 2x'></div>", ["b.jpg", "a.jpg"]),
        ("<img src=x.png data-fallback-src=f.png>", ["x.png", "f.png"]),
        ("<img data-fallback=/f.png data-src=/x.jpg>", ["https://example.com/x.jpg", "https://example.com/f.png"]),
        (
            "<img src='data:image/gif;base64,AA==' data-src='my photo (1).png'>",
            ["my%20photo%20(1).png", "data:image/gif;base64,AA=="],
        ),
        ('<img src=s.gif data-src="Crohn\'s.jpg">', ["Crohn's.jpg", "s.gif"]),
        ("<img src=s.gif data-src='thumb.php?id=3'>", ["thumb.php?id=3", "s.gif"]),
        ("<img data-pin-media=https://x.example/a.jpg src=d.jpg>", ["https://x.example/a.jpg", "d.jpg"]),
    ],
)
def test_one_picture(html, expected):
    assert named(html) == [expected]


def test_several_backgrounds_of_one_element():
    html = """<div data-bg-multi="url('l.jpg'), url('r.jpg')" data-bg-multi-hidpi="url('l2.jpg'), url('r2.jpg')"></div>"""
    assert named(html) == [["l2.jpg", "l.jpg"], ["r2.jpg", "r.jpg"]]
    html = "<div data-bg-set='url(l.jpg) 1x, url(l2.jpg) 2x | url(r.jpg) 1x, url(r2.jpg) 2x'></div>"
    assert named(html) == [["l2.jpg", "l.jpg"], ["r2.jpg", "r.jpg"]]


@pytest.mark.parametrize(
    "attribute",
    [
        "data-title=a.jpg", "data-image-title=a.jpg", "data-filename=a.jpg", "data-src=auto",
        "data-lazy=true", "data-original-width=200",
        "data-src=video/a.mp4", "data-full='large, very large'", "data-sizes=auto", "data-src=''",
        "alt=images/a.jpg", "data-x='[1'", "data-image='/i/{{ photo }}.jpg'", "data-bg=dark", "data-sizes='[180, 360]'",
        "data-background-video=/v/15", "data-bg=/v/a.mp4", "data-text='large | a.jpg'",
        """data-json='{"a": "b.jpg"}'""",
    ],
)  # fmt: skip
def test_what_is_no_picture(attribute):
    assert named(f"<div {attribute}></div>") == []


def test_what_an_image_shows_on_other_occasions_is_a_picture_of_its_own():
    assert named("<img src=a.jpg data-hover-src=b.jpg data-link=/c.jpg>") == [
        ["a.jpg"],
        ["b.jpg"],
        ["https://example.com/c.jpg"],
    ]
    html = "<picture><source data-srcset='a.jpg 2x' data-hover-src=b.jpg><img src=c.jpg></picture>"
    assert named(html) == [["a.jpg", "c.jpg"], ["b.jpg"]]
