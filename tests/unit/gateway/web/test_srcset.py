"""srcset attributes, with the cases that browsers are tested with."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.web.srcset import WHITESPACE, Sized, parse

# The manner of web-platform-tests/html/semantics/embedded-content/the-img-element/srcset/parse-a-srcset-attribute.html:
# the attribute, and the candidates that are left as (address, width, density).
CASES = [
    ("", []),
    (",", []),
    (",,,", []),
    ("  ,a  1x  ,  ", [("a", None, 1)]),
    (" a 1x ", [("a", None, 1)]),
    ("\na\n1x\n", [("a", None, 1)]),
    ("\u00a0a 1x", [("\u00a0a", None, 1)]),  # a no-break space is no white space here
    ("a", [("a", None, None)]),
    ("a,", [("a", None, None)]),
    ("a,,,b", [("a,,,b", None, None)]),  # one address
    ("a, b", [("a", None, None), ("b", None, None)]),
    (",a", [("a", None, None)]),
    ("a ,b", [("a", None, None), ("b", None, None)]),
    ("a 100w, b 200w,c 300w", [("a", 100, None), ("b", 200, None), ("c", 300, None)]),
    ("a 1x,b 2x", [("a", None, 1), ("b", None, 2)]),
    ("https://img.example/w_300,h_200,c_fill/x.jpg 300w", [("https://img.example/w_300,h_200,c_fill/x.jpg", 300, None)]),
    ("data:image/png;base64,AAAA 1x, b 2x", [("data:image/png;base64,AAAA", None, 1), ("b", None, 2)]),
    ("data:,a ( , data:,b 1x, ), data:,c", [("data:,c", None, None)]),  # commas in parentheses part nothing
    ("data:,a (( , data:,b 1x, ), data:,c", [("data:,c", None, None)]),  # which do not nest
    ("data:,a (", []),
    ("a 1.5x", [("a", None, 1.5)]),
    ("a .5x", [("a", None, 0.5)]),
    ("a 1e2x", [("a", None, 100)]),
    ("a 0x", [("a", None, 0)]),
    ("a -0x", [("a", None, 0)]),
    ("a 1w 1h", [("a", 1, None)]),
    ("a 1h 1w", [("a", 1, None)]),
]
WRONG = [
    "0w", "-1w", "+1w", "1.0w", "1e0w", "1wx", "w", "x", "h", "1", "1W", "1X", "-1x", "+1x", "1.x", "1e1.5x",
    "0x1x", "infx", "nanx",
    "1w 2w", "1w 1x", "1x 1x", "1x 1w", "1h", "1w 0h", "1w 1h 1h", "1h 1x", "1w 1h 1x", "1x foo", "foo", "(1x)", "１w", "²x",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_candidates(text, expected):
    assert [(one.address, one.width, one.density) for one in parse(text)] == expected


@pytest.mark.parametrize("descriptor", WRONG)
def test_a_wrong_descriptor_leaves_out_its_candidate_and_no_other(descriptor):
    assert parse(f"a {descriptor}, b 2x") == [Sized("b", density=2)]


def test_a_width_beyond_all_screens():
    assert parse("a " + "9" * 400 + "w") == [Sized("a", width=1_000_000_000)]


addresses = st.text(st.characters(exclude_characters=WHITESPACE, exclude_categories=["Cs"]), min_size=1).filter(
    lambda address: not address.startswith(",") and not address.endswith(",")
)
widths = st.integers(1, 20_000).map(lambda width: (f"{width}w", width, None))
densities = st.integers(1, 80).map(lambda eighths: (f"{eighths / 8}x", None, eighths / 8))
nothing = st.just(("", None, None))


@settings(deadline=None)
@given(st.lists(st.tuples(addresses, st.one_of(widths, densities, nothing))), st.sampled_from([", ", " , ", " ,\n\t", " ,,  "]))
def test_what_is_written_is_read(candidates, comma):
    text = comma.join(f"{address} {descriptor}" for address, (descriptor, *_) in candidates)
    assert parse(text) == [Sized(address, width, density) for address, (_, width, density) in candidates]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab,()1.wxh- \n"), max_size=60))
def test_whatever_is_written_addresses_are_pieces_of_it(text):
    for one in parse(text):
        assert one.address in text
        assert one.address
        assert not set(one.address) & set(WHITESPACE)
        assert not one.address.startswith(",")
        assert not one.address.endswith(",")
