"""What is in the archive, and that it is the same each time."""

import hashlib
import json
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

from handler.archive import build


@pytest.fixture
def store(tmp_path):
    folder = tmp_path / "store"
    folder.mkdir()
    for name in ("original.safetensors", "finetuned.safetensors", "review.json"):
        (folder / name).write_text(name)
    return folder


CONTENT = {
    "MAR-INF/MANIFEST.json", "entry.py", "model-config.yaml",
    "original.safetensors", "finetuned.safetensors", "review.json",
    "handler/__init__.py", "handler/engines.py", "handler/ensemble.py", "handler/handler.py", "handler/payload.py",
    "handler/preprocess.py",
}  # fmt: skip


def test_the_archive_holds_networks_band_and_code(store, tmp_path):
    path = build(store, tmp_path / "out")
    assert path == tmp_path / "out" / "medsift.mar"
    assert [file.name for file in path.parent.iterdir()] == ["medsift.mar"]
    with zipfile.ZipFile(path) as archive:
        assert set(archive.namelist()) == CONTENT
        assert archive.read("review.json") == b"review.json"
        manifest = json.loads(archive.read("MAR-INF/MANIFEST.json"))
    assert manifest["model"] == {
        "modelName": "medsift",
        "modelVersion": version("medsift"),
        "handler": "entry.py",
        "configFile": "model-config.yaml",
    }


@pytest.mark.parametrize("archive_format", ["default", "tgz"])
def test_the_same_input_makes_the_same_bytes(store, tmp_path, archive_format):
    def digest(folder):
        return hashlib.sha256(build(store, folder, archive_format).read_bytes()).hexdigest()

    first = digest(tmp_path / "first")
    for path in store.iterdir():
        path.touch()
    assert digest(tmp_path / "second") == first


def test_other_formats_are_the_archiver_s(store, tmp_path):
    with tarfile.open(build(store, tmp_path, "tgz")) as archive:
        assert set(archive.getnames()) == {f"medsift/{name}" for name in CONTENT}
    folder = build(store, tmp_path, "no-archive")
    assert {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} == CONTENT


def test_an_archive_is_replaced_and_a_band_may_be_missing(store, tmp_path):
    build(store, tmp_path)
    (store / "review.json").unlink()
    with zipfile.ZipFile(build(store, tmp_path)) as archive:
        assert set(archive.namelist()) == CONTENT - {"review.json"}


def test_the_archiver_does_not_touch_a_stranger_s_temporary_folder(store, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    (tmp_path / "medsift").mkdir()
    (tmp_path / "medsift" / "keep").touch()
    build(store, tmp_path / "out")
    assert (tmp_path / "medsift" / "keep").exists()


def test_a_missing_network_is_named(store, tmp_path):
    (store / "finetuned.safetensors").unlink()
    with pytest.raises(FileNotFoundError, match=r"finetuned\.safetensors is missing"):
        build(store, tmp_path)


def test_building_needs_no_pytorch():
    code = "import sys, handler.archive; sys.exit('torch' in sys.modules or 'numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False).returncode == 0
