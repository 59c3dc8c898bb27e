"""manifest.csv as people write it, and folders as they sort them."""

import os

import pytest

from training.manifest import label_of, read_folders, read_rows


def write(folder, text):
    (folder / "manifest.csv").write_text(text, encoding="utf-8-sig")
    return folder


def test_other_columns_are_ignored_and_path_and_label_are_enough(tmp_path):
    assert read_rows(write(tmp_path, "path,label\na.png,medical\n"))[0].modality == ""
    rows = read_rows(write(tmp_path, "note,path,label,modality,source\nx,a.png,medical,ct,here\n"))
    assert (rows[0].path, rows[0].label, rows[0].split) == ("a.png", "medical", "")


@pytest.mark.parametrize(
    ("text", "said"),
    [("path,modality\n", "lacks the columns label"), ("path,label,modality,source\na,cat,x,y\n", "labelled 'cat'")],
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


@pytest.mark.parametrize("word", ["non-medical", "non_medical", "Non Medical", "NonMedical"])
def test_labels_in_other_spellings(word):
    assert label_of(word) == "non-medical"
    assert label_of("medical devices") is None


def test_a_manifest_of_a_spreadsheet(tmp_path):
    (row,) = read_rows(write(tmp_path, "path;label\r\nct\\a,b.png;Medical\r\n"))
    assert (row.path, row.label) == ("ct/a,b.png", "medical")
    (tmp_path / "manifest.csv").write_bytes("path,label\nö.png,medical\n".encode("latin-1"))
    with pytest.raises(ValueError, match="is not in UTF-8"):
        read_rows(tmp_path)


def test_folders_named_by_label(tmp_path):
    names = ["medical/ct/head/1.PNG", "mri/Medical/2.png", "non_medical/medical/doctor.jpg", "stray.png"]
    for name in [*names, "medical/.DS_Store", "__MACOSX/medical/._1.png"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    rows = {row.path: (row.label, row.modality) for row in read_folders(tmp_path)}
    assert rows == {
        "medical/ct/head/1.PNG": ("medical", "ct/head"),
        "mri/Medical/2.png": ("medical", "mri"),
        "non_medical/medical/doctor.jpg": ("non-medical", "medical"),
        "stray.png": ("", ""),
    }


def test_linked_folders_are_followed_but_not_in_circles(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.png").touch()
    folder = tmp_path / "mine"
    folder.mkdir()
    os.symlink(elsewhere, folder / "medical")
    os.symlink(folder, elsewhere / "back")
    assert [row.path for row in read_folders(folder)] == ["medical/a.png"]


def test_a_folder_without_labels(tmp_path):
    (tmp_path / "a.png").touch()
    with pytest.raises(ValueError, match="folders named medical and non-medical"):
        read_folders(tmp_path)
