import os

from gateway.fetch import Fetcher
from gateway.given import Given, are_several, expand
from gateway.limits import Limits
from gateway.outcomes import Failure
from tests.documents import picture


def test_a_directory_is_opened_up_in_order_without_what_is_hidden(tmp_path):
    for name in ("b.PDF", "a.pdf", "deep/er/c.JPG", "notes.txt", ".hidden.pdf", ".git/d.pdf"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    names = [given.name.removeprefix(f"{tmp_path}/") for given in expand([str(tmp_path)])]
    assert names == ["a.pdf", "b.PDF", "deep/er/c.JPG"]


def test_named_files_and_addresses_are_taken_as_they_are(tmp_path):
    names = ["https://example.org/", "none.txt", ".hidden"]
    assert expand(names) == [Given(name) for name in names]


def test_a_directory_without_anything_is_a_failure(tmp_path):
    (failure,) = expand([str(tmp_path)])
    assert isinstance(failure, Failure)
    assert failure.error.code == "source_not_found"


def test_names_that_are_no_characters_are_told_in_some(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    path.write_bytes(picture(1))
    (given,) = expand([str(tmp_path)])
    assert str(given) == given.read(Fetcher(Limits()), Limits()).name == f"{tmp_path}/caf\N{REPLACEMENT CHARACTER}.png"


def test_when_the_answer_is_a_list(tmp_path):
    assert are_several(["a.pdf", "b.pdf"])
    assert are_several([str(tmp_path)])
    assert not are_several(["a.pdf"])
