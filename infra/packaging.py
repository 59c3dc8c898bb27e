"""The functions' zip: the gateway and what it needs, as wheels for the machines that Lambda runs it on.

A zip is a function of the sources, the lock file and the target: the same bytes each time, so that its hash names it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from infra.errors import PackageFailed, PackageTooLarge

ROOT = Path(__file__).resolve().parent.parent

# Bytes. Three libraries alone (MuPDF with its fonts, numpy's OpenBLAS, Pillow's codecs) are 108 MB on arm64;
# Lambda's own bound is 262 MB.
MAX_UNPACKED = 150_000_000

SOURCES = ("gateway/**/*.py", "handler/__init__.py", "handler/preprocess.py")
COMMAND_LINE_ONLY = frozenset({"typer", "rich"})
# Powertools traces where the X-Ray SDK is; its own dependency, botocore, is in Lambda's runtime already.
WITHOUT_DEPENDENCIES = ("aws-xray-sdk", "wrapt")

# Nothing that runs: tests, stubs, headers, sources of extensions, command-line scripts, other tools' hooks.
LEFT_OUT = re.compile(
    r"(^|/)(tests?|__pycache__|_pyinstaller)/|^bin/"
    r"|\.(pyi|pyx|pxd|pxi|h|hpp|c|cpp|a|lib|exe|typed)$"
    r"|^pymupdf/mupdf-devel/|^numpy/(f2py|random|_core/lib)/|^numpy/_core/[^/]*(_simd|_tests)\."
    r"|^lxml/(includes|isoschematron|html/_?diff(lib)?\b|objectify)"
    r"|^PIL/(_imagingtk|_tkinter)|^wrapt-stubs/"
    r"|\.dist-info/(RECORD|INSTALLER|REQUESTED|WHEEL|direct_url\.json|licenses/|sboms/|top_level\.txt)"
)


@dataclass(frozen=True)
class Target:
    """The machine that the wheels are for."""

    python: str = "3.13"
    machine: str = "aarch64"

    @property
    def platforms(self) -> tuple[str, ...]:
        """Amazon Linux 2023 has glibc 2.34."""
        return tuple(f"manylinux{version}_{self.machine}" for version in ("2014", "_2_17", "_2_28", "_2_34"))


Install = Callable[..., None]  # as :func:`pip`


@dataclass(frozen=True)
class Package:
    """A built zip: sizes in bytes."""

    path: Path
    sha256: str
    unpacked: int

    @property
    def zipped(self) -> int:
        """The size of the zip itself."""
        return self.path.stat().st_size


def build(
    folder: Path,
    target: Target | None = None,
    root: Path = ROOT,
    *,
    max_unpacked: int = MAX_UNPACKED,
    install: Install | None = None,
) -> Package:
    """Write ``folder``/functions.zip; wheels once installed there are used again while the lock file stays the same.

    ``install`` puts wheels into a folder; it is pip unless given.

    Raises:
        PackageFailed: pip finds no wheel, or no index.
        PackageTooLarge: Unpacked, it is larger than ``max_unpacked`` bytes.
    """
    target = target or Target()
    wheels = _wheels(folder, target, root, install or pip)
    contents = {name: path for name, path in _files(wheels) if not LEFT_OUT.search(name)}
    contents |= {path.relative_to(root).as_posix(): path for pattern in SOURCES for path in root.glob(pattern)}
    unpacked = sum(path.stat().st_size for path in contents.values())
    if unpacked > max_unpacked:
        raise PackageTooLarge(f"The functions' package has {unpacked:,} bytes unpacked; {max_unpacked:,} are allowed.")
    output = folder / "functions.zip"
    pack(contents, output)
    return Package(output, hashlib.sha256(output.read_bytes()).hexdigest(), unpacked)


def pack(contents: dict[str, Path], output: Path) -> None:
    """Zip files under their names: sorted, without times and owners, so that equal contents make equal bytes."""
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(contents):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, contents[name].read_bytes())


def requirements(root: Path = ROOT) -> list[str]:
    """What pyproject.toml says that medsift needs, less what only its command line does."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    return [line for line in project["dependencies"] if re.split(r"[\s<>=!~\[;]", line)[0] not in COMMAND_LINE_ONLY]


def pip(into: Path, target: Target, lock: Path, wanted: Sequence[str], *options: str) -> None:
    """Install wheels for ``target``, in the versions of ``lock``.

    Raises:
        PackageFailed: There is no such wheel, or no index.
    """
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--no-warn-conflicts",
    ]
    command += ["--target", str(into), "--only-binary=:all:", "--implementation", "cp", "--python-version", target.python]
    command += [word for platform in target.platforms for word in ("--platform", platform)]
    command += ["--constraint", str(lock), *options, *wanted]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own words
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise PackageFailed(f"pip could not install the functions' wheels: {' '.join(errors) or done.stderr.strip()[-500:]}")


def _wheels(folder: Path, target: Target, root: Path, install: Install) -> Path:
    lock = root / "requirements.lock"
    wanted = requirements(root)
    key = hashlib.sha256(repr((target, wanted, WITHOUT_DEPENDENCIES, lock.read_text())).encode()).hexdigest()[:16]
    wheels = folder / f"wheels-{key}"
    if not wheels.exists():
        unfinished = folder / f"wheels-{key}.{os.getpid()}"
        try:
            install(unfinished, target, lock, wanted)
            install(unfinished, target, lock, WITHOUT_DEPENDENCIES, "--no-deps")
            unfinished.rename(wheels)
        finally:
            shutil.rmtree(unfinished, ignore_errors=True)
    return wheels


def _files(folder: Path) -> Iterator[tuple[str, Path]]:
    for path in folder.rglob("*"):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path
