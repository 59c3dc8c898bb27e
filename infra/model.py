"""The model archive as SageMaker wants it: model.tar.gz with MAR-INF/ at its root."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from pathlib import Path

from infra.errors import PackageFailed

MANIFEST = "MAR-INF/MANIFEST.json"


def repack(archive: Path, output: Path) -> Path:
    """Turn TorchServe's .mar (a zip) into model.tar.gz; equal archives give equal bytes.

    SageMaker unpacks it into /opt/ml/model, which TorchServe then loads as a folder. The archiver's own ``tgz`` format will
    not do: it puts everything into a folder of the model's name.

    Raises:
        PackageFailed: It is not a .mar.
    """
    try:
        source = zipfile.ZipFile(archive)
    except (OSError, zipfile.BadZipFile) as error:
        raise PackageFailed(f"{archive} is not a model archive: {error}") from error
    with source:
        names = sorted(name for name in source.namelist() if not name.endswith("/"))
        if MANIFEST not in names:
            raise PackageFailed(f"{archive} has no {MANIFEST}.")
        output.parent.mkdir(parents=True, exist_ok=True)
        with (
            output.open("wb") as file,
            # Weights hardly shrink, so the quickest level; the name and the time would differ from build to build.
            gzip.GzipFile(filename="", mode="wb", compresslevel=1, fileobj=file, mtime=0) as zipped,
            tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            for name in names:
                content = source.read(name)
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = len(content), 0o644
                tar.addfile(entry, io.BytesIO(content))
    return output
