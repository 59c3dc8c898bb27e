"""Opens what registries hold: wheels, source distributions, npm's tarballs, Debian's packages."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from debian.debfile import DebFile

Read = Callable[[str], bytes]


@contextmanager
def opened(path: Path) -> Iterator[tuple[list[str], Read]]:
    """The sorted names of the regular files inside, and what reads one. Names of a .deb begin without ``./``.

    Raises:
        ValueError: it is no archive of a form known here.
    """
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as stored:
            yield sorted(name for name in stored.namelist() if not name.endswith("/")), stored.read
    elif path.suffix == ".deb":
        with DebFile(path) as package:
            yield from _tar(package.data.tgz())
    elif tarfile.is_tarfile(path):
        with tarfile.open(path) as tar:
            yield from _tar(tar)
    else:
        raise ValueError(f"{path.name} is neither a ZIP file, nor a tar file, nor a Debian package")


def _tar(tar: tarfile.TarFile) -> Iterator[tuple[list[str], Read]]:
    members = {member.name.removeprefix("./"): member for member in tar.getmembers() if member.isfile()}

    def read(name: str) -> bytes:
        file = tar.extractfile(members[name])
        assert file is not None  # noqa: S101  # regular files alone are listed
        return file.read()

    yield sorted(members), read
