"""manifest.csv as people write it."""

import pytest

from training.manifest import read_rows


def write(folder, text):
    (folder / "manifest.csv").write_text(text, encoding="utf-8-sig")
    return folder


def test_other_columns_are_ignored_and_split_is_optional(tmp_path):
    rows = read_rows(write(tmp_path, "note,path,label,modality,source\nx,a.png,medical,ct,here\n"))
    assert (rows[0].path, rows[0].label, rows[0].split) == ("a.png", "medical", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [("path,label\n", "lacks the columns modality, source"), ("path,label,modality,source\na,cat,x,y\n", "labelled 'cat'")],
)
def test_a_wrong_manifest_is_told_in_one_line(tmp_path, text, said):
    with pytest.raises(ValueError, match=said):
        read_rows(write(tmp_path, text))


def test_no_manifest(tmp_path):
    with pytest.raises(ValueError, match=r"has no manifest\.csv"):
        read_rows(tmp_path)


def test_short_and_blank_lines(tmp_path):
    first, second = read_rows(
        write(tmp_path, "path,label,modality,source\na.png,medical\n , ,\n\nb.png,medical,ct,here,more\n")
    )
    assert (first.path, first.modality, first.source) == ("a.png", "", "")
    assert second.source == "here"


def test_a_field_without_end_is_no_csv(tmp_path):
    with pytest.raises(ValueError, match="is no CSV"):
        read_rows(write(tmp_path, f"path,label,modality,source\n{'x' * 200_000},medical,ct,here\n"))
