"""``medsift.mar``: the two networks, the review band and this package, packed with torch-model-archiver. Needs no PyTorch."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Literal

ArchiveFormat = Literal["default", "no-archive", "tgz"]

MODEL_NAME = "medsift"

PACKAGE = Path(__file__).parent

# What the worker imports; the rest of the package serves those who build and start it.
MODULES = ("__init__.py", "engines.py", "ensemble.py", "handler.py", "payload.py", "preprocess.py")

SUFFIXES: dict[ArchiveFormat, str] = {"default": ".mar", "no-archive": "", "tgz": ".tar.gz"}


def build(model_store: Path, output: Path, archive_format: ArchiveFormat = "default") -> Path:
    """Build the archive; the same input makes the same bytes.

    torch-model-archiver lays the files out and writes the manifest. It stamps both with the time of day, so the packing
    is done here with fixed dates.

    Args:
        model_store: holds ``original.safetensors``, ``finetuned.safetensors`` and perhaps ``review.json``.
        output: the folder to write to.
        archive_format: ``default`` makes ``medsift.mar``, ``tgz`` ``medsift.tar.gz`` with everything under ``medsift/``,
            ``no-archive`` the folder ``medsift``; they are torch-model-archiver's names.

    Returns:
        The path of what was built.

    Raises:
        FileNotFoundError: a network is missing.
        RuntimeError: torch-model-archiver failed; its message is in it.
    """
    weights = [model_store / f"{name}.safetensors" for name in ("original", "finetuned")]
    for path in weights:
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing; train the networks, or check the repository out with them")
    band = model_store / "review.json"
    extra = [*weights, *([band] if band.is_file() else [])]
    output.mkdir(parents=True, exist_ok=True)
    target = output / f"{MODEL_NAME}{SUFFIXES[archive_format]}"
    with tempfile.TemporaryDirectory(prefix="medsift-archive-", dir=output) as scratch:
        folder = _lay_out(extra, Path(scratch))
        packed = Path(scratch) / "packed"
        if archive_format == "default":
            _zip(folder, packed)
        elif archive_format == "tgz":
            _tar(folder, packed)
        else:
            packed = folder
            shutil.rmtree(target, ignore_errors=True)
        packed.replace(target)  # whoever reads the old archive meanwhile keeps it whole
    return target


def _lay_out(extra: list[Path], scratch: Path) -> Path:
    """Let the archiver make the folder ``medsift``: manifest, entry point, configuration, weights and ``handler/``."""
    # A folder among the extra files is emptied into the archive's root, so the package goes one level down.
    package = scratch / "code" / PACKAGE.name
    package.mkdir(parents=True)
    for module in MODULES:
        shutil.copyfile(PACKAGE / module, package / module)
    (scratch / "temporary").mkdir()
    (scratch / "laid-out").mkdir()
    command = [
        sys.executable, "-m", "model_archiver.model_packaging",
        "--model-name", MODEL_NAME, "--version", version("medsift"),
        "--handler", str(PACKAGE / "entry.py"), "--config-file", str(PACKAGE / "model-config.yaml"),
        "--extra-files", ",".join(str(path) for path in [*extra, package.parent]),
        "--archive-format", "no-archive", "--export-path", str(scratch / "laid-out"), "--force",
    ]  # fmt: skip
    # It works in, and first deletes, a folder of the model's name among the temporary files: give it some of its own.
    environment = {**os.environ, "TMPDIR": str(scratch / "temporary")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        *_, last = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()
        raise RuntimeError(f"torch-model-archiver failed: {last}")
    folder = scratch / "laid-out" / MODEL_NAME
    manifest = folder / "MAR-INF" / "MANIFEST.json"
    content = json.loads(manifest.read_text(encoding="utf-8"))
    content["createdOn"] = "01/01/1980 00:00:00"
    manifest.write_text(json.dumps(content, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return folder


def _files(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path, path.relative_to(folder).as_posix()


def _zip(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:  # weights do not compress
        for path, name in _files(folder):
            info = zipfile.ZipInfo(name)  # dated 1980-01-01
            info.external_attr = 0o644 << 16
            archive.writestr(info, path.read_bytes())


def _tar(folder: Path, target: Path) -> None:
    with (
        target.open("wb") as file,
        gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w") as archive,
    ):
        for path, name in _files(folder):
            info = tarfile.TarInfo(f"{MODEL_NAME}/{name}")  # dated 1970-01-01, owned by nobody in particular
            info.size = path.stat().st_size
            with path.open("rb") as content:
                archive.addfile(info, content)
