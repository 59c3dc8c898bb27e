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


def test_links_are_followed_but_not_in_circles_and_not_out_of_what_was_named(tmp_path):
    archive, elsewhere = tmp_path / "archive", tmp_path / "elsewhere"
    for path in (archive / "a.pdf", elsewhere / "b.pdf"):
        path.parent.mkdir()
        path.touch()
    (archive / "more").symlink_to(elsewhere)
    (archive / "up").symlink_to(tmp_path)
    (elsewhere / "back").symlink_to(archive)
    names = [given.name.removeprefix(f"{archive}/") for given in expand([str(archive)])]
    assert names == ["a.pdf", "more/b.pdf"]


def test_a_directory_that_cannot_be_read_is_a_failure_and_the_others_go_on(tmp_path, monkeypatch):
    for path in (tmp_path / "a.pdf", tmp_path / "locked" / "b.pdf"):
        path.parent.mkdir(exist_ok=True)
        path.touch()
    scandir = os.scandir

    def locked(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", locked)  # permissions do not bind the superuser
    found, failure = expand([str(tmp_path)])
    assert found == Given(str(tmp_path / "a.pdf"))
    assert failure.source == str(tmp_path / "locked")
    assert failure.error.detail == "the directory cannot be read (Permission denied)"


def test_a_name_that_no_file_can_have_fails_when_it_is_read_and_not_before():
    assert expand(["a" * 300, "a\0b", ""]) == [Given("a" * 300), Given("a\0b"), Given("")]


def test_when_the_answer_is_a_list(tmp_path):
    assert are_several(["a.pdf", "b.pdf"])
    assert are_several([str(tmp_path)])
    assert not are_several(["a.pdf"])
