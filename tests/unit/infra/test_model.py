import os
import tarfile
import zipfile

import pytest

from infra.errors import PackageFailed
from infra.model import repack


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "medsift.mar"
    with zipfile.ZipFile(path, "w") as mar:
        mar.writestr("original.safetensors", b"weights" * 1000)
        mar.writestr("MAR-INF/MANIFEST.json", "{}")
        mar.writestr("handler/__init__.py", "")
    return path


def test_the_manifest_lies_at_the_root(archive, tmp_path):
    with tarfile.open(repack(archive, tmp_path / "out" / "model.tar.gz")) as tar:
        assert tar.getnames() == ["MAR-INF/MANIFEST.json", "handler/__init__.py", "original.safetensors"]
        assert tar.extractfile("original.safetensors").read() == b"weights" * 1000


def test_the_same_archive_makes_the_same_bytes(archive, tmp_path):
    first = repack(archive, tmp_path / "one.tar.gz").read_bytes()
    os.utime(archive, (1, 1))
    assert repack(archive, tmp_path / "two.tar.gz").read_bytes() == first


@pytest.mark.parametrize("content", [None, b"not a zip"])
def test_what_is_no_archive_is_refused(content, tmp_path):
    path = tmp_path / "medsift.mar"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(PackageFailed, match="is not a model archive"):
        repack(path, tmp_path / "model.tar.gz")


def test_an_archive_without_a_manifest_is_refused(tmp_path):
    path = tmp_path / "medsift.mar"
    with zipfile.ZipFile(path, "w") as mar:
        mar.writestr("medsift/MAR-INF/MANIFEST.json", "{}")
    with pytest.raises(PackageFailed, match=r"has no MAR-INF/MANIFEST\.json"):
        repack(path, tmp_path / "model.tar.gz")
